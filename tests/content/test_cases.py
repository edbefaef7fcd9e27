"""What organisers hear about their case folders: in plain words, in which file, and never an exception."""

import shutil
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content.cases import Checked, check_cases, check_folder, load_cases
from assistant.content.routing import Routing
from assistant.domain.errors import Misconfigured
from assistant.wiring.carriers import DEFAULT_ROUTE
from assistant.wiring.content import CASES
from tests.support.case_folders import OF_ONE_ACTION
from tests.support.invented_cases import draft_of

SHIPPED = CASES / "norma-cruz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good case folder, for a test to spoil."""
    shutil.copytree(OF_ONE_ACTION, tmp_path / "cases" / "invented-case")
    return tmp_path / "cases" / "invented-case"


ROUTING = Routing({"tray": Tray(Path("tray")), "post": Post()}, DEFAULT_ROUTE)


def _check(folder: Path) -> Checked:
    (checked,) = check_cases([folder.parent], ROUTING)
    return checked


def _wrong(folder: Path) -> dict[str, str]:
    """What is wrong, by file; the last thing where there are several."""
    checked = _check(folder)
    assert checked.case is None
    return {finding.where: finding.what for finding in checked.findings if finding.serious}


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_case_is_good() -> None:
    checked = _check(SHIPPED)
    assert checked.case is not None
    assert [finding.what for finding in checked.findings] == [
        "no route to the office is set: letters go to the tray"
    ]
    assert list(load_cases([CASES], ROUTING)) == ["norma-cruz"]
    assert sorted(checked.case.updates) == [
        "2011-09-conviction",
        "2011-thanks",
        "2012-01-23-action-day",
        "2012-01-24-commission",
    ]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("briefing.es.md", "the briefing in 'es' is missing"),
        ("letter.en.txt", "the letter in 'en' is missing"),
        ("updates/2011-thanks.es.md", "the update 2011-thanks in 'es' is missing"),
    ],
)
def test_a_missing_language_is_told_with_the_name_of_the_missing_file(
    folder: Path, file: str, told: str
) -> None:
    (folder / file).unlink()
    assert _wrong(folder) == {file: told}


def test_a_text_of_case_toml_missing_in_a_language_is_told(folder: Path) -> None:
    _change(folder / "case.toml", 'es = "Ciudad de Guatemala"', "")
    assert _wrong(folder) == {"case.toml": "target.place.es is missing"}


def test_the_letter_has_to_be_there_in_the_offices_language(folder: Path) -> None:
    _change(folder / "case.toml", 'language = "es"', 'language = "fr"')
    assert _wrong(folder)["letter.fr.txt"] == "the letter in 'fr' is missing"


