"""What people write at the question for a name, and at that for a sentence, and do not mean as one."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import QueueLetter, SetLanguage, Unsubscribe
from assistant.domain.organisers import Role
from tests.dialogue.test_questions import asked
from tests.support.dialogue_organisers import organiser, send_all
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat

NO_NAMES = [
    *((each, "en") for each in ("yes", "No!", "ok", "nope", "no thanks", "send it")),
    *(
        (each, "en")
        for each in (
            "I dont want to say",
            "I don't know.",
            "I would rather not say!",
            "Please send it to me",
        )
    ),
    *((each, "en") for each in ("This is not fair", "continue", "my name", "my boss is coming")),
    *((each, "es") for each in ("sí", "No", "ok", "no quiero decir", "no gracias")),
    *((each, "es") for each in ("no sé", "vivo en Guatemala", "mi nombre")),
]
NAMES = [
    "Will Smith",
    "May",
    "Do Thi Ha",
    "Can Yilmaz",
    "No Example",
    "An Nguyen",
    "Is Example",
    "Noah",
    "Norma",
    "Skip Example",
    "Stef",
    "Aldo",
    "Ana de la Paz",
    "A B",
    "李",
    "Ñusta",
]


@pytest.mark.parametrize(("typed", "language"), NO_NAMES)
def test_what_looks_like_no_name_is_asked_about(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "name", language)
    chat.send(typed)
    assert chat.question.asks == "name"
    assert [each.value for each in chat.question.buttons] == ["yes", "no", "nameless"]
    assert typed in chat.question.html.unescape()
    send_all(chat, "Ana Example")
    assert chat.question.asks == "line"


def test_it_may_be_a_name_all_the_same(script: Script) -> None:
    chat = asked(script, "name")
    send_all(chat, "Continue", "yes", "no")
    assert "Continue" in chat.question.html
    (queued,) = [each for each in chat.send("send").effects if isinstance(each, QueueLetter)]
    assert queued.draft.name == "Continue"


def test_it_is_no_name_then(script: Script) -> None:
    chat = asked(script, "name")
    send_all(chat, "whatever")  # nothing that looks otherwise than a name
    chat = asked(script, "name")
    send_all(chat, "ok", "no")
    assert "please write your name" in chat.question.html
    assert (chat.question.asks, len(chat.question.buttons)) == ("name", 1)
    send_all(chat, "yes", "2")
    assert (chat.question.asks, len(chat.question.buttons)) == ("name", 1)


@pytest.mark.parametrize("typed", NAMES)
def test_names_that_are_words_too_are_names(script: Script, typed: str) -> None:
    for language in ("en", "es"):
        chat = asked(script, "name", language)
        chat.send(typed)
        assert chat.question.asks == "line"


@pytest.mark.parametrize(
    ("typed", "language"),
    [("my name is Ana Example", "en"), ("My name's Ana Example", "en"), ("Me llamo Ana Example", "es")],
)
def test_only_the_name_is_signed_of_a_sentence_that_tells_it(
    script: Script, typed: str, language: str
) -> None:
    chat = asked(script, "name", language)
    chat.send(typed)
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["Ana Example"]


@pytest.mark.parametrize(
    ("typed", "language", "begun"),
    [
        ("delete me", "en", "forget"),
        ("Delete my data!", "en", "forget"),
        ("erase", "en", "forget"),
        ("remove my name please", "en", "forget"),
        ("quiero borrar todo", "es", "forget"),
        ("bórrenme", "es", "forget"),
    ],
)
@pytest.mark.parametrize("question", ["name", "country", "line"])
def test_who_wants_to_be_forgotten_is_asked_that(
    script: Script, question: str, typed: str, language: str, begun: str
) -> None:
    chat = asked(script, question, language)
    chat.send(typed)
    if chat.question.asks == "meant":  # with more words it could be a sentence for the letter
        chat.send("us")
    assert chat.state.frames[-1].conversation == begun


@pytest.mark.parametrize(
    "typed", ["I changed my mind", "never mind", "I don't want this any more", "oh, never mind"]
)
@pytest.mark.parametrize("question", ["name", "country", "line"])
def test_who_does_not_want_to_is_let_go(script: Script, question: str, typed: str) -> None:
    chat = asked(script, question)
    taken = chat.send(typed)
    if chat.question.asks == "meant":
        taken = chat.send("us")
    assert "Nothing was sent" in taken.replies[0].html
    assert chat.state.frames == ()


@pytest.mark.parametrize(
    "typed",
    ["s.t.o.p", "s t o p", "stpo", "STOOOP", "stahp", "unsubscibe", "unsuscribe me", "leave me alone"],
)
@pytest.mark.parametrize("question", ["name", "country", "line"])
def test_a_slip_of_the_finger_stops_too(script: Script, question: str, typed: str) -> None:
    chat = asked(script, question)
    taken = chat.send(typed)
    if chat.state.frames:
        assert chat.question.asks == "stop"
        taken = chat.send("1")
    assert taken.effects == (Unsubscribe(),)


@pytest.mark.parametrize(
    ("typed", "language"), [("wait", "en"), ("hold on please", "en"), ("un momento", "es")]
)
@pytest.mark.parametrize("question", ["name", "country", "line"])
def test_who_needs_a_moment_has_it(script: Script, question: str, typed: str, language: str) -> None:
    chat = asked(script, question, language)
    taken = chat.send(typed)
    if chat.question.asks == "meant":
        taken = chat.send("us")
    assert ("Take your time" if language == "en" else "Tómate tu tiempo") in taken.replies[0].html
    assert chat.question.asks == question


@pytest.mark.parametrize("typed", ["send it", "Continue", "nope", "that's all", "no need"])
def test_who_has_no_sentence_goes_on(script: Script, typed: str) -> None:
    chat = asked(script, "line")
    chat.send(typed)
    assert chat.question.asks == "verdict"
    assert all(each.value is None for each in chat.state.frames[-1].answers if each.name == "line")


@pytest.mark.parametrize("typed", ["can I add a photo", "What should I write", "do i have to"])
def test_what_only_we_can_be_asked_is_no_sentence_unasked(script: Script, typed: str) -> None:
    chat = asked(script, "line")
    chat.send(typed)
    assert chat.question.asks == "meant"
    chat.send("letter")
    assert chat.question.asks == "verdict"
    chat = asked(script, "line")
    send_all(chat, typed, "us")
    assert chat.question.asks == "line"


# Sentences

NO_SENTENCES = [
    *(
        (each, "en")
        for each in ("gotta go", "idk", "not sure", "some other day", "no wait, I meant Ana", "thanks")
    ),
    *((each, "en") for each in ("don't send anything", "I don't want to do this any longer")),
    *(
        (each, "en")
        for each in ("its Maria not Mario", "change my name to Ana Lopez", "I have nothing to say")
    ),
    *(
        (each, "es")
        for each in ("no entiendo", "no sé qué poner", "otro momento", "mejor no la mando", "jaja")
    ),
    *((each, "es") for each in ("vivo en Perú, no en Chile", "gracias")),
]
SENTENCES = [
    "Please protect her.",
    "Justice!",
    "I read about her and I am worried.",
    "I am a nurse from Finland and I think of her every day.",
    "Not one more threat against those who defend women",
    "保护人权捍卫者",
]


@pytest.mark.parametrize(("typed", "language"), NO_SENTENCES)
def test_what_looks_like_no_sentence_is_asked_about(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "line", language)
    chat.send(typed)
    assert (chat.question.asks, [each.value for each in chat.question.buttons]) == ("line", ["add", "skip"])
    assert typed in chat.question.html.unescape()
    chat.send("no")
    assert (chat.question.asks, typed in chat.question.html.unescape()) == ("verdict", False)


def test_it_may_be_a_sentence_all_the_same(script: Script) -> None:
    for again in ("yes", "Gotta go"):
        chat = asked(script, "line")
        send_all(chat, "Gotta go", again)
        assert (chat.question.asks, "Gotta go" in chat.question.html) == ("verdict", True)


@pytest.mark.parametrize("typed", SENTENCES)
def test_sentences_are_sentences(script: Script, typed: str) -> None:
    chat = asked(script, "line")
    chat.send(typed)
    if chat.question.asks == "line":  # where words have no blanks between them, it is asked once more
        chat.send("yes")
    assert typed in chat.question.html


# Names among other words


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("I am Ana", "en"),
        ("no wait, I meant Ana", "en"),
        ("call me Ana", "en"),
        ("its Ana", "en"),
        ("Hola, soy Ana", "es"),
        ("hola , soy Ana", "es"),
        ("No - wait, I meant Ana", "en"),
        ("digo Ana", "es"),
        ("si, Ana", "es"),
    ],
)
def test_the_name_is_found_among_other_words(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "name", language)
    chat.send(typed)
    assert "“Ana”" in chat.question.html or "«Ana»" in chat.question.html
    chat.send("1")
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["Ana"]


@pytest.mark.parametrize("typed", ["Im Soo-jung", "Send Li", "How Yu", "Jordan", "My Nguyen"])
def test_who_writes_the_name_again_means_it(script: Script, typed: str) -> None:
    chat = asked(script, "name")
    send_all(chat, typed, typed)
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == [typed]


@pytest.mark.parametrize("typed", ["Norma Cruz", "norma cruz", "Guatemala", "Türkiye"])
def test_whose_name_it_surely_is_not_is_asked(script: Script, typed: str) -> None:
    chat = asked(script, "name")
    chat.send(typed)
    assert (chat.question.asks, len(chat.question.buttons)) == ("name", 3)


@pytest.mark.parametrize(
    ("typed", "language"), [("Send?", "en"), ("yes?", "en"), ("¿Enviar?", "es"), ("si?", "es")]
)
def test_who_asks_whether_to_send_has_not_sent(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "line", language)
    send_all(chat, "1")
    assert (chat.send(typed).effects, chat.question.asks) == ((), "verdict")


@pytest.mark.parametrize("typed", ["never mind", "cancel", "i changed my mind", "nope", "keep it"])
def test_who_does_not_want_to_be_forgotten_after_all_keeps_everything(script: Script, typed: str) -> None:
    chat = asked(script, "line")
    send_all(chat, "forget", typed)
    assert chat.question.asks == "line"


def test_a_letter_withdrawn_while_it_is_changed_is_not_changed(script: Script) -> None:
    chat = asked(script, "line")
    send_all(chat, "1", "send", "no", "change", "name", "Eva", "withdraw", "yes")
    assert "will not be sent" in chat.shown[-1].html
    assert (chat.state.frames, chat.person.letters) == ((), ())


@pytest.mark.parametrize("question", ["name", "country", "line"])
@pytest.mark.parametrize("typed", ["Español", "spanish", "ESPAÑOL."])
def test_the_name_of_a_language_changes_to_it(script: Script, question: str, typed: str) -> None:
    chat = asked(script, question)
    taken = chat.send(typed)
    assert (taken.effects, chat.question.asks) == ((SetLanguage("es"),), question)
    assert "Te escribiremos en español." in taken.replies[0].html


@pytest.mark.parametrize("typed", ["guatemala rivas", "cruz", "leyla", "Türkiye"])
def test_a_case_is_told_by_a_word_of_its_title(script: Script, typed: str) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    send_all(chat, "letter", typed)
    assert chat.question.asks == "ready"


@pytest.mark.parametrize("typed", ["yes it is", "y", "Yes, that's my name", "yep", "sure"])
def test_a_yes_is_no_new_name(script: Script, typed: str) -> None:
    chat = asked(script, "name")
    send_all(chat, "My Linh", typed)
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["My Linh"]


@pytest.mark.parametrize(
    ("typed", "language"), [("Ana please", "en"), ("Hi, I am Ana, thanks", "en"), ("Ana gracias", "es")]
)
def test_what_is_polite_is_no_part_of_the_name(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "name", language)
    send_all(chat, typed, "1")
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["Ana"]


@pytest.mark.parametrize("typed", ["subscribe me", "please subscribe me", "sign me up", "suscríbeme"])
def test_who_wants_the_news_is_not_asked_to_leave(script: Script, typed: str) -> None:
    chat = Chat(script, Person(language="en"))
    chat.send(typed)
    assert chat.question.asks == "subscribe"


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("I am afraid for her life.", "en"),
        ("No more violence against women in your country", "en"),
        ("Please stop the threats against her family", "en"),
        ("My name is Ana and I am a mother of two from Oslo.", "en"),
        ("Who will protect the women of Guatemala if not you", "en"),
        ("Soy maestra en Finlandia y leí sobre ella en el periódico", "es"),
        ("Tengo miedo por su vida.", "es"),
        ("Basta de tanta impunidad en nuestro querido país", "es"),
    ],
)
def test_whole_sentences_are_not_asked_about(script: Script, typed: str, language: str) -> None:
    chat = asked(script, "line", language)
    chat.send(typed)
    assert (chat.question.asks, typed in chat.question.html.unescape()) == ("verdict", True)


def test_cancel_at_the_question_whether_to_withdraw_does_not_say_that_it_is_cancelled(script: Script) -> None:
    chat = asked(script, "line")
    send_all(chat, "1", "send", "no", "cancel")
    assert (chat.question.asks, "It is cancelled" in chat.shown[-1].html) == ("withdraw", True)
    chat.send("cancel")
    assert (chat.question.asks, "It is cancelled" in chat.shown[-1].html) == ("withdraw", False)
    chat.send("never mind")
    assert chat.state.frames == ()


@pytest.mark.parametrize("typed", ["nothing", "never mind", "no"])
def test_who_wants_to_change_nothing_after_all_is_where_they_were(script: Script, typed: str) -> None:
    chat = asked(script, "line")
    send_all(chat, "1", "edit", typed)
    assert chat.question.asks == "verdict"


@pytest.mark.parametrize("typed", ["Stop the threats now: write today.", "No more violence: write today"])
def test_what_is_written_to_others_is_no_wish_to_stop(script: Script, typed: str) -> None:
    chat = organiser(script, Role.DRAFTER)
    send_all(chat, "/alert", "norma-cruz")
    chat.send(typed)
    assert chat.question.asks != "stop"
    assert chat.state.frames[-1].conversation == "alert"


@pytest.mark.parametrize("typed", ["I am <3", "call me www.example.org", "my name is 12"])
def test_what_cannot_be_a_name_is_not_proposed(script: Script, typed: str) -> None:
    chat = asked(script, "name")
    chat.send(typed)
    assert (chat.question.asks, len(chat.question.buttons)) == ("name", 1)
