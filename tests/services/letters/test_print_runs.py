"""Letters by post: printed in runs, and sent when an organiser says so."""

import pytest
from sqlalchemy import select

from assistant.carriers.post import Post
from assistant.content.documents import Unprintable
from assistant.content.printer import Printer
from assistant.domain.errors import Failure, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import print_runs as print_runs_module
from assistant.services.letters.print_runs import PrintRun, PrintRuns
from assistant.store.tables import letters
from tests.support.fakes.carrier import BlankPaper
from tests.support.harness import Harness
from tests.support.publishing import CASE

L = LetterStatus
PEOPLE = ["ana", "ben", "eva"]
NO_RUN = "2012-01-23-0000"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness in which three letters wait to be posted."""
    office = await harness.with_office(routes=("post:Ministry; Street 1 ;Town",))
    await office.queue_letters(*PEOPLE)
    await office.deliver_letters(Post())
    return office


@pytest.fixture
def print_runs(office: Harness) -> PrintRuns:
    return _print_runs(office)


def _print_runs(harness: Harness, printer: Printer | None = None) -> PrintRuns:
    return PrintRuns(harness.store, printer or harness.printer, harness.transitions, harness.clock)


def _numbers(run: PrintRun | None) -> list[int]:
    return [each.letter.id for each in run.letters] if run else []


async def _printed(print_runs: PrintRuns) -> PrintRun:
    run = await print_runs.print(CASE)
    assert run is not None
    await print_runs.printed(run)
    return run


def _paper(harness: Harness) -> BlankPaper:
    assert isinstance(harness.printer, BlankPaper)
    return harness.printer


@ON_SQLITE
async def test_letters_by_post_wait_to_be_printed(office: Harness, print_runs: PrintRuns) -> None:
    assert await office.letter_statuses() == [L.SUBMITTED] * 3
    assert await print_runs.waiting(CASE) == {"": 3}
    office.clock.advance(days=300)
    await office.deliver_letters(Post())
    assert await office.letter_statuses() == [L.SUBMITTED] * 3
    assert office.channel.order == []


async def test_a_run_is_printed_again_as_it_was_and_new_letters_are_another_one(
    office: Harness, print_runs: PrintRuns
) -> None:
    run = await _printed(print_runs)
    assert (run.name[:11], _numbers(run)) == ("2012-01-24-", [1, 2, 3])
    assert await print_runs.print(CASE) is None
    await office.queue_letters("ida")
    await office.deliver_letters(Post())
    assert await print_runs.waiting(CASE) == {run.name: 3, "": 1}
    assert _numbers(await print_runs.print(CASE, run.name)) == [1, 2, 3]
    assert _numbers(await print_runs.print(CASE)) == [4]
    assert await print_runs.print(CASE, NO_RUN) is None


@ON_SQLITE
async def test_what_was_printed_and_not_stored_is_printed_next_time(print_runs: PrintRuns) -> None:
    assert _numbers(await print_runs.print(CASE)) == _numbers(await print_runs.print(CASE)) == [1, 2, 3]
    assert await print_runs.waiting(CASE) == {"": 3}


@ON_SQLITE
async def test_a_run_has_its_limit(print_runs: PrintRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_runs_module, "RUN_MAX", 2)
    runs = [await _printed(print_runs) for _ in range(2)]
    assert [_numbers(run) for run in runs] == [[1, 2], [3]]
    assert await print_runs.waiting(CASE) == {runs[0].name: 2, runs[1].name: 1}


async def test_of_two_who_print_the_same_letters_one_is_told_so(print_runs: PrintRuns) -> None:
    first, second = [await print_runs.print(CASE) for _ in range(2)]
    assert first is not None
    assert second is not None
    await print_runs.printed(first)
    with pytest.raises(Failure, match="Some of these letters were printed, or reworded, meanwhile"):
        await print_runs.printed(second)
    assert await print_runs.waiting(CASE) == {first.name: 3}


@ON_SQLITE
async def test_each_letter_has_the_address_for_its_window(office: Harness, print_runs: PrintRuns) -> None:
    await print_runs.print(CASE)
    (batch,) = _paper(office).batches
    assert {each.address for each in batch} == {("Ministry", "Street 1", "Town")}


async def test_what_was_posted_is_sent_and_its_writers_are_told_once(
    office: Harness, print_runs: PrintRuns
) -> None:
    run = await _printed(print_runs)
    await office.queue_letters("ida")
    await office.deliver_letters(Post())
    assert await print_runs.posted(CASE, run.name) == 3
    assert await print_runs.posted(CASE, run.name) == 0
    await office.engine().run_until_idle()
    assert await office.letter_statuses() == [*[L.SENT] * 3, L.SUBMITTED]
    assert (await office.letter_log())[-1].reason == f"posted with run {run.name}"
    told = ["Your letter to the Attorney General of Guatemala was posted on January 24, 2012."]
    assert [office.texts_to(person) for person in (*PEOPLE, "ida")] == [told, told, told, []]


@ON_SQLITE
async def test_of_a_run_that_is_not_there_nothing_was_posted(office: Harness, print_runs: PrintRuns) -> None:
    run = await _printed(print_runs)
    assert await print_runs.posted(CASE, NO_RUN) == await print_runs.posted("nobody", run.name) == 0
    assert await office.letter_statuses() == [L.SUBMITTED] * 3


@ON_SQLITE
async def test_a_letter_that_cannot_be_printed_is_held_and_the_others_are_printed(
    office: Harness, print_runs: PrintRuns
) -> None:
    _paper(office).faults.extend(
        [Unprintable(2, Failure("no typeface draws it")), Unprintable(2, Failure("it is too long"))]
    )
    assert _numbers(await print_runs.print(CASE)) == [1]
    assert await office.letter_statuses() == [L.SUBMITTED, L.HELD, L.HELD]
    assert "no typeface draws it" in (await office.letter_log(2))[-1].reason
    assert "it is too long" in (await office.letter_log(3))[-1].reason


@ON_SQLITE
async def test_where_none_can_be_printed_there_is_no_run(office: Harness, print_runs: PrintRuns) -> None:
    _paper(office).faults.extend([Unprintable(1, Failure("too long"))] * 3)
    assert await print_runs.print(CASE) is None
    assert await office.letter_statuses() == [L.HELD] * 3


async def test_letters_of_people_who_were_forgotten_are_left_out(
    office: Harness, print_runs: PrintRuns
) -> None:
    await office.receive_all("ben", ["forget", "yes"])
    assert (await office.letter_statuses())[1] is L.CANCELLED
    assert await print_runs.waiting(CASE) == {"": 2}
    run = await _printed(print_runs)
    assert _numbers(run) == [1, 3]
    await office.receive_all("eva", ["forget", "yes"])
    assert _numbers(await print_runs.print(CASE, run.name)) == [1]
    assert await print_runs.posted(CASE, run.name) == 2, "eva's may be in its envelope by then"


@ON_SQLITE
async def test_a_letter_is_called_back_until_it_is_part_of_a_run(
    office: Harness, print_runs: PrintRuns
) -> None:
    decisions = office.decisions(Post())
    await decisions.decide(1, Decision.CANCEL)
    run = await _printed(print_runs)
    assert _numbers(run) == [2, 3]
    with pytest.raises(Refused, match="cannot call it back"):
        await decisions.decide(2, Decision.CANCEL)
    assert await office.letter_statuses() == [L.CANCELLED, L.SUBMITTED, L.SUBMITTED]


@ON_SQLITE
async def test_real_letters_become_a_page_each(office: Harness) -> None:
    printer = Printer(office.script.cases)
    run = await _print_runs(office, printer).print(CASE)
    printer.close()
    assert run is not None
    assert run.pdf.startswith(b"%PDF")
    assert run.pdf.count(b"/Type /Page\n") == 3 or b"/Count 3" in run.pdf


@ON_SQLITE
async def test_letters_on_other_routes_are_in_no_run(harness: Harness) -> None:
    office = await harness.with_office(routes=("tray",))
    await office.queue_letters("ana")
    assert await _print_runs(office).waiting(CASE) == {}
    assert await _print_runs(office).print(CASE) is None
    (row,) = await office.rows(select(letters.c.reference, letters.c.print_run))
    assert row == {"reference": None, "print_run": None}
