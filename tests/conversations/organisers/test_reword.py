"""A letter reads otherwise than before: an approver says whether that matters for those that wait."""

from dataclasses import replace

import pytest

from assistant.dialogue.script import Script
from assistant.domain.effects import DecideText
from assistant.domain.letters import ActionRef
from assistant.domain.messages import Press
from assistant.domain.notifications import START_MARK
from assistant.domain.organisers import Role
from tests.support.dialogue_organisers import organiser
from tests.support.offices import REF
from tests.support.transcript import Chat

OLDER = REF.of._replace(action="threats")


def team_member(script: Script, *undecided: ActionRef, role: Role = Role.APPROVER) -> Chat:
    """Somebody of that role, while it is to be said of these actions."""
    chat = organiser(script, role)
    assert chat.person.team
    chat.person = replace(chat.person, team=replace(chat.person.team, undecided=undecided))
    return chat


@pytest.mark.parametrize(("typed", "matters"), [("1", True), ("no, only the spelling", False)])
@pytest.mark.parametrize("begun", ["/reword", f"/reword {REF.of}", Press(START_MARK, f"reword:{REF.of}")])
def test_it_is_asked_and_then_decided(script: Script, begun: str | Press, typed: str, matters: bool) -> None:
    chat = team_member(script, REF.of)
    chat.send(begun)
    assert chat.question.asks == "matters"
    assert "Fax action" in chat.question.html
    assert chat.send(typed).effects == (DecideText(REF.of, matters),)


def test_of_several_it_is_asked_which(script: Script) -> None:
    chat = team_member(script, OLDER, REF.of)
    chat.send("/reword")
    assert chat.question.asks == "action"
    chat.send("threats")
    assert chat.question.asks == "matters"
    assert chat.send("yes").effects == (DecideText(OLDER, matters=True),)


@pytest.mark.parametrize("undecided", [(), (OLDER,)])
def test_what_is_decided_already_is_not_asked_again(script: Script, undecided: tuple[ActionRef, ...]) -> None:
    taken = team_member(script, *undecided).send(Press(START_MARK, f"reword:{REF.of}"))
    assert "somebody has decided it already" in taken.replies[0].html
    assert (taken.effects, taken.state.frames) == ((), ())


def test_a_thumbs_up_decides_nothing(script: Script) -> None:
    chat = team_member(script, REF.of)
    chat.send("/reword")
    assert chat.send("👍").effects == ()


def test_who_may_not_approve_is_told_so(script: Script) -> None:
    taken = team_member(script, REF.of, role=Role.DRAFTER).send("/reword")
    assert "role" in taken.replies[0].html
    assert (taken.effects, taken.state.frames) == ((), ())
