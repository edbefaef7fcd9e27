"""What organisers hear about a case's office: its routes, its calendar, its subjects, its letter on paper."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content.cases import Checked, check_cases
from assistant.content.routing import Routing, Way
from assistant.content.targets import PublicHolidays
from assistant.domain.cases import Case
from assistant.domain.errors import Misconfigured
from assistant.domain.office_hours import Hours
from assistant.wiring.carriers import DEFAULT_ROUTE
from tests.support.case_folders import OF_ONE_ACTION
from tests.support.fakes.carrier import FakeCarrier
from tests.support.invented_cases import the_action

SLUG = "invented-case"
WAYS: dict[str, Way] = {"tray": Tray(Path("tray")), "post": Post(), "fax": FakeCarrier(per_minute=2)}
NO_ROUTE = "note case.toml: no route to the office is set: letters go to the tray"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good case folder, for a test to spoil, with a route."""
    folder = tmp_path / "cases" / SLUG
    shutil.copytree(OF_ONE_ACTION, folder)
    change(folder, "routes = []", 'routes = ["tray"]')
    return folder


def change(folder: Path, old: str, new: str, file: str = "case.toml") -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def check(folder: Path, routing: Routing | None = None) -> Checked:
    [checked] = check_cases([folder.parent], routing or Routing(WAYS, DEFAULT_ROUTE))
    return checked


def said(folder: Path, routing: Routing | None = None) -> list[str]:
    """What there is to say, as `assistant cases check` shows it."""
    return [
        f"{'WRONG' if each.serious else 'note'} {each.where}: {each.what}"
        for each in check(folder, routing).findings
    ]


def wrong(folder: Path) -> str:
    """The one thing that is wrong in case.toml; what else is wrong then may follow from it."""
    [told] = [each for each in said(folder) if each.startswith("WRONG case.toml: ")]
    return told


def usable(folder: Path, routing: Routing | None = None) -> Case:
    checked = check(folder, routing)
    assert checked.case is not None, checked.findings
    return checked.case


def waits_for(case: Case, now: datetime) -> datetime | None:
    """Until when its letters of now are kept."""
    action = the_action(case)
    return action.waits_for(action.main, now)


# Routes and pace


def test_there_is_nothing_to_say_of_a_good_case(folder: Path) -> None:
    assert said(folder) == []


def test_routes_keep_their_order_and_the_first_one_gives_the_pace(folder: Path) -> None:
    change(folder, 'routes = ["tray"]', 'routes = ["fax:+50255550100", "post:Street 1;Town", "tray"]')
    target = usable(folder).main
    assert tuple(map(str, target.routes)) == ("fax:+50255550100", "post:Street 1;Town", "tray")
    assert (target.pace.per_minute, target.pace.per_day) == (2, 0)
    change(folder, '["fax:+50255550100", "post:Street 1;Town", "tray"]', '["tray", "fax:+50255550100"]')
    assert usable(folder).main.pace.per_minute == 0


def test_a_case_may_say_what_its_office_can_bear(folder: Path) -> None:
    change(folder, "routes = [", 'per_minute = 5\nper_day = 300\nroutes = ["fax:+50255550100", ')
    pace = usable(folder).main.pace
    assert (pace.per_minute, pace.per_day) == (5, 300)


@pytest.mark.parametrize("pace", ["per_minute = 0", "per_minute = 6001", "per_day = 0", 'per_day = "few"'])
def test_a_pace_that_cannot_be_is_told_with_its_entry(folder: Path, pace: str) -> None:
    change(folder, "routes = [", f"{pace}\nroutes = [")
    assert wrong(folder).startswith(f"WRONG case.toml: target.{pace.split()[0]}: ")


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ('["pigeon:+502"]', "no carrier for 'pigeon'"),
        ('["pigeon:+502"]', "there is: fax, post, tray"),
        ('["FAX:+50255550100"]', "routes: write fax: in small letters"),
        ('["fax"]', "routes: fax: write it with + and its country"),
        ('["fax:55550100"]', "routes: fax: write it with + and its country"),
        ('["tray:desk"]', "routes: tray: write it as 'tray', without an address"),
        ('["tray", "post:"]', "routes: post: write the address behind it"),
        ('["post:1;2;3;4;5;6;7"]', "an address has at most 6 lines of 50 characters"),
        ('[""]', "no carrier for ''"),
        ("[7]", "target.routes.1"),
        ('"tray"', "target.routes"),
    ],
)
def test_a_route_that_no_letter_can_take_is_told(folder: Path, routes: str, told: str) -> None:
    change(folder, '["tray"]', routes)
    assert told in wrong(folder)


