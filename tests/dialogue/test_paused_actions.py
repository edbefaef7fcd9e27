"""A case of two open actions, one of which is paused: what supporters read, and what organisers can pause."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import Pause, QueueLetter, Withdraw
from assistant.domain.letters import ActionRef
from assistant.domain.messages import Open, Press
from assistant.domain.organisers import Role
from tests.support.dialogue_organisers import organiser
from tests.support.invented_cases import with_another_action, with_cases
from tests.support.transcript import Chat

CASE = "norma-cruz"
WITNESS = f"{CASE}--witness"


@pytest.fixture
def both(script: Script) -> Script:
    return with_cases(script, [with_another_action(script.cases[CASE], "witness", "Protect the witness")])


def supporter(script: Script, *paused: str) -> Chat:
    return Chat(script, Person(language="en", paused=frozenset(paused)))


def pause(chat: Chat, *subjects: str) -> None:
    chat.person = replace(chat.person, paused=frozenset(subjects))


def written(chat: Chat, *typed: str) -> list[str]:
    """For which actions letters are queued by what is typed."""
    effects = [effect for each in typed for effect in chat.send(each).effects]
    return [effect.draft.ref.action for effect in effects if isinstance(effect, QueueLetter)]


def said(chat: Chat) -> str:
    return "\n".join(reply.html for reply in chat.shown)


def test_nobody_is_asked_which_where_the_other_one_is_paused(both: Script) -> None:
    chat = supporter(both, WITNESS)
    chat.send("letter")
    assert chat.question.asks == "ready"
    assert written(chat, "go", "Germany", "Ana", "skip", "send") == ["fax-2012"]


@pytest.mark.parametrize("begun", [Open(WITNESS), Press("open", f"letter:{WITNESS}"), f"letter {WITNESS}"])
def test_a_link_to_it_says_so_and_offers_the_other(both: Script, begun: Open | Press | str) -> None:
    chat = supporter(both, WITNESS)
    chat.send(begun)
    assert "stopped writing letters for Protect the witness" in said(chat)
    assert "You do not need to do anything" not in said(chat)
    assert chat.question.asks == "ready"
    assert written(chat, "go", "Germany", "Ana", "skip", "send") == ["fax-2012"]


def test_with_both_paused_there_is_nothing_to_write(both: Script) -> None:
    chat = supporter(both, WITNESS, f"{CASE}--fax-2012")
    assert written(chat, "letter", "go") == []
    assert "stopped writing letters for Norma Cruz" in said(chat)


def test_paused_just_before_it_is_sent_it_is_not_sent(both: Script) -> None:
    chat = supporter(both)
    assert written(chat, f"letter {WITNESS}", "go", "Germany", "Ana", "skip") == []
    pause(chat, WITNESS)
    assert written(chat, "send") == []
    assert "stopped writing letters for Protect the witness" in said(chat)
    assert written(chat, "go", "send") == ["fax-2012"]  # with the name and country that were given


def test_its_letter_waits_and_can_be_withdrawn_but_not_changed(both: Script) -> None:
    chat = supporter(both)
    assert written(chat, f"letter {WITNESS}", "go", "Germany", "Ana", "skip", "send", "no") == ["witness"]
    pause(chat, WITNESS)
    chat.send("status")
    assert "It waits, because sending is paused." in said(chat)
    assert written(chat, "change", "name", "Ben", "send") == []
    assert "stopped writing letters for Protect the witness" in said(chat)
    chat.send("withdraw")
    assert chat.send("yes").effects == (Withdraw(ActionRef(CASE, "witness")),)


def offered(chat: Chat) -> Iterable[str]:
    return [button.value for button in chat.question.buttons]


def test_an_organiser_pauses_one_of_them_or_all_of_the_case(both: Script) -> None:
    for typed, paused in (("1", CASE), ("2", WITNESS), ("Only Protect the witness", WITNESS)):
        chat = organiser(both, Role.VIEWER)
        chat.send("/pause")
        assert offered(chat) == [CASE, WITNESS, f"{CASE}--fax-2012"]
        assert chat.send(typed).effects == (Pause(paused),)


@pytest.mark.parametrize(
    ("typed", "paused"),
    [(f"/pause {WITNESS}", WITNESS), (f"/PAUSE {WITNESS.upper()}", WITNESS), ("/pause norma cruz", CASE)],
)
def test_one_that_is_named_is_paused_at_once(both: Script, typed: str, paused: str) -> None:
    assert organiser(both, Role.VIEWER).send(typed).effects == (Pause(paused),)


def test_of_one_action_only_the_case_is_offered(script: Script) -> None:
    chat = organiser(script, Role.VIEWER)
    chat.send("/pause")
    assert offered(chat) == [CASE]
