"""Question names and option values: saved talks and the buttons on people's phones hold them for ever."""

from dataclasses import replace

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.answers import AnswerStatus, AnswerText
from assistant.domain.broadcasts import Audience, CallToAction, Timing
from assistant.domain.effects import Save, SettleAnswers
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Press
from assistant.domain.notifications import StartButton, started_by
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.domain.texts import Sentence
from tests.support.dialogue_organisers import alert, organiser, send_all
from tests.support.invented_cases import closed, invented_cases, with_cases
from tests.support.organiser_sentences import ANSWERS
from tests.support.transcript import Chat

EVERYTHING = """
hi | en | go | Germany | Ana | skip | edit | name | Ana | send | yes |
language | en | stop | subscribe | no | forget | no
"""


def questions(chat: Chat) -> dict[str, tuple[str, ...]]:
    """What was asked, with the values that were offered."""
    return {reply.asks: tuple(button.value for button in reply.buttons) for reply in chat.shown if reply.asks}


def test_question_names_and_option_values_never_change(script: Script) -> None:
    chat = Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]))
    for typed in EVERYTHING.split("|"):
        chat.send(typed.strip())
    assert questions(chat) == {
        "language": ("en", "es"),
        "ready": ("go", "later"),
        "country": (),
        "name": ("nameless",),
        "line": ("skip",),
        "verdict": ("send", "edit", "original", "page", "stop"),
        "field": ("name", "country", "line", "nothing"),
        "subscribe": ("yes", "no"),
        "withdraw": ("yes", "no"),
        "forget": ("yes", "no"),
    }


def test_coming_back_offers_to_continue_or_to_start_again(script: Script) -> None:
    chat = Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]), Person(language="en"))
    for typed in ("hi", "go", "Germany"):
        chat.send(typed)
    chat.send("Ana", days_away=7)
    assert questions(chat)["resume"] == ("continue", "again")


def test_cases_are_chosen_by_slug(script: Script) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    chat.send("hi")
    assert questions(chat) == {"case": ("alma-rivas", "leyla-aydin", "norma-cruz", "ines-quispe")}


def test_other_cases_than_one_that_is_closed_are_chosen_by_slug(script: Script) -> None:
    known = invented_cases(script)
    cases = [closed(known["alma-rivas"]), known["leyla-aydin"], known["norma-cruz"]]
    chat = Chat(with_cases(script, cases), Person(language="en"))
    chat.send("hi")
    assert questions(chat) == {"case": ("leyla-aydin", "norma-cruz", "alma-rivas")}
    chat.send("alma")
    assert questions(chat)["other"] == ("leyla-aydin", "norma-cruz", "later")


def test_conversations_keep_their_names(script: Script) -> None:
    everybody = [
        "about",
        "cancel",
        "change",
        "come_back",
        "explain",
        "faq",
        "forget",
        "help",
        "language",
        "letter",
        "mine",
        "move",
        "mydata",
        "more",
        "organiser",
        "clarify_question",
        "clarify_stop",
        "privacy",
        "renew",
        "resubscribe",
        "rewrite",
        "sent_before",
        "signing",
        "share",
        "status",
        "stop",
        "subscribe",
        "undo",
        "wait",
        "withdraw",
        "withdrawn_before",
    ]
    assert sorted(script.conversations) == sorted([*everybody, "clarify_halt", "clarify_pause", *script.team])
    assert sorted(script.team) == [
        "agree",
        "alert",
        "answers",
        "approve",
        "broadcasts",
        "correct",
        "dashboard",
        "discard",
        "edit",
        "halt",
        "invite",
        "pause",
        "propose",
        "resume",
        "review",
        "reword",
        "role",
        "signout",
        "stats",
        "team",
        "update",
    ]


def test_buttons_that_begin_something_keep_their_meaning(script: Script) -> None:
    """The conversation and the question that its argument answers: they are on phones for years."""
    assert script.arguments == {
        "letter": "case",
        "more": "case",
        "renew": "letter",
        "move": "code",
        "organiser": "code",
        "agree": "request",
        "answers": "answer",
        "pause": "which",
        "correct": "broadcast",
        "edit": "broadcast",
        "propose": "broadcast",
        "approve": "broadcast",
        "discard": "broadcast",
        "halt": "broadcast",
        "resume": "which",
        "review": "wanted",
        "reword": "action",
    }
    assert (
        StartButton("halt", "12", Sentence("Halt"), "/halt 12").button(script.locales["en"]).value
        == "halt:12"
    )
    assert started_by(Press("open", "approve:12.0123456789abcdef")) == ("approve", "12.0123456789abcdef")


