"""One incoming message handled, without side effects: state and message in, state, replies, effects out."""

from dataclasses import dataclass, replace
from typing import assert_never

from assistant.dialogue.corrections import correct
from assistant.dialogue.script import Script
from assistant.dialogue.stage import Stage
from assistant.dialogue.state import RENAMED, Answered, Frame, State
from assistant.dialogue.talk import Person, Stale, Waiting
from assistant.domain.cases import find_action
from assistant.domain.effects import Effect, MarkGroupChat, Unsubscribe
from assistant.domain.messages import (
    Approval,
    Blocked,
    Content,
    Edited,
    Flooded,
    GroupChat,
    Open,
    Press,
    Reply,
    TextMessage,
    Unreadable,
)
from assistant.domain.notifications import started_by
from assistant.domain.texts import Text

SENTENCE_WORDS = 3  # besides `stop` and courtesies: with so many, it is a sentence where one is asked for
RESUME_AFTER_DAYS = 2  # away for this long, a person is asked before a half-written letter goes on


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to.

    `accepted`: it was taken as an answer or a command, or opened something; not where it was stale, refused,
    unreadable or passed over.
    """

    state: State
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]
    accepted: bool


def turn(script: Script, person: Person, state: State, content: Content, *, days_away: int = 0) -> Turn:
    """Handle one message. `days_away`: whole days since the person's last one."""
    stage = Stage(script, person, state)
    if person.group_chat:
        return Turn(state, (), (), accepted=False)
    match content:
        case Blocked():
            return Turn(state, (), (Unsubscribe(),), accepted=False)
        case GroupChat():
            stage.say(script.phrases.private_only())
            return Turn(state, tuple(stage.replies), (MarkGroupChat(),), accepted=False)
        case Flooded():
            stage.say(script.phrases.flooded())
            return Turn(state, tuple(stage.replies), (), accepted=False)
        case Approval(mark):
            press = _agreed(stage, mark)
            if press is None:
                return Turn(state, (), (), accepted=False)
            content = press
    _Router(stage, away=days_away >= RESUME_AFTER_DAYS).take(content)
    return Turn(State(tuple(stage.frames)), tuple(stage.replies), tuple(stage.effects), stage.accepted)


def decline(script: Script, person: Person, state: State, because: Text) -> Turn:
    """Say why nothing comes of a message, and ask the open question again."""
    stage = Stage(script, person, state)
    stage.decline(because)
    return Turn(State(tuple(stage.frames)), tuple(stage.replies), (), accepted=False)


def _agreed(stage: Stage, mark: str | None) -> Press | None:
    """The yes that the open question offers, where that question has this mark and still reads the same."""
    asked = stage.frames[-1].asked if stage.frames else None
    if asked is None or asked.mark != mark:
        return None
    waiting = stage.play()
    if isinstance(waiting, Waiting) and waiting.question.mark == mark:
        for option in waiting.answer.options(waiting.reading):
            if option.agrees:
                return Press(mark, option.value)
    return None


def _said(given: TextMessage) -> Answered:
    """What a conversation is told that asks what was meant by it."""
    return Answered("said", given.text, (given.ref,) if given.ref else ())


