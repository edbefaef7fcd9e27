"""Whatever people send, in whatever order: an answer comes, and only what was read is sent."""

import json
from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from assistant.dialogue.router import Turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.effects import Forget, MarkGroupChat, OrganiserEffect, Postpone, QueueLetter, Withdraw
from assistant.domain.letters import LetterRef
from assistant.domain.messages import (
    Approval,
    Blocked,
    Content,
    Edited,
    GroupChat,
    Open,
    Press,
    Reply,
    TextMessage,
    Unreadable,
)
from conversations.commands import COMMANDS, QUIET, TEAM
from tests.support.any_input import (
    Step,
    any_mark,
    check_reply,
    edit_any,
    press_any,
    quote_any,
)
from tests.support.chance import budget
from tests.support.invented_cases import invented_cases, reworded, with_cases
from tests.support.transcript import Chat

MAY_BE_SILENT = Edited | Approval | Blocked
FRAMES_MAX = 8  # letter, subscribe, language, forget, resume, organiser, more, and one to spare

WORDS = sorted(
    {
        word.strip()
        for sentence in (*COMMANDS.values(), *QUIET.values(), *TEAM.values())
        for words in (
            sentence.message,
            "ayuda, atrás, cancelar, hola, alto, noticias, idioma, olvidar, mis datos",
        )
        for word in words.split(",")
    }
)
ANSWERS = [
    *("go", "later", "send", "edit", "stop", "name", "country", "line", "skip", "yes", "no", "continue"),
    *("again", "1", "2", "3", "٣", "en", "es", "Germany", "Ana", "congo", "alma-rivas", "Leyla", "sí", "no."),
]
ODD = [
    *("", " ", "/", "//", "/start", "/start alma-rivas", "/start nobody", "/x", "\x00", "\ud800", "a\udfff"),
    *(
        "<b>Ana</b>",
        "<script>",
        "</blockquote>",
        "&lt;",
        "{{ 7*7 }}",
        "{% raw %}",
        "{name}",
        "%s",
        "\u202eanA",
    ),
    *(
        "https://example.org",
        "x" * 10_000,
        "😀" * 300,
        "e" + "\u0301" * 50,
        "9" * 5_000,
        "\u200d",
        "²",
        "\n\n",
    ),
]
DOORS = [
    "letter:leyla-aydin",
    "letter:nobody",
    "more:alma-rivas",
    "organiser:ABCD2345",
    "halt:1",
    "approve:1",
    ":",
]
SENSIBLE = {
    "language": ["en", "es"],
    "ready": ["go", "sí"],
    "name": ["Ana", "Ana & Eva", "아나", "أنا"],
    "country": ["Germany", "GT", "Nigera"],
    "line": ["skip", "I <b>teach</b> & {{ hope }}", "\ud800Please"],
    "verdict": ["send", "edit", "1", "2"],
    "case": ["1", "leyla-aydin"],
}

typed = st.sampled_from(ANSWERS + ODD) | st.text() | st.text(st.characters(exclude_categories=()))
command = st.tuples(st.sampled_from(["", "/", " "]), st.sampled_from(WORDS)).map("".join)
number = st.integers(0, 1000)


def answer_sensibly(which: int) -> Callable[[Chat], Content]:
    """What the open question expects."""

    def step(chat: Chat) -> Content:
        asked = [reply for reply in chat.shown if reply.asks]
        answers = SENSIBLE.get(asked[-1].asks or "", ["yes"]) if asked else ["hi"]
        return TextMessage(answers[which % len(answers)])

    return step


def approve_any(which: int) -> Callable[[Chat], Content]:
    """A thumbs-up on any message."""
    return lambda chat: Approval(any_mark(chat, which))


