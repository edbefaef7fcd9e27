"""`assistant letters plan|print|posted`: when letters leave, and those that an organiser posts."""

import asyncio
import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.domain.messages import Account, Address
from assistant.settings import Settings
from assistant.wiring.content import CASES, make_script
from tests.support import pdf_contents
from tests.support.fakes.channel import FakeClock
from tests.support.harness import LETTER, NAME, PERSONAL_LINE
from tests.support.processes.installation import CASE, Installation
from tests.support.store import first_version

ROUTES = {CASE: ["post:Invented Street 1;Guatemala City"]}
PEOPLE = ("ana", "ben", "eva")
RUN = "2026-11-24-1"
PDF, LIST = f"{CASE}-{RUN}.pdf", f"{CASE}-{RUN}.csv"


async def _write(installation: Installation) -> None:
    """Three letters, which the mailroom has kept to be printed."""
    async with installation.harness(make_script(Settings(_env_file=None, routes=ROUTES))) as harness:
        for person in PEOPLE:
            await harness.receive_all(person, LETTER)
        await harness.engine(harness.letter_worker(Post())).run_until_idle()


async def _news(installation: Installation) -> list[str]:
    """What everybody reads next."""
    async with installation.harness(make_script(Settings(_env_file=None, routes=ROUTES))) as harness:
        harness.clock.advance(days=10_000)  # later than the clock of commands
        await harness.engine().run_until_idle()
        return [text for person in PEOPLE for text in harness.texts_to(person)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_write(installation))
    return installation.data


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """A folder with three letters that wait to be printed."""
    installation.set(routes=json.dumps(ROUTES))
    return installation


def paper(file: Path) -> list[str]:
    """What stands on each page."""
    return pdf_contents.page_texts(file.read_bytes())


def test_a_run_is_printed_posted_and_told(installation: Installation, tmp_path: Path) -> None:
    done = installation.call("letters", "print", CASE, "--out", "desk")
    assert done.code == 0
    assert done.err.startswith("Waiting to be printed: 3.")
    assert f"Printed: 3, in desk/{PDF}." in done.out
    assert f"assistant letters posted {CASE} {RUN} --out desk\n" in done.out
    assert sorted(file.name for file in (tmp_path / "desk").iterdir()) == [LIST, PDF]
    pages = paper(tmp_path / "desk" / PDF)
    assert len(pages) == 3
    assert all(NAME in page and "Invented Street 1" in page for page in pages)

    told = installation.call("letters", "posted", CASE, RUN, "--yes", "--out", "desk")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Sent now: 3. Their writers are told.\nDeleted: desk/{PDF}, desk/{LIST}.")
    assert list((tmp_path / "desk").iterdir()) == []
    assert [installation.status(number) for number in (1, 2, 3)] == ["sent"] * 3
    assert installation.log(1)[-1]["reason"] == f"posted with run {RUN}"
    news = asyncio.run(_news(installation))
    assert len(news) == 3
    assert all(" was posted on November 24, 2026" in each for each in news)

    again = installation.call("letters", "posted", CASE, RUN, "--yes")
    assert (again.code, again.out) == (2, "")
    assert RUN in again.err


def test_the_list_says_which_page_is_which_letter_and_nothing_personal(
    installation: Installation, tmp_path: Path
) -> None:
    assert installation.call("letters", "print", CASE).code == 0  # into the folder one is in
    with (tmp_path / LIST).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"page": n, "letter": n, "country": "FI"} for n in ("1", "2", "3")]
    everything = (tmp_path / LIST).read_text("utf-8")
    assert NAME not in everything and PERSONAL_LINE not in everything
    assert {(tmp_path / name).stat().st_mode & 0o077 for name in (PDF, LIST)} == {0}


def test_what_is_printed_is_not_printed_again_unless_its_run_is_named(
    installation: Installation, tmp_path: Path
) -> None:
    assert installation.call("letters", "print", CASE, "--out", "first").code == 0
    second = installation.call("letters", "print", CASE, "--out", "second")
    assert (second.code, second.out) == (0, "")
    assert "Waiting to be printed: 0." in second.err and f"{RUN} (3)" in second.err
    once_more = installation.call("letters", "print", CASE, "--out", "third", "--run", RUN)
    assert once_more.code == 0
    assert (tmp_path / "third" / PDF).read_bytes() == (tmp_path / "first" / PDF).read_bytes()
    assert [installation.status(number) for number in (1, 2, 3)] == ["submitted"] * 3


@pytest.mark.parametrize("run", ["../../stolen", "/tmp/stolen", "2026-11-24-2", "%", "\u202e", "x" * 500])  # noqa: S108
def test_a_run_that_there_is_not_is_refused_and_writes_nothing(
    installation: Installation, tmp_path: Path, run: str
) -> None:
    assert installation.call("letters", "print", CASE).code == 0
    before = sorted(tmp_path.rglob("*"))
    for command in (["print", CASE, "--run", run], ["posted", CASE, run]):
        done = installation.call("letters", *command)
        assert (done.code, done.out) == (2, "")
    assert sorted(tmp_path.rglob("*")) == before
    assert [installation.status(number) for number in (1, 2, 3)] == ["submitted"] * 3


