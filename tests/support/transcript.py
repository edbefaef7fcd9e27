"""Golden chats: what people write, and what they read, as text that anybody can read.

In a transcript, `# ...` is a remark, and

    = language es                      what holds from here on: the language we know of the person,
    = cases alma-rivas norma-cruz      the cases there are (without this line: Alma Rivas's only),
    = closed alma-rivas                that this case has ended,
    = reworded                         and that the letters were worded anew;
    = leaves 2012-01-23 (today)        when a letter of now leaves;
    = letters left                     that what was written has left;
    = letters outdated                 that what was written is not true any more;
    = letters held                     that it is held;
    = now 2012-01-20                   what day it is.
    ... 3 days                         pass.
    > Ana                              is typed,
    > [send]                           is a press on the latest button `send`,
    > [send@2]                         on the one before it,
    > (photo)                          is something that is not text,
    > (opens), > (opens alma-rivas)    the chat being opened, the latter by a link,
    > (x 400 times)                    a long text,
    > (edits Ana) Ana Ruiz             the latest message "Ana" being changed to another text,
    > (quotes verdict) send            an answer that quotes the latest message that asks that question,
    > (quotes verdict@2) send          the one before it,
    > (approves verdict)               a thumbs-up on the latest message that asks that question,
    > (approves nothing)               on one that asks nothing,
    > (blocks), > (group)              that they blocked us, or that it is a group.

Everything else is the assistant's: `< ` begins a message, `| ` stands before what it quotes, options are
numbered or begin with what to type, `+ ` is a file that goes with the message, and `! ` names an effect.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from assistant.dialogue.router import Turn, turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.actions import ONLY_ACTION
from assistant.domain.cases import Case
from assistant.domain.effects import (
    Effect,
    Forget,
    MarkGroupChat,
    Postpone,
    QueueLetter,
    SetLanguage,
    Subscribe,
    Unsubscribe,
    Withdraw,
)
from assistant.domain.letters import (
    ActionRef,
    ExpectedActionDay,
    ExpectedDeparture,
    LetterRef,
    WrittenLetter,
)
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import (
    Approval,
    Blocked,
    ChatLink,
    Content,
    Edited,
    GroupChat,
    Open,
    Paper,
    Press,
    Reply,
    TextMessage,
    Unreadable,
    listed,
)
from assistant.domain.richtext import plain
from assistant.domain.targets import ONLY_TARGET
from tests.support.invented_cases import closed, invented_cases, reworded, with_cases

_BUTTON = re.compile(r"\[([\w-]+)(?:@(\d+))?\]")
_LONG = re.compile(r"\((.) (\d+) times\)")
_EDIT = re.compile(r"\(edits (.+?)\) ?(.*)")
_QUOTING = re.compile(r"\(quotes (\w+)(?:@(\d+))?\) (.*)")
_EVENT = re.compile(r"\(([a-z]+)(?: ([\w-]+))?\)")
_QUOTE = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.DOTALL)
_MARKERS = (">", "=", "...", "#")  # what a line begins with that is not the assistant's


class Chat:
    """One person and the dialogue: the state is stored as JSON between two messages."""

    def __init__(self, script: Script, person: Person | None = None) -> None:
        self.script = script
        self.person = person or Person()
        self.stored = json.dumps(State().dump())
        self.shown: list[Reply] = []
        self.typed: dict[str, str] = {}  # what their messages say now, by their ids

    @property
    def state(self) -> State:
        """The state as the next message finds it."""
        return State.load(json.loads(self.stored))

    @property
    def question(self) -> Reply:
        """The last message that asks something."""
        return [reply for reply in self.shown if reply.asks][-1]

    def send(self, content: Content | str, *, days_away: int = 0) -> Turn:
        """The turn that a message leads to. A string is typed; what is typed gets an id."""
        given = TextMessage(content) if isinstance(content, str) else content
        if isinstance(given, TextMessage) and given.ref is None:
            given = replace(given, ref=str(len(self.typed)))
        if isinstance(given, TextMessage | Edited):
            self.typed[given.ref or ""] = given.text
        taken = turn(self.script, self.person, self.state, given, days_away=days_away)
        self.stored = json.dumps(taken.state.dump())
        self.shown += taken.replies
        for effect in taken.effects:
            self.person = _after(self.person, effect)
        return taken

    def press(self, value: str, ago: int = 1) -> Press:
        """A press on the latest button of that value; `ago` 2: on the one before it."""
        having = [reply for reply in self.shown if value in [button.value for button in reply.buttons]]
        return Press(having[-ago].mark or "", value)

    def edit(self, said: str, text: str) -> Edited:
        """The latest message that says `said`, changed to say `text`."""
        return Edited([ref for ref, now in self.typed.items() if now == said][-1], text)

    def mark(self, question: str, ago: int = 1) -> str | None:
        """The mark of the latest message that asks that question; `ago` 2: of the one before it."""
        return [reply for reply in self.shown if reply.asks == question][-ago].mark


def _after(person: Person, effect: Effect) -> Person:
    """What is known of the person once the effect is carried out, as assistant.services does it."""
    match effect:
        case SetLanguage(language):
            return replace(person, language=language)
        case QueueLetter(draft):
            answers = (("name", draft.name), ("country", draft.country), ("line", draft.personal_line))
            others = tuple(each for each in person.letters if each.ref != draft.ref)
            queued = WrittenLetter(ref=draft.ref, answers=answers, has_left=False, status=LetterStatus.QUEUED)
            return replace(person, letters=(*others, queued))
        case Withdraw(action, target):
            kept = tuple(
                each
                for each in person.letters
                if each.has_left or each.ref.of != action or target not in (None, each.ref.target)
            )
            return replace(person, letters=kept)
        case Subscribe(case):
            return replace(person, subscriptions=person.subscriptions | {case})
        case Unsubscribe():
            return replace(person, subscriptions=frozenset())
        case Forget():
            return Person()
        case MarkGroupChat():
            return replace(person, group_chat=True)
    return person


def replay(transcript: str, script: Script) -> str:
    """The transcript as the dialogue has it now."""
    return "\n".join(_Replay(script).lines(transcript.splitlines())).rstrip() + "\n"


class _Replay:
    def __init__(self, script: Script) -> None:
        self._known = dict(invented_cases(script))
        self._chat = Chat(with_cases(script, [self._known["alma-rivas"]]))
        self._days_away = 0

    def lines(self, transcript: Iterable[str]) -> Iterable[str]:
        before = ""
        for line in transcript:
            if not line.startswith(_MARKERS):
                continue
            if before and (line[0], before[0]) not in {("#", "#"), ("=", "=")}:
                yield ""
            yield line
            before = line
            if line.startswith(">"):
                yield from self._turn(line.removeprefix(">").removeprefix(" "))
            elif line.startswith("="):
                self._set_up(*line.split()[1:])
            elif line.startswith("..."):
                self._days_away = int(line.split()[1])

    def _turn(self, written: str) -> Iterable[str]:
        taken = self._chat.send(self._meant(written), days_away=self._days_away)
        self._days_away = 0
        for reply in taken.replies:
            yield from as_lines(reply)
        for effect in taken.effects:
            yield f"! {_named(effect)}"

    def _meant(self, written: str) -> Content:
        if button := _BUTTON.fullmatch(written):
            return self._chat.press(button[1], int(button[2] or 1))
        if long := _LONG.fullmatch(written):
            return TextMessage(long[1] * int(long[2]))
        if edit := _EDIT.fullmatch(written):
            return self._chat.edit(edit[1], edit[2])
        if quoting := _QUOTING.fullmatch(written):
            return TextMessage(quoting[3], mark=self._chat.mark(quoting[1], int(quoting[2] or 1)))
        event = _EVENT.fullmatch(written)
        return self._event(event[1], event[2]) if event else TextMessage(written)

    def _event(self, what: str, which: str | None) -> Content:
        match what:
            case "opens":
                return Open(which)
            case "approves":
                return Approval(self._chat.mark(which) if which and which != "nothing" else None)
            case "blocks":
                return Blocked()
            case "group":
                return GroupChat()
        return Unreadable(what)

    def _departure(self, day: date, *how: str) -> ExpectedDeparture:
        actions = [action for case in self._chat.script.cases.values() for action in case.actions.values()]
        begins = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        announced = (
            ExpectedActionDay(each.title, begins, action.ref)
            for action in actions
            for each in action.action_days
        )
        action_day = next(announced, None) if "action-day" in how else None
        return ExpectedDeparture(day, today="today" in how, action_day=action_day)

    def _set_up(self, what: str, *which: str) -> None:
        chat = self._chat
        match what:
            case "language":
                chat.person = replace(chat.person, language=which[0])
            case "cases":
                chat.script = with_cases(chat.script, [self._known[slug] for slug in which])
            case "closed":
                self._known |= {slug: closed(self._known[slug]) for slug in which}
                chat.script = with_cases(chat.script, [self._known[slug] for slug in chat.script.cases])
            case "reworded":
                chat.script = reworded(chat.script)
            case "leaves":
                leaving = self._departure(date.fromisoformat(which[0]), *which[1:])
                chat.person = replace(chat.person, leaving=dict.fromkeys(_all_refs(self._known), leaving))
            case "link":
                chat.person = replace(
                    chat.person, link=ChatLink(which[0], f"{which[0]}?start={{case}}_{{source}}")
                )
            case "now":
                now = datetime.fromisoformat(which[0]).replace(hour=12, tzinfo=UTC)
                chat.person = replace(chat.person, now=now)
            case "letters":  # `left`, perhaps only those to one target; `outdated` or `held`
                changed = tuple(_changed(each, *which) for each in chat.person.letters)
                chat.person = replace(chat.person, letters=changed)
            case _:
                raise ValueError(f"unknown in a transcript: = {what}")


def _changed(letter: WrittenLetter, how: str, target: str | None = None) -> WrittenLetter:
    if how in ("outdated", "held"):
        return replace(letter, status=LetterStatus.HELD, outdated=how == "outdated")
    return WrittenLetter(ref=letter.ref) if target in (None, letter.ref.target) else letter


def as_lines(reply: Reply) -> Iterable[str]:
    """A message as a transcript has it."""
    quoted = _QUOTE.sub(lambda found: "| " + found[1].replace("\n", "\n| "), reply.html)
    for number, line in enumerate(plain(type(reply.html)(quoted)).splitlines()):
        yield f"{'  ' if number else '< '}{line}".rstrip()
    yield from (f"  {line}" for line in listed(reply.buttons))
    if isinstance(reply.attachment, Paper):
        paper = reply.attachment
        yield f"+ letter for {paper.case}{_to(paper.target)} in {paper.language}"


def _named(effect: Effect) -> str:
    match effect:
        case QueueLetter(draft):
            return f"QueueLetter {_action(draft.ref.of)}{_to(draft.target)} {draft.country}"
        case Withdraw(action, str(target)):
            return f"Withdraw {action} to {target}"
        case Postpone(action) | Withdraw(action):
            return f"{type(effect).__name__} {_action(action)}"
        case SetLanguage(what) | Subscribe(what):
            return f"{type(effect).__name__} {what}"
    return type(effect).__name__


def _action(ref: ActionRef) -> str:
    """The action, by its case alone where that has just one."""
    return ref.case if ref.action == ONLY_ACTION else str(ref)


def _to(target: str) -> str:
    return "" if target == ONLY_TARGET else f" to {target}"


def _all_refs(cases: Mapping[str, Case]) -> Iterable[LetterRef]:
    """Every letter that can be written for these cases."""
    for case in cases.values():
        for action in case.actions.values():
            yield from (LetterRef(*action.ref, target.slug) for target in action.targets)
