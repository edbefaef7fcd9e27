"""Fax calls: each end becomes the right outcome, nothing is faxed twice, and what can be is called back."""

import dataclasses
from typing import Any

import pytest

from assistant.carriers.base import Ref
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.domain.errors import Busy, Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.hylafax import PARCEL, POLL_INTERVAL, failure_of, outcome_of
from tests.support.fakes.hylafax import jobs as line
from tests.support.fakes.hylafax.jobs import Ending, FakeJob
from tests.support.fakes.hylafax.server import FakeHfaxd

# How calls end


@pytest.mark.parametrize(
    ("ending", "kind", "uncertain", "retry_after"),
    [
        (line.BUSY, Busy, False, 300),
        (line.NO_ANSWER, Busy, False, 900),
        (line.NO_ROUTE, Busy, False, 300),
        (line.VOICE, Failure, False, 3600),
        (line.STRANGE, Busy, False, 900),
        (line.NO_MODEM, Busy, False, 900),
        (line.CUT, Failure, True, None),
        (line.KILLED, Failure, False, None),
        (line.KILLED_SENDING, Failure, True, None),
        (line.BAD_PAGE, Failure, False, None),
        (line.CRASHED, Failure, True, None),
        (line.DOUBTFUL, Failure, True, None),
        (Ending("D", 0, 0, "Invented"), Failure, True, None),
    ],
    ids=lambda value: value.status if isinstance(value, Ending) else "",
)
async def test_each_way_to_fail_says_whether_it_is_safe_to_try_again(
    fax: HylaFax,
    server: FakeHfaxd,
    ending: Ending,
    kind: type[Failure],
    uncertain: bool,
    retry_after: float | None,
) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, ending)
    failure = failure_of(await outcome_of(fax))
    assert type(failure) is kind
    assert (failure.uncertain, failure.permanent, failure.retry_after) == (uncertain, False, retry_after)


async def test_a_fax_is_on_its_way_until_the_office_has_it(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    assert await outcome_of(fax) == Ref(LetterStatus.SUBMITTED, "1", POLL_INTERVAL)
    server.dials(PARCEL.key, sending=True)
    assert await outcome_of(fax) == Ref(LetterStatus.SUBMITTED, "1", POLL_INTERVAL)
    server.ends(PARCEL.key, line.DONE)
    delivered = await outcome_of(fax)
    assert isinstance(delivered, Ref)
    assert (delivered.status, delivered.reference) == (LetterStatus.DELIVERED, "1")


@pytest.mark.parametrize("ending", [Ending("D", 0, 1, ""), Ending("D", 1, 1, "Invented")], ids=str)
async def test_done_is_believed_unless_no_machine_answered_and_an_error_is_told(
    fax: HylaFax, server: FakeHfaxd, ending: Ending
) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, ending)
    delivered = await outcome_of(fax)
    assert isinstance(delivered, Ref)
    assert delivered.status is LetterStatus.DELIVERED


async def test_many_letters_are_asked_about_in_one_login(fax: HylaFax, server: FakeHfaxd) -> None:
    references = {}
    for number in range(3):
        parcel = dataclasses.replace(PARCEL, key=f"case-{number}")
        references[parcel.key] = (await fax.submit(parcel)).reference
    server.ends("case-0", line.DONE)
    server.ends("case-1", line.BUSY)
    server.commands.clear()
    outcomes = await fax.poll({**references, "case-9": "9"})
    assert [type(outcomes[key]) for key in sorted(outcomes)] == [Ref, Busy, Ref, Failure]
    assert len(server.of("USER")) == 1 and len(server.of("LIST")) == 2


async def test_nobody_is_asked_about_nothing(fax: HylaFax, server: FakeHfaxd) -> None:
    assert await fax.poll({}) == {}
    assert server.commands == []


async def test_a_fax_that_is_in_no_queue_any_more_is_in_doubt(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, line.DONE)
    server.tidy()
    assert failure_of(await outcome_of(fax)).uncertain


