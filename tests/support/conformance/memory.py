"""The channel in memory that tests of services stand on: where it sends, it has to be like the others."""

from datetime import timedelta

from assistant.channels.base import Deletion, RateLimit
from assistant.domain.messages import File, Reply
from assistant.domain.richtext import plain
from tests.support.conformance.driver import Driver, Feature, Got, Participant
from tests.support.fakes.channel import MemoryChannel

_TOLD = "failures are told to it, and are what the test says"
_CALLED = "nobody writes by themselves: tests call `receive`"


class MemoryParticipant(Participant):
    """Somebody who reads."""

    def __init__(self, channel: MemoryChannel, name: str) -> None:
        self._channel = channel
        self.address = channel.address(name)

    def got(self) -> list[Got]:
        sent = zip(self._channel.order, self._channel.files, strict=True)
        return [
            _got(self._channel.edited.get(str(number), [reply])[-1], file, str(number))
            for number, ((person, reply), file) in enumerate(sent, 1)
            if person == self.address.person and str(number) not in self._channel.deleted
        ]


class Memory(Driver):
    """Showing papers."""

    name = "memory"
    lacks = {  # noqa: RUF012
        Feature.WRITING: _CALLED,
        Feature.LINE_BREAKS: _CALLED,
        Feature.EDITS: _CALLED,
        Feature.QUOTES: _CALLED,
        Feature.PHOTOS: _CALLED,
        Feature.REPEATS: _CALLED,
        Feature.KEPT: _CALLED,
        Feature.BETWEEN: _CALLED,
        Feature.LEAVING: _TOLD,
        Feature.LIMITS: _TOLD,
        Feature.ANSWERS: _TOLD,
        Feature.TROUBLE: _TOLD,
        Feature.BUTTONS: _CALLED,
    }

    async def start(self) -> None:
        self.memory = self.fresh()
        self.memory.shows_files = True
        self.channel = self.memory
        await self.opened(self.channel)

    def fresh(self) -> MemoryChannel:
        channel = MemoryChannel(pace=RateLimit(edits=None))
        channel.deletion = Deletion(timedelta(days=1), at_once=10)
        return channel

    async def until_heard(self) -> None:
        """Nobody writes."""

    def participant(self, name: str) -> Participant:
        return MemoryParticipant(self.memory, name)


def _got(reply: Reply, file: File | None, reference: str) -> Got:
    return Got(plain(reply.html), tuple(button.label for button in reply.buttons), file, reference)