def test_without_a_route_a_note_says_where_letters_go(folder: Path) -> None:
    change(folder, '["tray"]', "[]")
    assert said(folder) == [NO_ROUTE]
    assert tuple(map(str, usable(folder).main.routes)) == ("tray",)


def test_routes_of_an_operator_go_before_the_cases_own_and_are_told_by_their_setting(folder: Path) -> None:
    change(folder, '["tray"]', '["pigeon"]')
    routing = Routing(WAYS, DEFAULT_ROUTE, {SLUG: ["fax:+50255550100"]})
    assert tuple(map(str, usable(folder, routing).main.routes)) == ("fax:+50255550100",)
    [refused] = said(folder, Routing(WAYS, DEFAULT_ROUTE, {SLUG: ["fax:1"]}))
    assert refused == "WRONG ASSISTANT_ROUTES: routes: fax: write it with + and its country"
    with pytest.raises(Misconfigured, match=f"no case 'another-case'; there is: {SLUG}"):
        said(folder, Routing(WAYS, DEFAULT_ROUTE, {"another-case": ["tray"]}))


# The calendar


@pytest.mark.parametrize("entry", ["weekends", "holidays"])
def test_a_choice_that_is_not_made_is_a_note_with_both_choices(folder: Path, entry: str) -> None:
    change(folder, f'{entry} = "move"\n', "")
    [note] = said(folder)
    assert note.startswith(f"note case.toml: target.{entry} is not set")
    assert '"move"' in note and '"send"' in note
    change(folder, "routes = [", f'{entry} = "perhaps"\nroutes = [')
    assert wrong(folder).startswith(f"WRONG case.toml: target.{entry}: ") and "'move'" in wrong(folder)


@pytest.mark.parametrize(
    ("day", "entry", "why", "instead"),
    [
        (
            "2012-01-21",
            "weekends",
            'Saturday 2012-01-21 is no workday there (weekends = "move"): ',
            "Monday 2012-01-23",
        ),
        (
            "2012-05-01",
            "holidays",
            'Tuesday 2012-05-01 is a public holiday there (holidays = "move"): ',
            "Wednesday 2012-05-02",
        ),
    ],
)
def test_an_action_day_on_which_the_office_is_closed_is_a_note_with_the_day_instead(
    folder: Path, day: str, entry: str, why: str, instead: str
) -> None:
    change(folder, 'date = "2012-01-23"', f'date = "{day}"')
    assert said(folder) == [f"note case.toml: action_days: {why}letters are sent on {instead}"]
    change(folder, f'{entry} = "move"', f'{entry} = "send"')
    assert said(folder) == []


def test_an_action_day_on_a_holiday_at_a_weekend_moves_past_both(folder: Path) -> None:
    change(folder, 'date = "2012-01-23"', 'date = "2011-12-31"')  # a Saturday; New Year is the Sunday
    [note] = said(folder)
    assert "Saturday 2011-12-31" in note and note.endswith("letters are sent on Monday 2012-01-02")


@pytest.mark.parametrize("day", ["2012-01", "2012"])
def test_an_action_day_that_is_no_single_day_is_a_note_and_letters_do_not_wait(
    folder: Path, day: str
) -> None:
    change(folder, 'date = "2012-01-23"', f'date = "{day}"')
    [note] = said(folder)
    assert note == f"note case.toml: action_days: {day} is no single day, so letters do not wait for it"
    assert waits_for(usable(folder), datetime(2011, 12, 1, tzinfo=UTC)) is None


def test_letters_wait_for_the_next_action_day_and_no_longer(folder: Path) -> None:
    more = '[[action_days]]\ndate = "2012-03-08"\n[action_days.title]\nen = "Second"\nes = "Segunda"\n\n'
    change(folder, "[[action_days]]", f"{more}[[action_days]]")
    case = usable(folder)
    first = datetime(2012, 1, 23, 15, tzinfo=UTC)  # at nine there, as the case says
    second = datetime(2012, 3, 8, 14, tzinfo=UTC)  # when the office opens
    assert waits_for(case, datetime(2012, 1, 1, tzinfo=UTC)) == first
    assert waits_for(case, first) == second
    assert waits_for(case, second) is None


def test_a_country_without_known_holidays_is_a_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PublicHolidays("GT").are_known
    assert not PublicHolidays("ZZ").are_known
    monkeypatch.setattr("holidays.country_holidays", _no_holidays)
    assert said(folder) == ["note case.toml: target.country: no public holidays are known for GT"]
    assert usable(folder).main.hours.is_open(date(2012, 5, 1))


def _no_holidays(country: str, subdiv: str | None) -> None:
    raise NotImplementedError(f"{country} {subdiv}")


