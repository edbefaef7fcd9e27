"""What begins with an argument: a button under a message that asks nothing, or words typed for it.

Anybody can press such a button at any time, forward it, or forge what it says: it only ever opens a talk.
"""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import Approve, Halt, Pause, RequestApproval, Resume, Unsubscribe
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Press
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from conversations.commands import TEAM
from tests.support.dialogue_organisers import DIGEST, SELF, alert, organiser, send_all
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat

WAITING = alert(7, BroadcastStatus.PROPOSED)
SENDING = alert(12, BroadcastStatus.SENDING)
OPENING = ["/alert", "/approve 7", "/halt 12", "/team", "/pause norma-cruz", "/agree 1", "/edit 7"]
FORGED = [
    "",
    ":",
    "forget:yes",
    "stop:",
    "language:es",
    "alert:norma-cruz",
    "resume:again",
    "nothing:1",
    "Halt:12",
    "\ud800:\x00",
]


def supporter(script: Script) -> Chat:
    return Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))


# What supporters have


def test_a_button_under_news_begins_the_letter_of_its_case(script: Script) -> None:
    for content in (
        Press("open", "letter:leyla-aydin"),
        "letter leyla-aydin",
        "/letter leyla-aydin",
        "carta leyla-aydin",
    ):
        chat = supporter(script)
        taken = chat.send(content)
        assert taken.accepted
        assert "Leyla Aydin" in taken.replies[0].html
        assert chat.question.asks == "ready"


def test_more_about_a_case_is_read_without_a_question(script: Script) -> None:
    (under_news,) = [
        name for name in script.arguments if script.arguments[name] == "case" and name != "letter"
    ]
    for content in (Press("open", f"{under_news}:alma-rivas"), f"/{under_news} alma-rivas"):
        taken = supporter(script).send(content)
        assert "Alma Rivas was arrested." in taken.replies[0].html
        assert (taken.effects, taken.state.frames) == ((), ())


def test_it_goes_on_with_what_it_interrupted(script: Script) -> None:
    chat = supporter(script)
    send_all(chat, "letter alma-rivas", "go", "Germany")
    chat.send(Press("open", "organiser:ABCD2345"))
    assert chat.question.asks == "called"
    chat.send("Ana")
    assert chat.question.asks == "name"


def test_a_case_that_is_gone_begins_with_a_word_about_it(script: Script) -> None:
    taken = supporter(script).send(Press("open", "letter:nobody"))
    assert "a case that is closed" in taken.replies[0].html


@pytest.mark.parametrize(
    "typed", ["letter to my friend", "letter", "write about alma-rivas", "news alma-rivas today"]
)
def test_other_words_after_a_word_are_no_argument(script: Script, typed: str) -> None:
    chat = supporter(script)
    send_all(chat, "letter alma-rivas", "go", "Germany", "Ana")
    taken = chat.send(typed)
    assert taken.effects == ()
    assert [frame.conversation for frame in taken.state.frames] == ["letter"]


# What only organisers have


@pytest.mark.parametrize("typed", OPENING)
def test_a_word_of_the_team_begins_nothing_for_a_supporter(script: Script, typed: str) -> None:
    chat = supporter(script)
    send_all(chat, "letter alma-rivas", "go")
    before = chat.state
    taken = chat.send(typed)
    assert "We do not know that word." in taken.replies[0].html
    assert (taken.accepted, taken.effects, taken.state) == (False, (), before)


@pytest.mark.parametrize("command", sorted(TEAM))
def test_without_a_slash_it_is_ordinary_text(script: Script, command: str) -> None:
    """A supporter may well be called Alert, or write a sentence that begins so."""
    for locale in script.locales.values():
        for word in TEAM[command].render(locale).unescape().split(", "):
            chat = supporter(script)
            send_all(chat, "letter alma-rivas", "go", "Germany", word.capitalize())
            assert chat.question.asks == "line"
            chat.send(f"{word} is what they all want")
            assert chat.question.asks == "verdict"
            assert word in chat.shown[-1].html


@pytest.mark.parametrize("value", [f"approve:7.{DIGEST}", "halt:12", "edit:7", "pause:norma-cruz", "agree:1"])
def test_a_forwarded_button_of_the_team_changes_nothing(script: Script, value: str) -> None:
    chat = supporter(script)
    send_all(chat, "letter alma-rivas", "go")
    taken = chat.send(Press("open", value))
    assert "nothing was changed" in taken.replies[0].html
    assert (taken.accepted, taken.effects) == (False, ())
    assert taken.replies[-1].asks == "country"


@pytest.mark.parametrize("value", FORGED)
@pytest.mark.parametrize("role", [None, Role.OWNER])
def test_forged_values_begin_nothing(script: Script, value: str, role: Role | None) -> None:
    chat = organiser(script, role, WAITING, SENDING) if role else supporter(script)
    taken = chat.send(Press("open", value))
    assert taken.replies
    assert [effect for effect in taken.effects if isinstance(effect, Unsubscribe | Approve | Halt)] == []


@pytest.mark.parametrize("value", ["halt", "halt:", "halt:12", "halt:12:12"])
def test_a_supporter_halts_nothing(script: Script, value: str) -> None:
    assert supporter(script).send(Press("open", value)).effects == ()


def test_halting_takes_one_press_or_one_word(script: Script) -> None:
    for content in (Press("open", "halt:12"), "/halt 12", " /HALT  12 ", "/detener 12", "/halt #12"):
        assert organiser(script, Role.VIEWER, SENDING).send(content).effects == (Halt(12),)
    for typed in ("/halt", "halt", "Halt!", "detener"):
        assert organiser(script, Role.VIEWER, SENDING).send(typed).effects == (Halt(None),)


