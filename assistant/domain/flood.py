"""How much is read of what people write: of one chat, and of all together.

A person who writes a letter sends eight messages in some minutes. Whoever sends hundreds would fill the
queue, have us send as many answers, and set platforms against our account.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum, auto

from assistant.domain.token_bucket import TokenBucket

CHATS_MAX = 50_000  # remembered, those that wrote last: about 25 MB
RESERVE = 5  # a fifth of what all may send is kept for chats that have written before
_URGENT_BURST, _URGENT_RATE = 3, 1 / 60  # words that protect somebody, a second
_ANSWERS = 2  # messages that may follow such a word: *forget* asks whether it is meant
_ALIKE_MAX = 9  # times that a message may come again: an album has ten pictures
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """`burst`: messages of one chat at once, then `per_minute`; `all_per_minute`: of all chats together."""

    burst: int = 12
    per_minute: int = 6
    all_per_minute: int = 12_000


class Verdict(Enum):
    """What becomes of a message."""

    TAKE = auto()
    AGAIN = auto()  # it is the one before, once more: the pictures of an album come as so many messages
    URGENT = auto()  # it is taken although too much came: it protects somebody, or answers what is asked then
    TELL = auto()  # it is not read, and the person is told so, once
    DROP = auto()


@dataclass(slots=True, kw_only=True)
class _Chat:
    """How much was read of a chat. `answers`: so many messages may follow a word that protects somebody.

    `last`: the last message that was taken, which has come again `alike` times.
    """

    bucket: TokenBucket
    urgent: TokenBucket = field(default_factory=lambda: TokenBucket(_URGENT_RATE, _URGENT_BURST))
    answers: int = 0
    told: bool = False
    last: int | None = None
    alike: int = 0


class Flood:
    """What is read, in memory: of the last CHATS_MAX chats. Times are seconds that only go forward."""

    def __init__(self, limits: FloodLimits) -> None:
        self._limits = limits
        self._chats: OrderedDict[int, _Chat] = OrderedDict()
        self._burst = max(RESERVE, limits.all_per_minute // 6)  # ten seconds of it
        self._all = TokenBucket(limits.all_per_minute / _MINUTE, self._burst)

    def knows(self, chat: int) -> bool:
        """Whether something of that chat was read lately."""
        return chat in self._chats

    def judge(self, chat: int, now: float, *, message: int | None = None, protects: bool = False) -> Verdict:
        """What becomes of a message. `chat`, `message`: any numbers that stand for them.

        `protects`: it is a word with which people protect somebody, such as *stop*: it has room of its own.
        """
        known = self._known(chat)
        if message is not None and message == known.last and known.alike < _ALIKE_MAX:
            known.alike += 1
            return Verdict.AGAIN
        if not known.bucket.wait(now):
            known.last, known.alike = message, 0
            known.told = known.told and not known.bucket.is_full(now)
            known.bucket.take(now)
            return Verdict.TAKE
        if protects and not known.urgent.wait(now):
            known.urgent.take(now)
            known.answers = _ANSWERS
            return Verdict.URGENT
        if known.answers:
            known.answers -= 1
            return Verdict.URGENT
        if known.told:
            return Verdict.DROP
        known.told = True
        return Verdict.TELL

    def take_back(self, chat: int, verdict: Verdict, now: float) -> None:
        """What was judged so could not be handled, and comes again: it is as if it had not come."""
        known = self._known(chat)
        match verdict:
            case Verdict.TAKE:
                known.bucket.give_back(1)
                known.last = None
            case Verdict.AGAIN:
                known.alike -= 1
            case Verdict.URGENT:
                known.answers += 1
            case Verdict.TELL:
                known.told = False
        if known.bucket.is_full(now):
            del self._chats[chat]

    def _known(self, chat: int) -> _Chat:
        known = self._chats.get(chat)
        if known is None:
            known = _Chat(bucket=TokenBucket(self._limits.per_minute / _MINUTE, self._limits.burst))
            self._chats[chat] = known
            if len(self._chats) > CHATS_MAX:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat)
        return known

    def wait(self, now: float, *, known: bool) -> float:
        """Seconds until there is room for one more among those of all chats. `known`: see `knows`."""
        return self._all.wait(now, 1 if known else self._burst // RESERVE)

    def count(self, now: float) -> None:
        """One of all was taken."""
        self._all.take(now)
