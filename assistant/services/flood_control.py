"""What people write goes through here before its turn is taken: floods end here.

In memory and in each process: with several of role `web`, a chat that reaches several of them has the room
of each. What is not read is told to the platform as handled, so that it does not come again.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from assistant.channels.base import Receive
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.flood import Flood, FloodLimits, Verdict
from assistant.domain.messages import (
    Blocked,
    Content,
    Edited,
    Flooded,
    GroupChat,
    Handled,
    Incoming,
    Press,
    TextMessage,
)
from assistant.domain.notifications import started_by
from assistant.outages import Outage
from assistant.services.metrics import Metrics

LONGEST_WAIT = 10.0  # seconds: platforms that call us wait for an answer meanwhile
WAITING_MAX = 1000  # messages that wait for room at once
SHORT = 100  # characters: a longer text is no word that stops something
DROPPED = Handled(accepted=False, replies=0, read=False)


class FloodControl:
    """Lets messages through to their turns, as many as may be read."""

    def __init__(
        self,
        handle: Receive,
        script: Script,
        protective: Collection[str],
        limits: FloodLimits,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`protective`: the commands with which people protect somebody. `clock`: seconds."""
        self._clock = clock
        self._handle = handle
        self._script = script
        self._protective = protective
        self._flood = Flood(limits)
        self._metrics = metrics
        self._waiting = 0
        self._outage = Outage("room for messages of everybody")

    async def receive(self, incoming: Incoming) -> Handled:
        """Take the turn, where the message may be read. Raises Failure where it has to come again."""
        now = self._clock()
        chat = hash(incoming.address)
        known, protects = self._flood.knows(chat), self._protects(incoming.content)
        verdict = self._flood.judge(chat, now, message=hash(incoming.id), protects=protects)
        if verdict is Verdict.DROP or (verdict is Verdict.TELL and isinstance(incoming.content, _UNANSWERED)):
            self._metrics.dropped(incoming.address.account.channel)
            await asyncio.sleep(0)  # whoever brings a flood in one go lets others have their turns
            return DROPPED
        if verdict is Verdict.TELL:
            self._metrics.dropped(incoming.address.account.channel)
            incoming = replace(incoming, content=Flooded(), quotes=None)
        elif protects or verdict is Verdict.URGENT:
            incoming = replace(incoming, urgent=True)
        try:
            await self._room(known=known or incoming.urgent)
            return await self._handle(incoming)
        except Failure as failure:
            if not failure.permanent:
                self._flood.take_back(chat, verdict, self._clock())
            raise

    async def _room(self, *, known: bool) -> None:
        """Wait until there is room among the messages of all. Raises Failure where that takes too long."""
        until = self._clock() + LONGEST_WAIT
        while wait := self._flood.wait(self._clock(), known=known):
            if self._clock() + wait > until or self._waiting >= WAITING_MAX:
                self._outage.failed("more is written to us than is read; what is new waits, and comes again")
                raise Failure("More is written to us than can be read now.", retry_after=wait)
            self._waiting += 1
            try:
                await asyncio.sleep(wait)
            finally:
                self._waiting -= 1
        self._flood.count(self._clock())
        self._outage.over()

    def _protects(self, content: Content) -> bool:
        match content:
            case Blocked():
                return True
            case Press():
                button = started_by(content)
                return button is not None and button[0] in self._protective
            case TextMessage(text) | Edited(_, text) if len(text) <= SHORT:
                script = self._script
                urgent = script.urgent_command(text, team=True)
                named = (
                    urgent[0] if urgent else script.command(text, team=True) or script.polite_command(text)
                )
                return named in self._protective
        return False


_UNANSWERED = (Blocked, GroupChat)