# What only organisers are asked

READERS = ("case", "wrote", "unwritten", "everyone")
COMPOSED = ("countries", "languages", "when", "lasts", "night", "step")


def change_each(chat: Chat, **fields: str) -> None:
    """Change what is suggested."""
    for field, answer in fields.items():
        send_all(chat, "edit", field, answer)
        if answer == "moment":
            send_all(chat, "2012-03-01 09:00")


def test_what_is_suggested_is_what_nobody_had_to_answer(script: Script) -> None:
    chat = organiser(script)
    send_all(chat, "/update", "2011-09-conviction")
    (effect,) = chat.send("save").effects
    assert isinstance(effect, Save)
    written = effect.announcement
    assert written.audience == Audience(case="norma-cruz")
    assert written.timing == Timing()
    assert written.call_to_action is CallToAction.LETTER
    assert dict(written.answers) == {"news": "2011-09-conviction"}


def test_a_suggestion_that_was_changed_comes_back_by_back(script: Script) -> None:
    chat = organiser(script)
    send_all(chat, "/alert", "norma-cruz", "Please write.", "Escribe.", "edit", "lasts", "back")
    (effect,) = chat.send("save").effects
    assert isinstance(effect, Save)
    assert (effect.announcement.timing.lasts, effect.announcement.audience.wrote) == (24, False)


def test_composing_keeps_its_questions(script: Script) -> None:
    chat = organiser(with_cases(script, [invented_cases(script)["alma-rivas"]]))
    send_all(chat, "/alert", "alma-rivas", "Please write.", "skip", "en")
    change_each(chat, readers="case", countries="all", languages="all", when="moment", lasts="h24")
    change_each(chat, night="wait", step="letter")
    send_all(chat, "edit")
    fields = ("about", "text-en", "text-es", "instead-es", "readers", "countries", "languages", "when")
    assert questions(chat) == {
        "about": ("alma-rivas", "none"),
        "text-en": ("skip",),
        "text-es": ("skip",),
        "instead-es": ("en", "write"),
        "readers": READERS,
        "countries": ("all",),
        "languages": ("all", "en", "es"),
        "when": ("now", "moment", "local"),
        "moment": (),
        "lasts": ("h6", "h24", "h72"),
        "night": ("wait", "urgent"),
        "step": ("letter", "read", "none"),
        "check": ("save", "edit", "stop"),
        "field": (*fields, "moment", "lasts", "night", "step"),
    }
    send_all(chat, "when", "local", "2012-03-01 09:00")
    assert questions(chat)["local"] == ()


def test_an_update_keeps_its_questions(script: Script) -> None:
    chat = organiser(script)
    send_all(chat, "/update", "own", "Please write.", "Escribe.")
    change_each(chat, readers="case", countries="all", languages="all", when="now", lasts="never")
    change_each(chat, night="wait", step="letter")
    asked = questions(chat)
    assert asked["news"] == (*script.cases["norma-cruz"].updates, "own")
    assert asked["lasts"] == ("never", "h6", "h24", "h72")
    assert set(asked) == {"news", "text-en", "text-es", "readers", "check", "field", *COMPOSED}


def test_a_correction_keeps_its_questions(script: Script) -> None:
    chat = organiser(script, Role.DRAFTER, alert(7, BroadcastStatus.DONE))
    send_all(chat, "/correct", "7", "It was wrong.", "Fue un error.")
    change_each(chat, when="now", lasts="never", night="wait", step="none")
    assert questions(chat)["broadcast"] == ("7",)
    composed = {"when", "lasts", "night", "step", "check", "field"}
    assert set(questions(chat)) == {"broadcast", "text-en", "text-es", *composed}


