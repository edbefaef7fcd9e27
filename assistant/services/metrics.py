"""What is measured of a running assistant, for Prometheus. Nothing personal: a channel is only its name."""

from collections import Counter
from collections.abc import Mapping

from assistant.domain.clock import Clock, system_clock
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.webhooks import Outcome
from assistant.store import lanes, processes
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES
from assistant.store.queue_sizes import COUNT_MAX, queue_sizes, unfinished_letters

# Seconds: from a turn by itself to what people take for a bot that is gone.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters and histograms of this process; gauges of the database, which all processes share.

    Names and units follow https://prometheus.io/docs/practices/naming/.
    """

    def __init__(self, clock: Clock = system_clock) -> None:
        # here, because many commands know of metrics and few have any
        from prometheus_client import (
            CollectorRegistry,
            Gauge,
            Histogram,
            ProcessCollector,
            disable_created_metrics,
        )
        from prometheus_client import Counter as EventCounter

        disable_created_metrics()  # type: ignore[no-untyped-call]  # when somebody wrote first is nobody's business
        self._clock = clock
        self._registry = CollectorRegistry()
        self._turns = EventCounter(
            "assistant_turns", "Incoming messages handled.", ["channel", "result"], registry=self._registry
        )
        self._turn = Histogram(
            "assistant_turn_seconds",
            "From receiving a message to the commit of its turn.",
            ["channel"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._messages = EventCounter(
            "assistant_messages",
            "Attempts to send a message, by what became of it.",
            ["channel", "status", "kind"],
            registry=self._registry,
        )
        self._letters = EventCounter(
            "assistant_letters",
            "Steps of letters: by the carrier of their route, and where each came to.",
            ["carrier", "status"],
            registry=self._registry,
        )
        self._webhooks = EventCounter(
            "assistant_webhooks",
            "Attempts to tell an endpoint of an event, by what became of them.",
            ["outcome"],
            registry=self._registry,
        )
        for outcome in Outcome:  # from zero: Prometheus sees no increase in what begins with one
            self._webhooks.labels(outcome.value)
        self._deleted = EventCounter(
            "assistant_deleted",
            "What was kept no longer, by what it was: `assistant retention` has the same names.",
            ["kind"],
            registry=self._registry,
        )
        self._reply = Histogram(
            "assistant_reply_seconds",
            "From the commit of a turn to handing its reply to the channel.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._waiting = Gauge(
            "assistant_queue_messages",
            f"Messages or letters that wait; {COUNT_MAX} stands for that many and more.",
            ["kind"],
            registry=self._registry,
        )
        self._oldest = Gauge(
            "assistant_queue_oldest_seconds",
            "How long the longest waiting message or letter is overdue.",
            ["kind"],
            registry=self._registry,
        )
        self._letters_waiting = Gauge(
            "assistant_letters_waiting",
            f"Letters that are not at their end, by state; {COUNT_MAX} stands for that many and more.",
            ["status"],
            registry=self._registry,
        )
        self._overdue = Gauge(
            "assistant_lanes_overdue",
            "Lanes that have been due for a minute, are not paused, and that no process holds.",
            ["kind"],
            registry=self._registry,
        )
        self._heartbeat = Gauge(
            "assistant_process_heartbeat_seconds",
            "How long ago each process last said in the database that it lives.",
            ["process", "role"],
            registry=self._registry,
        )
        self._ready = Gauge(
            "assistant_ready",
            "Whether each part of this process works, as /readyz says it: 1 or 0.",
            ["part"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    def turn(self, channel: str, seconds: float, result: str) -> None:
        """An incoming message was handled, `seconds` after it was received.

        `channel`: its name, "telegram", without the account. `result`: one of few words.
        """
        self._turns.labels(channel, result).inc()
        self._turn.labels(channel).observe(seconds)

    def dropped(self, channel: str) -> None:
        """An incoming message was not read, because too much came."""
        self._turns.labels(channel, "dropped").inc()

    def sent(self, channel: str, status: MessageStatus, bulk: bool) -> None:
        """A message was given to the channel; its row has this status now (`queued`: it is tried again)."""
        self._messages.labels(channel, status.value, BULK if bulk else REPLIES).inc()

    def letter(self, carrier: str, status: LetterStatus) -> None:
        """A letter took a step. `carrier`: its name, without an address."""
        self._letters.labels(carrier, status.value).inc()

    def webhook(self, outcome: Outcome) -> None:
        """An endpoint was told of an event, or could not be."""
        self._webhooks.labels(outcome.value).inc()

    def deleted(self, kind: str, count: int) -> None:
        """So much of that kind was kept no longer. `kind`: one of few."""
        self._deleted.labels(kind).inc(count)

    def latency(self, seconds: float) -> None:
        """A reply was handed to its channel, `seconds` after the commit of its turn."""
        self._reply.observe(seconds)

    def ready(self, parts: Mapping[str, bool]) -> None:
        """Which parts of this process work now, by name."""
        self._ready.clear()
        for part, works in parts.items():
            self._ready.labels(part).set(works)

    async def queues(self, store: Store) -> None:
        """Read from the database what waits. Raises Failure where it cannot be read: nothing is told then."""
        for gauge in (self._waiting, self._oldest, self._letters_waiting, self._overdue, self._heartbeat):
            gauge.clear()
        now = self._clock()
        async with store.read() as tx:
            found = await queue_sizes(tx)
            letters = await unfinished_letters(tx)
            heartbeats = await processes.heartbeats(tx)
            overdue_lanes = Counter(
                lane.kind for lane in await lanes.abandoned(tx, now - lanes.OVERDUE * self._clock.speed)
            )
        for status, count in letters.items():
            self._letters_waiting.labels(status.value).set(count)
        for process, seconds in heartbeats:
            self._heartbeat.labels(process.name, process.role).set(seconds)
        for kind in {*overdue_lanes, *(depth.kind for depth in found)}:
            self._overdue.labels(kind).set(overdue_lanes[kind])
        for depth in found:
            overdue = (now - depth.oldest).total_seconds() if depth.oldest else 0.0
            self._waiting.labels(depth.kind).set(depth.waiting)
            self._oldest.labels(depth.kind).set(max(0.0, overdue))

    def text(self) -> bytes:
        """Everything in Prometheus's text format, `prometheus_client.CONTENT_TYPE_LATEST`."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)
