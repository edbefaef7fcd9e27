"""Channels are kept running: one that fails is started again, and harms no other.

One that an operator has to mend is tried again, too: what it misses may come to be elsewhere, at Telegram or
in signal-cli-rest-api, and then nobody needs to start the assistant anew.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence

import structlog

from assistant.channels.base import Channel, Receive
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account
from assistant.outages import Outage
from assistant.services.sole_reader import SoleReader

LONGEST_BACKOFF = 60.0  # seconds
MEND = "a channel cannot work until this is mended; it is tried again, and all else goes on"

NO_READERS: Mapping[Account, SoleReader] = {}

log = structlog.get_logger()


async def receive_all(
    channels: Sequence[Channel], receive: Receive, readers: Mapping[Account, SoleReader] = NO_READERS
) -> None:
    """Bring what people write on every channel to `receive`, until cancelled.

    `readers`: by account, who sees to it that it is read by one process only. What calls our web server may
    come to any.
    """
    async with asyncio.TaskGroup() as tasks:
        for channel in channels:
            tasks.create_task(_keep_running(channel, receive, readers.get(channel.account)))


async def _keep_running(channel: Channel, receive: Receive, reader: SoleReader | None) -> None:
    failures, clock = 0, asyncio.get_running_loop().time
    outage = Outage(channel.account.channel)
    while True:
        began = clock()
        try:
            await (reader.run(lambda: channel.run(receive)) if reader else channel.run(receive))
            return
        except Exception as error:
            if clock() - began >= LONGEST_BACKOFF:
                failures, outage = 0, Outage(channel.account.channel)
            _tell(outage, channel, error)
        failures += 1
        await asyncio.sleep(min(LONGEST_BACKOFF, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0))  # noqa: S311


def _tell(outage: Outage, channel: Channel, error: Exception) -> None:
    """What the channel has told of itself is not told twice."""
    name = channel.account.channel
    if not isinstance(error, Failure):
        log.exception("a channel failed in a way it should not", channel=name)
    elif channel.trouble != error.reason:
        event = MEND if isinstance(error, Misconfigured) else "a channel failed, and begins again"
        outage.failed(event, level="error", channel=name, reason=error.reason)
