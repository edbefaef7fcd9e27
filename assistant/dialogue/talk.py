"""A conversation is a plain function over a `Talk`. It runs again from the top at every message: a
question already answered returns at once, the first one that is not ends the run and is asked.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn, TypeVar

from markupsafe import Markup

from assistant.dialogue.answers import Answer, Fault, Lapsed, Reading, Taken, Understood, Unsure
from assistant.dialogue.options import Option
from assistant.dialogue.state import Answered, Asked, Frame
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect, HandOn
from assistant.domain.letters import ActionRef, Draft, ExpectedDeparture, LetterRef, WrittenLetter
from assistant.domain.messages import (
    Attachment,
    Button,
    ChatLink,
    Picture,
    Press,
    Reply,
    SaferChat,
    TextMessage,
)
from assistant.domain.organisation import Organisation
from assistant.domain.ports import Gazetteer, Typeface
from assistant.domain.retention import Retention
from assistant.domain.team import Team
from assistant.domain.texts import CaseDate, Locale, Pictured, Printed, Text, in_plain_text
from assistant.domain.validation import Refusal

T = TypeVar("T", bound="str | None")
_NO_FAULT = Fault()
LATER = datetime.max.replace(tzinfo=UTC)  # when nobody says what time it is, everything has begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What conversations may know of the person: nothing that names them."""

    language: str | None = None
    subscriptions: frozenset[str] = frozenset()  # slugs of cases
    letters: tuple[WrittenLetter, ...] = ()  # what they have written, the oldest first
    # When a letter is sent that is written now.
    leaving: Mapping[LetterRef, ExpectedDeparture] = field(default_factory=dict)
    now: datetime = LATER  # when their message came, UTC
    paused: frozenset[str] = frozenset()  # cases and actions for which nothing may be sent now
    # Whether somebody reads a letter before it is sent, as far as it can be told by it alone.
    is_read_first: Callable[[Draft], bool] = lambda _draft: False
    team: Team | None = None  # what an organiser may know
    link: ChatLink | None = None  # by which others reach us where they do
    gets_files: bool = True  # whether the channel can show them
    keeps_messages: bool = True  # what is said stays on their phone, or with the platform
    overheard_by: str | None = None  # who can read what is written in the channel; None: nobody in between
    safer: SaferChat | None = None  # where nobody can
    careful: bool = False  # they live where it may be dangerous to write
    deletes_within: timedelta | None = None  # messages of ours so young can be deleted from their chat
    group_chat: bool = False  # no person but a group, and told that we talk with one at a time
    # Until when copies of what is stored now can be read; None: nobody can say.
    copies_last_until: CaseDate | None = None

    def written(self, action: ActionRef) -> tuple[WrittenLetter, ...]:
        """Their letters of that action."""
        return tuple(each for each in self.letters if each.ref.of == action)

    @property
    def written_actions(self) -> tuple[ActionRef, ...]:
        """The actions for which they have written."""
        return tuple(dict.fromkeys(each.ref.of for each in self.letters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Around a conversation: who is talking, in which language, about which cases."""

    person: Person
    locale: Locale
    cases: Mapping[str, Case]
    gazetteer: Gazetteer
    typeface: Typeface
    retention: Retention
    organisation: Organisation | None = None  # who runs the assistant, where they say so
    interrupted: Frame | None = None  # the conversation that waits below this one

    def reading(self, offered: tuple[str, ...] = ()) -> Reading:
        """With what answers are read where that was suggested last."""
        return Reading(self.locale, self.gazetteer, self.typeface, offered=offered)


class Stale(Exception):
    """The answer belongs to a question as it is not shown any more."""


class _Asking(Exception):
    def __init__(
        self, name: str, answer: Answer[str | None], said: tuple[Text, ...], shown: tuple[Text, ...] | None
    ) -> None:
        self.name = name
        self.answer = answer
        self.said = said
        self.shown = said[:-1] if shown is None else shown  # of what comes before the question


class _Redo(Exception):
    def __init__(self, before: Answered | None, names: tuple[str, ...]) -> None:
        self.before = before
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The conversation waits for an answer. `path`: the questions up to this one, in order.

    `before`: what is said before the question, rendered. `accepted`: what was given was taken as an answer.
    `fault`: what about it is the problem, where it is refused.
    """

    frame: Frame
    before: tuple[tuple[Text, Markup], ...]
    question: Reply
    answer: Answer[str | None]
    reading: Reading
    path: tuple[str, ...]
    problem: Refusal | Unsure | None
    fault: Fault
    accepted: bool

    @property
    def said(self) -> tuple[Reply, ...]:
        """What is said before the question, as messages."""
        return tuple(spoken(*each, self.frame.conversation, self.reading.locale) for each in self.before)


@dataclass(frozen=True, slots=True)
class Finished:
    """The conversation is over. What was said is rendered once its effects, such as a language, are in."""

    frame: Frame
    said: tuple[Text, ...]
    effects: tuple["Effect | Begin | HandOn", ...]
    accepted: bool


class Talk:
    """What a conversation sees of the chat."""

    def __init__(self, scene: Scene, frame: Frame, given: TextMessage | Press | None) -> None:
        self.frame = frame
        self.said: list[Text] = []
        self.path: list[str] = []
        self.problem: Refusal | Unsure | None = None
        self.fault = _NO_FAULT
        self.refused: tuple[str, ...] = ()
        self.accepted = False
        self.answered: str | None = None  # the question that was answered just now
        self._scene = scene
        self._given = given
        self._reading = scene.reading()
        self._presets: dict[str, str | None] = {}  # by question

    @property
    def case(self) -> Case:
        """The case this conversation is about. Raises KeyError where it is about none."""
        return self._scene.cases[self.frame.about or ""]

    @property
    def cases(self) -> Mapping[str, Case]:
        """Every case, by slug."""
        return self._scene.cases

    @property
    def person(self) -> Person:
        """Who we talk with."""
        return self._scene.person

    @property
    def locale(self) -> Locale:
        """The language the person reads."""
        return self._scene.locale

    @property
    def organisation(self) -> Organisation | None:
        """Who runs the assistant, where they say so."""
        return self._scene.organisation

    @property
    def retention(self) -> Retention:
        """How long is kept what operators may set."""
        return self._scene.retention

    @property
    def interrupts(self) -> bool:
        """Whether a conversation waits below this one."""
        return self._scene.interrupted is not None

    @property
    def interrupted(self) -> Case | None:
        """The case of the conversation that this one interrupts."""
        below = self._scene.interrupted
        return self._scene.cases.get(below.about or "") if below else None

    def reading(self, offered: tuple[str, ...]) -> Reading:
        """With what answers are read where that was suggested last."""
        return self._scene.reading(offered) if offered else self._reading

    def say(self, *said: Text) -> None:
        """Say something on the way to the next question, a paragraph each. It is said once."""
        self.said.extend(said)

    def ask(
        self, name: str, answer: Answer[T], *said: Text, shows: Mapping[str, tuple[Text, ...]] | None = None
    ) -> T:
        """The answer to the question `name`, asking it where it is not known yet.

        `said` are the paragraphs of one message; only the last one is repeated when the answer cannot be
        taken. `shows`: options that are no answer but show something; then the question is asked again.
        """
        self.path.append(name)
        for known in self.frame.answers:
            if known.name == name:
                try:
                    restored = answer.restore(known.value, self._reading)
                except ValueError as unfit:
                    self.problem = unfit.refusal if isinstance(unfit, Lapsed) else None
                    break
                self.said.clear()
                return restored
        asked = self.frame.asked
        if self._given is None or asked is None or asked.name != name:
            raise _Asking(name, answer, said, None)
        reading = self.reading(asked.offered)
        outcome = self._take(self._given, answer, said, reading)
        typed = self._given if isinstance(self._given, TextMessage) else None
        refs = self.frame.known_as(typed.ref) if typed else ()
        self._given = None
        if not isinstance(outcome, Taken):
            self.problem, self.refused = outcome, refs
            if typed and isinstance(outcome, Refusal):
                self.fault = answer.fault(typed.text, outcome, reading)
            raise _Asking(name, answer, said, None)
        self.accepted, self.problem, self.answered = True, None, name
        if shows and (shown := shows.get(outcome.value or "")) is not None:
            raise _Asking(name, answer, said, shown)
        answered = Answered(name, outcome.value, refs, asked.offered if refs else ())
        self.frame = self.frame.with_answer(answered)
        self.said.clear()
        return answer.restore(outcome.value, reading)

    def preset(self, name: str, answer: Answer[T], value: str | None, *said: Text) -> T:
        """As `ask`; but until the question is asked for by `redo`, its answer is the stored form `value`."""
        asked, redoing = self.frame.asked, self.frame.redoing
        is_open = (asked and asked.name == name) or (redoing and redoing.name == name)
        if is_open or self.frame.answer(name):
            return self.ask(name, answer, *said)
        try:
            taken = answer.restore(value, self._reading)
        except ValueError:  # it cannot be taken any more, such as a moment that has passed
            return self.ask(name, answer, *said)
        self.path.append(name)
        self._presets[name] = value
        return taken

    def redo(self, name: str, *dropped: str) -> NoReturn:
        """Ask `name` again, and forget the answers to `dropped`; *back* brings the old answer again."""
        before = Answered(name, self._presets[name]) if name in self._presets else None
        raise _Redo(before, (name, *dropped))

    def _take(
        self, given: TextMessage | Press, answer: Answer[T], said: tuple[Text, ...], reading: Reading
    ) -> Understood:
        asked = self.frame.asked
        assert asked is not None  # noqa: S101  for the type checker: `ask` has looked
        if given.mark is not None and given.mark != asked.mark:
            raise Stale
        if answer.binding or isinstance(given, Press):
            texts = [each.render(reading.locale) for each in said]
            if _mark(asked.name, texts, answer.options(reading)) != asked.mark:
                raise Stale
        if not isinstance(given, Press):
            return answer.understand(given.text, replace(reading, sure=True) if given.meant else reading)
        if given.value not in {option.value for option in answer.options(reading)}:
            raise Stale
        return answer.understand(given.value, reading)


Conversation = Callable[[Talk], Iterable["Effect | Begin | HandOn"]]


def play(
    conversation: Conversation, scene: Scene, frame: Frame, given: TextMessage | Press | None = None
) -> Waiting | Finished:
    """Run the conversation as far as the answers go. Raises Stale where `given` answers another question."""
    accepted = False
    while True:
        talk = Talk(scene, frame, given)
        try:
            effects = tuple(conversation(talk))
        except _Asking as asking:
            return _waiting(talk, asking, scene, accepted=accepted or talk.accepted)
        except _Redo as redo:
            frame, given = talk.frame.redo(*redo.names, before=redo.before), None
            accepted = accepted or talk.accepted
        else:
            return Finished(talk.frame, tuple(talk.said), effects, accepted or talk.accepted)


def spoken(said: Text, text: Markup, conversation: str | None, locale: Locale) -> Reply:
    """What is said as a message; `text` is how it was rendered."""
    attachment: Attachment | None = None
    if isinstance(said, Printed):
        attachment = said.paper
    elif isinstance(said, Pictured):
        attachment = Picture(said.drawn(locale))
    return Reply(text, conversation=conversation, attachment=attachment)


def _waiting(talk: Talk, asking: _Asking, scene: Scene, *, accepted: bool) -> Waiting:
    offered, refused = _offered_and_refused(talk, asking.name)
    reading = talk.reading(offered)
    options = asking.answer.options(reading)
    texts = [each.render(scene.locale) for each in asking.said]
    mark = _mark(asking.name, texts, options)
    buttons = tuple(
        [Button(option.value, in_plain_text(option.label, scene.locale), option.word) for option in options]
    )
    now = talk.frame
    asked = Asked(asking.name, mark, offered, refused)
    frame = Frame(
        conversation=now.conversation, case=now.case, answers=now.answers, asked=asked, redoing=now.redoing
    )
    question = Reply(texts[-1], buttons, asks=asking.name, conversation=frame.conversation, mark=mark)
    before = (
        *((each, each.render(scene.locale)) for each in talk.said),
        *((each, each.render(scene.locale)) for each in asking.shown),
    )
    return Waiting(
        frame=frame,
        before=before,
        question=question,
        answer=asking.answer,
        reading=reading,
        path=tuple(talk.path),
        problem=talk.problem,
        fault=talk.fault,
        accepted=accepted,
    )


def _offered_and_refused(talk: Talk, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is suggested with the question, and the message that it refused, until it is answered."""
    if talk.problem is not None:
        return talk.problem.values if isinstance(talk.problem, Unsure) else (), talk.refused
    before = talk.frame.asked
    return (before.offered, before.refused) if before and before.name == name else ((), ())


def _mark(name: str, texts: Iterable[Markup], options: Iterable[Option]) -> str:
    """A question's mark: its name and a digest of everything that is shown with it."""
    everything = "\0".join([*texts, *[option.value for option in options]])
    digest = hashlib.blake2b(everything.encode("utf-8", "surrogatepass"), digest_size=6)
    return f"{name}.{digest.hexdigest()}"
