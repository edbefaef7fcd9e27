"""What people write goes through a gate: floods end there, and cost nobody else anything."""

import asyncio
from dataclasses import replace

import pytest

import conversations
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure, Throttled
from assistant.domain.flood import FloodLimits
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import (
    Blocked,
    Content,
    Flooded,
    GroupChat,
    Handled,
    Incoming,
    Press,
    TextMessage,
)
from assistant.services import flood_control, turns
from assistant.services.flood_control import DROPPED, FloodControl
from assistant.services.metrics import Metrics
from tests.support.harness import LETTER, Harness

LIMITS = FloodLimits(burst=12, per_minute=6, all_per_minute=6000)
TOLD = "That is a lot of messages. Please wait a minute. Nothing that you wrote before is lost."
TAKEN = Handled(accepted=True, replies=1)


class Gate:
    """A gate with a clock, and what it lets through."""

    def __init__(self, script: Script, limits: FloodLimits = LIMITS) -> None:
        self.now = 0.0
        self.taken: list[Incoming] = []
        self.failures: list[Failure] = []
        self.metrics = Metrics()
        self.gate = FloodControl(
            self._take, script, conversations.PROTECTIVE, limits, self.metrics, lambda: self.now
        )

    async def _take(self, incoming: Incoming) -> Handled:
        if self.failures:
            raise self.failures.pop()
        self.taken.append(incoming)
        return TAKEN

    @property
    def contents(self) -> list[Content]:
        """What was let through."""
        return [each.content for each in self.taken]


@pytest.fixture
def gate(script: Script) -> Gate:
    return Gate(script)


async def write(gate: Gate, harness: Harness, person: str, *contents: str | Content) -> list[Handled]:
    """One message after the other."""
    return [await gate.gate.receive(harness.incoming(person, each)) for each in contents]


async def test_of_a_flood_twelve_are_read_one_is_answered_and_the_rest_is_told_to_the_platform_as_handled(
    gate: Gate, harness: Harness
) -> None:
    results = await write(gate, harness, "ana", *["again"] * 100)
    assert gate.contents == [*[TextMessage("again")] * 12, Flooded()]
    assert results == [*[TAKEN] * 13, *[DROPPED] * 87]
    assert b'assistant_turns_total{channel="memory",result="dropped"} 88.0' in gate.metrics.text()


@pytest.mark.parametrize(
    "word",
    [
        "stop",
        "STOP!",
        "please stop",
        "alto",
        "/stop",
        "forget",
        "delete my data",
        "forget me please",
        "/halt",
        "halt 12",
        "/pause norma-cruz",
        Press("open", "halt:12"),
        Blocked(),
    ],
    ids=str,
)
async def test_words_that_protect_somebody_are_read_all_the_same(
    gate: Gate, harness: Harness, word: str | Content
) -> None:
    await write(gate, harness, "ana", *["again"] * 100)
    await write(gate, harness, "ana", word)
    assert gate.contents[-1] == (TextMessage(word) if isinstance(word, str) else word)
    assert gate.taken[-1].urgent


async def test_what_cannot_be_answered_is_not(gate: Gate, harness: Harness) -> None:
    await write(gate, harness, "ana", *[GroupChat()] * 100)
    assert gate.contents == [GroupChat()] * 12


async def test_what_could_not_be_stored_and_comes_again_is_read(gate: Gate, harness: Harness) -> None:
    for _ in range(100):
        gate.failures.append(Failure("The database is away."))
        with pytest.raises(Failure):
            await write(gate, harness, "ana", "hello")
    await write(gate, harness, "ana", *["hello"] * 12)
    assert gate.contents == [TextMessage("hello")] * 12


async def test_who_is_new_waits_where_all_write_too_much_and_who_wrote_before_does_not(
    script: Script, harness: Harness
) -> None:
    gate = Gate(script, replace(LIMITS, all_per_minute=600))
    await write(gate, harness, "known", "hello")
    for number in range(79):
        await write(gate, harness, f"crowd {number}", "hello")
    await write(gate, harness, "last of the crowd", "hello")
    waiting = asyncio.create_task(write(gate, harness, "new", "hello"))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await write(gate, harness, "known", "hello")
    gate.now += 1.0
    assert await waiting == [TAKEN]


async def test_who_would_wait_too_long_is_asked_to_come_again(
    script: Script, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood_control, "LONGEST_WAIT", 0.5)
    gate = Gate(script, replace(LIMITS, all_per_minute=60))
    with pytest.raises(Failure, match="More is written to us") as refused:
        for number in range(30):
            await write(gate, harness, f"crowd {number}", "hello")
    assert not refused.value.permanent
    assert refused.value.retry_after is not None


async def test_a_letter_is_written_and_taken_back_at_the_usual_pace(script: Script, harness: Harness) -> None:
    gate = FloodControl(harness.turns.handle, script, conversations.PROTECTIVE, FloodLimits(), Metrics())
    for said in LETTER:
        await gate.receive(harness.incoming("ana", said))
    await harness.outbox.settle()
    assert TOLD not in harness.texts_to("ana")
    assert len(await harness.letters()) == 1


async def test_the_quiet_word_changes_nothing_about_what_was_asked(script: Script, harness: Harness) -> None:
    gate = FloodControl(harness.turns.handle, script, conversations.PROTECTIVE, FloodLimits(), Metrics())
    for said in ("hello", "English", "go", *["?"] * 40):
        await gate.receive(harness.incoming("ana", said))
    await harness.outbox.settle()
    assert harness.texts_to("ana").count(TOLD) == 1
    await harness.receive("ana", "Ana Invented")
    assert "country" in harness.last_text_to("ana")


async def test_a_chat_has_only_so_many_replies_waiting_and_forget_works_all_the_same(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "REPLIES_MAX", 5)
    await harness.receive("ana", "hello", language="en")
    harness.channel.faults["ana"].append(Throttled("too much", 3600, replies=True))
    handled = [await harness.receive("ana", "help") for _ in range(30)]
    assert [each.read for each in handled[-20:]] == [False] * 20
    queued = (await harness.message_statuses()).count(MessageStatus.QUEUED)
    assert 5 <= queued < 10
    forget = replace(harness.incoming("ana", "forget"), urgent=True)
    assert (await harness.turns.handle(forget)).replies
    await harness.outbox.settle()