class _Router:
    def __init__(self, stage: Stage, *, away: bool) -> None:
        self._stage = stage
        self._script = stage.script
        self._away = away

    def take(self, content: TextMessage | Edited | Press | Open | Unreadable) -> None:
        stage = self._stage
        match content:
            case Open(written):
                self._open(written)
            case Unreadable(kind):
                self._begin_if_idle()
                stage.repeat(self._script.phrases.unreadable(kind))
            case Press():
                self._press(content)
            case TextMessage():
                self._read(content)
            case Edited(ref, text, new_ref):
                if new_ref:
                    stage.frames = [frame.renumbered(ref, new_ref) for frame in stage.frames]
                if not (stage.frames and stage.frames[-1].awaits(ref)) and not self._stops(text):
                    return correct(stage, ref, text)
                self._read(TextMessage(text, ref))
            case _:
                assert_never(content)
        if not stage.replies:  # the last conversation ended in silence, and nothing waits below it
            self._open(None)
        return None

    # What people write

    def _read(self, given: TextMessage) -> None:
        text = given.text
        frames = self._stage.frames
        word, *others = text.split(maxsplit=1) or ("",)
        rest = "".join(others)
        if word.casefold() == "/start":
            self._open(Open.by_link(rest).case)
        elif (command := self._command(text)) and not self._names_an_option(text):
            self._obey_surely(command, given)
        elif (command := self._polite(text)) and not self._names_an_option(text):
            self._obey_politely(command, given)
        elif (language := self._language(text)) and not self._names_an_option(text):
            self._interrupt_with("language", Answered("language", language))
        elif begun := self._script.command_with_argument(text, team=self._stage.of_the_team):
            self._begin_with(*begun)
        elif (urgent := self._urgent(text)) and not self._names_an_option(text):
            self._obey_urgently(*urgent, given)
        elif (slip := self._slip(text)) and not self._names_an_option(text):
            self._clarify(slip, given)
        elif self._stage.of_the_team and not frames and (command := self._script.mentioned(text)):
            self._clarify(command, given)
        elif word.startswith("/") and self._names_an_option(text.lstrip()[1:]):
            self._answer(replace(given, text=text.lstrip()[1:]))
        elif word.startswith("/"):
            self._begin_if_idle()
            self._stage.repeat(self._script.phrases.unknown_command())
        elif (topic := self._topic(text)) is not None:
            self._answer_question(topic, given)
        elif not frames and self._stage.person.language and self._script.is_courtesy(text):
            self._stage.say(self._script.phrases.welcome())
        elif not frames and given.mark is None:
            self._open(None)
        elif self._away and self._has_answers() and frames[-1].conversation != "come_back":
            self._ask_to_come_back(None)
        else:
            self._answer(given)

    def _names_an_option(self, text: str) -> bool:
        """Whether a word that works everywhere is also, in full, one of the options on the table."""
        if self._away or not self._stage.frames or text.lstrip().startswith("/"):
            return False
        waiting = self._stage.play()
        return isinstance(waiting, Waiting) and bool(waiting.answer.exactly(text, waiting.reading))

    def _command(self, text: str) -> str | None:
        return self._script.command(text, team=self._stage.of_the_team)

    def _polite(self, text: str) -> str | None:
        """The command with polite words around it; for the team, `Please write` is a text, too."""
        command = self._script.polite_command(text, team=self._stage.of_the_team)
        return None if command and self._writes_to_others() else command

    def _topic(self, text: str) -> str | None:
        """The command that answers what we are asked; empty where none does; None where we are not."""
        stage = self._stage
        topic = self._script.question(text, stage.frames[-1].about if stage.frames else None)
        if topic is None or self._names_an_option(text):
            return None
        if not stage.frames:
            return topic
        if stage.frames[-1].conversation in self._script.team or (not topic and self._answers(text)):
            return None
        if not topic and self._takes_own_words():
            return topic if self._script.asks_us(text) else None
        return topic

    def _answers(self, text: str) -> bool:
        """Whether what reads like a question answers the open one."""
        waiting = self._stage.play()
        return isinstance(waiting, Waiting) and waiting.answer.answered_by(text, waiting.reading)

    def _answer_question(self, topic: str, given: TextMessage) -> None:
        if self._takes_own_words():
            self._interrupt_with("clarify_question", _said(given), Answered("topic", topic or None))
        elif not topic:
            self._stage.decline(self._script.phrases.cannot_answer())
        else:
            command, _, entry = topic.partition(" ")  # neither has a blank
            if entry:
                self._stage.accepted = True
                self._interrupt_with(command, Answered("entry", entry))
            else:
                self._obey(command)

    def _takes_own_words(self) -> bool:
        """Whether the open question takes whatever is written."""
        waiting = self._stage.play() if self._stage.frames else None
        return isinstance(waiting, Waiting) and waiting.answer.in_own_words

    def _takes_text(self) -> bool:
        """Whether the open question offers nothing to choose from, or takes whatever is written."""
        waiting = self._stage.play() if self._stage.frames else None
        if not isinstance(waiting, Waiting):
            return False
        answer = waiting.answer
        return answer.in_own_words or answer.typed or not answer.options(waiting.reading)

    # What stops something

    def _urgent(self, text: str) -> tuple[str, str] | None:
        urgent = self._script.urgent_command(text, team=self._stage.of_the_team)
        if urgent is None or text.lstrip().startswith("/"):
            return urgent
        others = len(urgent[1].split())
        if others and self._takes_own_words() and (others >= SENTENCE_WORDS or self._writes_to_others()):
            return None
        if urgent[0] not in self._script.arguments:
            return urgent
        named = all(each.isdecimal() or each in self._script.cases for each in urgent[1].split())
        return urgent if named or not self._takes_text() else None  # "Halt the violence" is a text, too

    def _slip(self, text: str) -> str | None:
        """What was to stop something and has a letter wrong; a text that somebody writes has more words."""
        return self._script.slip_of_urgent(text, team=self._stage.of_the_team)

    def _writes_to_others(self) -> bool:
        """Whether somebody of the team is asked for a text."""
        return self._takes_own_words() and self._stage.frames[-1].conversation in self._script.team

    def _obey_urgently(self, command: str, others: str, given: TextMessage) -> None:
        """Words beside courtesies say what to stop, or are asked about."""
        slash = given.text.lstrip().startswith("/")
        if command in self._script.arguments and self._script.asks(given.text):
            self._clarify(command, given)
        elif not others or (slash and command not in self._script.arguments):
            self._obey_surely(command, given)
        elif command in self._script.arguments:
            self._begin_with(command, others)
        else:
            self._clarify(command, given)

    def _obey_surely(self, command: str, given: TextMessage) -> None:
        """Where a name is asked for, only what people usually type: `End` and `Paré` are names, too."""
        is_a_name_asked = self._takes_text() and not self._takes_own_words()
        slash = given.text.lstrip().startswith("/")
        sure = slash or command not in self._script.urgent or self._script.says_mainly(given.text, command)
        if is_a_name_asked and not sure:
            self._clarify(command, given)
        else:
            self._obey(command)

    def _clarify(self, command: str, given: TextMessage) -> None:
        self._interrupt_with(self._script.urgent[command], _said(given))

    def _stops(self, text: str) -> bool:
        """Whether it surely is a command that stops something, whatever question is open."""
        urgent = self._urgent(text)
        return urgent is not None and not urgent[1] and self._script.says_mainly(text, urgent[0])

    def _obey(self, command: str) -> None:
        stage = self._stage
        stage.accepted = True
        if command == "start":
            self._open(None)
        elif command == "back":
            self._back()
        elif stage.frames and stage.frames[-1].conversation == command:
            stage.repeat()
        else:
            self._interrupt_with(command)

    def _language(self, text: str) -> str | None:
        """The language that is named and nothing else; for the team, that may be a text."""
        language = self._script.language_named(text)
        return None if language and self._writes_to_others() else language

    def _obey_politely(self, command: str, given: TextMessage) -> None:
        """Where a sentence for the letter may be meant, ask."""
        if self._takes_own_words() and command in self._script.conversations:
            self._answer_question(command, given)
        else:
            self._obey(command)

    def _interrupt_with(self, command: str, *answers: Answered) -> None:
        stage = self._stage
        answers += stage.make_way(command)
        case = stage.frames[-1].about if stage.frames else None
        stage.drop(command)
        stage.frames.append(Frame(conversation=command, case=case or self._only_case(), answers=answers))
        stage.go_on()

    # What begins with an argument

    def _press(self, press: Press) -> None:
        door = started_by(press)
        if door is None:
            return self._answer(press)
        conversation = RENAMED.get(door[0], door[0])
        script, of_the_team = self._script, self._stage.of_the_team
        if conversation in script.arguments and (conversation not in script.team or of_the_team):
            return self._begin_with(conversation, door[1])
        return self._stage.decline(script.phrases.stale())

    def _begin_with(self, command: str, argument: str) -> None:
        if command in ("start", "letter"):
            return self._open(argument)
        self._stage.accepted = True
        return self._interrupt_with(command, Answered(self._script.arguments[command], argument))

    def _answer(self, given: TextMessage | Press) -> None:
        if self._stage.question_is_gone and given.mark is None:
            return self._stage.decline(self._script.phrases.stale(), whole=True)
        try:
            if not self._stage.frames:
                raise Stale
            return self._stage.go_on(given)
        except Stale:
            return self._pressed_too_late(given)

    def _pressed_too_late(self, given: TextMessage | Press) -> None:
        """A second press, after what the first one did: say how that stands, and not that nothing changed."""
        question = (given.mark or "").partition(".")[0]
        told_by = self._script.settled.get((question, given.value)) if isinstance(given, Press) else None
        is_open = any(frame.asked and frame.asked.name == question for frame in self._stage.frames)
        if told_by is None or is_open or (told_by in self._script.team and not self._stage.of_the_team):
            return self._stage.decline(self._script.phrases.stale(), whole=True)  # what it is about by now
        return self._interrupt_with(told_by)

    # Beginning and coming back

    def _open(self, written: str | None) -> None:
        """Begin a letter, or go on with it. `written`: a case, or one of its actions, as links name them."""
        stage = self._stage
        stage.accepted = True
        case, action = find_action(self._script.cases, written) if written else (None, None)
        if case is not None and case not in self._script.cases:
            stage.say(self._script.phrases.unknown_case())
            case = action = None
        other = case is not None and not any(_is_about(frame, case, action) for frame in stage.frames)
        if not stage.frames:
            self._begin(case, action)
            stage.go_on()
        elif self._has_answers() and (other or self._away):
            self._ask_to_come_back(*((case, action) if other else (None, None)))
        elif other:
            stage.frames.clear()
            self._begin(case, action)
            stage.go_on()
        else:
            stage.repeat(whole=True)

    def _begin(self, case: str | None, action: str | None = None) -> None:
        answers = (Answered("action", action),) if action else ()
        self._stage.frames.append(
            Frame(conversation="letter", case=case or self._only_case(), answers=answers)
        )
        if self._stage.person.language is None:
            self._stage.frames.append(Frame(conversation="language"))

    def _begin_if_idle(self) -> None:
        if not self._stage.frames:
            self._begin(None)

    def _ask_to_come_back(self, other_case: str | None, other_action: str | None = None) -> None:
        stage = self._stage
        if other_case or stage.frames[-1].conversation != "come_back":
            stage.drop("come_back")
            answers = (Answered("action", other_action),) if other_action else ()
            case = other_case or stage.frames[0].about
            stage.frames.append(Frame(conversation="come_back", case=case, answers=answers))
        stage.go_on()

    def _back(self) -> None:
        stage = self._stage
        if not stage.frames:
            return self._interrupt_with("undo") if stage.person.letters else self._open(None)
        frame = stage.frames[-1]
        if frame.redoing is not None:
            stage.frames[-1] = frame.with_answer(frame.redoing)
            return stage.go_on()
        waiting = stage.play()
        if isinstance(waiting, Waiting) and len(waiting.path) > 1:
            stage.frames[-1] = replace(frame.without(waiting.path[-2]), asked=None)
            return stage.go_on()
        follows = len(stage.frames) > 1 and stage.frames[-2].asked is None  # after something that is done
        if follows and any(not each.has_left for each in stage.person.letters):
            return self._interrupt_with("undo")
        if len(stage.frames) > 1 and stage.person.language is not None:
            stage.frames.pop()  # back to what this one interrupted
            return stage.repeat()
        return stage.repeat(self._script.phrases.at_the_start())

    # Small questions

    def _only_case(self) -> str | None:
        return next(iter(self._script.cases)) if len(self._script.cases) == 1 else None

    def _has_answers(self) -> bool:
        asides = self._script.asides
        frames = [frame for frame in self._stage.frames if frame.conversation not in asides]
        return any(each.name != "action" for frame in frames for each in frame.answers)


def _is_about(frame: Frame, case: str, action: str | None) -> bool:
    """Whether the conversation is about that case; and about that action, where one is named."""
    chosen = frame.answer("action")
    return frame.about == case and (action is None or (chosen is not None and chosen.value == action))