def test_an_unknown_placeholder_is_told_with_those_there_are(folder: Path) -> None:
    _change(folder / "letter.en.txt", "{{ name }}", "{{ nmae }}")
    assert _wrong(folder) == {
        "letter.en.txt": "unknown placeholder {{ nmae }}; known are {{ name }}, {{ country }}, {{ line }}, "
        "{{ salutation }}, {{ office }}"
    }


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("briefing.en.md", "the text is too long"),
        ("updates/2011-thanks.en.md", "the text is too long"),
        ("letter.en.txt", "the letter with the longest name and line is too long"),
    ],
)
def test_what_is_too_long_is_told_with_its_length_and_limit(folder: Path, file: str, what: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as text:
        text.write("\n\n" + "A sentence more. " * 200)
    told = _wrong(folder)[file]
    assert told.startswith(what)
    assert "characters, at most" in told


def test_a_text_to_share_that_is_too_long_is_told(folder: Path) -> None:
    _change(folder / "case.toml", "You can too.", "You can too. " * 30)
    assert "share.en is too long" in _wrong(folder)["case.toml"]


CLOSED = '[closed]\nen = "{en}"\nes = "{es}"\n\n[target]\n'


def _close(folder: Path, english: str, spanish: str = "Gracias.") -> None:
    _change(folder / "case.toml", "[target]\n", CLOSED.format(en=english, es=spanish))


def test_a_case_that_is_closed_says_how_it_ended(folder: Path) -> None:
    assert (before := _check(folder).case) is not None
    assert before.closed is None
    _close(folder, "She is free & safe.")
    assert (case := _check(folder).case) is not None
    assert case.closed is not None
    assert case.closed.texts == {"en": "She is free &amp; safe.", "es": "Gracias."}


@pytest.mark.parametrize(
    ("english", "spanish", "told"),
    [
        ("Thank you. " * 60, "Gracias.", "closed.en is too long: 660 characters, at most 600"),
        ("Thank you.", " ", "closed.es is missing"),
        (r"Thank\tyou.", "Gracias.", "closed.en: there is a tab in it"),
    ],
)
def test_how_a_case_ended_is_checked_like_other_texts(
    folder: Path, english: str, spanish: str, told: str
) -> None:
    _close(folder, english, spanish)
    assert told in _wrong(folder)["case.toml"]


@pytest.mark.parametrize("written", ['closed = "Thank you."', "closed = true", "[closed]"])
def test_a_case_that_is_closed_without_a_text_for_each_language_is_told(folder: Path, written: str) -> None:
    text = (folder / "case.toml").read_text("utf-8")
    at_the_end = written.startswith("[")
    changed = f"{text}\n{written}\n" if at_the_end else f"{written}\n{text}"
    (folder / "case.toml").write_text(changed, "utf-8")
    assert "closed" in _wrong(folder)["case.toml"]


def test_a_line_that_belongs_above_the_table_closed_is_told(folder: Path) -> None:
    outcomes = 'outcomes = ["2011-09-conviction"]'
    text = (folder / "case.toml").read_text("utf-8").replace(outcomes, "")
    (folder / "case.toml").write_text(
        f'{text}\n[closed]\nen = "Thank you."\nes = "Gracias."\nperson = "Rosa"\n', "utf-8"
    )
    assert "person" in _wrong(folder)["case.toml"]


def test_without_a_route_the_case_is_good_and_a_note_says_where_letters_go(folder: Path) -> None:
    checked = _check(folder)
    assert checked.case is not None
    (note,) = checked.findings
    assert not note.serious
    _change(folder / "case.toml", "routes = []", 'routes = ["tray"]')
    assert _check(folder).findings == ()


def test_a_route_without_a_carrier_is_told_with_those_there_are(folder: Path) -> None:
    _change(folder / "case.toml", "routes = []", 'routes = ["pigeon:+502"]')
    assert _wrong(folder) == {"case.toml": "routes: no carrier for 'pigeon'; there is: post, tray"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('date = "2012-01-23"', 'date = "23 January"', "'23 January' is not a date"),
        ('date = "2012-01-23"', 'date = "2012-02-30"', "is not a day of the calendar"),
        ('date = "2012-01-23"', 'date = "0000"', "is not a day of the calendar"),
        ('"America/Guatemala"', '"America/Atlantis"', "'America/Atlantis' is not a time zone"),
        ('"America/Guatemala"', '"../../etc/passwd"', "is not a time zone"),
        ('"America/Guatemala"', '"America"', "is not a time zone"),
        ('"America/Guatemala"', '""', "is not a time zone"),
        ('closes = "16:00"', 'closes = "07:00"', "the office closes before it opens"),
        ('closes = "16:00"', 'closes = "25:00"', "target.closes"),
        ("workdays = [1, 2, 3, 4, 5]", "workdays = [8]", "target.workdays.1"),
        ("workdays = [1, 2, 3, 4, 5]", "workdays = []", "target.workdays"),
        ('person = "Norma Cruz"', 'persona = "Invented"', "persona: "),
        ('person = "Norma Cruz"', "person = 7", "person: "),
        ('country = "GT"', 'country = "Guatemala"', "target.country"),
        ('en = ["https://twitter.com/amnestyonline"]', 'en = ["javascript:alert(1)"]', "follow.en"),
        ("[title]", "[title", "cannot be read"),
        ("[title]", "\x00", "cannot be read"),
    ],
)
def test_what_is_wrong_in_case_toml_is_told_with_its_entry(
    folder: Path, old: str, new: str, told: str
) -> None:
    _change(folder / "case.toml", old, new)
    checked = _check(folder)
    assert checked.case is None
    assert any(told in finding.what for finding in checked.findings if finding.where == "case.toml")


def test_an_update_with_an_impossible_date_is_told(folder: Path) -> None:
    for language in ("en", "es"):
        (folder / f"updates/2011-13-news.{language}.md").write_text("News.", "utf-8")
    assert _wrong(folder) == {"updates/2011-13-news": "'2011-13' is not a day of the calendar"}


