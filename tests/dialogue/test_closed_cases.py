"""A case that is closed while a question about it is open."""

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.messages import Open
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat


def test_an_answer_to_a_question_about_a_closed_case_sends_no_letter(script: Script) -> None:
    known = invented_cases(script)
    chat = Chat(with_cases(script, known.values()), Person(language="en"))
    for typed in ("hi", "alma-rivas", "go", "Germany", "Ana", "skip"):
        chat.send(typed)
    assert chat.question.asks == "verdict"
    chat.send(Open("leyla-aydin"))
    assert chat.question.asks == "resume"
    chat.script = with_cases(script, [known["alma-rivas"]])
    taken = chat.send("yes")
    assert (taken.effects, chat.question.asks) == ((), "verdict")
