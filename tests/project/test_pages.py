"""Pages: what is generated is up to date, what is linked exists, and every decision can be found."""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from assistant.carriers.email.carrier import Email
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.channels.signal.channel import Signal
from assistant.channels.telegram.channel import FREE_RATE
from assistant.domain.broadcasts import UNDO, UNDO_ALONE
from assistant.domain.organisers import CODE_LASTS, REQUEST_LASTS
from assistant.domain.quiet_hours import SLEEPS, WAKES
from assistant.domain.retention import (
    KEEP_ASKED,
    KEEP_BLOCKED,
    KEEP_DRAFTS,
    KEEP_FAILED,
    KEEP_INACTIVE,
    KEEP_LETTERS,
)
from assistant.settings import PREFIX, Settings
from docs.generators import card_picture, chat_picture, settings_page

WAITS = int(Settings.model_fields["undo_minutes"].default)
ROOT = Path(__file__).parent.parent.parent
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("conversations/**/*.md")])
SVG = "{http://www.w3.org/2000/svg}"
LINK = re.compile(r"\]\(([^()\s]+)\)")
NAMED_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")  # with a folder: a bare name may be one of many
INDEXED = re.compile(r"^(?P<title>\d+\. \[.+\])\((?P<page>[\w.-]+)\): .+\.$", re.MULTILINE)


