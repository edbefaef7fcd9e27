"""One message is sent, and what became of it is put in the ledger's terms."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from assistant.channels.base import Channel
from assistant.content.printer import Printer
from assistant.domain.clock import Clock
from assistant.domain.errors import ChatThrottled, Failure, Misconfigured, Moved, Throttled
from assistant.domain.lanes import Lease
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Account, Attachment, Document, Erasure, File, Picture
from assistant.domain.throttling import Refusals
from assistant.services.metrics import Metrics
from assistant.store.messages import Done, Ready

ATTEMPTS = 150  # about a day, with the waits below
LONGEST_BACKOFF = 600.0  # seconds
MENDING = 60.0  # seconds between looks whether the operator has mended a setting
FROZEN = "the process was frozen, or cut off from its database"
CHART = "figures.png"
PDF = "letter.pdf"  # says nothing of the case: the file stays on the reader's phone

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message. `failure` may concern more than this message: its chat, or the account."""

    done: Done
    failure: Failure | None = None

    @property
    def put_back(self) -> bool:
        """Whether it waits for another try."""
        return self.done.status is MessageStatus.QUEUED


def put_back(message: Ready, why: str, due_at: datetime | None) -> Sent:
    """It was not tried, and waits until then."""
    return Sent(Done(message=message, status=MessageStatus.QUEUED, reason=why, due_at=due_at, tried=False))


class _Halfway(Exception):
    """The first parts of a message were sent, and the next one failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Sender:
    """Sends messages over the channels of this process."""

    def __init__(
        self,
        channels: Mapping[Account, Channel],
        printer: Printer,
        clock: Clock,
        metrics: Metrics,
        refusals: Refusals,
        lease: Lease,
    ) -> None:
        """`channels`: by their account."""
        self._channels = channels
        self._lease = lease
        self._printer = printer
        self._clock = clock
        self._metrics = metrics
        self._refusals = refusals

    async def send(self, message: Ready) -> Sent:
        """Try once, unless another process may be sending it by now. Never raises."""
        if not self._lease.holds(message.lane.id, message.lane.epoch):
            return put_back(message, FROZEN, self._clock())
        try:
            sent = Sent(Done(message=message, status=MessageStatus.SENT, reference=await self._try(message)))
        except _Halfway as half:
            reason = f"Only the beginning was sent. {half.failure.reason}"
            sent = Sent(
                Done(message=message, status=MessageStatus.UNKNOWN, reason=reason, doubtful=True),
                half.failure,
            )
        except Failure as failure:
            sent = self._failed(message, failure)
        except Exception as error:
            log.exception("a channel failed in a way it should not", channel=message.address.account.channel)
            sent = Sent(
                Done(
                    message=message, status=MessageStatus.FAILED, reason=f"our error: {type(error).__name__}"
                )
            )
        if message.reply.erasure is None:
            self._metrics.sent(message.address.account.channel, sent.done.status, message.reply.bulk)
        return sent

    async def _try(self, message: Ready) -> str | None:
        """Replies were cut into parts before they were written down; a broadcast's text is cut here."""
        channel = self._channels[message.address.account]
        if message.reply.erasure is not None:
            await self._erase(channel, message, message.reply.erasure)
            return None
        reference = None
        for number, part in enumerate(channel.parts(message.reply)):
            wanted = None if channel.files_on_demand else part.attachment
            file = await self._file(wanted) if wanted else None
            try:
                reference = await channel.send(message.address, part, file)
            except Failure as told:
                failure = self._judged(message, told)
                raise (_Halfway(failure) if number else failure) from told
        self._refusals.forget(message.address.account, message.chat_id)
        return reference

    async def _erase(self, channel: Channel, message: Ready, erasure: Erasure) -> None:
        try:
            if erasure.contact:
                await channel.empty_contact(message.address)
            else:
                await channel.delete(message.address, erasure.references)
        except Failure as told:
            raise self._judged(message, told) from told
        self._refusals.forget(message.address.account, message.chat_id)

    def _judged(self, message: Ready, failure: Failure) -> Failure:
        if not isinstance(failure, ChatThrottled):
            return failure
        return self._refusals.judge(message.address.account, message.chat_id, failure, self._clock())

    async def _file(self, attachment: Attachment) -> File:
        if isinstance(attachment, Document):
            return File(attachment.name, attachment.kind, attachment.text.encode())
        try:
            if isinstance(attachment, Picture):
                return File(CHART, "image/png", await self._printer.picture(attachment.chart))
            pdf = await self._printer.pdf(
                attachment.case, attachment.target, attachment.language, attachment.text, self._clock()
            )
        except Failure as failure:
            raise Failure(failure.reason, permanent=True) from failure  # it would be the same tomorrow
        return File(PDF, "application/pdf", pdf)

    def _failed(self, message: Ready, failure: Failure) -> Sent:
        """What is uncertain and must not be repeated is `unknown`; a reply may be, a broadcast may not."""
        if isinstance(failure, Misconfigured):
            return self._again(message, failure, MENDING, tried=False)
        once = failure.permanent or message.reply.bulk or isinstance(failure, Throttled | ChatThrottled)
        if failure.uncertain and once:
            return Sent(
                Done(message=message, status=MessageStatus.UNKNOWN, reason=failure.reason, doubtful=True),
                failure,
            )
        if failure.permanent or message.attempts + 1 >= ATTEMPTS:
            return Sent(Done(message=message, status=MessageStatus.FAILED, reason=failure.reason), failure)
        if isinstance(failure, Moved) and not message.attempts:  # once: somebody may be there already
            return self._again(message, failure, 0.0, tried=True)
        if failure.retry_after is not None:
            tried = isinstance(failure, ChatThrottled)  # one that never ends is given up
            return self._again(message, failure, failure.retry_after, tried=tried)
        backoff = min(LONGEST_BACKOFF, 2.0 ** min(message.attempts, 20))
        return self._again(message, failure, backoff * random.uniform(0.5, 1.0), tried=True)  # noqa: S311

    def _again(self, message: Ready, failure: Failure, seconds: float, *, tried: bool) -> Sent:
        due_at = self._clock() + timedelta(seconds=seconds)
        done = Done(
            message=message,
            status=MessageStatus.QUEUED,
            reason=failure.reason,
            due_at=due_at,
            doubtful=failure.uncertain,
            tried=tried,
        )
        return Sent(done, failure)
