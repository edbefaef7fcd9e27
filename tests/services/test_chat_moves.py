"""A chat moves from one channel to another, with all that is in it."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from assistant.dialogue.script import Script
from assistant.domain.guessing import ALL_MAX, CHAT_MAX
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.moving import MOVE_CODE_LASTS
from assistant.domain.organisers import Role
from assistant.store.database import Store
from assistant.store.tables import chats, letters, move_codes
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness
from tests.support.organisers import join

pytestmark = pytest.mark.both_databases

CODE = re.compile(r"/move [2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
async def elsewhere(store: Store, script: Script, harness: Harness, clock: FakeClock) -> Harness:
    """Another channel of ours."""
    return await Harness.open(store, script, MemoryChannel("memory:2"), clock)


async def code_of(harness: Harness, person: str) -> str:
    """What that person is told to type elsewhere."""
    await harness.receive(person, "move")
    codes: list[str] = CODE.findall("\n".join(harness.texts_to(person)))
    return codes[-1]


async def move(here: Harness, there: Harness, person: str = "ana", other: str = "ana-there") -> None:
    """Take the person's chat there."""
    await there.receive_all(other, [await code_of(here, person), "yes"])


async def count(harness: Harness, table: object) -> int:
    async with harness.store.read() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]  # any table


async def test_news_letters_and_language_come_along(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await move(harness, elsewhere)
    assert "Your chat is here now" in " ".join(elsewhere.texts_to("ana-there"))
    await elsewhere.receive("ana-there", "mine")
    assert "Norma Cruz" in elsewhere.last_text_to("ana-there")
    kept = str(await elsewhere.data_of("ana-there"))
    assert NAME in kept and PERSONAL_LINE in kept
    await elsewhere.receive_all("ana-there", ["withdraw", "yes"])
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED]


async def test_the_open_question_is_asked_again_there(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER[:4])
    await move(harness, elsewhere)
    assert "What shall stand under your letter?" in elsewhere.last_text_to("ana-there")
    await elsewhere.receive_all("ana-there", [NAME, PERSONAL_LINE, "send", "yes"])
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]


async def test_the_old_chat_is_told_and_then_a_stranger(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await move(harness, elsewhere)
    await harness.engine().run_until_idle()
    await harness.outbox.settle()
    assert "Your chat has moved" in harness.last_text_to("ana")
    assert await count(harness, chats) == 1
    await harness.receive("ana", "mine")
    assert "Norma Cruz" not in harness.last_text_to("ana")


async def test_a_code_works_once_and_for_ten_minutes(
    harness: Harness, elsewhere: Harness, clock: FakeClock
) -> None:
    await harness.receive_all("ana", LETTER)
    used = await code_of(harness, "ana")
    await elsewhere.receive_all("ben", [used, "yes"])
    await elsewhere.receive_all("eva", [used, "yes"])
    assert "That code does not work" in elsewhere.last_text_to("eva")
    late = await code_of(elsewhere, "ben")
    clock.advance(seconds=MOVE_CODE_LASTS / timedelta(seconds=1))
    await harness.receive_all("eva", [late, "yes"])
    assert "That code does not work" in harness.last_text_to("eva")


async def test_a_new_code_ends_the_one_before(harness: Harness, elsewhere: Harness) -> None:
    first = await code_of(harness, "ana")
    await code_of(harness, "ana")
    await elsewhere.receive_all("eva", [first, "yes"])
    assert "That code does not work" in elsewhere.last_text_to("eva")
    assert await count(harness, move_codes) == 1


async def test_nobody_guesses_for_long(harness: Harness, elsewhere: Harness) -> None:
    for _ in range(CHAT_MAX):
        await elsewhere.receive_all("eve", ["/move AAAA-AAAA", "yes"])
    right = await code_of(harness, "ana")
    await elsewhere.receive_all("eve", [right, "yes"])
    assert "Too many codes were wrong" in elsewhere.last_text_to("eve")


async def test_who_guesses_keeps_nobody_else_from_moving(harness: Harness, elsewhere: Harness) -> None:
    for number in range(ALL_MAX // CHAT_MAX + 1):
        for _ in range(CHAT_MAX):
            await elsewhere.receive_all(f"eve{number}", ["/move AAAA-AAAA", "yes"])
    await harness.receive_all("ana", LETTER)
    await move(harness, elsewhere)
    assert "Your chat is here now" in " ".join(elsewhere.texts_to("ana-there"))


async def test_nothing_happens_before_a_yes(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    code = await code_of(harness, "ana")
    await elsewhere.receive_all("ana-there", [code, "no"])
    await harness.receive("ana", "mine")
    assert "Norma Cruz" in harness.last_text_to("ana")


async def test_what_the_other_chat_has_stays_and_nobody_writes_twice(
    harness: Harness, elsewhere: Harness
) -> None:
    await harness.receive_all("ana", LETTER)
    await elsewhere.receive_all("ana-there", LETTER)
    await move(harness, elsewhere)
    async with harness.store.read() as tx:
        found = (await tx.connection.execute(select(letters.c.chat_id, letters.c.status))).all()
    kept = [row.status for row in found if row.chat_id is not None]
    assert kept == [LetterStatus.QUEUED] and len(found) == 2
    await elsewhere.receive("ana-there", "status")
    assert "Attorney General" in elsewhere.last_text_to("ana-there")


async def test_who_is_in_the_team_stays(harness: Harness, elsewhere: Harness) -> None:
    await join(harness, "olga", Role.APPROVER)
    await harness.receive("olga", "move")
    assert "You are in the team" in harness.last_text_to("olga")
    code = await code_of(elsewhere, "ana")
    await harness.receive_all("olga", [code, "yes"])
    assert "You are in the team" in harness.last_text_to("olga")


async def test_news_on_their_way_arrive_where_the_chat_is_now(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await move(harness, elsewhere)
    await harness.publish()
    await elsewhere.engine().run_until_idle()
    assert "September 2011" in " ".join(elsewhere.texts_to("ana-there"))


async def test_two_chats_take_the_same_code_at_once(harness: Harness, elsewhere: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    code = await code_of(harness, "ana")
    people = [f"someone{number}" for number in range(4)]
    for person in people:
        await elsewhere.receive(person, code)
    await asyncio.gather(*(elsewhere.receive(person, "yes") for person in people))
    moved = [person for person in people if "Your chat is here now" in str(elsewhere.texts_to(person))]
    assert len(moved) == 1
