"""Golden chats: what people write, and what they read, as text that anybody can read.

In a transcript, `# ...` is a remark, and

    = language es                      what holds from here on: the language we know of the person,
    = cases alma-rivas norma-cruz      the cases there are (without this line: Alma Rivas's only),
    = reworded                         and that the letters were worded anew;
    = leaves 2012-01-23 (today)        when a letter of now leaves;
    = letters left                     that what was written has left.
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
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from assistant.dialogue.router import Turn, turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
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
from assistant.domain.letters import ExpectedActionDay, ExpectedDeparture, WrittenLetter
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
from tests.support.invented_cases import invented_cases, reworded, with_cases

_BUTTON = re.compile(r"\[([\w-]+)(?:@(\d+))?\]")
_LONG = re.compile(r"\((.) (\d+) times\)")
_EDIT = re.compile(r"\(edits (.+?)\) ?(.*)")
_QUOTING = re.compile(r"\(quotes (\w+)(?:@(\d+))?\) (.*)")
_EVENT = re.compile(r"\(([a-z]+)(?: ([\w-]+))?\)")
_QUOTE = re.compile(r"<blockquote>(.*?)</blockquote>", re.DOTALL)
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
            return replace(
                person, letters={**person.letters, draft.case: WrittenLetter(answers, has_left=False)}
            )
        case Withdraw(case):
            return replace(
                person, letters={slug: each for slug, each in person.letters.items() if slug != case}
            )
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
        self._known = invented_cases(script)
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
        cases = self._chat.script.cases.values()
        announced = next((each.title for case in cases for each in case.action_days), None)
        begins = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        action_day = ExpectedActionDay(announced, begins) if announced and "action-day" in how else None
        return ExpectedDeparture(day, today="today" in how, action_day=action_day)

    def _set_up(self, what: str, *which: str) -> None:
        chat = self._chat
        match what:
            case "language":
                chat.person = replace(chat.person, language=which[0])
            case "cases":
                chat.script = with_cases(chat.script, [self._known[slug] for slug in which])
            case "reworded":
                chat.script = reworded(chat.script)
            case "leaves":
                leaving = self._departure(date.fromisoformat(which[0]), *which[1:])
                chat.person = replace(chat.person, leaving=dict.fromkeys(self._known, leaving))
            case "link":
                chat.person = replace(chat.person, link=ChatLink(which[0], starts=True))
            case "letters":  # they have left
                chat.person = replace(
                    chat.person, letters=dict.fromkeys(chat.person.letters, WrittenLetter())
                )
            case _:
                raise ValueError(f"unknown in a transcript: = {what}")


def as_lines(reply: Reply) -> Iterable[str]:
    """A message as a transcript has it."""
    quoted = _QUOTE.sub(lambda found: "| " + found[1].replace("\n", "\n| "), reply.html)
    for number, line in enumerate(plain(type(reply.html)(quoted)).splitlines()):
        yield f"{'  ' if number else '< '}{line}".rstrip()
    yield from (f"  {line}" for line in listed(reply.buttons))
    if isinstance(reply.attachment, Paper):
        yield f"+ letter for {reply.attachment.case} in {reply.attachment.language}"


def _named(effect: Effect) -> str:
    match effect:
        case QueueLetter(draft):
            return f"QueueLetter {draft.case} {draft.country}"
        case SetLanguage(what) | Subscribe(what) | Postpone(what) | Withdraw(what):
            return f"{type(effect).__name__} {what}"
    return type(effect).__name__
