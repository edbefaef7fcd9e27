"""Who asks something gets an answer and then the question again; it is never a name."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.cases import FrequentQuestion
from assistant.domain.organisers import Role
from tests.support.dialogue_organisers import organiser, send_all
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat

SAFE = [
    "is this safe?",
    "Is this safe",
    "who will see my name?",
    "who will see my name",
    "Will the police read this?",
    "what if they find me",
    "will they find me",
]
SAFE_ES = ["¿es seguro?", "Es seguro para mi", "quién verá mi nombre", "¿Quién lee esto?"]
WHO = [
    "who are you?",
    "how do I know you are Amnesty?",
    "are you a bot",
    "who is behind this?",
    "is this a scam?",
]
WHO_ES = ["¿quién eres?", "¿quién está detrás de esto?", "es una estafa"]
NEXT = [
    "what happens next?",
    "what happens next",
    "how does this work?",
    "how long does it take?",
    "what will it cost?",
]
NEXT_ES = ["¿qué pasa después?", "cómo funciona esto", "¿cuánto tarda?"]
WHERE = ["what happened with my letter?", "has my letter arrived?", "when will my letter be sent"]
KNOWN = [
    *((typed, "the government that gets your letter") for typed in SAFE),
    *((typed, "el gobierno que recibe tu carta") for typed in SAFE_ES),
    *((typed, "A program answers you") for typed in WHO),
    *((typed, "Te responde un programa") for typed in WHO_ES),
    *((typed, "nothing is sent before you say so") for typed in NEXT),
    *((typed, "no se envía nada hasta que tú lo digas") for typed in NEXT_ES),
    *((typed, "We know of no letter that was sent") for typed in WHERE),
]
UNKNOWN = ["What is the weather like?", "hm?", "¿?", "Where is Guatemala?", "لماذا؟"]


def asked(script: Script, question: str, language: str = "en") -> Chat:
    """A chat at that question."""
    chat = Chat(script, Person(language=language))
    send_all(
        chat,
        *{"country": ("hi", "1"), "name": ("hi", "1", "Finland"), "line": ("hi", "1", "Finland", "Ana")}[
            question
        ],
    )
    assert chat.question.asks == question
    return chat


@pytest.mark.parametrize(("typed", "answer"), KNOWN)
@pytest.mark.parametrize("question", ["name", "country"])
def test_a_known_question_is_answered_and_asked_again(
    script: Script, question: str, typed: str, answer: str
) -> None:
    language = "es" if any(typed in each for each in (SAFE_ES, WHO_ES, NEXT_ES)) else "en"
    chat = asked(script, question, language)
    taken = chat.send(typed)
    assert answer in taken.replies[0].html
    assert (chat.question.asks, taken.effects, chat.state.frames[-1].answer(question)) == (question, (), None)


@pytest.mark.parametrize("typed", UNKNOWN)
@pytest.mark.parametrize("question", ["name", "country"])
def test_an_unknown_question_is_no_answer(script: Script, question: str, typed: str) -> None:
    chat = asked(script, question)
    taken = chat.send(typed)
    assert "We have no answer to that" in taken.replies[0].html
    assert chat.question.asks == question


@pytest.mark.parametrize(("typed", "answer"), KNOWN)
def test_at_the_own_sentence_it_is_asked_whom_is_meant(script: Script, typed: str, answer: str) -> None:
    language = "es" if any(typed in each for each in (SAFE_ES, WHO_ES, NEXT_ES)) else "en"
    chat = asked(script, "line", language)
    taken = chat.send(typed)
    if chat.question.asks == "line":  # a word of ours in full is never a sentence
        assert answer in taken.replies[0].html
        return
    assert chat.question.asks == "meant"
    assert answer in chat.send(chat.press("us")).replies[0].html
    assert chat.question.asks == "line"
    chat.send(typed)
    chat.send(chat.press("letter"))
    assert chat.question.asks == "verdict"


def test_an_own_sentence_may_ask_the_office(script: Script) -> None:
    chat = asked(script, "line")
    chat.send("Why have the threats of 2010 not been investigated?")
    assert chat.question.asks == "verdict"
    assert "Why have the threats of 2010 not been investigated?" in chat.question.html


@pytest.mark.parametrize(
    "name",
    [
        "Will Smith",
        "Can Yaman",
        "Is",
        "Are Nilsen",
        "Se-ri Han",
        "Es Devlin",
        "Will Segura",
        "May Safe",
        "Y. Segura",
    ],
)
def test_a_name_is_a_name(script: Script, name: str) -> None:
    chat = asked(script, "name")
    chat.send(name)
    assert chat.question.asks == "line"


def test_out_of_any_conversation_it_is_answered_too_and_nothing_begins(script: Script) -> None:
    chat = Chat(script, Person(language="en"))
    assert "A program answers you" in chat.send("who are you?").replies[0].html
    assert "We have no answer to that" in chat.send("What is the weather like?").replies[0].html
    assert chat.state.frames == ()


@pytest.mark.parametrize("typed", ["thanks", "Thank you!", "ok thanks", "gracias", "Muchas gracias"])
def test_thanks_get_one_line_and_begin_nothing(script: Script, typed: str) -> None:
    chat = Chat(script, Person(language="en"))
    (said,) = chat.send(typed).replies
    assert "You are welcome" in said.html
    assert chat.state.frames == ()


def test_what_organisers_write_is_theirs(script: Script) -> None:
    chat = organiser(script, Role.OWNER)
    send_all(chat, "/alert", "norma-cruz", "Is she safe? Who will see my name if I write?")
    assert chat.question.asks == "text-es"


# A case's own questions

PRISON = FrequentQuestion(("prison", "is she in jail"), Markup("No. She <b>lives</b> in Guatemala City."))


def with_questions(script: Script) -> Script:
    known = invented_cases(script)
    answered = replace(known["norma-cruz"], faq={"en": (PRISON,)})
    return with_cases(script, [answered, known["alma-rivas"]])


@pytest.mark.parametrize("typed", ["Is she in prison?", "is she in jail", "was Norma in Prison?"])
def test_a_question_about_a_case_is_answered_and_the_open_one_asked_again(script: Script, typed: str) -> None:
    chat = Chat(with_questions(script), Person(language="en"))
    send_all(chat, "letter norma-cruz", "go", "Finland")
    taken = chat.send(typed)
    assert "lives</b> in Guatemala City" in taken.replies[0].html
    assert chat.question.asks == "name"


def test_it_is_answered_out_of_any_conversation_too(script: Script) -> None:
    chat = Chat(with_questions(script), Person(language="en"))
    assert "lives</b> in Guatemala City" in chat.send("Is she in prison?").replies[0].html


def test_it_is_about_the_case_that_is_talked_about(script: Script) -> None:
    chat = Chat(with_questions(script), Person(language="en"))
    send_all(chat, "letter alma-rivas", "go")
    assert "We have no answer to that" in chat.send("Is she in prison?").replies[0].html


def test_where_a_sentence_is_asked_for_it_is_asked_which_was_meant(script: Script) -> None:
    chat = Chat(with_questions(script), Person(language="en"))
    send_all(chat, "letter norma-cruz", "go", "Finland", "Ana Example", "Is she in prison?")
    assert chat.question.asks == "meant"
    assert "lives</b> in Guatemala City" in chat.send("I am asking you").replies[0].html
    assert chat.question.asks == "line"


def test_an_answer_that_is_gone_meanwhile_is_given_in_general(script: Script) -> None:
    chat = Chat(with_questions(script), Person(language="en"))
    send_all(chat, "letter norma-cruz", "go", "Finland", "Ana Example", "Is she in prison?")
    chat.script = script
    assert "We ask you a few short questions" in chat.send("I am asking you").replies[0].html
