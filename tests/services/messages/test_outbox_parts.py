"""Messages that a channel cannot carry whole, and letters shown as they will be printed."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from assistant.dialogue.answers import Choice
from assistant.dialogue.options import Option
from assistant.dialogue.script import Script
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Address, File, Paper, Reply
from assistant.domain.texts import Printed, Sentence
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.tables import copies, messages, subscriptions
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import LETTER, Harness, with_conversations
from tests.support.publishing import CASE

SENT, UNKNOWN, FAILED = MessageStatus.SENT, MessageStatus.UNKNOWN, MessageStatus.FAILED
PREVIEW = LETTER[:-2]


class FailingChannel(MemoryChannel):
    """Fails at what it sends to ana once she has got something."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Failure | None = None

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        if self.fault and self.sent["ana"] and address.person == "ana":
            raise self.fault
        return await super().send(address, reply, file)


def _html(replies: Iterable[Reply]) -> str:
    return "".join(reply.html for reply in replies)


async def test_a_long_reply_becomes_several_messages_in_order_with_the_buttons_on_the_last(
    harness: Harness,
) -> None:
    await harness.receive_all("reference", ["hello", "English"])
    whole = harness.channel.sent["reference"]
    harness.channel.part_max = 40
    await harness.receive_all("ana", ["hello", "English"])
    parts = harness.channel.sent["ana"]
    assert _html(parts) == _html(whole)
    assert len(parts) > len(whole) > 1
    assert max(len(part.html) for part in parts) == 40
    assert parts[-1].buttons == whole[-1].buttons != ()
    assert parts[-1].mark == whole[-1].mark is not None
    assert [part.buttons for part in parts].count(whole[-1].buttons) == 1
    assert len(await harness.message_statuses()) == len(parts) + len(whole)


async def test_a_part_that_fails_holds_up_the_next_ones(harness: Harness) -> None:
    await harness.receive_all("reference", ["hello", "English"])
    harness.channel.part_max = 40
    await harness.receive("ana", "hello")
    first = len(harness.channel.sent["ana"])
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.receive("ana", "English")
    assert len(harness.channel.sent["ana"]) == first
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert _html(harness.channel.sent["ana"]) == _html(harness.channel.sent["reference"])


@pytest.fixture
async def breaking(store: Store, script: Script, clock: FakeClock) -> Harness:
    """A harness with two subscribers, whose channel breaks off after the first part of some news."""
    harness = await Harness.open(store, script, FailingChannel(), clock)
    await harness.subscribe("ana", "ben")
    await harness.publish()
    harness.channel.part_max = 40
    return harness


def _interrupt(harness: Harness, fault: Failure) -> None:
    assert isinstance(harness.channel, FailingChannel)
    harness.channel.fault = fault


async def test_news_leave_in_parts(breaking: Harness) -> None:
    await breaking.engine().run_until_idle()
    assert _html(breaking.channel.sent["ana"]) == _html(breaking.channel.sent["ben"])
    assert len(breaking.channel.sent["ana"]) > 1
    assert await breaking.bulk_statuses() == [SENT] * 2


async def test_news_of_which_only_the_beginning_was_sent_are_unknown_and_not_repeated(
    breaking: Harness,
) -> None:
    _interrupt(breaking, Failure("no line"))
    await breaking.engine().run_until_idle()
    breaking.clock.advance(days=1)
    await breaking.engine().run_until_idle()
    assert await breaking.bulk_statuses() == [UNKNOWN, SENT]
    (row,) = await breaking.rows(select(copies.c.reason).where(copies.c.status == UNKNOWN))
    assert row["reason"] == "Only the beginning was sent. no line"
    assert len(breaking.channel.sent["ana"]) == 1


async def test_a_limit_met_in_the_middle_of_a_message_pauses_the_account_too(breaking: Harness) -> None:
    _interrupt(breaking, Throttled("too much", 300))
    await breaking.engine().run_until_idle()
    assert UNKNOWN in await breaking.bulk_statuses()
    assert [pause.kind for pause in await breaking.pauses()] == [BULK]


async def test_who_blocks_us_in_the_middle_of_a_message_is_subscribed_no_more(breaking: Harness) -> None:
    _interrupt(breaking, Unreachable("the person blocked us"))
    await breaking.engine().run_until_idle()
    assert UNKNOWN in await breaking.bulk_statuses()
    assert len(await breaking.rows(select(subscriptions))) == 1


# Papers


async def test_a_letter_is_shown_as_a_pdf_where_the_channel_can_show_it(harness: Harness) -> None:
    harness.channel.shows_files = True
    await harness.receive_all("ana", [*PREVIEW, "show the printed page"])
    shown = [
        (reply, file)
        for (_, reply), file in zip(harness.channel.order, harness.channel.files, strict=True)
        if file
    ]
    ((reply, file),) = shown
    assert file.content.startswith(b"%PDF")
    assert (file.kind, file.name) == ("application/pdf", "letter.pdf")
    assert isinstance(reply.attachment, Paper)
    assert reply.attachment.case == CASE


async def test_where_it_cannot_that_is_not_offered_and_the_talk_is_the_same(harness: Harness) -> None:
    await harness.receive_all("ana", PREVIEW)
    harness.channel.shows_files = True
    await harness.receive_all("ben", PREVIEW)
    assert harness.texts_to("ana") == harness.texts_to("ben")
    options = {
        person: [each.value for each in sent[-1].buttons] for person, sent in harness.channel.sent.items()
    }
    assert options["ana"] == [each for each in options["ben"] if each != "page"] != options["ben"]


@dataclass(frozen=True)
class TooLong:
    """A letter that no page can hold."""

    case = CASE
    target = "office"
    language = "es"
    text = "A line\n\n" * 500


def _prints_too_much(talk: Talk) -> list[Effect | Begin]:
    talk.ask(
        "ready",
        Choice(Option("go", Sentence("Go"))),
        Printed(Sentence("Here it is."), TooLong()),
        Sentence("Well?"),
    )
    talk.say(Sentence("Good."))
    return []


async def test_a_paper_that_cannot_be_made_fails_alone(harness: Harness) -> None:
    harness.channel.shows_files = True
    printing = await Harness.open(
        harness.store,
        with_conversations(harness.script, {"letter": _prints_too_much}),
        harness.channel,
        harness.clock,
    )
    await printing.receive_all("ana", ["hello", "English", "go"])
    assert printing.texts_to("ana")[-2:] == ["Well?", "Good."]
    (failed,) = await harness.rows(select(messages).where(messages.c.status == FAILED))
    assert "does not fit on one page" in failed["reason"]
    assert set(await harness.message_statuses()) == {SENT, FAILED}