def test_an_update_that_is_named_otherwise_is_told(folder: Path) -> None:
    (folder / "updates" / "news.md").write_text("News.", "utf-8")
    assert _wrong(folder) == {"updates/news.md": "name it like 2011-09-conviction.en.md"}


def test_a_file_that_nothing_uses_is_a_note(folder: Path) -> None:
    (folder / "breifing.en.md").write_text("Misspelt.", "utf-8")
    (folder / "updates" / "photo.jpg").write_bytes(b"\xff")
    checked = _check(folder)
    assert checked.case is not None
    told = {finding.where: finding.what for finding in checked.findings}
    assert told["breifing.en.md"] == "is not used; its name may be misspelt"
    assert told["updates/photo.jpg"] == "is not used"


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "._letter.es.txt", ".letter.es.txt.swp", ".~lock.letter.es.txt#", ".git"),
        *("Thumbs.db", "Thumbs.db:encryptable", "desktop.ini", "Desktop.ini", "~$tter.es.txt"),
        *("letter.es.txt~", "letter.es.txt.bak", "letter.es.txt.orig", "#letter.es.txt#", "case.toml.tmp"),
        *("__MACOSX", "lost+found", "@eaDir"),
    ],
)
@pytest.mark.parametrize("place", [".", "updates", ".."])
def test_what_systems_and_editors_leave_is_passed_over(folder: Path, name: str, place: str) -> None:
    before = _check(folder).findings
    left = folder / place / name
    if "." in name:
        left.write_bytes(b"\xff")
    else:
        left.mkdir()
    assert _check(folder).findings == before


def test_a_folder_without_case_toml_says_so(folder: Path) -> None:
    (folder / "case.toml").rename(folder / "case.toml.txt")
    assert _wrong(folder) == {"case.toml": "invented-case has no case.toml; rename case.toml.txt"}
    (folder / "case.toml.txt").unlink()
    assert _wrong(folder) == {"case.toml": "invented-case has no case.toml"}


def test_a_folder_is_checked_wherever_it_is(folder: Path, tmp_path: Path) -> None:
    draft = folder.rename(tmp_path / "draft-case")
    (tmp_path / "cases" / "empty").mkdir()
    [checked] = check_folder(draft, [CASES], ROUTING)
    assert checked.slug == "draft-case" and checked.case is not None
    assert [each.slug for each in check_folder(tmp_path, [CASES], ROUTING)] == ["draft-case"]
    [missing] = check_folder(tmp_path / "cases" / "empty", [CASES], ROUTING)
    assert [each.what for each in missing.findings] == ["empty has no case.toml"]


def test_how_much_text_still_fits_is_counted(folder: Path) -> None:
    room = _check(folder).room
    _change(folder / "letter.es.txt", "Señora", "Señora y señor")
    assert _check(folder).room["letter.es.txt"] == room["letter.es.txt"] - len(" y señor")
    (folder / "briefing.en.md").write_text("x" * 705, "utf-8")
    assert _wrong(folder)["briefing.en.md"].endswith("705 characters, at most 700; shorten it by 5")


