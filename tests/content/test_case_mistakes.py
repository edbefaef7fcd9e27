"""Every mistake that people make in a case folder is told in words that say what to write, and only once."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content import cases, target_tables
from assistant.content.cases import Checked, check_cases, load_cases, read_folder
from assistant.content.folder import Folder
from assistant.content.routing import NotSetUp, Routing
from assistant.wiring.carriers import DEFAULT_ROUTE
from tests.content.test_cases_readme import README, followed
from tests.support.case_folders import NEW_FORM, check_case, write_case

ROUTING = Routing(
    {"tray": Tray(Path("tray")), "post": Post()},
    DEFAULT_ROUTE,
    not_set_up={
        "fax": NotSetUp("ASSISTANT_FAX_URL", lambda to: None if to[:1] == "+" else "write it with +")
    },
)
ACTION, RELEASE = "actions/fair-trial/action.toml", "actions/release/action.toml"
OFFICE, TABLE, LETTER = "targets/minister.toml", "targets/embassies.csv", "actions/release/letter.en.txt"
FILES = followed(README.partition("## Close it")[0])
INTERNAL = re.compile(
    r"constrained|function-|literal|(?:list|dict|str|int)\[|\[key\]|\((?:text|list|table)\)|0x"
)

Files = dict[str, str]
Change = Callable[[Files], None]


def instead(file: str, old: str, new: str) -> Change:
    """One text of a file is another."""

    def change(files: Files) -> None:
        assert old in files[file], files[file]
        files[file] = files[file].replace(old, new, 1)

    return change


def above(file: str, line: str) -> Change:
    """A line is added to the beginning of a file."""
    return lambda files: files.update({file: f"{line}\n{files[file]}"})


def below(file: str, table: str, line: str) -> Change:
    """A line is added to a table of texts."""
    return instead(file, f"[{table}]\n", f"[{table}]\n{line}\n")


def renamed(old: str, new: str) -> Change:
    """Files, or folders of them, have another name."""

    def change(files: Files) -> None:
        for file in [each for each in files if each.startswith(old)]:
            files[file.replace(old, new, 1)] = files.pop(file)

    return change


def without(name: str) -> Change:
    """Files whose names begin so are left out."""

    def change(files: Files) -> None:
        for file in [each for each in files if each.startswith(name)]:
            del files[file]

    return change


def column(name: str, *cells: str) -> Change:
    """A column is added to the table."""

    def change(files: Files) -> None:
        head, *rows = files[TABLE].splitlines()
        filled = [*cells, *[""] * len(rows)]
        lines = [f"{name};{head}", *(f"{cell};{row}" for cell, row in zip(filled, rows, strict=False))]
        files[TABLE] = "\n".join(lines) + "\n"

    return change


def check(tmp_path: Path, change: Change, routing: Routing = ROUTING) -> Checked:
    files = dict(FILES)
    change(files)
    write_case(tmp_path / "cases" / "amina-diallo", files)
    [checked] = check_cases([tmp_path / "cases"], routing, thorough=False)
    return checked


def told(checked: Checked) -> list[str]:
    """What is wrong, and what there is to note; not that no route is set."""
    return [
        f"{'WRONG' if each.serious else 'note'} {each.where}: {each.what}"
        for each in checked.findings
        if "no route to the office" not in each.what
    ]


MISTAKES: Mapping[str, tuple[Change, str]] = {
    # Who gets the letters
    "offices for some countries only": (
        instead(ACTION, '["minister"]', '["london", "ottawa"]'),
        f"WRONG {ACTION}: targets: people in other countries have nobody to write to",
    ),
    "the same office twice": (
        instead(ACTION, '["minister"]', '["minister", "minister"]'),
        f"WRONG {ACTION}: targets: 'minister' is named twice",
    ),
    "no office at all": (
        instead(ACTION, '["minister"]', "[]"),
        f"WRONG {ACTION}: targets: write names of offices in targets/",
    ),
    "a file name for an office": (
        instead(ACTION, '["minister"]', '["minister.toml"]'),
        f"WRONG {ACTION}: targets.1: write names of offices in targets/",
    ),
    "an office that there is not": (
        instead(ACTION, '["minister"]', '["ministr"]'),
        f"WRONG {ACTION}: targets: there is no 'ministr' in targets/; there is: london, ottawa, washington, ",
    ),
    # Days
    "an action day after the end": (
        instead(ACTION, '"2027-03-02"', '"2027-06-02"'),
        f"WRONG {ACTION}: action_days: 2027-06-02 cannot be one: letters are written until 2027-03-31",
    ),
    "an action day before the beginning": (
        instead(ACTION, '"2027-03-02"', '"2026-12-15"'),
        f"WRONG {ACTION}: action_days: 2026-12-15 cannot be one: letters are written from 2027-01 on",
    ),
    "an end before the beginning": (
        instead(ACTION, '"2027-03-31"', '"2026-03-31"'),
        f"WRONG {ACTION}: closes: it closes on 2026-03-31, before it opens on 2027-01",
    ),
    "an action day in words": (
        instead(ACTION, '"2027-03-02"', '"2 March"'),
        f"WRONG {ACTION}: action_days.1.date: '2 March' is not a date",
    ),
    "a time without quotes": (
        instead(ACTION, '"09:00"', "09:00:00"),
        f'WRONG {ACTION}: action_days.1.at: put it between quotes: "09:00"',
    ),
    "a month without quotes": (
        instead(ACTION, '"2027-01"', "2027-01"),
        f'WRONG {ACTION}: cannot be read: line 3: put the date between quotes: "2027-01"',
    ),
    "a closed day in words": (
        instead(OFFICE, '"2027-12-24"', '"Christmas Eve"'),
        f"WRONG {OFFICE}: closed_days: 'Christmas Eve' is no single day; write year, month and day",
    ),
    "a closed month": (
        instead(OFFICE, '"2027-12-24"', '"2027-12"'),
        f"WRONG {OFFICE}: closed_days: '2027-12' is no single day",
    ),
    # Countries, languages, time zones
    "UK": (instead(OFFICE, '"GH"', '"UK"'), f"WRONG {OFFICE}: country: 'UK' is no country code; write GB"),
    "EL": (instead(OFFICE, '"GH"', '"EL"'), f"WRONG {OFFICE}: country: 'EL' is no country code; write GR"),
    "XX": (instead(OFFICE, '"GH"', '"XX"'), f"WRONG {OFFICE}: country: 'XX' is no country code; write two"),
    "a country's name": (
        instead(OFFICE, '"GH"', '"Ghana"'),
        f"WRONG {OFFICE}: country: 'Ghana' is no country code; write GH",
    ),
    "a government's name": (
        above(OFFICE, 'government = "ghana"'),
        f"WRONG {OFFICE}: government: 'ghana' is no country code; write GH",
    ),
    "for the UK": (above(OFFICE, 'for = ["UK"]'), f"WRONG {OFFICE}: for: 'UK' is no country code; write GB"),
    "for a country's name": (above(OFFICE, 'for = "Ireland"'), f'WRONG {OFFICE}: for: write ["IE"]'),
    "for small letters": (
        above(OFFICE, 'for = ["ie"]'),
        f"WRONG {OFFICE}: for: 'ie' is no country code; write IE",
    ),
    "for without brackets": (
        above(OFFICE, 'for = "GB IE"'),
        f'WRONG {OFFICE}: for: write each country between quotes, in square brackets: ["GB", "IE"]',
    ),
    "for other": (above(OFFICE, 'for = "other"'), f'WRONG {OFFICE}: for: write "others"'),
    "for a list of others": (above(OFFICE, 'for = ["others"]'), f'WRONG {OFFICE}: for: write "others"'),
    "for one country and others": (
        above(OFFICE, 'for = ["US", "others"]'),
        f"WRONG {OFFICE}: for: an office is for some countries or for the others",
    ),
    "for everybody": (above(OFFICE, 'for = "everybody"'), f"WRONG {OFFICE}: for: leave it out for an office"),
    "for a number": (above(OFFICE, "for = 7"), f'WRONG {OFFICE}: for: write countries, such as ["CL", "PE"]'),
    "for the same country twice": (
        above(OFFICE, 'for = ["GB", "GB"]'),
        f"WRONG {OFFICE}: for: GB stands there twice",
    ),
    "a language's name": (
        instead("case.toml", '["en"]', '["English"]'),
        "WRONG case.toml: languages.1: 'English' is no language code; write en",
    ),
    "a language in small letters": (
        instead("case.toml", '["en"]', '["en", "pt-br"]'),
        "WRONG case.toml: languages.2: 'pt-br' is no language code; write pt-BR",
    ),
    "a key that is no language": (
        instead(RELEASE, "en =", "eng ="),
        f"WRONG {RELEASE}: title.eng: 'eng' is no language code; write en",
    ),
    "a time zone of no place": (
        instead(OFFICE, "Africa/Accra", "Ghana/Accra"),
        f"WRONG {OFFICE}: timezone: 'Ghana/Accra' is not a time zone; write Africa/Accra",
    ),
    "a time zone in hours": (
        instead(OFFICE, "Africa/Accra", "GMT+1"),
        f"WRONG {OFFICE}: timezone: 'GMT+1' is not a time zone; write a continent and a town",
    ),
    # What slips below a line in square brackets
    **{
        f"{line} below a table": (
            below(file, table, line),
            f"WRONG {file}: {table}.{name}: move '{name}' up, above the",
        )
        for file, table, line, name in (
            (RELEASE, "title", 'closes = "2027-03-31"', "closes"),
            (RELEASE, "title", 'opens = "2027-01"', "opens"),
            (RELEASE, "title", "goal = 7", "goal"),
            (RELEASE, "title", 'targets = ["minister"]', "targets"),
            (RELEASE, "title", 'subjects = ["Amina"]', "subjects"),
            (OFFICE, "salutation", 'for = "others"', "for"),
            (OFFICE, "salutation", 'government = "GH"', "government"),
            (OFFICE, "salutation", 'opens = "05:00"', "opens"),
            (OFFICE, "salutation", 'closed_days = ["2027-12-24"]', "closed_days"),
        )
    },
    "asks as a text below a table": (
        below(RELEASE, "title", 'asks = "Free her."'),
        f"WRONG {RELEASE}: title.asks: write [asks] on a line, and below it a line for each language",
    ),
    # Numbers and texts
    "a point in a number": (
        instead(ACTION, "5000", "5.000"),
        f"WRONG {ACTION}: goal: write 5000, without a point",
    ),
    "a comma in a number": (
        instead(ACTION, "5000", "5,000"),
        f"WRONG {ACTION}: cannot be read: line 5: write the number without points, commas and spaces: 5000",
    ),
    "a number as text": (
        instead(ACTION, "5000", '"5,000"'),
        f"WRONG {ACTION}: goal: write 5000, without a comma",
    ),
    "no number": (
        instead(ACTION, "5000", "true"),
        f"WRONG {ACTION}: goal: write how many letters are wanted",
    ),
    "a point in a pace": (
        above(OFFICE, "per_day = 1.000"),
        f"WRONG {OFFICE}: per_day: write 1000, without a point",
    ),
    "half a number": (
        above(OFFICE, "per_minute = 2.0"),
        f"WRONG {OFFICE}: per_minute: write 2, without a point",
    ),
    "nobody": (instead("case.toml", '"Amina Diallo"\n', '" "\n'), "WRONG case.toml: person: it is empty"),
    "a long title": (
        instead(RELEASE, "Release", "Release " * 60),
        f"WRONG {RELEASE}: title.en: it is too long: 493 characters, at most 100",
    ),
    "a long subject": (
        instead(ACTION, "Amina Diallo, poet", "x" * 79),
        f"WRONG {ACTION}: subjects.2: it is too long: 79 characters, at most 78",
    ),
    "a placeholder in a salutation": (
        instead(OFFICE, '"Dear Minister,"', '"Dear {{ name }},"'),
        f"WRONG {OFFICE}: salutation.en: leave out {{ and }}",
    ),
    "a placeholder in an office": (
        instead(OFFICE, '"the Minister of Justice"', '"{{ office }}"'),
        f"WRONG {OFFICE}: office.en: leave out {{ and }}",
    ),
    "a quote in a text": (
        instead("case.toml", "for a poem", 'for a "poem"'),
        r'WRONG case.toml: cannot be read: line 10: a " inside a text ends it: write \" for it',
    ),
    "a text over two lines": (
        instead("case.toml", "for a poem. I", "for a poem.\nI"),
        "WRONG case.toml: cannot be read: line 10: a quote is missing: a text stands between two",
    ),
    "a number for a time": (
        instead(OFFICE, '"08:00"', "8"),
        f'WRONG {OFFICE}: opens: write hours and minutes between quotes, such as "08:00"',
    ),
    # Letters
    "a letter that only some sign": (
        lambda files: files.update({LETTER: files[LETTER].replace("{% endif %}\n", "") + "{% endif %}\n"}),
        f"WRONG {LETTER}: {{{{ name }}}} is missing where nobody adds a sentence",
    ),
    # Former names
    "a former name of another action": (
        above(RELEASE, 'formerly = ["fair-trial"]'),
        f"WRONG {RELEASE}: formerly: 'fair-trial' is the name of an action now",
    ),
    "its own name": (
        above(RELEASE, 'formerly = ["release"]'),
        f"WRONG {RELEASE}: formerly: 'release' is the name of an action now",
    ),
    "one former name of two actions": (
        lambda files: (
            above(RELEASE, 'formerly = ["old"]')(files),
            above(ACTION, 'formerly = ["old"]')(files),
        )[0],
        f"WRONG {RELEASE}: formerly: 'old' stands in actions/fair-trial, too",
    ),
    # Routes
    "an address as a route": (
        instead(OFFICE, "routes = []", 'routes = ["a@example.org"]'),
        f"WRONG {OFFICE}: routes: write email: before the address: email:a@example.org",
    ),
    "a mail link as a route": (
        instead(OFFICE, "routes = []", 'routes = ["mailto:a@example.org"]'),
        f"WRONG {OFFICE}: routes: write email: before the address: email:a@example.org",
    ),
    "a capital in a route": (
        instead(OFFICE, "routes = []", 'routes = ["Fax:+50255550100"]'),
        f"WRONG {OFFICE}: routes: write fax: in small letters",
    ),
    "a number as a route": (
        instead(OFFICE, "routes = []", 'routes = ["+50255550100"]'),
        f"WRONG {OFFICE}: routes: write fax: before the number",
    ),
    "a carrier that is not set up": (
        instead(OFFICE, "routes = []", 'routes = ["fax:+50255550100"]'),
        f"WRONG {OFFICE}: routes: no carrier for 'fax' is set up; whoever runs the server sets",
    ),
    # Updates
    "replaces true": (
        instead("case.toml", 'replaces = "letter"', "replaces = true"),
        'WRONG case.toml: updates.2027-03-trial.replaces: write replaces = "letter"',
    ),
    "replaces letters": (
        instead("case.toml", 'replaces = "letter"', 'replaces = "letters"'),
        'WRONG case.toml: updates.2027-03-trial.replaces: write replaces = "letter"',
    ),
    "an update without a name": (
        instead("case.toml", "[updates.2027-03-trial]", "[updates]"),
        "WRONG case.toml: updates.replaces: write [updates.2011-09-conviction] on a line",
    ),
    "an update that is named wrongly": (
        renamed("updates/2027-03-trial", "updates/trial"),
        "WRONG updates/trial.en.md: name it like 2011-09-conviction.en.md",
    ),
    # Files and folders
    "Actions": (renamed("actions/", "Actions/"), "WRONG Actions: rename this folder to actions"),
    "action": (renamed("actions/", "action/"), "WRONG action: rename this folder to actions"),
    "target": (renamed("targets/", "target/"), "WRONG target: rename this folder to targets"),
    "Updates": (renamed("updates/", "Updates/"), "WRONG Updates: rename this folder to updates"),
    "action.toml.txt": (
        renamed(RELEASE, f"{RELEASE}.txt"),
        f"WRONG {RELEASE}: is missing; rename action.toml.txt",
    ),
    "no action.toml": (
        without(RELEASE),
        f"WRONG {RELEASE}: is missing; write it; the README of the cases shows one",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_what_to_write_and_brings_no_others(tmp_path: Path, mistake: str) -> None:
    change, wanted = MISTAKES[mistake]
    checked = check(tmp_path, change)
    found = told(checked)
    assert found and found[0].startswith(wanted), found
    assert checked.case is None
    assert not any(INTERNAL.search(each) for each in found)
    signed = [each for each in found[1:] if "{{ country }} is missing where" not in each]
    assert signed == []


@pytest.mark.parametrize("name", ["replace", "relpaces"])
def test_a_misspelt_entry_of_an_update_is_told_with_the_right_one(tmp_path: Path, name: str) -> None:
    found = told(check(tmp_path, instead("case.toml", "replaces =", f"{name} =")))
    assert found[0].startswith(
        'WRONG case.toml: updates.2027-03-trial.replaces: is missing; write replaces = "letter" where letters'
    )
    assert found[1:] == [
        f"WRONG case.toml: updates.2027-03-trial.{name}: there is no '{name}'; did you mean 'replaces'?",
    ]


def test_without_actions_the_old_form_is_not_meant(tmp_path: Path) -> None:
    assert told(check(tmp_path, without("actions/"))) == [
        "WRONG actions: there is no such folder; make it, and in it a folder for an action"
    ]


def test_an_office_with_a_mistake_is_there_all_the_same(tmp_path: Path) -> None:
    found = told(check(tmp_path, instead(TABLE, "Europe/London", "London")))
    assert found == [
        f"WRONG {TABLE}: line 2 (london): timezone: 'London' is not a time zone; write Europe/London"
    ]


def test_an_action_that_does_not_say_what_it_asks_beside_others_is_a_note(tmp_path: Path) -> None:
    asks = FILES[RELEASE].partition("[asks]")[1:]
    [found] = told(check(tmp_path, instead(RELEASE, "".join(asks), "")))
    assert found.startswith(f"note {RELEASE}: asks is not set, and there is no briefing of its own")
    alone = check(
        tmp_path / "alone",
        lambda files: (without("actions/fair-trial")(files), instead(RELEASE, "".join(asks), "")(files))[0],
    )
    assert told(alone) == []


def test_two_offices_for_the_same_people_are_a_note(tmp_path: Path) -> None:
    found = told(check(tmp_path, instead(TABLE, "ottawa;CA", "ottawa;GB CA")))
    assert found == [
        f"note {RELEASE}: targets: london and ottawa are all for GB: people there write to each of them"
    ]
    found = told(check(tmp_path / "more", instead(TABLE, "ottawa;CA", "ottawa;others")))
    assert found[0].startswith(f"note {RELEASE}: targets: ottawa and washington are all for the others")


def test_a_draft_can_name_a_carrier_that_only_the_server_has(tmp_path: Path) -> None:
    files = dict(FILES)
    instead(OFFICE, "routes = []", 'routes = ["fax:+50255550100", "post:Street 1;Town"]')(files)
    folder = write_case(tmp_path / "amina-diallo", files)
    [draft] = cases.check_folder(folder, [], ROUTING)
    assert draft.case is not None
    assert (
        f"note {OFFICE}: routes: fax is not set up here: whoever runs the server sets ASSISTANT_FAX_URL"
        in told(draft)
    )
    (folder / OFFICE).write_text(files[OFFICE].replace("+502", "502"))
    [draft] = cases.check_folder(folder, [], ROUTING)
    assert f"WRONG {OFFICE}: routes: fax: write it with +" in told(draft)


# Tables


TABLES: Mapping[str, tuple[Change, str]] = {
    "a name without its language": (
        column("office", "the Embassy"),
        "line 1: 'office' needs a language behind a dot: did you mean 'office.en'?",
    ),
    "a language too many": (
        column("country.name", "x"),
        "line 1: 'country.name' has no languages; did you mean",
    ),
    "a column twice": (column("Country", "GB"), "line 1: the column 'country' stands there twice"),
    "no language": (
        column("office.english", "x"),
        "line 1: office.english: 'english' is no language code; write en",
    ),
    "a column of one's own": (
        column("notes", "x"),
        "line 1: there is no column 'notes'; delete it, or write",
    ),
    "a column without a name": (column("", "x"), "line 1: column 1 has no name"),
    "a misspelt column": (
        instead(TABLE, "timezone", "time zone"),
        "line 1: there is no column 'time zone'; did you mean 'timezone'?",
    ),
    "a blank for a dot": (
        instead(TABLE, "salutation.en", "salutation en"),
        "line 1: there is no column 'salutation en'; did you mean 'salutation.en'?",
    ),
    "a column left out": (
        instead(TABLE, ";place.en;", ";per_day;"),
        "line 1: the column 'place.en' is missing",
    ),
    "a title": (above(TABLE, "Embassies 2027;;;"), "line 1: this line has to name the columns, such as slug"),
    "no first line": (
        lambda files: files.update({TABLE: files[TABLE].partition("\n")[2]}),
        "line 1: this line has to name the columns",
    ),
    "only a first line": (
        lambda files: files.update({TABLE: files[TABLE].partition("\n")[0]}),
        "there is no office below the first line",
    ),
    "nothing but delimiters": (lambda files: files.update({TABLE: ";;;;\n"}), "there is nothing in it"),
    "a comma too many": (
        instead(TABLE, "Dear Ambassador,", "Dear; Ambassador,"),
        "line 4 (washington): it has 14 fields, the first line 13; put quotes round a text with a comma",
    ),
    "fields left out": (
        instead(TABLE, ";Ottawa;Dear High Commissioner,", ""),
        "line 3 (ottawa): it has 11 fields, the first line 13",
    ),
    "a quote without an end": (
        instead(TABLE, ";the High", ';"the High'),
        "line 2: look at the quotes",
    ),
    "more than a table can hold": (
        instead(TABLE, "the High", "x" * 140_000),
        "line 2: a field has more than 131,072 characters",
    ),
    "no slug": (instead(TABLE, "ottawa;", ";"), "line 3: slug: write a short name"),
    "no short name": (instead(TABLE, "ottawa;", "Ottawa;"), "line 3 (Ottawa): slug: 'Ottawa' cannot be one"),
    "a name twice": (instead(TABLE, "ottawa;", "london;"), "lines 2 and 3: there are 2 targets 'london'"),
    "a country's name": (
        instead(TABLE, ";CA;", ";Canada;"),
        "line 3 (ottawa): for: 'Canada' is no country code; write CA",
    ),
    "a name of two words": (
        instead(TABLE, "GB IE", "United Kingdom, IE"),
        "line 2 (london): for: 'United Kingdom' is no country code; write GB",
    ),
    "other": (instead(TABLE, ";others;", ";other;"), 'line 4 (washington): for: write "others"'),
    "a country and others": (
        instead(TABLE, ";others;", ";US others;"),
        "line 4 (washington): for: an office is for some countries or for the others",
    ),
    "everybody": (instead(TABLE, ";others;", ";Everybody;"), "line 4 (washington): for: leave it out"),
    "days in words": (
        column("workdays", "1 2 3 4 5", "Mon-Fri"),
        "line 3 (ottawa): workdays: write the days as numbers with spaces between",
    ),
    "a spreadsheet's date": (
        instead(TABLE, "2027-12-24", "24/12/2027"),
        "line 2 (london): closed_days: '24/12/2027' is no single day",
    ),
    "a point in a number": (
        column("per_day", "1.000", "1.000"),
        "lines 2, 3 (london, ottawa): per_day: write 1000, without a point",
    ),
    "a time in words": (
        column("opens", "nine"),
        "line 2 (london): opens: write hours and minutes, such as 08:00",
    ),
    "an empty place": (instead(TABLE, ";Ottawa;", ";;"), "line 3 (ottawa): place.en is missing"),
    "no time zone": (
        instead(TABLE, "Europe/London", ""),
        "line 2 (london): timezone: write it such as Europe/London",
    ),
    "a route without its carrier": (
        column("routes", "a@example.org"),
        "line 2 (london): routes: write email: before the address: email:a@example.org",
    ),
}


@pytest.mark.parametrize("mistake", TABLES)
def test_a_mistake_in_a_table_is_told_with_its_line_and_office(tmp_path: Path, mistake: str) -> None:
    change, wanted = TABLES[mistake]
    checked = check(tmp_path, change)
    [found] = told(checked)
    assert found.startswith(f"WRONG {TABLE}: {wanted}"), found
    assert checked.case is None
    assert not INTERNAL.search(found) and '["' not in found and "[place]" not in found


@pytest.mark.parametrize(
    "change",
    [
        above(TABLE, ""),
        above(TABLE, ";;;;;;;;;;;;"),
        above(TABLE, "sep=;"),
        instead(TABLE, "\nottawa", "\n\n;;;;;;\nottawa"),
        instead(TABLE, "slug;for", "Slug ; FOR"),
        instead(TABLE, "slug;for", '"slug" ; "for"'),
        instead(TABLE, "office.en", "Office.EN"),
        instead(TABLE, "GB IE", '"GB, IE"'),
        instead(TABLE, ";others;", ";Others;"),
        column("opens", "9:00", "08:00:00"),
        renamed(TABLE, "targets/MORE.CSV"),
        lambda files: files.update({TABLE: files[TABLE].replace("\n", ";\n")}),
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, change: Change) -> None:
    checked = check(tmp_path, change)
    assert checked.case is not None, told(checked)
    assert sorted(checked.case.targets) == ["london", "minister", "ottawa", "washington"]
    assert told(checked) == []


def test_times_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    case = check(tmp_path, column("opens", "9:00", "08:30:00")).case
    assert case is not None
    hours = [f"{case.targets[slug].hours.opens:%H:%M}" for slug in ("london", "ottawa", "washington")]
    assert hours == ["09:00", "08:30", "09:00"]


def test_empty_fields_at_the_end_may_be_left_out_and_are_a_note(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        files[TABLE] = files[TABLE].replace("\n", ";per_day\n", 1)

    checked = check(tmp_path, change)
    assert checked.case is not None
    [found] = told(checked)
    assert found.startswith(
        f"note {TABLE}: lines 2, 3, 4 (london, ottawa, washington): it has 13 fields, the first"
    )


def test_a_mistake_in_each_of_many_lines_is_told_once_with_their_offices(tmp_path: Path) -> None:
    head, _, row, *_ = FILES[TABLE].splitlines()
    rows = [row.replace("ottawa", f"office-{number}").replace("America/Toronto", "") for number in range(30)]

    checked = check(tmp_path, lambda files: files.update({TABLE: "\n".join([head, *rows])}))
    [found] = [each for each in told(checked) if "timezone" in each]
    assert found.startswith(f"WRONG {TABLE}: lines 2, 3, 4, 5, 6, 7, 8, 9 and 22 more (office-0, office-1, ")


# Mistakes of ours


def test_whatever_goes_wrong_in_one_folder_is_told_of_that_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("amina-diallo", "sami-example"):
        write_case(tmp_path / slug, FILES if slug == "amina-diallo" else NEW_FORM)
    usual = target_tables.rows_of

    def broken(folder: Folder, *more: object) -> object:
        if folder.root.name == "amina-diallo":
            raise AssertionError("a field of a private kind")
        return usual(folder, *more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr("assistant.content.targets.rows_of", broken)
    skipped: dict[str, str] = {}
    assert list(load_cases([tmp_path], ROUTING, skipped)) == ["sami-example"]
    assert skipped == {
        "amina-diallo": "amina-diallo: This is a mistake of ours: AssertionError. Please report it"
    }
    assert read_folder(tmp_path / "amina-diallo", ROUTING).case is None
    assert check_case(tmp_path / "sami-example").case is not None
