"""Whatever organisers send, in whatever order: an answer comes, and only what their role allows is done."""

import json
from itertools import chain

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.dialogue.router import Turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    DecideLetters,
    DecideText,
    Discard,
    Halt,
    OrganiserEffect,
    Pause,
    Propose,
    RequestApproval,
    Resume,
    Save,
    SettleAnswers,
    SignOut,
)
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Content, Press, Reply, TextMessage, Unreadable
from assistant.domain.organisers import ApprovalRequest, Permission, RequestKind, Role
from conversations.commands import TEAM
from tests.support.any_input import Step, check_reply, edit_any, press_any, quote_any
from tests.support.chance import budget
from tests.support.dialogue_organisers import DIGEST, SELF, alert, organiser
from tests.support.transcript import Chat

FRAMES_MAX = 20  # each conversation once
KNOWN = (
    alert(3, BroadcastStatus.DRAFT, author=SELF),
    alert(4, BroadcastStatus.PROPOSED, author=SELF),
    alert(5, BroadcastStatus.PROPOSED, people=1200, urgent=True),
    alert(6, BroadcastStatus.PROPOSED),
    alert(7, BroadcastStatus.SENDING),
    alert(8, BroadcastStatus.HALTED),
    alert(9, BroadcastStatus.DONE),
)
WISHES = (
    ApprovalRequest(id=1, what=RequestKind.ROLE, subject="2", value="viewer", author=2),
    ApprovalRequest(id=2, what=RequestKind.RESUME, subject="norma-cruz", author=SELF),
)
NEEDED = {
    Save: Permission.DRAFT,
    Propose: Permission.DRAFT,
    Discard: Permission.DRAFT,
    Approve: Permission.APPROVE,
    Resume: Permission.APPROVE,
    Halt: Permission.HALT,
    Pause: Permission.HALT,
    RequestApproval: Permission.APPROVE,
    AnswerRequest: Permission.APPROVE,
    SettleAnswers: Permission.APPROVE,
    DecideLetters: Permission.APPROVE,
    DecideText: Permission.APPROVE,
    SignOut: Permission.LOOK,
}
SENSIBLE = {
    "about": ["norma-cruz", "none"],
    "broadcast": ["4", "5", "6", "8", "9"],
    "text-en": ["Please <b>write</b>.", "skip"],
    "text-es": ["Escribe\n\n{hoy}.", "skip"],
    "countries": ["all", "Germany, Japan"],
    "moment": ["2012-03-01 09:00"],
    "local": ["2012-03-01 10:00"],
    "number": ["1200", "1,200", "5"],
    "check": ["save", "edit", "stop"],
    "code": ["ABCD2345"],
    "called": ["Ana & Eva"],
}

number = st.integers(0, 1000)
typed = st.sampled_from(
    ["1", "2", "3", "yes", "no", "en", "case", "now", "h24", "wait", "urgent", "back", "cancel"]
)
command = st.sampled_from(sorted(TEAM)).map("/".__add__)
argument = st.sampled_from(["", " 3", " 4", " 5", " 6", " 7", " 8", " norma-cruz", " 1", " nobody"])
door = st.tuples(
    st.sampled_from(sorted(TEAM)), st.sampled_from(["3", "6", f"6.{DIGEST}", "6.00", "norma-cruz", "1"])
)


def answer_sensibly(which: int) -> Step:
    """What the open question expects."""

    def step(chat: Chat) -> Content:
        asked = [reply for reply in chat.shown if reply.asks]
        if not asked:
            return TextMessage("/alert")
        offered = [button.value for button in asked[-1].buttons] or ["yes"]
        answers = SENSIBLE.get(asked[-1].asks or "", offered)
        return TextMessage(answers[which % len(answers)])

    return step


steps = st.one_of(
    st.builds(answer_sensibly, number),
    st.builds(answer_sensibly, number),
    st.builds(press_any, number, number),
    st.builds("{}{}".format, command, argument).map(TextMessage),
    st.builds(TextMessage, typed | st.text()),
    st.builds(lambda each: Press("open", ":".join(each)), door),
    st.builds(edit_any, number, typed | st.text(), renumbered=st.booleans()),
    st.builds(quote_any, number, typed),
    st.just(Unreadable("photo")),
)


# What leads to something, of which some steps may be left out or be followed by anything.
PATHS = [
    "/alert norma-cruz Please_write. skip en case all all now h24 wait letter save",
    "/approve_6 yes",
    "/approve_5 yes yes 1200",
    "/propose_3",
    "/discard_3 yes",
    "/resume_8 yes",
    "/resume norma-cruz",
    "/lift_norma-cruz",
    "/team 2 drafter",
    "/agree_1 yes",
]


def walk(path: str, gap: int) -> list[Step]:
    """The path, with one step left out where there is such a one."""
    given: list[Step] = [TextMessage(each.replace("_", " ")) for each in path.split()]
    return [*given[:gap], *given[gap + 1 :]]


paths = st.builds(walk, st.sampled_from(PATHS), st.sampled_from([99, 99, 99, 0, 1, 2]))


@settings(max_examples=budget(15, 80), suppress_health_check=list(HealthCheck))
@given(
    role=st.sampled_from(list(Role)),
    approvals=st.sampled_from([2, 2, 1]),
    paused=st.sampled_from([(), (), ("norma-cruz",)]),
    sent=st.lists(st.one_of(paths, paths, st.lists(steps, max_size=4)), min_size=3, max_size=12),
)
def test_any_organiser(
    script: Script, role: Role, approvals: int, paused: tuple[str, ...], sent: list[list[Step]]
) -> None:
    chat = organiser(script, role, *KNOWN, requests=WISHES, paused=paused, approvals=approvals)
    for each in chain.from_iterable(sent):
        before = list(chat.shown)
        taken = chat.send(each(chat) if callable(each) else each)
        for reply in taken.replies:
            check_reply(reply)
        json.dumps(taken.state.dump(), ensure_ascii=False).encode("utf-8")
        assert State.load(taken.state.dump()) == taken.state
        assert len(taken.state.frames) <= FRAMES_MAX
        for effect in taken.effects:
            if isinstance(effect, OrganiserEffect):
                assert role.may(NEEDED[type(effect)]), effect
        check_approvals(taken, before, approvals, paused)


def check_approvals(taken: Turn, before: list[Reply], approvals: int, paused: tuple[str, ...]) -> None:
    """What is approved was shown, waits for it, and was not written by the same person."""
    for effect in taken.effects:
        if isinstance(effect, Approve):
            question = [reply for reply in before if reply.asks][-1]
            (found,) = [each for each in KNOWN if each.id == effect.broadcast]
            assert (found.status, effect.digest) == (BroadcastStatus.PROPOSED, DIGEST)
            assert found.author != SELF or approvals == 1
            assert question.asks == ("number" if found.reach > 1000 else "approve")
            assert found.announcement.case not in paused