# What people who do not program are told of case.toml


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('opens = "08:00"', 'open = "08:00"', "target.open: there is no 'open'; did you mean 'opens'?"),
        (
            'opens = "08:00"',
            'opens = "8:00"',
            'target.opens: write hours and minutes between quotes, such as "08:00"',
        ),
        ('opens = "08:00"', "opens = 8:00", 'put the time between quotes, such as "08:00"'),
        ('opens = "08:00"', "opens = 08:00:00", 'target.opens: put it between quotes: "08:00"'),
        ('country = "GT"', 'country = "gt"', "target.country: 'gt' is no country code; write GT"),
        ('country = "GT"', "country = GT", "put the text between straight quotes"),
        ('country = "GT"', "country = “GT”", 'write straight quotes ("), not curly ones (“”)'),
        ('country = "GT"', 'country = "GT', "a quote is missing"),
        ('country = "GT"', "country GT", "write a name, = and the value"),
        ('country = "GT"', "", "target.country: is missing; write its two capital letters"),
        ('person = "Norma Cruz"', "", "person: is missing; write whom the letters are for"),
        ('person = "Norma Cruz"', 'person = "N"\nperson = "N"', "this stands in the file twice"),
        (
            'date = "2012-01-23"',
            "date = 2012-01-23",
            'action_days.1.date: put it between quotes: "2012-01-23"',
        ),
        ('languages = ["en", "es"]', 'languages = "en"', "languages: write their codes, in square brackets"),
        ('languages = ["en", "es"]', 'languages = ["en" "es"]', "put commas between its parts"),
        (
            'languages = ["en", "es"]',
            'languages = ["EN", "es"]',
            "languages.1: 'EN' is no language code; write en",
        ),
        (
            'language = "es"',
            'language = "spanish"',
            "target.language: 'spanish' is no language code; write es",
        ),
        ("[target.office]", "[office]", "office: write [target.office] on the line above it"),
        ("[target]\n", "\n", "follow.workdays: move 'workdays' up, right below [target]"),
        ("routes = []", "routes = [fax:+50255550100]", "put the text between straight quotes"),
        ("[title]", "[titel]", "titel: there is no 'titel'; did you mean 'title'?"),
        ("[title]", "[title", "a square bracket is missing"),
        ("workdays = [1, 2, 3, 4, 5]", 'workdays = ["Monday"]', "write the days as numbers, 1 is Monday"),
        ('weekends = "move"', 'weekends = "stay"', "'move' (letters wait"),
        ("routes = []", 'routes = "tray"', "target.routes: write them in square brackets"),
    ],
)
def test_a_mistake_in_case_toml_is_told_with_what_to_write(
    folder: Path, old: str, new: str, told: str
) -> None:
    _change(folder / "case.toml", old, new)
    wrong = [each.what for each in _check(folder).findings if each.serious and each.where == "case.toml"]
    assert any(told in each for each in wrong), wrong
    assert not any(word in each for each in wrong for word in ("pattern", "column", "Input", "permitted"))


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('outcomes = ["2011-09-conviction"]', "move 'outcomes' up, above the first line in square brackets"),
        ('person = "Norma Cruz"', "move 'person' up, above the first line in square brackets"),
        ('timezone = "America/Guatemala"', "move 'timezone' up, right below [target]"),
    ],
)
def test_an_entry_below_the_wrong_table_is_told_where_it_belongs(folder: Path, entry: str, told: str) -> None:
    file = folder / "case.toml"
    file.write_text(file.read_text("utf-8") + f"\n{entry}\n", "utf-8")  # below [action_days.title]
    assert told in " ".join(each.what for each in _check(folder).findings if each.serious)


@pytest.mark.parametrize("character", ["\\u2028", "\\u0085", "\\t", "\\n", "\\u0007", "\\u2029"])
@pytest.mark.parametrize(
    ("old", "entry"),
    [
        ('es = "Norma Cruz, Guatemala"', "title.es"),
        ('es = "Ciudad de Guatemala"', "target.place.es"),
        ('es = "la Fiscal General', "target.office.es"),
        ('person = "Norma Cruz', "person"),
        ('"Norma Cruz, Fundación Sobrevivientes', "subjects.2"),
        ('es = "Acción de fax', "action_days.1.title.es"),
    ],
)
def test_what_no_carrier_takes_on_one_line_is_refused_when_the_case_is_read(
    folder: Path, old: str, entry: str, character: str
) -> None:
    _change(folder / "case.toml", old, old[:-1] + character + old[-1])
    told = _wrong(folder)["case.toml"]
    assert told.startswith(f"{entry}: there is ") and "write it on one line" in told


@pytest.mark.parametrize("character", ["\u2028", "\x85", "\x07", "\x0b"], ids=ascii)
def test_an_invisible_character_in_a_text_is_told_with_its_line(folder: Path, character: str) -> None:
    _change(folder / "letter.es.txt", "Le escribo", f"Le {character}escribo")
    assert (
        _wrong(folder)["letter.es.txt"]
        == f"line 3 has an invisible character (U+{ord(character):04X}): delete it"
    )


@pytest.mark.parametrize("placeholder", ["country", "line"])
@pytest.mark.parametrize("file", ["letter.es.txt", "letter.en.txt"])
def test_a_letter_without_what_the_chat_promises_is_told(folder: Path, file: str, placeholder: str) -> None:
    _change(folder / file, f"{{{{ {placeholder} }}}}", "")
    assert _wrong(folder)[file].startswith(f"{{{{ {placeholder} }}}} is missing")


