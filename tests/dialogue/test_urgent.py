"""What stops something is understood in every spelling, and rather stops too much than too little."""

from collections.abc import Callable, Sequence

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.broadcasts import Broadcast
from assistant.domain.effects import Halt, Pause, Subscribe, Unsubscribe
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Edited, Press, TextMessage
from assistant.domain.organisers import Role
from tests.support.dialogue_organisers import alert, organiser, send_all
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat

SENDING = alert(12, BroadcastStatus.SENDING)
APPROVED = alert(14, BroadcastStatus.APPROVED)
OVER = alert(9, BroadcastStatus.DONE)


def supporter(script: Script) -> Chat:
    return Chat(script, Person(language="en", subscriptions=frozenset({"norma-cruz"})))


def at_the_name(script: Script) -> Chat:
    chat = supporter(script)
    send_all(chat, "letter", "go", "Finland")
    assert chat.question.asks == "name"
    return chat


def at_the_line(script: Script) -> Chat:
    chat = at_the_name(script)
    chat.send("Ana Example")
    assert chat.question.asks == "line"
    return chat


# Stop

STOP = [
    "stop",
    "STOP",
    "Stop!",
    "/stop",
    "/stop thanks",
    "/stop\nthank you",
    "/stop   please",
    "/STOP please, thank you very much for everything",
    "stop please",
    "Please stop.",
    "please stop now!",
    "stop it",
    "stop all",
    "STOPALL",
    "stop this, thanks",
    "stop all messages",
    "stop sending me messages",
    "unsubscribe me",
    "end",
    "End.",
    "opt out",
    "optout",
    "no more messages please",
    "remove me",
    "revoke",
    "alto",
    "alto por favor",
    "¡Basta ya!",
    "no más",
    "No más mensajes, gracias",
    "ya no",
    "darme de baja por favor",
    "quiero darme de baja",
    "dar de baja",
    "borrar suscripción",
    "dejen de escribirme por favor",
    "*stop*",
    "“stop”",
    "'stop'",
    "stop 🛑",
    "🛑 STOP!!! 🛑",
    "- stop -",
    "stop…thanks",
]


@pytest.mark.parametrize("typed", STOP)
@pytest.mark.parametrize("where", [supporter, at_the_name, at_the_line])
def test_stop_is_never_an_answer(script: Script, typed: str, where: Callable[[Script], Chat]) -> None:
    chat = where(script)
    taken = chat.send(typed)
    if chat.state.frames:  # a name, too: it is asked first
        assert (where, taken.effects, chat.question.asks) == (at_the_name, (), "stop")
        taken = chat.send("yes")
    assert taken.effects == (Unsubscribe(),)
    assert chat.state.frames == ()


@pytest.mark.parametrize(
    "typed", ["Stop the threats", "Alto Rivera", "Rosa Alto", "the threats must end", "stop Ana"]
)
def test_what_only_sounds_like_it_is_asked_about(script: Script, typed: str) -> None:
    for where in (at_the_name, at_the_line):
        chat = where(script)
        assert (chat.send(typed).effects, chat.question.asks) == ((), "stop")
        assert chat.send("Unsubscribe").effects == (Unsubscribe(),)


def test_what_was_meant_otherwise_is_the_answer_that_it_was(script: Script) -> None:
    chat = at_the_name(script)
    send_all(chat, "Rosa Alto", "no")
    assert chat.question.asks == "line"
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["Rosa Alto"]
    send_all(chat, "Stop the threats!", "No, I meant something else")
    assert chat.question.asks == "verdict"
    assert "Stop the threats!" in chat.question.html


def test_what_was_meant_otherwise_and_cannot_be_an_answer_is_refused_as_ever(script: Script) -> None:
    chat = at_the_name(script)
    send_all(chat, "stop <3", "no")
    assert chat.question.asks == "name"
    assert "A name cannot contain “&lt;”" in chat.question.html


def test_out_of_any_conversation_it_is_asked_about_too(script: Script) -> None:
    chat = supporter(script)
    assert (chat.send("stop Ana").effects, chat.question.asks) == ((), "stop")
    assert chat.send("no").effects == ()


@pytest.mark.parametrize(
    "typed", ["We must stop violence in Guatemala now", "She never stops helping", "Stopford saw it happen"]
)
def test_a_sentence_with_such_a_word_is_a_sentence(script: Script, typed: str) -> None:
    chat = at_the_line(script)
    chat.send(typed)
    assert chat.question.asks == "verdict"


def test_a_message_that_is_edited_into_it_is_understood(script: Script) -> None:
    chat = at_the_name(script)
    chat.send(TextMessage("<3", "7"))
    assert chat.send(Edited("7", "please stop")).effects == (Unsubscribe(),)


@pytest.mark.parametrize("now", ["please stop", "STOP", "/stop"])
def test_so_is_one_whose_question_is_over(script: Script, now: str) -> None:
    chat = at_the_name(script)
    chat.send(TextMessage("Ana Example", "7"))
    assert chat.question.asks == "line"
    assert chat.send(Edited("7", now)).effects == (Unsubscribe(),)


