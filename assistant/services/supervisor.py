"""Channels are kept running: one that fails is started again, one that cannot go on harms no other."""

import asyncio
import random
from collections.abc import Sequence

import structlog

from assistant.channels.base import Channel, Receive
from assistant.domain.errors import Failure, Misconfigured

LONGEST_BACKOFF = 60.0  # seconds

log = structlog.get_logger()


async def receive_all(channels: Sequence[Channel], receive: Receive) -> None:
    """Bring what people write on every channel to `receive`, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for channel in channels:
            tasks.create_task(_keep_running(channel, receive))


async def _keep_running(channel: Channel, receive: Receive) -> None:
    failures, clock = 0, asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await channel.run(receive)
            return
        except Misconfigured as failure:
            log.error(
                "a channel has stopped; all else goes on. Mend it, then start the assistant again",
                channel=_name(channel),
                reason=failure.reason,
            )
            return
        except Failure as failure:
            log.error("a channel failed, and begins again", channel=_name(channel), reason=failure.reason)
        except Exception:
            log.exception("a channel failed in a way it should not", channel=_name(channel))
        failures = failures + 1 if clock() - began < LONGEST_BACKOFF else 1
        await asyncio.sleep(min(LONGEST_BACKOFF, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0))  # noqa: S311


def _name(channel: Channel) -> str:
    return channel.account.channel
