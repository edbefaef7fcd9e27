"""A conversation walked through as a supporter would have it: nothing of it is stored, and nothing is sent.

The dialogue is pure. So a walk-through is what was said in it, in order: it is played from the first word on
each time, and nothing else is kept of it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.danger import lives_with_danger
from assistant.dialogue.router import turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.effects import (
    Effect,
    Forget,
    QueueLetter,
    SetLanguage,
    Subscribe,
    Unsubscribe,
    Withdraw,
)
from assistant.domain.letters import WrittenLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Open, Press, Reply, TextMessage

LONGEST = 60  # messages: a letter with every detour has 20

Newcomer = Callable[[str], Awaitable[Person]]
"""Somebody of that language who has not written yet. Raises Failure."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said to us, what we said to it, and what would have been done.

    `heard`: as it reads in a chat; empty where the chat was only opened.
    """

    heard: str
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]


class WalkThrough:
    """Walks through the conversations of a script."""

    def __init__(self, script: Script, newcomer: Newcomer) -> None:
        self._script = script
        self._newcomer = newcomer

    async def play(self, case: str, language: str, said: Sequence[TextMessage | Press]) -> list[Exchange]:
        """The conversation of somebody who opens that case, and says this. Raises Failure."""
        stranger = person = await self._newcomer(language)
        state, country, exchanges = State(), None, list[Exchange]()
        for content in (Open(case), *said):
            taken = turn(self._script, person, state, content)
            heard = _heard(content, exchanges)
            exchanges.append(Exchange(heard, taken.replies, taken.effects))
            state = taken.state
            careful = lives_with_danger(self._script.cases, state, careful=person.careful, country=country)
            person = replace(person, careful=careful)
            for effect in taken.effects:
                person = _after(effect, person, stranger)
                country = effect.draft.lives_in if isinstance(effect, QueueLetter) else country
        return exchanges


def _heard(content: Open | TextMessage | Press, before: Sequence[Exchange]) -> str:
    """How it reads: of a button, what stands on it."""
    match content:
        case Open():
            return ""
        case TextMessage():
            return content.text
        case Press():
            shown = (
                reply for each in reversed(before) for reply in each.replies if reply.mark == content.mark
            )
            labels = (each.label for reply in shown for each in reply.buttons if each.value == content.value)
            return next(labels, content.value)


def _after(effect: Effect, person: Person, stranger: Person) -> Person:
    """The person as they are after what would have been done. `stranger`: as they were at the beginning."""
    match effect:
        case SetLanguage(language):
            return replace(person, language=language)
        case Subscribe(case):
            return replace(person, subscriptions=person.subscriptions | {case})
        case Unsubscribe():
            return replace(person, subscriptions=frozenset())
        case QueueLetter(draft):
            answers = (("name", draft.name), ("country", draft.country), ("line", draft.personal_line))
            letter = WrittenLetter(ref=draft.ref, answers=answers, status=LetterStatus.QUEUED, has_left=False)
            others = tuple(each for each in person.letters if each.ref != draft.ref)
            return replace(person, letters=(*others, letter))
        case Withdraw(action, target):
            kept = tuple(
                each
                for each in person.letters
                if each.ref.of != action or target not in (None, each.ref.target)
            )
            return replace(person, letters=kept)
        case Forget():
            return replace(stranger, language=person.language)
    return person