def test_letters_that_are_not_printed_yet_cannot_be_said_to_be_posted(installation: Installation) -> None:
    for run in ("", RUN):
        assert installation.call("letters", "posted", CASE, run).code == 2
    assert [installation.status(number) for number in (1, 2, 3)] == ["submitted"] * 3


def test_a_letter_can_be_called_back_until_it_is_printed(installation: Installation, tmp_path: Path) -> None:
    assert installation.call("letters", "cancel", "--yes", "2").code == 0
    assert installation.call("letters", "print", CASE).out.startswith("Printed: 2, ")
    assert len(paper(tmp_path / PDF)) == 2
    late = installation.call("letters", "cancel", "--yes", "1")
    assert late.code == 1
    assert "may arrive" in late.err
    assert [installation.status(number) for number in (1, 2, 3)] == ["submitted", "cancelled", "submitted"]


def test_what_could_not_be_written_still_waits_to_be_printed(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "desk" / LIST).mkdir(parents=True)  # a folder in the place of the last file
    failed = installation.call("letters", "print", CASE, "--out", "desk")
    assert (failed.code, failed.out) == (1, "")
    done = installation.call("letters", "print", CASE, "--out", "elsewhere")
    assert done.err.startswith("Waiting to be printed: 3.")
    assert len(paper(tmp_path / "elsewhere" / PDF)) == 3


@pytest.mark.parametrize("command", [["plan"], ["print"], ["posted", RUN]], ids=" ".join)
def test_a_case_that_there_is_not_is_told_with_those_there_are(
    installation: Installation, command: list[str]
) -> None:
    name, *rest = command
    for case in ("nobody", "", "Norma-Cruz", f"../{CASE}"):
        done = installation.call("letters", name, case, *rest)
        assert (done.code, done.out) == (2, "")
        assert "there is no case" in done.err and CASE in done.err


# Plans


@pytest.fixture
def paced(tmp_path: Path) -> Installation:
    """A case whose office takes one letter a day, on working days. It is Wednesday before Christmas."""
    folder = tmp_path / "cases" / "slow-office"
    shutil.copytree(CASES / CASE, folder)
    office = folder / "targets" / "attorney-general.toml"
    facts = office.read_text("utf-8")
    office.write_text(facts.replace('weekends = "move"', 'weekends = "move"\nper_day = 1'), "utf-8")
    return Installation(tmp_path, cases_dir=tmp_path / "cases", clock="2026-12-23T10:00:00Z")


async def _queue(installation: Installation, people: int) -> None:
    script = make_script(Settings(_env_file=None, cases_dir=installation.folder / "cases"))
    async with installation.harness(script) as harness:
        for person in range(people):
            await harness.receive_all(f"person {person}", ["hello", "English", "2", *LETTER[2:]])


def test_a_plan_counts_letters_by_day_and_says_when_the_last_one_leaves(paced: Installation) -> None:
    asyncio.run(_queue(paced, 3))
    rows = json.loads(paced.call("letters", "plan", "slow-office", "--json").out)
    assert rows == [
        {"target": "attorney-general", "day": day, "from": "08:00", "to": "08:00", "letters": 1}
        for day in ("2026-12-23", "2026-12-24", "2026-12-28")  # after Christmas, a Friday
    ]
    shown = paced.call("letters", "plan", "slow-office")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[-1] == "Waiting: 3. The last one is sent on 2026-12-28 at 08:00."
    assert re.search(r"2026-12-24 +08:00 +08:00 +1\n", shown.out)
    assert shown.out.startswith("Times are those of the office: America/Guatemala.\n")
    days = ["2026-12-23", "2026-12-24", "2026-12-28"]
    assert [letter["due_on"] for letter in paced.letters()] == days
    assert paced.json("letters", "show", "3")["due_on"] == "2026-12-28"
    assert paced.call("letters", "hold", "1", "2").code == 0
    held = json.loads(paced.call("letters", "plan", "slow-office", "--json").out)
    assert [row["day"] for row in held] == ["2026-12-23"]


def test_a_database_of_the_first_version_is_brought_up_to_date_by_any_command(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.data.mkdir()
    person = Address(Account("memory", "1"), "ana")
    database = f"sqlite:///{installation.database}"
    asyncio.run(first_version.make(database, installation.data / "keyring.json", person, FakeClock()()))
    done = installation.call("letters", "plan", CASE)
    assert (done.code, done.out.splitlines()[-1]) == (0, "No letter waits.")
    assert installation.call("letters", "plan", CASE, "--json").out == "[]\n"
    assert installation.call("letters", "print", CASE).err.startswith("Waiting to be printed: 0.")
    assert installation.call("letters", "hold", "1").err.startswith("There is no letter 1. ")
