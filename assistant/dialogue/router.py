"""One incoming message handled, without side effects: state and message in, state, replies, effects out."""

from dataclasses import dataclass, replace

from assistant.dialogue.answers import Unsure
from assistant.dialogue.script import Script
from assistant.dialogue.state import Frame, State
from assistant.dialogue.talk import Finished, Person, Scene, Stale, Waiting, play
from assistant.domain.effects import Begin, Effect, Forget, SetLanguage
from assistant.domain.messages import Content, Open, Press, Reply, Text, Unreadable
from assistant.domain.speech import Paragraphs, Speech

RESUME_AFTER_DAYS = 2  # away for this long, a person is asked before a half-written letter goes on
CHAIN_MAX = 20  # conversations begun in one turn: more is a loop in our own code


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to."""

    state: State
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]


def turn(script: Script, person: Person, state: State, content: Content, *, days_away: int = 0) -> Turn:
    """Handle one message. `days_away`: whole days since the person's last one."""
    return _Turn(script, person, state, days_away).take(content)


class _Turn:
    def __init__(self, script: Script, person: Person, state: State, days_away: int) -> None:
        self._script = script
        self._person = person
        self._tongue = script.tongue(person.language) or script.default_tongue
        self._frames = [frame for frame in state.frames if self._still_known(frame)]
        self._away = days_away >= RESUME_AFTER_DAYS
        self._replies: list[Reply] = []
        self._effects: list[Effect] = []

    def take(self, content: Content) -> Turn:
        match content:
            case Open(case):
                self._open(case)
            case Unreadable(kind):
                self._begin_if_idle()
                self._repeat(self._script.phrases.unreadable(kind))
            case Press():
                self._answer(content)
            case Text(text):
                self._read(text)
        if not self._replies:  # the last conversation ended in silence, and nothing waits below it
            self._open(None)
        return Turn(State(tuple(self._frames)), tuple(self._replies), tuple(self._effects))

    # What people write

    def _read(self, text: str) -> None:
        word, _, rest = text.strip().partition(" ")
        if word.casefold() == "/start":
            self._open(rest.strip() or None)
        elif (command := self._script.command(text)) and not self._names_an_option(text):
            self._obey(command)
        elif word.startswith("/") and self._names_an_option(text.lstrip()[1:]):
            self._answer(Text(text.lstrip()[1:]))
        elif word.startswith("/"):
            self._begin_if_idle()
            self._repeat(self._script.phrases.unknown_command())
        elif not self._frames:
            self._open(None)
        elif self._away and self._has_answers() and self._frames[-1].conversation != "resume":
            self._ask_to_resume(None)
        else:
            self._answer(Text(text))

    def _names_an_option(self, text: str) -> bool:
        """Whether a word that works everywhere is also, in full, one of the options on the table."""
        if self._away or not self._frames or text.lstrip().startswith("/"):
            return False
        waiting = self._play()
        return isinstance(waiting, Waiting) and bool(waiting.answer.exactly(text, waiting.reading))

    def _obey(self, command: str) -> None:
        if command == "start":
            self._open(None)
        elif command == "back":
            self._back()
        elif self._frames and self._frames[-1].conversation == command:
            self._repeat()
        else:
            if command in self._script.afresh:
                self._frames.clear()
            case = self._frames[-1].about if self._frames else None
            self._drop(command)
            self._frames.append(Frame(command, case or self._only_case()))
            self._go_on()

    # Beginning and coming back

    def _open(self, case: str | None) -> None:
        if case is not None and case not in self._script.cases:
            self._say(self._script.phrases.unknown_case())
            case = None
        other = case is not None and any(frame.about not in (None, case) for frame in self._frames)
        if not self._frames:
            self._begin(case)
            self._go_on()
        elif self._has_answers() and (other or self._away):
            self._ask_to_resume(case if other else None)
        elif other:
            self._frames.clear()
            self._begin(case)
            self._go_on()
        else:
            self._repeat(whole=True)

    def _begin(self, case: str | None) -> None:
        self._frames.append(Frame("letter", case or self._only_case()))
        if self._person.language is None:
            self._frames.append(Frame("language"))

    def _begin_if_idle(self) -> None:
        if not self._frames:
            self._begin(None)

    def _ask_to_resume(self, other_case: str | None) -> None:
        if other_case or self._frames[-1].conversation != "resume":
            self._drop("resume")
            self._frames.append(Frame("resume", other_case or self._frames[0].about))
        self._go_on()

    def _back(self) -> None:
        if not self._frames:
            return self._open(None)
        frame = self._frames[-1]
        if frame.redoing is not None:
            self._frames[-1] = frame.with_answer(*frame.redoing)
            return self._go_on()
        waiting = self._play()
        if isinstance(waiting, Waiting) and len(waiting.path) > 1:
            self._frames[-1] = replace(frame.without(waiting.path[-2]), asked=None)
            return self._go_on()
        if len(self._frames) > 1 and self._person.language is not None:
            self._frames.pop()  # back to what this one interrupted
            return self._repeat()
        return self._repeat(self._script.phrases.at_the_start())

    # Playing the conversation on top

    def _answer(self, given: Text | Press) -> None:
        if not self._frames:
            return self._say(self._script.phrases.stale())
        try:
            return self._go_on(given)
        except Stale:
            return self._repeat(self._script.phrases.stale())

    def _go_on(self, given: Text | Press | None = None) -> None:
        """Play until a question waits, or until nothing is left to be said."""
        interrupting = False
        for _ in range(CHAIN_MAX):
            if not self._frames:
                return None
            if interrupting:
                return self._repeat()
            played = self._play(given)
            given = None
            if isinstance(played, Waiting):
                return self._wait(played)
            interrupting = not self._finish(played)
        raise RecursionError("conversations begin each other without end")

    def _finish(self, played: Finished) -> bool:
        """Leave the conversation on top; True where another one follows it."""
        done = self._frames.pop()
        begun = False
        for effect in played.effects:
            if isinstance(effect, Begin):
                if effect.afresh:
                    self._frames.clear()
                self._frames.append(Frame(effect.conversation, effect.case or done.case))
                begun = True
            else:
                self._effects.append(effect)
                self._notice(effect)
        self._say(*played.said, conversation=done.conversation)
        return begun

    def _notice(self, effect: Effect) -> None:
        if isinstance(effect, SetLanguage):
            self._person = replace(self._person, language=effect.language)
            self._tongue = self._script.tongue(effect.language) or self._tongue
        elif isinstance(effect, Forget):
            self._frames.clear()

    def _wait(self, waiting: Waiting) -> None:
        if waiting.problem is not None:
            return self._repeat(self._explain(waiting), waiting)
        self._frames[-1] = waiting.frame
        self._replies += [*waiting.said, waiting.question]
        return None

    def _repeat(
        self, because: Speech | None = None, waiting: Waiting | None = None, *, whole: bool = False
    ) -> None:
        """Ask the open question again, with a word before it. `whole`: with all that belongs to it."""
        played = waiting or self._play()
        if isinstance(played, Finished):
            if because:
                self._say(because)
            return self._go_on()
        fresh = played.frame.asked != self._frames[-1].asked and played.problem is None
        self._frames[-1] = played.frame
        first, *others = [*(played.said if whole or fresh else ()), played.question]
        if because:
            first = replace(first, html=Paragraphs((because, first.html)).render(self._tongue))
        self._replies += [first, *others]
        return None

    def _play(self, given: Text | Press | None = None) -> Waiting | Finished:
        frame = self._frames[-1]
        below = self._frames[-2] if len(self._frames) > 1 else None
        scene = Scene(self._person, self._tongue, self._script.cases, self._script.gazetteer, below)
        return play(self._script.conversations[frame.conversation], scene, frame, given)

    def _explain(self, waiting: Waiting) -> Speech:
        if isinstance(waiting.problem, Unsure):
            return self._script.phrases.did_you_mean()
        assert waiting.problem is not None  # noqa: S101  for the type checker
        return self._script.phrases.refused(waiting.problem, waiting.answer.limit)

    def _say(self, *said: Speech, conversation: str | None = None) -> None:
        self._replies.extend(Reply(each.render(self._tongue), conversation=conversation) for each in said)

    # Small questions

    def _still_known(self, frame: Frame) -> bool:
        script = self._script
        return frame.conversation in script.conversations and (
            frame.about is None or frame.about in script.cases
        )

    def _drop(self, conversation: str) -> None:
        """Forget a conversation that waits below, because it begins anew: they do not pile up."""
        self._frames = [frame for frame in self._frames if frame.conversation != conversation]

    def _only_case(self) -> str | None:
        return next(iter(self._script.cases)) if len(self._script.cases) == 1 else None

    def _has_answers(self) -> bool:
        return any(frame.answers for frame in self._frames)