def test_an_office_takes_letters_on_the_days_that_its_case_says(folder: Path) -> None:
    saturday, may_day, tuesday = date(2012, 1, 21), date(2012, 5, 1), date(2012, 1, 24)

    def hours() -> Hours:
        return usable(folder).main.hours

    assert [hours().is_open(day) for day in (saturday, may_day, tuesday)] == [False, False, True]
    change(folder, 'weekends = "move"', 'weekends = "send"')
    assert [hours().is_open(day) for day in (saturday, may_day, tuesday)] == [True, False, True]
    change(folder, 'holidays = "move"', 'holidays = "send"')
    assert [hours().is_open(day) for day in (saturday, may_day, tuesday)] == [True, True, True]
    change(folder, "workdays = [1, 2, 3, 4, 5]", "workdays = [6]")
    change(folder, 'weekends = "send"', 'weekends = "move"')
    assert [hours().is_open(day) for day in (saturday, may_day, tuesday)] == [True, False, False]


# Subjects


@pytest.mark.parametrize(
    "subject",
    ["", "x" * 79, "About the case\\nBcc: everybody@example.org", "About\\tthe case", "About \\u0007 it"],
)
def test_a_subject_that_fits_into_no_header_is_told(folder: Path, subject: str) -> None:
    change(folder, '"Norma Cruz, Fundación Sobrevivientes"', f'"{subject}"')
    assert wrong(folder).startswith("WRONG case.toml: subjects.2: ")


def test_without_subjects_letters_have_the_cases_title_in_the_offices_language(folder: Path) -> None:
    text = (folder / "case.toml").read_text("utf-8")
    start, end = text.index("subjects = ["), text.index("[title]")
    (folder / "case.toml").write_text(text[:start] + text[end:], "utf-8")
    change(folder, 'es = "Norma Cruz, Guatemala"', 'es = "Un título inventado"')
    assert the_action(usable(folder)).subjects_for("es") == ("Un título inventado",)


# On paper

SHOWS_ALL = """
#let letter = json(bytes(sys.inputs.letter))
#for paragraph in letter.paragraphs {
  par(paragraph.lines.map(line => line.map(run => run.text).join()).join(linebreak()))
}
"""


def test_a_letterhead_of_ones_own_that_works_is_nothing_to_speak_of(folder: Path) -> None:
    (folder / "letterhead.typ").write_text(SHOWS_ALL)
    assert said(folder) == []
    letterhead = usable(folder).letterhead
    assert letterhead is not None
    assert letterhead.source.decode() == SHOWS_ALL


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("#let broken = (", "unclosed delimiter"),
        ("#unknown-thing", "unknown variable: unknown-thing (line 1)"),
        ("\n\n#letter.nothing", "(line 3)"),
        ('#read("../case.toml")', ""),
        ('#read("/etc/passwd")', ""),
        ('#import "@preview/cetz:0.3.0"', "it imports a package from the network; copy the package here"),
    ],
)
def test_a_letterhead_that_does_not_work_is_told_in_which_file_and_line(
    folder: Path, source: str, told: str
) -> None:
    (folder / "letterhead.typ").write_text(source)
    [line] = said(folder)
    assert line.startswith(f"WRONG letterhead.typ: {SLUG}/letterhead.typ does not work: ") and told in line


def test_a_letterhead_that_makes_two_pages_is_told(folder: Path) -> None:
    (folder / "letterhead.typ").write_text("first\n#pagebreak()\nsecond")
    [line] = said(folder)
    assert line.startswith("WRONG ") and "does not fit on one page" in line


def test_a_letter_that_is_too_long_for_a_page_is_told(folder: Path) -> None:
    change(folder, "{{ name }}", "{{ name }}" + "\n\nSí." * 60, "letter.es.txt")  # few characters, many lines
    assert said(folder) == [
        "WRONG letter.es.txt: with the longest name, country and line it does not fit on one page"
    ]


@pytest.mark.parametrize("character", ["\U00012000", "\ue000", "\U0001f9ff"], ids=ascii)
def test_a_character_that_no_typeface_has_is_told(folder: Path, character: str) -> None:
    change(folder, "{{ name }}", f"{{{{ name }}}}\n{character}", "letter.es.txt")
    [line] = said(folder)
    assert line.startswith("WRONG letter.es.txt: No typeface of ours has ")


def test_two_folders_of_one_name_are_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "more" / SLUG)
    with pytest.raises(Misconfigured, match=f"There are 2 case folders called '{SLUG}'"):
        check_cases([folder.parent, tmp_path / "more"], Routing(WAYS, DEFAULT_ROUTE))