def test_what_is_written_keeps_the_names_under_which_it_is_stored(script: Script) -> None:
    """`/edit` begins with these answers, perhaps by a later version."""
    chat = organiser(script)
    send_all(chat, "/alert", "norma-cruz", "Please write.", "skip", "en")
    change_each(chat, readers="case", countries="Germany", languages="all", when="now", lasts="h24")
    change_each(chat, night="wait", step="letter")
    (effect,) = chat.send("save").effects
    assert isinstance(effect, Save)
    assert dict(effect.announcement.answers) == {
        "about": "norma-cruz",
        "text-en": "Please write.",
        "text-es": None,
        "instead-es": "en",
        "readers": "case",
        "countries": "DE",
        "languages": "all",
        "when": "now",
        "lasts": "h24",
        "night": "wait",
        "step": "letter",
    }


def test_approving_and_halting_keep_their_questions(script: Script) -> None:
    waiting = alert(7, BroadcastStatus.PROPOSED, people=4312, urgent=True)
    halted = alert(8, BroadcastStatus.HALTED)
    chat = organiser(script, Role.APPROVER, waiting, alert(9, BroadcastStatus.PROPOSED), halted)
    send_all(chat, "/approve", "7", "yes", "yes", "/discard 9", "no", "/resume", "no")
    assert questions(chat) == {
        "broadcast": ("7", "9"),
        "approve": ("yes", "no"),
        "urgent": ("yes", "no"),
        "number": (),
        "discard": ("yes", "no"),
        "resume": ("yes", "no"),
    }


def test_answers_keep_their_questions(script: Script) -> None:
    groups = [ANSWERS, replace(ANSWERS, example=replace(ANSWERS.example, id=400), last=400, count=1)]
    text = AnswerText(text="No.\n> Dear Minister")
    groups[0] = replace(groups[0], example=replace(groups[0].example, content=text))
    chat = organiser(script, Role.APPROVER, answers=groups)
    send_all(chat, "/answers", "3", "one")
    assert questions(chat) == {
        "answer": ("3", "400"),
        "settle": ("pass", "aside", "one", "whole", "later"),
        "settle-one": ("pass", "aside", "later"),
    }
    assert chat.send("pass").effects == (SettleAnswers(3, AnswerStatus.PASSED),)
    send_all(chat, "/answers 3")
    assert chat.send("aside").effects == (SettleAnswers(3, AnswerStatus.SET_ASIDE, same_up_to=300),)
    send_all(chat, "/answers 400")
    assert questions(chat)["settle"] == ("pass", "aside", "later")


def test_what_is_too_long_to_be_shown_at_once_is_passed_on_once_all_of_it_was_shown(script: Script) -> None:
    text = "Thank you. " * 200 + "We know where you live."
    long = replace(ANSWERS, example=replace(ANSWERS.example, content=AnswerText(text=text)))
    chat = organiser(script, Role.APPROVER, answers=[long])
    assert not any("where you live" in reply.html for reply in chat.send("/answers").replies)
    assert questions(chat) == {"read": ("whole", "aside", "later")}
    assert chat.send("pass").effects == ()
    assert any("where you live" in reply.html for reply in chat.send("whole").replies)
    assert questions(chat)["settle"] == ("pass", "aside", "one", "later")
    assert chat.send("pass").effects == (SettleAnswers(3, AnswerStatus.PASSED, same_up_to=300),)
    chat.send("/answers")
    assert chat.send("aside").effects == (SettleAnswers(3, AnswerStatus.SET_ASIDE, same_up_to=300),)


def test_the_team_keeps_its_questions(script: Script) -> None:
    wish = ApprovalRequest(id=5, what=RequestKind.RESUME, subject="norma-cruz", author=2)
    known = with_cases(script, invented_cases(script).values())
    chat = organiser(known, Role.OWNER, requests=[wish], paused=["alma-rivas", "leyla-aydin"])
    send_all(
        chat,
        "/invite",
        "nobody",
        "/role",
        "Abel",
        "keep",
        "/agree 5",
        "no",
        "/pause",
        "norma-cruz",
        "/resume",
        "cancel",
    )
    send_all(chat, "/organiser", "ABCD2345")
    asked = questions(chat)
    assert asked.pop("which") == ("alma-rivas", "leyla-aydin")
    assert asked.pop("member")[-1] == "done"
    assert asked == {
        "role": ("viewer", "drafter", "approver", "remove", "keep"),
        "agree": ("yes", "no"),
        "code": (),
        "called": (),
    }