def test_what_was_said_and_meant_otherwise_can_be_edited_as_ever(script: Script) -> None:
    chat = at_the_name(script)
    chat.send(TextMessage("Rosa Alto", "7"))
    chat.send("no")
    chat.send(Edited("7", "Rosa Altos"))
    assert [each.value for each in chat.state.frames[-1].answers if each.name == "name"] == ["Rosa Altos"]


# Halt

ALL = [
    "/halt",
    "/halt now",
    "/halt all",
    "/halt everything please",
    "/HALT!",
    "/halt it",
    "/halt 99",
    "/halt twelve",
    "*halt*",
    "🛑 halt 🛑",
    "“halt”",
    "HALT!!! everything",
    "/halt\nplease",
    "halt",
    "halt it",
    "Halt now!",
    "halt everything",
    "please halt",
    "detener todo",
    "/detener ya",
]
ONE = [
    "/halt 12",
    "/halt 12 please",
    "/halt 12!",
    "/halt #12",
    "/halt\n12",
    "/halt alert 12",
    "halt 12",
    "Halt 12 now",
    "halt no. 12",
    "12 halt",
    "/halt 12.0000000000000000",
    "/halt 1 2 12",
    "detener 12",
    "/halt12",
    "halt:12",
    "halt#12",
    "halt (12)",
    "/halt-12",
]


@pytest.mark.parametrize("typed", ALL)
@pytest.mark.parametrize("sent", [(SENDING,), (APPROVED,), (SENDING, OVER), (SENDING, APPROVED)])
def test_without_a_number_that_is_known_everything_halts(
    script: Script, typed: str, sent: Sequence[Broadcast]
) -> None:
    assert organiser(script, Role.VIEWER, *sent).send(typed).effects == (Halt(None),)


@pytest.mark.parametrize("typed", ONE)
def test_with_a_number_that_one_halts(script: Script, typed: str) -> None:
    assert organiser(script, Role.VIEWER, SENDING, APPROVED).send(typed).effects == (Halt(12),)


@pytest.mark.parametrize("content", ["/halt 9", "halt 9", "/halt 3", Press("open", "halt:9")])
def test_what_is_not_being_sent_is_said_and_the_rest_is_offered(script: Script, content: str | Press) -> None:
    chat = organiser(script, Role.VIEWER, SENDING, OVER)
    assert (chat.send(content).effects, chat.question.asks) == ((), "all")
    assert "is not being sent" in chat.question.html
    assert "This is being sent: Alert 12" in chat.question.html
    assert chat.send("yes").effects == (Halt(None),)


def test_it_can_be_let_go_on(script: Script) -> None:
    chat = organiser(script, Role.VIEWER, SENDING, OVER)
    send_all(chat, "/halt 9")
    assert chat.send("Let it go on").effects == ()


def test_where_nothing_is_being_sent_that_is_said(script: Script) -> None:
    for typed in ("/halt", "halt it", "/halt 9"):
        taken = organiser(script, Role.VIEWER, OVER).send(typed)
        assert (taken.effects, "Nothing is being sent now" in taken.replies[0].html) == ((), True)


def test_a_supporter_cannot_halt(script: Script) -> None:
    chat = at_the_name(script)
    assert chat.send("Halt it").effects == ()
    assert chat.question.asks == "line"  # a name like any other


@pytest.mark.parametrize("typed", ["stop", "STOP", "alto", "/stop now"])
def test_an_organiser_who_writes_stop_is_offered_to_halt_everything(script: Script, typed: str) -> None:
    chat = organiser(script, Role.VIEWER, SENDING)
    assert (chat.send(typed).effects, chat.question.asks) == ((Unsubscribe(),), "all")
    assert chat.send("Halt everything").effects == (Halt(None),)
    chat = organiser(script, Role.VIEWER, OVER)
    assert (chat.send(typed).effects, chat.state.frames) == ((Unsubscribe(),), ())


@pytest.mark.parametrize(
    "typed",
    [
        "please halt alert 12 right now because the name is wrong",
        "STOP SENDING!!! THE NAME IS WRONG",
        "we must halt alert 12 immediately, it is wrong",
        "stop alert 12",
        "alto 12",
        "how do I halt?",
        "halt?",
        "make it stop, the name in it is wrong",
    ],
)
def test_an_organiser_in_a_panic_is_at_least_asked(script: Script, typed: str) -> None:
    chat = organiser(script, Role.VIEWER, SENDING)
    taken = chat.send(typed)
    assert taken.effects in ((Halt(12),), (Halt(None),)) or chat.question.asks == "all"


@pytest.mark.parametrize("typed", ["/help halt", "undo halt", "resume halt"])
def test_what_is_about_halting_halts_nothing(script: Script, typed: str) -> None:
    assert organiser(script, Role.OWNER, SENDING).send(typed).effects == ()


