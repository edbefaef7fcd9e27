"""Where a letter is can be asked at any time; whoever panics is shown how to take it back."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import Unsubscribe, Withdraw
from assistant.domain.letters import ExpectedDeparture, WrittenLetter
from assistant.domain.lifecycle import LetterStatus
from tests.support.offices import REF
from tests.support.transcript import Chat

UNSENT = WrittenLetter(
    ref=REF,
    answers=(("name", "Ana Example"), ("country", "FI"), ("line", None)),
    status=LetterStatus.QUEUED,
    has_left=False,
)
MONDAY = ExpectedDeparture(date(2012, 1, 23), today=False)


def writer(
    script: Script, letter: WrittenLetter, leaving: ExpectedDeparture = MONDAY, language: str = "en"
) -> Chat:
    return Chat(script, Person(language=language, letters=(letter,), leaving={REF: leaving}))


@pytest.mark.parametrize(
    "typed",
    [
        "status",
        "Status?",
        "/status",
        "Where is my letter?",
        "what happened with my letter",
        "my letter",
        "has my letter been sent?",
        "when will it be sent?",
        "When does it leave",
        "is it sent?",
    ],
)
def test_a_letter_that_waits(script: Script, typed: str) -> None:
    (said,) = writer(script, UNSENT).send(typed).replies
    assert "has not been sent yet. It will be sent on January 23, 2012 at the latest." in said.html
    assert "<b>change</b> or <b>withdraw</b>" in said.html
    (said,) = writer(script, UNSENT, ExpectedDeparture(date(2012, 1, 23), today=True)).send(typed).replies
    assert "It will be sent today." in said.html


@pytest.mark.parametrize(
    "typed",
    [
        "estado",
        "¿Dónde está mi carta?",
        "¿cuándo sale?",
        "mi carta",
        "/estado",
        "ya llego mi carta",
        "¿cuándo se envía?",
    ],
)
def test_it_is_asked_in_spanish(script: Script, typed: str) -> None:
    (said,) = writer(script, UNSENT, language="es").send(typed).replies
    assert "Se enviará el 23 de enero de 2012 a más tardar." in said.html


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (LetterStatus.RETRY_WAIT, "We are sending your letter"),
        (LetterStatus.HELD, "waits for the campaign"),
        (LetterStatus.SUBMITTING, "We are sending your letter"),
        (LetterStatus.SUBMITTED, "has been handed over"),
        (LetterStatus.SENT, "has been sent"),
        (LetterStatus.DELIVERED, "has arrived"),
        (LetterStatus.FAILED, "could not be delivered"),
        (LetterStatus.UNCERTAIN, "We do not know yet whether"),
    ],
)
def test_a_letter_that_has_left(script: Script, status: LetterStatus, said: str) -> None:
    taken = writer(script, WrittenLetter(ref=REF, status=status, answers=())).send("status")
    assert said in taken.replies[0].html
    assert (len(taken.replies), taken.effects, taken.state.frames) == (1, (), ())


def test_while_its_case_is_paused_no_day_is_promised(script: Script) -> None:
    chat = writer(script, UNSENT)
    chat.person = replace(chat.person, paused=frozenset({"norma-cruz"}))
    for typed in ("status", "stop"):
        html = chat.send(typed).replies[-1].html
        assert "It waits, because sending is paused." in html
        assert "January" not in html


def test_no_day_is_promised_for_a_letter_that_is_held(script: Script) -> None:
    chat = writer(script, replace(UNSENT, status=LetterStatus.HELD))
    assert "has not been sent yet" in chat.send("withdraw").replies[-1].html
    assert "January" not in chat.question.html


@pytest.mark.parametrize("typed", ["withdraw my letter", "cancel my letter", "don't send it", "no la envíen"])
def test_it_is_withdrawn_in_plain_words(script: Script, typed: str) -> None:
    chat = writer(script, UNSENT)
    chat.send(typed)
    assert chat.question.asks == "withdraw"


def test_no_letter(script: Script) -> None:
    (said,) = Chat(script, Person(language="en")).send("status").replies
    assert "There is no letter from you" in said.html


def test_it_is_asked_in_the_middle_of_something_and_that_goes_on(script: Script) -> None:
    chat = writer(script, WrittenLetter(ref=REF, status=LetterStatus.DELIVERED))
    chat.send("subscribe")
    taken = chat.send("where is my letter?")
    assert "has arrived" in taken.replies[0].html
    assert chat.question.asks == "subscribe"


@pytest.mark.parametrize(
    ("typed", "effects"),
    [
        ("stop", (Unsubscribe(),)),
        ("STOP please", (Unsubscribe(),)),
        ("alto", (Unsubscribe(),)),
        ("cancel", ()),
        ("cancelar", ()),
        ("undo", ()),
        ("back", ()),
        ("withdraw", ()),
        ("take it back", ()),
    ],
)
def test_whoever_panics_is_asked_whether_to_withdraw(
    script: Script, typed: str, effects: tuple[Unsubscribe, ...]
) -> None:
    chat = writer(script, UNSENT)
    assert (chat.send(typed).effects, chat.question.asks) == (effects, "withdraw")
    assert "It will be sent on January 23, 2012 at the latest." in chat.question.html
    assert chat.send("yes").effects == (Withdraw(REF.of),)


@pytest.mark.parametrize("typed", ["stop", "cancel", "undo"])
def test_whose_letter_has_left_is_not(script: Script, typed: str) -> None:
    chat = writer(script, WrittenLetter(ref=REF, status=LetterStatus.SENT))
    chat.send(typed)
    assert chat.state.frames == ()


def test_undo_in_the_middle_goes_back_one_question(script: Script) -> None:
    chat = Chat(script, Person(language="en"))
    for typed in ("hi", "go", "Finland", "Ana Example", "undo"):
        chat.send(typed)
    assert chat.question.asks == "name"
