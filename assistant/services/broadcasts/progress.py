"""How far broadcasts are, shown to organisers in messages that change.

A message is changed at most every three seconds, and where the platform allows only so many changes, ever
more rarely. Changing one is a courtesy: nothing depends on it, and after a crash it simply goes on.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog

from assistant.channels.base import Channel
from assistant.domain.broadcasts import Broadcast, Progress
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Reply
from assistant.services.messages.sender import MENDING
from assistant.services.notifier import Notifier
from assistant.store import broadcasts
from assistant.store.broadcasts import Watcher
from assistant.store.database import Store

GAP = 3.0  # seconds between changes of one message
WINDOW = 30.0  # seconds over which the rate is measured

log = structlog.get_logger()


@dataclass(slots=True)
class _Seen:
    """What this process has seen of a broadcast: how many copies had ended, and when."""

    ended: deque[tuple[float, int]] = field(default_factory=deque)
    shown: float = float("-inf")


@dataclass(slots=True, kw_only=True)
class _Message:
    """A message that shows how far one is: how often it was changed, when it may be again, what it says.

    `reference`: what the channel calls it now. `wanted`: what it is to show next. `hopeless`: it cannot be
    changed any more.
    """

    reference: str
    changes: int = 0
    next_at: float = float("-inf")
    paused_until: float = float("-inf")  # the platform has said so
    shown: str = ""
    wanted: Progress | None = None
    hopeless: bool = False
    changing: asyncio.Task[None] | None = None


class ProgressMessages:
    """Changes the messages over the channels of this process."""

    def __init__(self, store: Store, channels: Mapping[Account, Channel], notifier: Notifier) -> None:
        """`channels`: by their account."""
        self._store = store
        self._channels = channels
        self._notifier = notifier
        self._seen: dict[int, _Seen] = {}
        self._messages: dict[int, _Message] = {}

    async def show(self, broadcast: Broadcast) -> None:
        """Show how far it is, unless that was shown just now; in any case that it is halted, or over."""
        now = asyncio.get_running_loop().time()
        seen = self._seen.setdefault(broadcast.id, _Seen())
        stands = broadcast.is_halted or broadcast.is_over
        if not stands and now - seen.shown < GAP:
            return
        seen.shown = now
        async with self._store.read() as tx:
            found = await broadcasts.find(tx, broadcast.id) or broadcast
            counted = (await broadcasts.tallies_of(tx, [broadcast.id]))[broadcast.id]
            watching = await broadcasts.watchers_of(tx, broadcast.id)
        progress = Progress(found, counted)
        rate, left = self._pace(seen, now, progress.ended, found.recipients)
        progress = replace(progress, rate=rate, left=left)
        for watcher in watching:
            self._change(watcher, progress, stands=stands)
        if broadcast.is_over and not watching:
            del self._seen[broadcast.id]

    def _pace(self, seen: _Seen, now: float, ended: int, recipients: int) -> tuple[float, float | None]:
        """Copies a second over the last half minute, and the seconds to go at that rate."""
        seen.ended.append((now, ended))
        while now - seen.ended[0][0] > WINDOW:
            seen.ended.popleft()
        since, before = seen.ended[0]
        if now <= since or ended <= before:
            return 0.0, None
        rate = (ended - before) / (now - since)
        return rate, max(0, recipients - ended) / rate

    def _change(self, watcher: Watcher, progress: Progress, *, stands: bool) -> None:
        channel = self._channels.get(watcher.address.account)
        if channel is None:  # another process has it
            return
        message = self._messages.setdefault(watcher.message, _Message(reference=watcher.reference))
        if not stands and not _may_change(message, channel):
            return
        message.wanted = progress
        if message.changing is None:
            message.changing = asyncio.create_task(self._keep_changing(channel, watcher, message))

    async def _keep_changing(self, channel: Channel, watcher: Watcher, message: _Message) -> None:
        """Show what is wanted, as long as something newer is. What stands still may have to wait a little."""
        loop = asyncio.get_running_loop()
        try:
            while (progress := message.wanted) is not None:
                if loop.time() < message.paused_until:
                    return  # the worker will show it again
                if not message.hopeless:
                    await asyncio.sleep(min(GAP, max(0.0, message.next_at - loop.time())))
                    progress = message.wanted or progress
                    await self._try(channel, watcher, progress, message)
                if message.wanted is progress:
                    message.wanted = None
                if progress.broadcast.is_over and (
                    message.hopeless or self._says(message, watcher, progress)
                ):
                    await self._forget(watcher)
        except Failure as failure:
            log.warning("a progress message was not stored", reason=failure.reason)
        except Exception:
            log.exception("a progress message was not changed in a way it should not")
        finally:
            message.wanted = message.changing = None

    async def _try(self, channel: Channel, watcher: Watcher, progress: Progress, message: _Message) -> None:
        """Raises Failure where what the channel calls it now cannot be stored."""
        most = channel.pace.edits
        reply = self._reply(watcher, progress)
        if reply.html == message.shown:
            return
        if most is not None and message.changes >= most:
            message.hopeless = True
            return
        message.changes += 1
        # 3, 6, 12 ... seconds: ten changes last for three quarters of an hour
        gap = GAP if most is None else GAP * 2 ** (message.changes - 1)
        message.next_at = asyncio.get_running_loop().time() + gap
        try:
            renamed = await channel.edit(watcher.address, message.reference, reply)
        except Failure as failure:
            message.hopeless = failure.permanent
            pause = MENDING if isinstance(failure, Misconfigured) else failure.retry_after or 0.0
            message.paused_until = asyncio.get_running_loop().time() + pause
            log.warning("a progress message was not changed", reason=failure.reason)
            return
        message.shown = reply.html
        if renamed is not None and renamed != message.reference:
            message.reference = renamed
            async with self._store.write(brief=True) as tx:
                await broadcasts.set_watched_reference(tx, watcher.message, renamed)

    def _reply(self, watcher: Watcher, progress: Progress) -> Reply:
        return self._notifier.rendered(self._notifier.team_messages.progress(progress), watcher.language)

    def _says(self, message: _Message, watcher: Watcher, progress: Progress) -> bool:
        return message.shown == self._reply(watcher, progress).html

    async def _forget(self, watcher: Watcher) -> None:
        """It shows the end, or cannot."""
        async with self._store.write(brief=True) as tx:
            await broadcasts.remove_watcher(tx, watcher.message)
        self._messages.pop(watcher.message, None)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = [each.changing for each in self._messages.values() if each.changing is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _may_change(message: _Message, channel: Channel) -> bool:
    """One change is kept for the end."""
    most = channel.pace.edits
    now = asyncio.get_running_loop().time()
    return now >= message.next_at and (most is None or message.changes < most - 1)
