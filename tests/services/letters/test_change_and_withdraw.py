"""Changing a letter, or taking it back, until it leaves."""

import asyncio
from datetime import timedelta

import pytest

from assistant.carriers.post import Post
from assistant.domain.errors import Busy, Failure
from assistant.domain.figures import Stage
from assistant.domain.lanes import Lane
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Handled, Reply
from assistant.services import turns as turns_module
from assistant.services.effects import Effects
from assistant.services.letters.print_runs import PrintRuns
from assistant.store import figures, letters
from assistant.store import lanes as lane_store
from assistant.store.chats import Chat
from assistant.store.database import Tx
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import LETTER, NAME, Harness
from tests.support.invented_cases import invented_cases
from tests.support.letter_claims import claim
from tests.support.offices import OFFICE, REF
from tests.support.publishing import CASE

L = LetterStatus
NEW_NAME = "Quillabamba Otherperson"
LEFT = (
    "Your letter to the Attorney General of Guatemala has been sent. "
    "You cannot change or withdraw it any more."
)
DECLINED = (
    "That has changed in the meantime, so nothing was done. Please look again."
    "\n\nWhat would you like to change?"
)
BEGIN_TO_CHANGE = ["change", "name"]
CHANGE = [*BEGIN_TO_CHANGE, NEW_NAME]
MINUTES = timedelta(minutes=1)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # where writers meet


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier()


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness in which a letter has just been written, and can be changed for ten minutes."""
    office = await harness.with_office(routes=("fax:+50255500001",), undo=10 * MINUTES)
    await office.queue_letters("ana")
    return office


async def _names(harness: Harness) -> list[str]:
    async with harness.store.read() as tx:
        return [each.name for each in await letters.of_chat(tx, await harness.chat("ana"))]


def _left(harness: Harness) -> bool:
    """Whether the person reads that it has."""
    return harness.last_text_to("ana") == LEFT


# Changing


async def test_a_letter_that_is_changed_is_replaced(office: Harness, fax: FakeCarrier) -> None:
    await office.receive_all("ana", [*CHANGE, "send"])
    assert await office.letter_statuses() == [L.CANCELLED, L.QUEUED]
    assert (await office.letter_log())[-1].reason == "replaced by the supporter"
    assert await _names(office) == [NAME, NEW_NAME]
    assert "will be sent today" in office.last_text_to("ana")
    office.clock.advance(minutes=30)
    await office.deliver_letters(fax)
    (parcel,) = fax.taken
    assert (parcel.key, parcel.facts["name"]) == (await office.key(2), NEW_NAME)


@ON_SQLITE
async def test_a_letter_can_be_changed_as_often_as_one_likes(office: Harness, fax: FakeCarrier) -> None:
    for _ in range(3):
        office.clock.advance(minutes=9)
        await office.deliver_letters(fax)
        await office.receive_all("ana", [*CHANGE, "send"])
    assert await office.letter_statuses() == [*[L.CANCELLED] * 3, L.QUEUED]
    assert fax.taken == []


@ON_SQLITE
async def test_a_changed_letter_keeps_what_its_writer_calls_their_country(office: Harness) -> None:
    await office.receive_all("ana", ["change", "edit", "country", "Ivory Coast", "send"])
    await office.receive_all("ana", [*CHANGE, "send"])
    async with office.store.read() as tx:
        chat = await office.chat("ana")
        signed = (await letters.of_chat(tx, chat))[-1]
    assert (chat.country, signed.letter.country) == ("CI", "CI")
    assert signed.text.endswith(f"{NEW_NAME}\nCosta de Marfil")


async def test_who_begins_to_change_it_has_time_for_that(office: Harness, fax: FakeCarrier) -> None:
    office.clock.advance(minutes=9)
    await office.receive_all("ana", BEGIN_TO_CHANGE)
    (letter,) = await office.letters()
    assert letter.due_at == office.clock() + 10 * MINUTES
    office.clock.advance(minutes=9)
    await office.deliver_letters(fax)
    assert fax.taken == []
    await office.receive("ana", "stop")
    office.clock.advance(minutes=1)
    await office.deliver_letters(fax)
    assert len(fax.taken) == 1, "it leaves where nothing came of that"


@ON_SQLITE
async def test_a_letter_that_leaves_later_anyway_is_not_brought_forward(
    office: Harness, fax: FakeCarrier
) -> None:
    office.clock.advance(minutes=-5)
    (before,) = await office.letters()
    await office.receive_all("ana", BEGIN_TO_CHANGE)
    (after,) = await office.letters()
    assert before.due_at == after.due_at == office.clock() + 15 * MINUTES


@ON_SQLITE
async def test_a_letter_that_an_organiser_holds_can_be_changed(office: Harness, fax: FakeCarrier) -> None:
    await office.decisions().decide(1, Decision.HOLD)
    office.clock.advance(days=2)
    await office.receive_all("ana", [*CHANGE, "send"])
    assert await office.letter_statuses() == [L.CANCELLED, L.QUEUED]


@ON_SQLITE
@pytest.mark.parametrize("words", [["change"], ["withdraw"]])
async def test_what_has_left_cannot_be_changed_any_more(
    office: Harness, fax: FakeCarrier, words: list[str]
) -> None:
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax)
    await office.receive_all("ana", words)
    assert _left(office)
    assert await office.letter_statuses() == [L.SUBMITTED]


@ON_SQLITE
async def test_what_was_tried_and_waits_to_be_tried_again_has_not_left(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.append(Busy("busy"))
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax)
    await office.receive("ana", "status")
    assert office.last_text_to("ana").startswith(
        "Your letter to the Attorney General of Guatemala has not been"
    )
    assert "will be sent" not in office.last_text_to("ana"), "nobody knows when the line is free"
    async with office.store.read() as tx:
        assert (await figures.of_actions(tx))[REF.of].stages[Stage.SENT] == 0
        assert await letters.outcome(tx, CASE) == (0, 0)
    await office.receive_all("ana", ["withdraw", "yes"])
    assert await office.letter_statuses() == [L.CANCELLED]


@ON_SQLITE
async def test_what_an_organiser_sends_again_may_have_arrived_so_it_has_left(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.append(Failure("the line broke", uncertain=True))
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax)
    await office.decisions(fax).decide(1, Decision.SEND_AGAIN)
    await office.receive("ana", "withdraw")
    assert (_left(office), await office.letter_statuses()) == (True, [L.QUEUED])


@ON_SQLITE
async def test_a_letter_by_post_can_be_changed_until_it_is_printed(harness: Harness) -> None:
    house = await harness.with_office(routes=("post:Ministry; Street 1 ;Town",))
    await house.queue_letters("ana", "ben")
    await house.deliver_letters(Post())
    assert await house.letter_statuses() == [L.SUBMITTED, L.SUBMITTED]
    await house.receive("ana", "status")
    assert "has not been sent yet" in house.last_text_to("ana")
    await house.receive_all("ana", ["withdraw", "yes"])
    runs = PrintRuns(house.store, house.printer, house.transitions, house.clock)
    run = await runs.print(CASE)
    assert run is not None
    await runs.printed(run)
    await house.receive("ben", "withdraw")
    assert "has been sent" in house.last_text_to("ben")
    assert await house.letter_statuses() == [L.CANCELLED, L.SUBMITTED]


# Taking back


async def test_a_letter_that_is_taken_back_is_never_sent(office: Harness, fax: FakeCarrier) -> None:
    await office.receive_all("ana", ["withdraw", "yes"])
    assert (await office.letter_log())[-1].reason == "withdrawn by the supporter"
    office.clock.advance(days=1)
    await office.deliver_letters(fax)
    assert (fax.taken, await office.letter_statuses()) == ([], [L.CANCELLED])


@ON_SQLITE
async def test_another_one_can_be_written_then(office: Harness, fax: FakeCarrier) -> None:
    await office.receive_all("ana", ["withdraw", "yes", "letter", *LETTER[2:-1]])
    assert await office.letter_statuses() == [L.CANCELLED, L.QUEUED]


@ON_SQLITE
@pytest.mark.parametrize(("question", "answer"), [("withdraw", "yes"), ("change", "name")])
async def test_a_letter_that_leaves_while_one_is_asked_has_left(
    office: Harness, fax: FakeCarrier, question: str, answer: str
) -> None:
    await office.receive("ana", question)
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax)
    await office.receive("ana", answer)
    assert (_left(office), await office.letter_statuses()) == (True, [L.SUBMITTED])


# A letter that leaves in the middle of a turn


async def _claim(harness: Harness) -> None:
    """What a mailroom in another process does when a letter is due."""
    async with harness.store.write() as tx:
        (lane_id,) = (await lane_store.lane_ids(tx, letters.LANE, [OFFICE])).values()
        lane = await lane_store.take(tx, Lane(lane_id, letters.LANE, OFFICE))
        assert len(await claim(tx, lane, harness.clock(), 1)) == 1


@ON_POSTGRES
@pytest.mark.parametrize(
    ("before", "last"),
    [(["change"], "name"), ([*CHANGE], "send"), (["withdraw"], "yes")],
    ids=["change", "send", "yes"],
)
async def test_a_turn_that_the_letters_leaving_overtakes_is_taken_again_and_says_so(
    office: Harness, monkeypatch: pytest.MonkeyPatch, before: list[str], last: str
) -> None:
    await office.receive_all("ana", before)
    office.clock.advance(minutes=10)
    real, times = Effects.apply, 0

    async def apply(effects: Effects, tx: Tx, *turn: object) -> tuple[Chat, tuple[Reply, ...]]:
        nonlocal times
        times += 1
        if times == 1:
            await _claim(office)
        return await real(effects, tx, *turn)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(Effects, "apply", apply)
    await office.receive("ana", last)
    assert (times, _left(office)) == (2, True)
    assert await office.letter_statuses() == [L.SUBMITTING]


@ON_SQLITE
async def test_a_turn_that_is_overtaken_again_and_again_is_declined_and_changes_nothing(
    office: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def never(*_: object) -> bool:
        nonlocal tries
        tries += 1
        return False

    await office.receive("ana", "change")
    read = office.texts_to("ana")
    with monkeypatch.context() as patched:
        patched.setattr(letters, "postpone", never)
        handled = await office.receive("ana", "name", "m-name")
    assert (tries, handled) == (turns_module.TRIES, Handled(accepted=False, replies=1))
    assert office.texts_to("ana") == [*read, DECLINED]
    await office.receive("ana", "name", "m-name")
    assert office.texts_to("ana") == [*read, DECLINED], "it was handled"
    assert await office.letter_statuses() == [L.QUEUED]
    await office.receive("ana", "name")
    assert "What shall stand" in office.last_text_to("ana")


@ON_SQLITE
async def test_who_waits_with_a_turn_that_is_overtaken_is_answered_all_the_same(
    office: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(letters, "postpone", never)
    await office.receive("ana", "change")
    handled = await asyncio.gather(
        office.turns.handle(office.incoming("ana", "name")),
        office.turns.handle(office.incoming("ben", "hello", language="en")),
    )
    await office.outbox.settle()
    assert [each.accepted for each in handled] == [False, True]
    assert office.last_text_to("ana") == DECLINED
    assert len(office.texts_to("ben")) > 0


# Several offices


@ON_SQLITE
async def test_a_changed_country_has_the_letter_go_to_its_embassy(harness: Harness) -> None:
    house = await harness.with_case(invented_cases(harness.script)["ines-quispe"])
    ways = ["letter ines-quispe--free-her", "go", "Chile", NAME, "skip", "not to the mayor", "send", "no"]
    await house.receive_all("ana", [*LETTER[:2], *ways, "change", "country", "Canada", "send"])
    standing = {
        (each.ref.target, each.status) for each in await house.letters() if each.status is not L.CANCELLED
    }
    assert standing == {("minister", L.QUEUED), ("embassy-de", L.QUEUED)}