def test_halting_in_the_middle_of_writing_loses_nothing(script: Script) -> None:
    chat = organiser(script, Role.DRAFTER, SENDING)
    send_all(chat, "/alert", "norma-cruz", "Please write.")
    taken = chat.send(Press("open", "halt:12"))
    assert (taken.effects, taken.replies[-1].asks) == ((Halt(12),), "text-es")


def test_a_case_is_paused_by_its_name_alone(script: Script) -> None:
    for content in ("/pause norma-cruz", "/pausar norma-cruz", Press("open", "pause:norma-cruz")):
        assert organiser(script, Role.VIEWER).send(content).effects == (Pause("norma-cruz"),)
    chat = organiser(with_cases(script, invented_cases(script).values()), Role.VIEWER)
    assert (chat.send("/pause nobody").effects, chat.question.asks) == ((), "which")


# Resuming

HALTED = alert(12, BroadcastStatus.HALTED)
RESUME_THE_CASE = RequestApproval(
    ApprovalRequest(id=0, what=RequestKind.RESUME, subject="norma-cruz", author=SELF)
)


@pytest.mark.parametrize(
    "content", ["/resume 12", "/resume #12", "resume", "/unhalt 12", Press("open", "resume:12")]
)
def test_a_number_resumes_a_broadcast(script: Script, content: str | Press) -> None:
    chat = organiser(script, Role.APPROVER, HALTED)
    assert (chat.send(content).effects, chat.question.asks) == ((), "resume")
    assert chat.send("yes").effects == (Resume(12),)


@pytest.mark.parametrize(
    "content",
    ["/resume norma-cruz", "/reanudar Norma-Cruz", "/lift norma-cruz", Press("open", "resume:norma-cruz")],
)
def test_a_slug_asks_to_resume_a_case(script: Script, content: str | Press) -> None:
    chat = organiser(script, Role.APPROVER, HALTED, paused=["norma-cruz"])
    assert chat.send(content).effects == (RESUME_THE_CASE,)


def test_without_either_it_is_asked_what_to_resume(script: Script) -> None:
    chat = organiser(script, Role.APPROVER, HALTED, paused=["norma-cruz"])
    chat.send("/resume")
    assert [button.value for button in chat.question.buttons] == ["12", "norma-cruz"]
    assert chat.send("Norma Cruz, Guatemala").effects == (RESUME_THE_CASE,)


@pytest.mark.parametrize("typed", ["/resume 13", "/resume norma-cruz", "/resume leyla-aydin", "/lift 12 12"])
def test_what_is_neither_halted_nor_paused_is_not_resumed(script: Script, typed: str) -> None:
    chat = organiser(script, Role.APPROVER, HALTED)
    taken = chat.send(typed)
    assert "nothing halted or paused by that name" in taken.replies[0].html
    assert (taken.effects, chat.state.frames) == ((), ())


def test_buttons_from_before_the_verbs_changed_still_work(script: Script) -> None:
    chat = organiser(script, Role.APPROVER, HALTED, paused=["norma-cruz"])
    assert chat.send(Press("open", "lift:norma-cruz")).effects == (RESUME_THE_CASE,)
    chat = organiser(script, Role.APPROVER, HALTED)
    chat.send(Press("open", "unhalt:12"))
    assert chat.send(chat.press("yes")).effects == (Resume(12),)


# Approving


def test_approving_shows_everything_before_it_asks(script: Script) -> None:
    for content in (Press("open", f"approve:7.{DIGEST}"), "/approve 7", "/approve", "aprobar"):
        chat = organiser(script, Role.APPROVER, WAITING)
        taken = chat.send(content)
        assert (taken.effects, chat.question.asks) == ((), "approve")
        assert "Please write." in chat.question.html
        assert chat.send("approve").effects == (Approve(7, DIGEST),)


@pytest.mark.parametrize("value", ["approve:7.0000000000000000", "approve:8", "approve:12", "approve:x"])
def test_a_button_for_what_reads_otherwise_by_now_approves_nothing(script: Script, value: str) -> None:
    chat = organiser(script, Role.APPROVER, WAITING, SENDING)
    chat.send(Press("open", value))
    taken = chat.send("yes")
    assert [effect for effect in taken.effects if isinstance(effect, Approve)] == []


def test_a_button_of_the_question_is_void_once_it_reads_otherwise(script: Script) -> None:
    chat = organiser(script, Role.APPROVER, WAITING)
    chat.send("/approve 7")
    press = chat.press("yes")
    chat.person = organiser(script, Role.APPROVER, alert(7, BroadcastStatus.PROPOSED, people=44)).person
    assert chat.send(press).effects == ()
    assert "44 people" in chat.question.html


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DRAFTER])
def test_a_role_that_is_not_enough_is_told_so(script: Script, role: Role) -> None:
    chat = organiser(script, role, WAITING)
    taken = chat.send(Press("open", f"approve:7.{DIGEST}"))
    assert "Your role in the team does not include this" in taken.replies[0].html
    assert (taken.effects, taken.state.frames) == ((), ())


def test_who_is_in_the_team_no_more_cannot_go_on(script: Script) -> None:
    chat = organiser(script, Role.APPROVER, WAITING)
    chat.send("/approve 7")
    press = chat.press("yes")
    chat.person = Person(language="en")
    assert chat.send(press).effects == ()
    assert chat.send("yes").effects == ()
