"""States that earlier versions saved go on, for ever: files in tests/states are added, never changed.

A file holds the cases there were, what was known of the person (their `role`, if they were in the team, and
what was `halted` or `paused` then), the state (as `Chat.stored` has it), what the person then typed (in
place of the message `edited`, where it says so) or which button they pressed, and what comes of it.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.dialogue.answers import Choice, Country, Name, PersonalLine
from assistant.dialogue.options import Option
from assistant.dialogue.script import Script
from assistant.dialogue.state import Answered, Asked, Frame, State
from assistant.dialogue.talk import Person, Talk
from assistant.domain.effects import Begin, Effect
from assistant.domain.letters import WrittenLetter
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Content, Edited, Press, TextMessage
from assistant.domain.organisers import Role
from assistant.domain.texts import Sentence
from tests.support.dialogue_organisers import alert, organiser
from tests.support.invented_cases import invented_cases, ref_of, with_cases
from tests.support.transcript import Chat

FOLDER = Path(__file__).parent.parent / "states"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_saved_state_goes_on(name: str, script: Script) -> None:
    saved: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    known = invented_cases(script)
    chat = Chat(with_cases(script, [known[slug] for slug in saved["cases"]]))
    written = tuple(WrittenLetter(ref=ref_of(known[slug])) for slug in saved["letters"])
    chat.person = Person(language=saved["language"], letters=written)
    if "role" in saved:
        halted = [alert(number, BroadcastStatus.HALTED) for number in saved.get("halted", ())]
        team = organiser(script, Role(saved["role"]), *halted).person.team
        chat.person = replace(chat.person, team=team, paused=frozenset(saved.get("paused", ())))
    chat.stored = json.dumps(saved["state"])
    asked = chat.state.frames[-1].asked
    assert asked
    taken = chat.send(given(saved, asked.mark))
    question = taken.replies[-1]
    if not taken.accepted and question.asks == asked.name and question.mark != asked.mark:
        # It reads differently by now, so was shown first.
        taken = chat.send(given(saved, question.mark or ""))
    assert [type(effect).__name__ for effect in taken.effects] == saved["effects"]
    assert [reply.asks for reply in taken.replies][-1] == saved["asks"]


def given(saved: dict[str, Any], mark: str) -> Content:
    """What the person did: a press is on the button under the open question."""
    if "edited" in saved:
        return Edited(saved["edited"], saved["given"])
    return Press(mark, saved["pressed"]) if saved["pressed"] else TextMessage(saved["given"])


# Conversations that changed since


def made_of(script: Script, *questions: str, skip: str = "skip") -> Script:
    """The script with another letter: these questions only, in that order."""
    answers = {
        "name": Name(),
        "country": Country(lambda code: Option(code, code), Option("none", "None")),
        "line": PersonalLine(Option(skip, "Skip"), [Option("yes", "Yes")]),
        "age": Choice(Option("young", "Young"), Option("old", "Old")),
    }

    def letter(talk: Talk) -> Iterable[Effect | Begin]:
        given = [
            talk.ask(question, answers[question], Sentence(f"Your {question}?")) for question in questions
        ]
        talk.say(Sentence(f"Done: {', '.join(str(each) for each in given)}"))
        return []

    changed = with_cases(script, [invented_cases(script)["alma-rivas"]])
    changed.conversations = {**script.conversations, "letter": letter}
    return changed


def letter_with(*answers: tuple[str, str | None], asked: str) -> State:
    frame = Frame(
        conversation="letter", case="alma-rivas", answers=tuple(Answered(*each) for each in answers)
    )
    return State((replace(frame, asked=Asked(asked, f"{asked}.000000000000")),))


def resumed(script: Script, state: State) -> Chat:
    chat = Chat(script, Person(language="en"))
    chat.stored = json.dumps(state.dump())
    return chat


def test_a_question_added_in_front_is_asked_and_the_others_are_not(script: Script) -> None:
    state = letter_with(("name", "Ana"), ("country", "DE"), asked="line")
    chat = resumed(made_of(script, "age", "name", "country", "line"), state)
    chat.send("Please.")  # an answer to another question than the one that is asked now
    assert chat.question.asks == "age"
    chat.send("old")
    assert chat.question.asks == "line"
    chat.send("Please.")
    assert chat.shown[-1].html == "Done: old, Ana, DE, Please."


def test_a_question_that_was_dropped_is_forgotten(script: Script) -> None:
    state = letter_with(("age", "old"), ("name", "Ana"), asked="country")
    chat = resumed(made_of(script, "name", "country"), state)
    chat.send("Germany")
    assert chat.shown[-1].html == "Done: Ana, DE"


def test_a_question_that_was_open_when_it_was_dropped_takes_no_answer(script: Script) -> None:
    chat = resumed(made_of(script, "name", "country"), letter_with(("name", "Ana"), asked="age"))
    chat.send("Chad")
    assert chat.question.asks == "country"
    chat.send("Germany")
    assert chat.shown[-1].html == "Done: Ana, DE"


def test_questions_in_another_order_are_not_asked_again(script: Script) -> None:
    state = letter_with(("name", "Ana"), ("country", "DE"), asked="line")
    chat = resumed(made_of(script, "country", "line", "name"), state)
    chat.send("skip")
    assert chat.shown[-1].html == "Done: DE, None, Ana"


@pytest.mark.parametrize(
    ("question", "stored"),
    [
        ("name", "a@b"),
        ("name", None),
        ("country", "XX"),
        ("country", None),
        ("line", "x" * 301),
        ("age", "none"),
    ],
)
def test_an_answer_that_is_no_longer_valid_is_asked_for_again(
    question: str, stored: str | None, script: Script
) -> None:
    questions = ("name", "country", "line", "age")
    good = {"name": "Ana", "country": "DE", "line": None, "age": "old"}
    answers = [(each, stored if each == question else good[each]) for each in questions]
    chat = resumed(made_of(script, *questions), letter_with(*answers, asked="age"))
    chat.send("young")
    assert chat.question.asks == question
    assert all(reply.asks in (None, question) for reply in chat.shown)


def test_a_conversation_that_is_gone_leaves_what_waits_below_it(script: Script) -> None:
    letter = letter_with(("name", "Ana"), asked="country").frames[0]
    chat = resumed(
        made_of(script, "name", "country"),
        State((letter, Frame(conversation="quiz", case=None, answers=(Answered("score", "1"),)))),
    )
    chat.send("Germany")
    assert chat.shown[-1].html == "Done: Ana, DE"


def test_where_nothing_is_left_the_letter_begins(script: Script) -> None:
    chat = resumed(made_of(script, "name"), State((Frame(conversation="quiz"),)))
    chat.send("anything")
    assert chat.question.asks == "name"


def test_a_button_of_a_conversation_that_is_gone_changes_nothing(script: Script) -> None:
    chat = resumed(
        made_of(script, "name"), State((Frame(conversation="quiz", asked=Asked("score", "score.0")),))
    )
    taken = chat.send(Press("score.0", "1"))
    assert (len(taken.replies), taken.effects, taken.state) == (1, (), State())
