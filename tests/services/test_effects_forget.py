"""Seeing and deleting what is kept, and a turn that breaks off in the middle."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from assistant.dialogue.router import Turn
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.effects import Effect
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Blocked, Edited, Reply
from assistant.services.effects import Effects
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.tables import chats, copies, letters, messages, subscriptions
from assistant.wiring.process import make_chat_moves
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness


class Interrupted(Effects):
    """Carries the effects out, and then breaks."""

    async def apply(self, tx: Tx, chat: Chat, taken: Turn, now: datetime) -> tuple[Chat, tuple[Reply, ...]]:
        await super().apply(tx, chat, taken, now)
        raise ZeroDivisionError


async def test_a_turn_that_breaks_off_leaves_neither_state_nor_reply_nor_letter(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:-2])
    before = await harness.rows(select(chats)), await harness.rows(select(messages)), harness.texts_to("ana")
    broken = await harness.restarted(
        Interrupted(
            harness.script.cases,
            harness.schedule,
            harness.news.effects,
            harness.news.letter_review,
            make_chat_moves(harness.news.notifier, harness.outbox),
        )
    )
    with pytest.raises(Failure, match="ZeroDivisionError"):
        await broken.receive("ana", "send", "m-send")
    assert (
        await harness.rows(select(chats)),
        await harness.rows(select(messages)),
        harness.texts_to("ana"),
    ) == before
    assert await harness.letters() == []
    healed = await harness.restarted()
    await healed.receive("ana", "send", "m-send")
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]


class Unforeseen(Effects):
    """Gets an effect that nobody has taught it."""

    async def apply(self, tx: Tx, chat: Chat, taken: Turn, now: datetime) -> tuple[Chat, tuple[Reply, ...]]:
        unknown = cast("Effect", object())  # as where a new effect is added and forgotten here
        return await super().apply(tx, chat, replace(taken, effects=(unknown,)), now)


async def test_an_effect_that_nobody_carries_out_is_an_error_and_not_passed_over(harness: Harness) -> None:
    unforeseen = await harness.restarted(
        Unforeseen(
            harness.script.cases,
            harness.schedule,
            harness.news.effects,
            harness.news.letter_review,
            make_chat_moves(harness.news.notifier, harness.outbox),
        )
    )
    with pytest.raises(Failure, match="AssertionError"):
        await unforeseen.receive("ana", "hello")
    assert harness.texts_to("ana") == []


async def test_my_data_shows_name_line_letters_and_nobody_elses(harness: Harness) -> None:
    await harness.receive_all("ben", ["hello", "English", "go", "Somebody Else"])
    await harness.receive_all("ana", LETTER)
    shown = await harness.data_of("ana")
    assert shown["address"] == "ana"
    assert shown["subscriptions"] == ["norma-cruz"]
    (letter,) = shown["letters"]
    assert (letter["name"], letter["line"], letter["status"]) == (NAME, PERSONAL_LINE, "queued")
    assert "Somebody Else" not in f"{shown} {harness.texts_to('ana')}"


async def test_my_data_shows_a_half_written_letter(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:5])
    assert NAME in str(await harness.data_of("ana"))


async def test_forgetting_destroys_the_key_and_everything_under_it(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    (old,) = await harness.rows(select(chats))
    (body,) = await harness.rows(select(letters.c.body))
    await harness.receive_all("ana", ["forget", "yes"])
    assert await harness.rows(select(chats)) == [], "what we said last has left, and the row with it"
    await harness.receive("ana", "hello")
    (new,) = await harness.rows(select(chats))
    assert new["key"] != old["key"]
    assert new["id"] != old["id"]
    assert (new["language"], new["country"]) == (None, None)
    async with harness.store.read() as tx:
        sealer = tx.vault.open_key(new["key"], new["id"])
    with pytest.raises(Failure):
        sealer.open("chats.address", old["id"], old["address"])
    with pytest.raises(Failure):
        sealer.open("letters.body", 1, body["body"])
    (kept,) = await harness.rows(select(letters))
    assert (kept["body"], kept["chat_id"]) == (None, None)
    assert await harness.rows(select(subscriptions)) == []
    assert {row["chat_id"] for row in await harness.rows(select(messages))} == {new["id"]}


async def test_forgetting_leaves_no_word_of_which_broadcasts_the_chat_got(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    ben = (await harness.chat("ben")).id
    await harness.publish()
    await harness.engine().run_until_idle()
    await harness.receive_all("ana", ["forget", "yes"])
    assert [row["chat_id"] for row in await harness.rows(select(copies))] == [ben]
    assert (await harness.tally())[CopyStatus.SENT] == 2, "how many got it stays"


async def test_forgetting_cancels_unsent_letters_and_logs_it(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget", "yes"])
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED]
    assert [(step.status, step.reason) for step in await harness.letter_log()] == [
        (LetterStatus.QUEUED, "confirmed by the supporter"),
        (LetterStatus.CANCELLED, "forgotten"),
    ]


async def test_the_goodbye_is_still_delivered_and_then_the_row_is_swept(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive("ana", "forget")
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive("ana", "yes")
    await harness.run_retention()
    assert len(await harness.rows(select(chats))) == 1, "its goodbye has not left"
    harness.clock.advance(hours=2)
    await harness.engine().run_until_idle()
    assert "It is deleted" in harness.last_text_to("ana")
    await harness.run_retention()
    assert await harness.rows(select(chats)) == []
    assert await harness.rows(select(messages)) == []


async def test_a_confirmation_delivered_twice_forgets_once_and_begins_no_new_talk(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget"])
    await harness.receive("ana", "yes", "m-yes")
    read = harness.texts_to("ana")
    await harness.receive("ana", "yes", "m-yes")
    assert harness.texts_to("ana") == read


async def test_who_was_forgotten_may_come_back_and_stays(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget", "yes"])
    await harness.receive_all("ana", LETTER)
    await harness.run_retention()
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED, LetterStatus.QUEUED]
    assert len(await harness.rows(select(chats))) == 1


async def test_who_forgets_and_writes_again_sends_no_second_letter(harness: Harness, tmp_path: Path) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.engine(harness.letter_worker(tmp_path / "tray")).run_until_idle()
    await harness.receive_all("ana", ["forget", "yes"])
    await harness.receive_all("ana", LETTER[:3])
    assert "already" in " ".join(harness.texts_to("ana")[-3:])
    assert len(await harness.letters()) == 1
    for _ in range(2):
        await harness.receive_all("ana", ["forget", "yes"])
    await harness.receive_all("ana", LETTER)
    assert len(await harness.letters()) == 1


async def test_after_90_days_they_may_write_again(harness: Harness, tmp_path: Path) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.engine(harness.letter_worker(tmp_path / "tray")).run_until_idle()
    await harness.receive_all("ana", ["forget", "yes"])
    harness.clock.advance(days=91)
    await harness.run_retention()
    await harness.receive_all("ana", LETTER)
    assert len(await harness.letters()) == 2


@pytest.mark.both_databases
async def test_who_blocks_us_after_forgetting_is_not_remembered_for_that(harness: Harness) -> None:
    await _forget_while_nothing_leaves(harness)
    await harness.turns.handle(harness.incoming("ana", Blocked()))
    (row,) = await harness.rows(select(chats))
    assert row["forgotten"], "its last message is still on its way"
    assert harness.channel.gate is not None
    harness.channel.gate.set()
    await harness.outbox.settle()
    assert await harness.rows(select(chats)) == []


async def test_who_writes_again_before_our_last_word_has_left_begins_anew(harness: Harness) -> None:
    await _forget_while_nothing_leaves(harness)
    await harness.turns.handle(harness.incoming("ana", "hello"))
    assert harness.channel.gate is not None
    harness.channel.gate.set()
    await harness.outbox.settle()
    await harness.run_retention()
    (row,) = await harness.rows(select(chats))
    assert not row["forgotten"]


async def _forget_while_nothing_leaves(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget"])
    harness.channel.gate = asyncio.Event()
    await harness.turns.handle(harness.incoming("ana", "yes"))


async def test_keeping_ones_data_changes_nothing(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    before = await harness.rows(select(chats.c.key))
    await harness.receive_all("ana", ["forget", "no"])
    assert await harness.rows(select(chats.c.key)) == before
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]


async def test_what_we_keep_is_shown_before_the_open_question_is_asked_again(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:3])
    data = await harness.data_of("ana")
    told, file, question = harness.channel.sent["ana"][-3:]
    assert "what we keep about you" in told.html
    assert (data["channel"], bool(file.attachment)) == ("memory", True)
    assert "Which country" in question.html


async def test_an_edit_after_forgetting_wakes_nothing(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English", "forget", "yes"])
    before = len(harness.texts_to("ana"))
    await harness.receive("ana", Edited("m1", "Ana"))
    assert len(harness.texts_to("ana")) == before
