"""Events are sent to endpoints: each has a lane with one runner, so that one that hangs holds up no other."""

import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from assistant.domain.clock import Clock
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.webhooks import Answer, Endpoint, EventType, Outcome, next_attempt
from assistant.outages import Outage
from assistant.services.metrics import Metrics
from assistant.store import lanes, webhooks
from assistant.store.database import Store
from assistant.store.webhooks import Delivery, Kind

RESTS = "the endpoint asks us to wait"
UNKNOWN = timedelta(days=1)  # that events wait for an endpoint that is set no more

log = structlog.get_logger()


class Client(Protocol):
    """Tells endpoints of events: see `webhooks.client`."""

    async def post(self, endpoint: Endpoint, event_id: str, body: str) -> Answer:
        """Try once."""


class WebhookWorker:
    """Runs the lanes of endpoints (`engine.base.Worker`).

    An attempt is counted before it is made. So whatever ends in between, an event may come twice, with the
    same id, and is never left out. Which of two events comes first is not promised.
    """

    kind = webhooks.LANE

    def __init__(
        self,
        store: Store,
        endpoints: Mapping[str, Endpoint],
        client: Client,
        clock: Clock,
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`endpoints`: by name. `chance`: draws from 0 up to 1, for the jitter."""
        self._store = store
        self._endpoints = endpoints
        self._client = client
        self._clock = clock
        self._metrics = metrics
        self._chance = chance
        self._outages: dict[str, Outage] = {}  # by the endpoint's name

    def serves(self, name: str) -> bool:
        return name in self._endpoints

    async def open(self) -> None:
        """Drop what has waited for a day for endpoints that are in these settings no more.

        Not earlier: another process may have them in its settings still.
        """
        async with self._store.write() as tx:
            dropped = await webhooks.forget_others(tx, self._endpoints, self._clock() - UNKNOWN)
        if dropped:
            log.warning("events for endpoints that are set no more are dropped", events=dropped)

    async def take(self, lane: Lane) -> Lane:
        async with self._store.write(brief=True) as tx:
            taken = await lanes.take(tx, lane)
            await webhooks.retry_broken_off(tx, taken, self._clock())
            return taken

    async def step(self, lane: Lane) -> float | None:
        delivery = await self._begin(lane)
        if delivery is None:
            return None
        answer = await self._attempt(lane, delivery)
        await self._settle(lane, delivery, answer)
        return 0.0

    async def _begin(self, lane: Lane) -> Delivery | None:
        """Count the attempt that comes next; None where nothing is due."""
        now = self._clock()
        async with self._store.write(brief=True) as tx:
            rests_until = await lanes.fence(tx, lane)
            if rests_until is not None and rests_until > now:
                return None
            delivery = await webhooks.take_next(tx, lane, now)
            if delivery is None:
                await lanes.schedule(tx, lane, await webhooks.next_due(tx, lane, now))
        return delivery

    async def _attempt(self, lane: Lane, delivery: Delivery) -> Answer:
        """Raises LaneLost where another process may be at it by now."""
        if not self._store.lease.holds(lane.id, lane.epoch):
            raise LaneLost("Another process may have taken over a lane of webhooks.")
        try:
            return await self._client.post(self._endpoints[lane.name], delivery.event, delivery.body)
        except Exception as error:  # it is tried again as if it were the endpoint's
            log.error("an event failed in a way it should not", error=type(error).__name__)
            return Answer(Outcome.CUT_OFF)

    async def _settle(self, lane: Lane, delivery: Delivery, answer: Answer) -> None:
        now, well = self._clock(), answer.outcome is Outcome.DELIVERED
        dropped = 0
        again = None if well else self._again(delivery, answer, now)
        async with self._store.write(brief=True) as tx:
            await lanes.fence(tx, lane)
            if again is None:
                await webhooks.end(tx, delivery)
            else:
                await webhooks.put_off(tx, delivery, answer, again)
            if answer.wait:
                await lanes.pause(tx, lane.name, [lane.kind], now + answer.wait, RESTS)
            if answer.outcome is Outcome.GONE:
                dropped = await webhooks.drop_waiting(tx, lane.name)
            await webhooks.remember(tx, lane.name, _kinds(delivery, answer), answer, now)
        self._tell(lane.name, delivery, answer, given_up=again is None and not well)
        if dropped:
            log.error(
                "what waits for an endpoint that is gone is dropped", endpoint=lane.name, events=dropped
            )

    def _again(self, delivery: Delivery, answer: Answer, now: datetime) -> datetime | None:
        """When it is tried again, if ever. A test is tried once: whoever asked for it looks at what comes."""
        if delivery.type is EventType.TEST:
            return None
        return next_attempt(delivery.made_at, now, delivery.attempts, answer, self._chance())

    def _tell(self, name: str, delivery: Delivery, answer: Answer, *, given_up: bool) -> None:
        """The log names an endpoint as people do, never its address."""
        self._metrics.webhook(answer.outcome)
        outage = self._outages.setdefault(name, Outage(f"the webhook {name}"))
        if answer.outcome is Outcome.DELIVERED:
            outage.over()
            return
        if answer.outcome is Outcome.GONE:
            log.error("an endpoint wants no more events: until a test arrives it gets none", endpoint=name)
        reason = answer.outcome.value if answer.status is None else f"{answer.outcome.value}, {answer.status}"
        outage.failed("an endpoint of webhooks did not take an event", endpoint=name, reason=reason)
        if given_up and delivery.type is not EventType.TEST:
            log.error("an event is given up: no endpoint took it", endpoint=name, type=delivery.type.value)


def _kinds(delivery: Delivery, answer: Answer) -> Collection[Kind]:
    """What that attempt is remembered as."""
    kinds = {Kind.DELIVERED if answer.outcome is Outcome.DELIVERED else Kind.FAILED}
    if delivery.type is EventType.TEST:
        kinds.add(Kind.TESTED)
    if answer.outcome is Outcome.GONE:
        kinds.add(Kind.GONE)
    return kinds
