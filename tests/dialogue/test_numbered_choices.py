"""Talks about what has a number of its own: numbers have gaps, and are never places on a list."""

from dataclasses import replace

import pytest

from assistant.dialogue.script import Script
from assistant.domain.effects import AnswerRequest, RequestApproval, Save
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import listed
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from tests.support.dialogue_organisers import OTHER_ORGANISER, SELF, alert, organiser, send_all
from tests.support.transcript import Chat

VERA, DORA = Organiser(4, Role.VIEWER, "Vera"), Organiser(5, Role.DRAFTER, "Dora")
WISHES = [
    ApprovalRequest(id=2, what=RequestKind.REMOVE, subject="4", author=OTHER_ORGANISER),
    ApprovalRequest(id=3, what=RequestKind.REMOVE, subject="5", author=OTHER_ORGANISER),
]
DRAFTS = [alert(number, BroadcastStatus.DRAFT, author=SELF) for number in (2, 3)]


@pytest.fixture
def chat(script: Script) -> Chat:
    """Olga, in a team that somebody has left."""
    chat = organiser(script, Role.OWNER, *DRAFTS, requests=WISHES)
    assert chat.person.team
    team = replace(chat.person.team, members=(*chat.person.team.members, VERA, DORA))
    chat.person = replace(chat.person, team=team)
    return chat


@pytest.mark.parametrize(
    ("asked", "label"), [("/role", "Vera"), ("/agree", "Vera leaves the team"), ("/discard", "Alert 2")]
)
def test_a_press_a_number_and_the_words_mean_the_same(chat: Chat, asked: str, label: str) -> None:
    chat.send(asked)
    (button,) = [each for each in chat.question.buttons if each.label == label]
    word = next(line.split(" ")[0] for line in listed(chat.question.buttons) if line.endswith(label))
    state, answers = chat.stored, []
    for content in (chat.press(button.value), word, f"#{button.value}", label, label.upper()):
        chat.stored = state
        answers.append(chat.send(content).replies[-1].html)
    assert len(set(answers)) == 1
    assert label.split(" leaves")[0] in answers[0]


@pytest.mark.parametrize("asked", ["/role", "/agree", "/discard"])
def test_what_is_listed_says_what_to_type(chat: Chat, asked: str) -> None:
    """No line is numbered by its place."""
    chat.send(asked)
    lines = list(listed(chat.question.buttons))
    assert [line for line in lines if " – " not in line] == []
    assert len({line.split(" – ")[0] for line in lines}) == len(lines)


def test_a_place_on_the_list_is_refused(chat: Chat) -> None:
    chat.send("/discard")
    assert "choose one of these" in chat.send("1").replies[0].html


def test_one_wish_alone_is_asked_about_at_once(script: Script) -> None:
    chat = organiser(script, Role.OWNER, requests=WISHES[:1])
    assert "Abel asks for this" in chat.send("/agree").replies[0].html
    assert chat.send("yes").effects == (AnswerRequest(2, agreed=True),)


def test_one_draft_alone_is_proposed_at_once(script: Script) -> None:
    chat = organiser(script, Role.DRAFTER, DRAFTS[1])
    (effect,) = chat.send("/propose").effects
    assert effect.broadcast == 3  # type: ignore[union-attr]  # Propose


def test_a_wish_names_the_person_and_the_role(chat: Chat) -> None:
    send_all(chat, "/role", "5")
    (effect,) = chat.send("approver").effects
    assert isinstance(effect, RequestApproval)
    assert effect.request == ApprovalRequest(
        id=0, what=RequestKind.ROLE, subject="5", value="approver", author=SELF
    )
    assert "nothing has changed yet" in chat.shown[-1].html


def test_a_message_edited_afterwards_changes_the_text_before_it_is_kept(script: Script) -> None:
    chat = organiser(script)
    send_all(
        chat, "/alert", "norma-cruz", "Please wite.", "skip", "en", "case", "all", "all", "now", "h24", "wait"
    )
    chat.send("letter")
    stale = chat.press("save")
    taken = chat.send(chat.edit("Please wite.", "Please write."))
    assert (taken.effects, chat.question.asks) == ((), "check")
    assert "Please write." in chat.question.html
    assert chat.send(stale).effects == ()
    (effect,) = chat.send("save").effects
    assert isinstance(effect, Save)
    assert effect.announcement.texts == {"en": "Please write."}


def test_what_was_typed_is_no_markup(script: Script) -> None:
    chat = organiser(script)
    send_all(
        chat,
        "/alert",
        "none",
        "Write <b>now</b> & {{ today }}",
        "skip",
        "en",
        "all",
        "all",
        "now",
        "h24",
        "wait",
    )
    assert chat.question.asks == "check"
    (effect,) = chat.send("save").effects
    assert isinstance(effect, Save)
    assert effect.announcement.texts == {"en": "Write &lt;b&gt;now&lt;/b&gt; &amp; {{ today }}"}