@pytest.mark.parametrize(
    "file", ["case.toml", "briefing.en.md", "letter.es.txt", "updates/2011-thanks.en.md"]
)
@pytest.mark.parametrize(
    ("content", "told"), [("Señora".encode("latin-1"), "save it as UTF-8"), (b" \n", "is empty")]
)
def test_a_file_that_is_not_utf8_or_empty_is_told_once(
    folder: Path, file: str, content: bytes, told: str
) -> None:
    (folder / file).write_bytes(content)
    wrong = _wrong(folder)
    assert wrong[file] == told
    assert set(wrong) - {file} <= ({each.name for each in folder.iterdir()} if file == "case.toml" else set())


def test_a_mark_at_the_beginning_that_some_editors_write_is_no_mistake(folder: Path) -> None:
    for file in ("case.toml", "briefing.en.md", "letter.es.txt", "updates/2011-thanks.en.md"):
        (folder / file).write_bytes(b"\xef\xbb\xbf" + (folder / file).read_bytes())
    case = _check(folder).case
    assert case is not None
    assert "\ufeff" not in draft_of(case, name="Ana", country="FI", personal_line=None).text
    assert "\ufeff" not in case.briefing.texts["en"]


@pytest.mark.parametrize("slug", ["Invented", "invented_case", "-invented", "i" * 65, "señora", "a b"])
def test_a_folder_name_that_fits_no_link_is_told(folder: Path, slug: str) -> None:
    renamed = folder.rename(folder.parent / slug)
    assert _wrong(renamed) == {"folder name": "use small letters a-z, digits and single hyphens, at most 40"}


def test_a_folder_in_the_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "briefing.en.md").unlink()
    (folder / "briefing.en.md").mkdir()
    assert _wrong(folder)["briefing.en.md"] == "is a folder; a file is wanted here"


@pytest.mark.parametrize("language", ["english", "qq", "e"])
def test_a_letter_in_no_language_is_told(folder: Path, language: str) -> None:
    shutil.copy(folder / "letter.en.txt", folder / f"letter.{language}.txt")
    assert _wrong(folder) == {
        f"letter.{language}.txt": f"'{language}' is not a language; examples are es and pt-BR"
    }


def test_a_case_that_cannot_be_used_is_skipped_and_named(folder: Path) -> None:
    (folder / "briefing.es.md").unlink()
    skipped: dict[str, str] = {}
    assert list(load_cases([CASES, folder.parent], ROUTING, skipped)) == ["norma-cruz"]
    assert skipped == {"invented-case": "briefing.es.md: the briefing in 'es' is missing"}
    with pytest.raises(Misconfigured, match="The case 'invented-case' cannot be used"):
        load_cases([folder.parent], ROUTING, {})


def test_loading_a_case_that_cannot_be_used_names_the_first_thing_wrong(folder: Path) -> None:
    (folder / "briefing.es.md").unlink()
    with pytest.raises(Misconfigured, match=r"The case 'invented-case' cannot be used. briefing\.es\.md: "):
        load_cases([folder.parent], ROUTING)


def test_no_case_at_all_and_no_folder_are_the_operators_to_change(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_CASES_DIR"):
        load_cases([tmp_path], ROUTING)
    with pytest.raises(Misconfigured, match=r"nowhere cannot be read"):
        check_cases([tmp_path / "nowhere"], ROUTING)


# Questions of a case's own

QUESTIONS = """# About Rosa

## Is she in prison?
prison, in  jail

No. She **lives** at home.

## How old is she?
old, age

She is 40.
"""


def test_questions_are_read_with_their_words_and_answers(folder: Path) -> None:
    (folder / "faq.en.md").write_text(QUESTIONS, "utf-8")
    (case,) = load_cases([folder.parent], ROUTING).values()
    prison, age = case.faq["en"]
    assert (prison.phrases, prison.answer) == (("prison", "in jail"), "No. She <b>lives</b> at home.")
    assert age.phrases == ("old", "age")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Is she in prison?", "there is no question"),
        ("## Is she in prison?", "needs a line of words"),
        ("## Is she in prison?\nprison", "needs a line of words"),
        ("## Is she in prison?\n , \n\nNo.", "needs a line of words"),
        ("## Is she in prison?\nprison\n\n" + "x" * 601, "601 characters, at most 600"),
    ],
)
def test_questions_that_cannot_be_used_are_told(folder: Path, text: str, told: str) -> None:
    (folder / "faq.en.md").write_text(text, "utf-8")
    assert told in _wrong(folder)["faq.en.md"]


def test_a_case_is_not_called_like_a_page_of_ours(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("chat"))
    told = "our web pages have something else at /chat: give another one"
    assert _wrong(renamed)["folder name"] == told