@pytest.mark.parametrize(
    "text",
    [
        "Halt the execution",
        "Halt executions!",
        "Detener la violencia",
        "Halt 12 executions",
        "Pause for Norma",
    ],
)
def test_what_organisers_write_to_others_is_theirs(script: Script, text: str) -> None:
    chat = organiser(script, Role.OWNER, SENDING)
    send_all(chat, "/alert", "norma-cruz")
    assert (chat.send(text).effects, chat.question.asks) == ((), "text-es")


@pytest.mark.parametrize("name", ["Paré", "Pare", "Bašta", "End", "Ana Paré", "A. Basta", "Halt Mueller"])
def test_a_surname_like_it_is_asked_about_or_taken(script: Script, name: str) -> None:
    chat = at_the_name(script)
    assert chat.send(name).effects == ()
    if chat.question.asks == "stop":
        chat.send("no")
    assert chat.question.asks == "line"


@pytest.mark.parametrize(
    "typed",
    ["Please unsubscribe me from everything now thanks", "por favor quiero darme de baja de todo esto"],
)
def test_many_courtesies_do_not_hide_it(script: Script, typed: str) -> None:
    assert supporter(script).send(typed).effects == (Unsubscribe(),)


# Pause


@pytest.mark.parametrize("typed", ["how do I pause?", "pause?", "can I pause a case"])
def test_who_asks_about_pausing_is_asked_what_to_pause(script: Script, typed: str) -> None:
    chat = organiser(script, Role.VIEWER, SENDING)
    assert (chat.send(typed).effects, chat.question.asks) == ((), "which")
    assert chat.send("Norma Cruz, Guatemala").effects == (Pause("norma-cruz"),)
    chat = organiser(script, Role.VIEWER, SENDING)
    send_all(chat, typed)
    assert chat.send("No, pause nothing").effects == ()


@pytest.mark.parametrize(
    "typed",
    [
        "/pause norma-cruz",
        "/pause Norma Cruz",
        "/pause norma cruz please",
        "/pause norma-cruz!",
        "/pause\nnorma-cruz",
        "/pause Norma",
        "pause norma-cruz",
        "pause Norma Cruz",
        "Please pause norma-cruz",
        "pausa norma-cruz por favor",
    ],
)
def test_a_case_is_paused_in_every_spelling(script: Script, typed: str) -> None:
    several = with_cases(script, invented_cases(script).values())
    for each in (script, several):
        assert organiser(each, Role.VIEWER).send(typed).effects == (Pause("norma-cruz"),)


def test_a_case_that_is_paused_already_is_named(script: Script) -> None:
    taken = organiser(script, Role.VIEWER, paused=["norma-cruz"]).send("/pause norma-cruz")
    assert (taken.effects, "is paused already" in taken.replies[0].html) == ((), True)


# What was done just before


def having_sent(script: Script) -> Chat:
    chat = Chat(script, Person(language="en"))
    send_all(chat, "letter", "go", "Finland", "Ana Example", "skip", "send")
    assert chat.question.asks == "subscribe"
    return chat


@pytest.mark.parametrize(
    "typed", ["undo", "oh no", "back", "oops!", "withdraw", "take it back please", "take my letter back now"]
)
def test_who_has_just_sent_can_take_it_back(script: Script, typed: str) -> None:
    chat = having_sent(script)
    chat.send(typed)
    assert chat.question.asks == "withdraw"
    chat.send("no")
    assert chat.question.asks == "subscribe"


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("stop alma", {"norma-cruz"}),
        ("unsubscribe Alma Rivas", {"norma-cruz"}),
        ("dont write me about norma any more", {"alma-rivas"}),
    ],
)
def test_who_names_one_case_can_end_its_news_only(script: Script, typed: str, left: set[str]) -> None:
    several = with_cases(script, invented_cases(script).values())
    chat = Chat(several, Person(language="en", subscriptions=frozenset({"norma-cruz", "alma-rivas"})))
    chat.send(typed)
    assert [each.value for each in chat.question.buttons] == ["one", "yes", "no"]
    taken = chat.send("1")
    assert taken.effects == (Unsubscribe(), *(Subscribe(each) for each in left))


@pytest.mark.parametrize("typed", ["stop", "/stop", "no more news please"])
def test_who_stops_while_writing_to_others_keeps_what_is_written(script: Script, typed: str) -> None:
    chat = organiser(script, Role.DRAFTER)
    send_all(chat, "/alert", "norma-cruz", "Please write today!")
    before = chat.state.frames[-1].answers
    taken = chat.send(typed)
    if not taken.effects:
        taken = chat.send("yes")
    assert taken.effects == (Unsubscribe(),)
    assert (chat.state.frames[-1].conversation, chat.state.frames[-1].answers) == ("alert", before)
    assert chat.send("cancel").effects == ()
    assert chat.state.frames == ()
