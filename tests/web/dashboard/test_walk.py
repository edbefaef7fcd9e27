"""A case walked through in the dashboard."""

import json
from html.parser import HTMLParser

import pytest

from assistant.domain.organisers import Role
from tests.support.dashboard import Browser, Team
from tests.support.harness import LETTER
from tests.support.odd_texts import ODD
from tests.support.publishing import CASE

PATH = f"/dashboard/cases/{CASE}/walk"


async def walked(browser: Browser, *said: str) -> str:
    """Say one after the other."""
    for text in said:
        await browser.send(PATH + "#say", text=text)
    return browser.said


async def test_a_letter_is_written_as_a_supporter_does_and_goes_nowhere(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open("/dashboard/cases")
        await browser.follow("Norma Cruz")
        said = await browser.follow("Walk through it")
        assert "Nothing is sent, and nothing is kept." in said
        assert "A supporter says:" not in said
        said = await walked(browser, *LETTER[2:])
        assert "A supporter says: Finland" in said
        assert "Here a letter would be queued:" in said and "Nothing was sent." in said
        assert "Here the chat would be added to those that get updates." in said
    assert await team.harness.letters() == []


async def test_buttons_are_pressed_and_the_letter_is_read_on_paper(team: Team) -> None:
    team.harness.channel.shows_files = True
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        await walked(browser, *LETTER[2:5])
        await browser.press("Skip")
        assert "A supporter says: Skip" in browser.said
        await browser.press("Show the printed page")
        form = next(each for each in browser.forms if "Open the letter as a PDF" in each.labels)
        fields = {**form.fields, **form.labels["Open the letter as a PDF"]}
        async with browser.client.post(PATH, data=fields) as answer:
            assert (answer.status, answer.content_type) == (200, "application/pdf")
            assert (await answer.read()).startswith(b"%PDF")
        fields["file"] = "1"
        await browser.post(PATH, fields)
        assert browser.status == 409


async def test_it_is_walked_through_in_any_language_and_begun_again(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        await browser.follow("Español")
        assert '<div role="log" aria-label="The conversation" lang="es" dir="ltr">' in browser.source
        await walked(browser, "Chile")
        assert "A supporter says: Chile" in browser.said
        await browser.follow("Begin again")
        assert "Chile" not in browser.said and 'lang="es"' in browser.source


async def test_what_was_typed_stays_where_a_button_is_pressed(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        await browser.press("Write the letter", text="I have a question.")
        assert ">I have a question.</textarea>" in browser.source
        assert "A supporter says: I have a question." not in browser.said


async def test_one_that_is_too_long_to_be_sent_says_what_to_do(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.post(PATH, {"said": "[]", "text": "a" * 70_000})
        assert browser.status == 413
        assert "Go back in your browser" in browser.said


async def test_a_very_long_one_is_begun_again(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        said = json.dumps([["go"]] * 60)
        await browser.post(PATH, {"said": said, "text": "once more"})
        assert browser.status == 200
        assert "Please begin again." in browser.said and "once more" not in browser.said
        assert 'name="text"' not in browser.source


async def test_the_letter_can_be_opened_at_the_end_of_a_very_long_one(team: Team) -> None:
    team.harness.channel.shows_files = True
    said = [[text] for text in ["help"] * 52 + [*LETTER[2:5], "skip", "show the printed page"]]
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.post(PATH, {"said": json.dumps([*said, *[["help"]] * (60 - len(said))]), "text": "go"})
        assert "Please begin again." in browser.said
        form = next(each for each in browser.forms if "Open the letter as a PDF" in each.labels)
        fields = {**form.fields, **form.labels["Open the letter as a PDF"]}
        async with browser.client.post(PATH, data=fields) as answer:
            assert (answer.status, answer.content_type) == (200, "application/pdf")


BROKEN = ["[", "{}", '[["a","b","c"]]', "[1]", "[[1]]", '"go"', "[" * 15_000, f"[{'1' * 5000}]", "null"]
BROKEN += [r'[["\ud800"]]', r'[["go"],["\udfff","yes"]]']  # halves of characters


@pytest.mark.parametrize("said", BROKEN, ids=lambda each: each[:20])
async def test_what_somebody_else_has_put_in_its_place_begins_anew(team: Team, said: str) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.post(PATH, {"said": said, "text": "go"})
        assert browser.status == 200
        assert browser.said.count("A supporter says:") == 1


class _Parts(HTMLParser):
    """Which tags with which attributes a page is made of."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[tuple[str, ...]] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, *sorted(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_nothing_that_is_typed_becomes_part_of_the_page(team: Team, text: str) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        ours = _Parts(browser.source).found
        for typed in (*LETTER[2:], "help"):
            await walked(browser, typed)
            ours |= _Parts(browser.source).found
        await browser.open(PATH)
        for typed in (text, "go", "Finland", text):
            await walked(browser, typed)
            assert _Parts(browser.source).found <= ours
        await browser.post(PATH, {"press": f"{text}:{text}", "lang": text, "file": ""})
        assert browser.status == 200 and _Parts(browser.source).found <= ours