async def test_jobs_of_other_people_are_not_taken_for_ours(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    strangers = ["", "Zoë|F|0|1|case-0001", "a b", "case-0002", "|", "x" * 300]
    for number, tag in enumerate(strangers, 10):
        server.jobs.append(FakeJob(number, "zoë", {"JOBINFO": tag}, state="D"))
    assert await outcome_of(fax) == Ref(LetterStatus.SUBMITTED, "1", POLL_INTERVAL)
    assert failure_of(await outcome_of(fax, "13")).uncertain  # the number alone does not make it ours


# Once and no more


async def test_a_letter_that_is_under_way_or_done_is_not_handed_over_again(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    first = await fax.submit(PARCEL)
    assert await fax.submit(PARCEL) == first
    server.ends(PARCEL.key, line.DONE)
    assert (await fax.submit(PARCEL)).status is LetterStatus.DELIVERED
    assert len(server.jobs) == 1 and len(server.of("STOT")) == 1


@pytest.mark.parametrize(
    "ending", [line.BUSY, line.KILLED, line.CUT, line.DOUBTFUL], ids=lambda ending: ending.status
)
async def test_a_letter_whose_call_failed_is_dialled_again_where_the_mailroom_says_so(
    fax: HylaFax, server: FakeHfaxd, ending: Ending
) -> None:
    """After a cut line the mailroom says so only where a person has decided it."""
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, ending)
    again = await fax.submit(PARCEL)
    assert again == Ref(LetterStatus.SUBMITTED, "2", POLL_INTERVAL)
    assert await outcome_of(fax, "2") == again


async def test_lookup_finds_what_is_there(fax: HylaFax, server: FakeHfaxd) -> None:
    assert await fax.lookup(PARCEL.key) is None
    ref = await fax.submit(PARCEL)
    assert await fax.lookup(PARCEL.key) == ref
    server.ends(PARCEL.key, line.DONE)
    found = await fax.lookup(PARCEL.key)
    assert found is not None and found.status is LetterStatus.DELIVERED
    assert await fax.lookup("case-0002") is None


async def test_after_a_call_that_reached_nobody_the_letter_counts_as_not_sent(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, line.BUSY)
    assert await fax.lookup(PARCEL.key) is None


@pytest.mark.parametrize("ending", [line.CUT, line.DOUBTFUL], ids=lambda ending: ending.status)
async def test_after_a_cut_line_lookup_cannot_tell(fax: HylaFax, server: FakeHfaxd, ending: Ending) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, ending)
    with pytest.raises(Failure) as caught:
        await fax.lookup(PARCEL.key)
    assert failure_of(caught.value).uncertain


# Calling back


async def test_a_fax_that_waits_is_called_back(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    assert await fax.cancel(PARCEL.key, "1") is True
    assert server.job(PARCEL.key).state == "F"


async def test_a_fax_whose_call_reached_nobody_needs_no_calling_back(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, line.BUSY)
    assert await fax.cancel(PARCEL.key, "1") is True
    assert server.of("JKILL") == []


@pytest.mark.parametrize("sending", [False, True])
async def test_a_fax_on_the_line_is_left_to_end(fax: HylaFax, server: FakeHfaxd, sending: bool) -> None:
    await fax.submit(PARCEL)
    server.dials(PARCEL.key, sending=sending)
    assert await fax.cancel(PARCEL.key, "1") is False
    assert server.of("JKILL") == []


@pytest.mark.parametrize(
    "ending", [line.DONE, line.DOUBTFUL, line.CUT, line.CRASHED], ids=lambda ending: ending.status
)
async def test_what_may_have_arrived_is_not_called_back(
    fax: HylaFax, server: FakeHfaxd, ending: Ending
) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, ending)
    assert await fax.cancel(PARCEL.key, "1") is False


async def test_a_fax_that_arrived_in_an_earlier_call_is_not_called_back(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    await fax.submit(PARCEL)
    server.ends(PARCEL.key, line.CUT)
    await fax.submit(PARCEL)
    assert await fax.cancel(PARCEL.key, "2") is False


async def test_a_fax_that_nobody_knows_is_not_called_back(fax: HylaFax) -> None:
    assert await fax.cancel(PARCEL.key, "1") is False


@pytest.mark.parametrize("fault", [{"answer": "460 Failed to kill job 1."}, {"drop": True}], ids=str)
async def test_a_call_back_that_is_refused_or_breaks_is_none(
    fax: HylaFax,
    server: FakeHfaxd,
    fault: dict[str, Any],  # Any: arguments of `fail_next`
) -> None:
    await fax.submit(PARCEL)
    server.fail_next("JKILL", **fault)
    assert await fax.cancel(PARCEL.key, "1") is False


@pytest.mark.parametrize("ending", [line.KILLED_SENDING, line.DOUBTFUL], ids=lambda ending: ending.status)
async def test_a_fax_that_was_answered_while_it_was_called_back_is_not_called_back(
    fax: HylaFax, server: FakeHfaxd, ending: Ending
) -> None:
    await fax.submit(PARCEL)
    server.dies = ending
    assert await fax.cancel(PARCEL.key, "1") is False


async def test_a_job_of_another_user_is_not_ours_to_kill(fax: HylaFax, server: FakeHfaxd) -> None:
    await fax.submit(PARCEL)
    server.job(PARCEL.key).owner = "guarded"
    assert await fax.cancel(PARCEL.key, "1") is False