def links(page: Path) -> list[str]:
    """What a page links to, apart from places elsewhere on the web."""
    return [link for link in LINK.findall(page.read_text("utf-8")) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """What can follow `#` in a link to a page: its headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    named = set(NAMED_FILE.findall((ROOT / page).read_text("utf-8")))
    gone = [each for each in named if not any((root / each).exists() for root in (ROOT, ROOT / "assistant"))]
    assert named
    assert not gone, sorted(gone)


def test_the_readme_leads_to_every_page_of_docs() -> None:
    linked = {(ROOT / link).resolve() for link in links(ROOT / "README.md")}
    assert {*ROOT.glob("docs/*.md"), DECISIONS / "README.md"} <= linked


def test_every_decision_is_in_the_index_by_its_title() -> None:
    index = {
        found["page"]: found["title"]
        for found in INDEXED.finditer((DECISIONS / "README.md").read_text("utf-8"))
    }
    titles = {
        page.name: re.sub(r"^# (\d+\.) (.+)$", r"\1 [\2]", page.read_text("utf-8").splitlines()[0])
        for page in DECISIONS.glob("[0-9]*.md")
    }
    assert index == titles
    assert list(index) == sorted(index)
    assert all(page.startswith(f"{int(title.split('.')[0]):04}-") for page, title in index.items())


def test_the_page_of_settings_is_as_make_docs_writes_it() -> None:
    assert settings_page.PAGE.read_text("utf-8") == settings_page.page()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_and_on_its_page(name: str) -> None:
    said = Settings.model_fields[name].description
    assert said
    assert said[0].isupper()
    assert said.endswith(".")
    assert f"`{PREFIX}{name.upper()}`" in settings_page.page()


def test_secrets_may_be_files_and_are_marked() -> None:
    secrets = {name for name in Settings.model_fields if settings_page.is_secret(name)}
    assert secrets == {
        "database_url",
        "smtp_url",
        "mail_inbox",
        "fax_url",
        "keyring_passphrase",
        "telegram_token",
        "webhooks",
    }
    assert secrets == {name.removesuffix("_file") for name in Settings.model_fields if name.endswith("_file")}
    assert settings_page.page().count("🔑 |") == len(secrets)


def test_a_setting_says_its_default_its_limits_and_an_example() -> None:
    (undo,) = [line for line in settings_page.page().splitlines() if "UNDO_MINUTES" in line]
    assert undo.endswith("From 0 to 1440. | `10` |")
    (mail,) = [line for line in settings_page.page().splitlines() if "MAIL_FROM" in line]
    assert mail.endswith("Example: `Letters <letters@campaign.example>` | not set |")


def drawn(svg: str) -> ElementTree.Element:
    """A picture, read. It is our own."""
    return ElementTree.fromstring(svg)  # noqa: S314  nobody else's XML


def shown(svg: str) -> str:
    """The words of a picture, in order."""
    return " ".join(text.text or "" for text in drawn(svg).iter(f"{SVG}text"))


def test_the_picture_of_a_chat_is_as_make_docs_draws_it() -> None:
    assert chat_picture.PICTURE.read_text("utf-8") == chat_picture.picture()


def test_the_picture_of_a_card_is_as_make_docs_draws_it() -> None:
    assert card_picture.PICTURE.read_text("utf-8") == card_picture.picture()


def test_the_picture_shows_a_whole_chat_and_tells_it_to_who_does_not_see_it() -> None:
    words = shown(chat_picture.picture())
    steps = [
        "47 death threats",
        "Write the letter",
        "Which country",
        "What shall stand",
        "Yours faithfully,",
        "Send",
        "Thank you.",
    ]
    assert sorted(steps, key=words.index) == steps
    drawing = drawn(chat_picture.picture())
    assert drawing.findtext(f"{SVG}title") == chat_picture.TITLE
    assert drawing.findtext(f"{SVG}desc") == chat_picture.ABOUT
    assert drawing.get("aria-labelledby") == "title about"


def test_signs_of_markup_are_drawn_as_written() -> None:
    column = chat_picture.Column(0)
    column.add(chat_picture.Message(ours=True, lines=["<b>5 & 6</b>"], buttons=["<Yes>"]))
    assert shown(f'<svg xmlns="{SVG[1:-1]}">{"".join(column.shapes)}</svg>') == "<b>5 & 6</b> <Yes>"


def test_lines_are_broken_between_words_and_lose_none() -> None:
    paragraph = "You can write a letter for this case. It takes only a few minutes."
    lines = chat_picture.wrap(paragraph, 150)
    assert " ".join(lines) == paragraph
    assert len(lines) > 2
    assert all(chat_picture.measure(line) <= 150 for line in lines)


def test_a_press_marks_its_button() -> None:
    said = chat_picture.messages(
        "< Shall we send it?\n  1. Send\n  2. Do not send\n\n> [send]\n< Thank you.\n"
    )
    assert [(each.buttons, each.pressed) for each in said] == [(["Send", "Do not send"], "Send"), ([], "")]


def test_pages_say_the_durations_that_hold() -> None:
    """Each page says so, with the number that the code has."""
    undo, alone, code = (each // timedelta(minutes=1) for each in (UNDO, UNDO_ALONE, CODE_LASTS))
    said = {
        "docs/organisers.md": [
            f"It works once, for {code} minutes.",
            f"nothing is sent for {undo} minutes.",
            f"nothing is sent for {alone} minutes.",
            f"which works for {REQUEST_LASTS // timedelta(hours=1)} hours",
            f"from {WAKES}:00 to {SLEEPS}:00",
        ],
        "docs/running.md": [
            f"works once, for {code} minutes",
            f"is not sent for {undo} minutes",
            f"Your letter waits {WAITS} minutes",
        ],
        "docs/letters.md": [
            f"at least {WAITS} minutes",
            f"between {SLEEPS}:00 and {WAKES}:00",
        ],
        "docs/security.md": [
            f"{KEEP_LETTERS.usual} days (`ASSISTANT_KEEP_LETTERS`) after they were sent",
            f"{KEEP_FAILED.usual} (`ASSISTANT_KEEP_FAILED`) after they failed",
            f"{KEEP_DRAFTS.usual} days (`ASSISTANT_KEEP_DRAFTS`) after the last message",
            f"{KEEP_INACTIVE.usual} days (`ASSISTANT_KEEP_INACTIVE`) where it gets news",
            f"deleted {KEEP_ASKED.days} days after that",
            f"{KEEP_BLOCKED.usual} days (`ASSISTANT_KEEP_BLOCKED`) where they have blocked us",
            f"| {code} minutes |",
        ],
    }
    for page, sentences in said.items():
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert [each for each in sentences if each not in text] == [], page


def test_whether_it_is_for_us_is_reckoned_with_the_paces_that_hold() -> None:
    text = " ".join((ROOT / "docs" / "for-us.md").read_text("utf-8").split())
    a_day = timedelta(hours=8) // timedelta(minutes=1)
    assert f"| {FREE_RATE} a second are free: 1,000 people in half a minute," in text
    assert 0.4 < 1000 / FREE_RATE / 60 < 0.6
    assert Signal.pace.bulk == 0.5 and "| one in two seconds: 1,000 people in half an hour" in text
    assert HylaFax.per_minute == 1 and f"for 8 hours gets {a_day} a day |" in text
    assert Email.per_minute == 10 and "| ten a minute: 1 hour 40 minutes" in text