steps = st.one_of(
    st.builds(answer_sensibly, number),
    st.builds(answer_sensibly, number),
    st.builds(press_any, number, number),
    st.builds(TextMessage, typed | command),
    st.builds(Open, st.sampled_from([None, "alma-rivas", "leyla-aydin", "nobody"])),
    st.builds(Unreadable, st.sampled_from(["photo", "voice", "contact"])),
    st.builds(Press, typed, typed),
    st.builds(Press, st.just("open"), st.sampled_from(DOORS) | typed),
    st.builds(edit_any, number, typed | command, renumbered=st.booleans()),
    st.builds(edit_any, number, typed | command, renumbered=st.booleans()),
    st.builds(quote_any, number, typed | command),
    st.builds(approve_any, number),
    st.sampled_from([Blocked(), GroupChat()]),
)
days = st.sampled_from([0, 0, 0, 0, 1, 2, 30])
STOPPING = {"clarify_stop", "resubscribe", "withdraw"}
# Seldom the cases change between two messages.
scripts = st.sampled_from([None] * 12 + ["one", "three", "reworded"])


@settings(max_examples=budget(25, 150), suppress_health_check=list(HealthCheck))
@given(
    language=st.sampled_from([None, "en", "es", "xx"]),
    begun=st.lists(st.builds(answer_sensibly, number), max_size=9),
    then=st.lists(st.tuples(steps, days, scripts), min_size=3, max_size=30),
)
def test_any_chat(
    script: Script, language: str | None, begun: list[Step], then: list[tuple[Step, int, str | None]]
) -> None:
    known = invented_cases(script)
    one = with_cases(script, [known["alma-rivas"]])
    available = {"one": one, "three": with_cases(script, known.values()), "reworded": reworded(one)}
    chat = Chat(one, Person(language=language))
    written: set[LetterRef] = set()
    for step, days_away, change in [*((each, 0, None) for each in begun), *then]:
        chat.script = available[change] if change else chat.script
        before, state = list(chat.shown), chat.state
        content = step(chat) if callable(step) else step
        taken = chat.send(content, days_away=days_away)
        assert taken.replies or (isinstance(content, MAY_BE_SILENT) and not taken.accepted)
        if isinstance(content, Blocked | GroupChat) and not state.frames:
            assert taken.state == state
        if isinstance(content, Edited) and not state.frames:
            # An edit begins nothing, but what an edit to `stop` asks.
            assert {frame.conversation for frame in taken.state.frames} <= STOPPING
        check_group_chat(chat, taken)
        for reply in taken.replies:
            check_reply(reply)
        check_state(chat, taken)
        check_letters(taken, before, content, written)
        assert [effect for effect in taken.effects if isinstance(effect, OrganiserEffect)] == []


def check_group_chat(chat: Chat, taken: Turn) -> None:
    """Once a group has been told, it hears nothing; then a person writes again."""
    if MarkGroupChat() in taken.effects:
        state = chat.state
        assert chat.send("hello") == Turn(state, (), (), accepted=False)
        chat.person = replace(chat.person, group_chat=False)


def check_letters(taken: Turn, before: list[Reply], content: Content, written: set[LetterRef]) -> None:
    """One letter to each office, and only as it was shown with the question asked last, or pressed.

    Another one only in place of a letter that is being changed, or was withdrawn.
    """
    for effect in taken.effects:
        if isinstance(effect, Forget):
            written.clear()
        if isinstance(effect, Postpone | Withdraw):
            written.difference_update([ref for ref in written if ref.of == effect.action])
        if isinstance(effect, QueueLetter):
            assert effect.draft.ref not in written
            written.add(effect.draft.ref)
            asked = [reply for reply in before if reply.asks]
            if isinstance(content, Press):
                asked = [reply for reply in asked if reply.mark == content.mark]
            question = asked[-1]
            assert question.asks == "verdict"
            shown = [reply.html for reply in before if reply.mark == question.mark]
            readings = [
                f"<blockquote>{escape(each.text)}</blockquote>" for each in effect.draft.readings.values()
            ]
            assert any(reading in html for reading in readings for html in shown)


def check_state(chat: Chat, taken: Turn) -> None:
    """It is JSON that a database takes, reads back as it was, and does not grow."""
    json.dumps(taken.state.dump(), ensure_ascii=False).encode("utf-8")
    assert chat.state == taken.state
    assert State.load(taken.state.dump()) == taken.state
    assert len(taken.state.frames) <= FRAMES_MAX
