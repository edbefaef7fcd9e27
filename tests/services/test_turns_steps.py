"""How far people come with a letter is counted once each, in the turn that takes them there."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.dialogue.state import State
from assistant.domain.errors import Failure
from assistant.domain.messages import Open
from assistant.domain.organisers import Role
from assistant.domain.steps import Step, between
from assistant.store import chats, messages
from assistant.store import steps as step_store
from assistant.store.tables import steps
from tests.support.harness import LETTER, NAME, Harness
from tests.support.invented_cases import closed, with_another_action
from tests.support.organisers import join
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases
UNTIL_PREVIEW = LETTER[:6]


async def _counted(harness: Harness, case: str = CASE) -> dict[Step, int]:
    """Without those that nobody has reached."""
    async with harness.store.read() as tx:
        return {step: count for step, count in (await step_store.of_case(tx, case)).items() if count}


def _once(until: Step) -> dict[Step, int]:
    return dict.fromkeys(between(None, until), 1)


async def test_each_answer_takes_a_letter_one_step_further(harness: Harness) -> None:
    took = []
    for said in LETTER:
        before = await _counted(harness)
        await harness.receive("ana", said)
        after = await _counted(harness)
        took.append([step for step in after if step not in before])
        assert set(after.values()) == {1}
    opened, began, country, name, previewed, confirmed = ([step] for step in Step)
    assert took == [opened, [], began, country, name, previewed, confirmed, []]


async def test_people_are_counted_together_by_case_and_day_and_nothing_else(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.receive_all("ben", LETTER[:4])
    today = harness.clock().date()
    harness.clock.advance(days=1)
    await harness.receive("ben", NAME)
    rows = await harness.rows(select(steps))
    found = {(row.pop("day"), row.pop("step"), row.pop("case_slug")): row.pop("count") for row in rows}
    assert all(row == {} for row in rows)
    counts = [2, 2, 2, 1, 1, 1]
    assert found == {
        **{(today, step, CASE): count for step, count in zip(Step, counts, strict=True)},
        (harness.clock().date(), Step.NAME, CASE): 1,
    }


async def test_going_back_and_changing_answers_counts_nothing_twice(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER[:5], "back", "back", "back", "go", "Peru", NAME])
    assert await _counted(harness) == _once(Step.NAME)
    await harness.receive_all("ana", ["skip", "edit", "country", "Chile", "edit", "name", "back"])
    assert await _counted(harness) == _once(Step.PREVIEWED)
    await harness.receive_all("ana", ["help", "send"])
    assert await _counted(harness) == _once(Step.CONFIRMED)


async def test_who_opens_the_same_letter_again_while_it_is_under_way_is_counted_once(
    harness: Harness,
) -> None:
    await harness.receive_all("ana", LETTER[:5])
    await harness.receive("ana", Open(CASE))
    harness.clock.advance(days=3)
    await harness.receive("ana", "I am here again.")
    assert (await _state(harness, "ana")).frames[-1].conversation == "come_back"
    await harness.receive("ana", "again")
    assert not [each for each in (await _state(harness, "ana")).frames if each.answer("country")]
    assert await _counted(harness) == _once(Step.NAME)


async def test_who_stops_and_begins_later_is_counted_anew(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English", "later", "hello", "go"])
    assert await _counted(harness) == {Step.OPENED: 2, Step.BEGAN: 1}


async def test_letters_that_are_written_anew_or_written_already_count_nothing(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.receive_all("ana", ["change", "sentence", "Another one.", "send", "letter"])
    await harness.receive("ana", Open(CASE))
    assert await _counted(harness) == _once(Step.CONFIRMED)


async def test_answers_that_are_known_take_a_second_letter_several_steps_at_once(
    harness: Harness,
) -> None:
    several = with_another_action(harness.script.cases[CASE], "march", "The march")
    other = await harness.with_case(several)
    await other.receive("ana", Open(f"{CASE}--march"))
    await other.receive_all("ana", LETTER[1:])
    assert await _counted(other) == _once(Step.CONFIRMED)
    await other.receive_all("ana", ["letter", "go", "yes"])
    assert await _counted(other) == dict.fromkeys(Step, 1) | dict.fromkeys(between(None, Step.NAME), 2)
    await other.receive_all("ana", ["skip", "send"])
    assert await _counted(other) == dict.fromkeys(Step, 2)


async def test_organisers_who_try_the_letter_are_not_counted(harness: Harness) -> None:
    await join(harness, "olga", Role.VIEWER)
    before = await _counted(harness)
    await harness.receive_all("olga", ["letter", *LETTER[2:]])
    assert len(await harness.letters()) == 1
    assert await _counted(harness) == before


async def test_who_comes_for_a_case_that_is_over_is_not_counted(harness: Harness) -> None:
    over = await harness.with_case(closed(harness.script.cases[CASE]))
    await over.receive_all("ana", LETTER[:3])
    assert await _counted(over) == {}


async def test_a_turn_that_fails_counts_nothing_and_is_counted_when_it_is_taken_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.receive_all("ana", LETTER[:3])
    country = harness.incoming("ana", LETTER[3])

    async def fail(*_args: object) -> None:
        raise Failure("It cannot be written.", permanent=False)

    for broken in ("add_replies", "count"):
        with monkeypatch.context() as patch:
            patch.setattr(messages if broken == "add_replies" else step_store, broken, fail)
            with pytest.raises(Failure):
                await harness.turns.handle(country)
        assert await _counted(harness) == _once(Step.BEGAN)
    await harness.turns.handle(country)
    await harness.turns.handle(country)
    assert await _counted(harness) == _once(Step.COUNTRY)


async def test_letters_under_way_when_counting_begins_are_counted_with_all_their_steps(
    harness: Harness,
) -> None:
    await harness.receive_all("ana", UNTIL_PREVIEW)
    await _forget_counts(harness, "ana")
    await harness.receive("ana", "send")
    assert await _counted(harness) == _once(Step.CONFIRMED)


async def test_many_at_once_on_two_processes_are_all_counted(harness: Harness) -> None:
    other = await harness.restarted()
    people = [f"person{number}" for number in range(12)]
    for said in LETTER[:4]:
        turns = [
            (harness, other)[place % 2].turns.handle(harness.incoming(person, said))
            for place, person in enumerate(people)
        ]
        await asyncio.gather(*turns)
    await asyncio.gather(harness.outbox.settle(), other.outbox.settle())
    assert await _counted(harness) == dict.fromkeys(between(None, Step.COUNTRY), len(people))


async def _state(harness: Harness, person: str) -> State:
    stored = (await harness.chat(person)).state
    return State.load(stored) if stored else State()


async def _forget_counts(harness: Harness, person: str) -> None:
    """As if nothing had been counted of that person's letter: an earlier version did not."""
    today = harness.clock().date()
    async with harness.store.write() as tx:
        await tx.connection.execute(steps.delete())
        (chat,) = await chats.open_chats(tx, [harness.channel.address(person)], today)
        state = State.load(chat.state or {})
        chat.state = State(state.frames, state.source).dump()
        await chats.save(tx, [chat], today)
