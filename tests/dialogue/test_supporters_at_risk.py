"""Before the name it is said who will read it; where it may be dangerous to write, nothing asks for one."""

from dataclasses import replace

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import QueueLetter
from assistant.domain.letters import NAMELESS, Draft, Route, WrittenLetter
from assistant.domain.messages import ChatLink, SaferChat
from tests.support.dialogue_organisers import send_all
from tests.support.invented_cases import invented_cases, ref_of, with_cases, with_target
from tests.support.transcript import Chat

SIGNAL = SaferChat("Signal", ChatLink("https://signal.test/us"))
OVERHEARD = Person(language="en", overheard_by="Telegram", safer=SIGNAL)
NAMELESS_WORDS = [
    *(
        (each, "en")
        for each in (
            "1",
            "A supporter",
            "a supporter in Finland",
            "anonymous",
            "Skip",
            "no name",
            "Id rather not",
        )
    ),
    *((each, "es") for each in ("sin nombre", "anónimo", "Prefiero no decirlo.", "una persona solidaria")),
]


def chat_of(script: Script, person: Person = OVERHEARD, *, careful: tuple[str, ...] = ()) -> Chat:
    """Somebody who is about to be asked where they live."""
    case = replace(invented_cases(script)["alma-rivas"], careful=frozenset(careful))
    chat = Chat(with_cases(script, [case]), person)
    send_all(chat, "letter", "go")
    assert chat.question.asks == "country"
    return chat


def queued(chat: Chat, *typed: str) -> Draft:
    """The letter that is sent after these answers."""
    *before, last = typed
    send_all(chat, *before)
    effects = chat.send(last).effects
    (draft,) = [each.draft for each in effects if isinstance(each, QueueLetter)]
    return draft


@pytest.mark.parametrize(
    ("carriers", "hands"),
    [
        (("fax", "email"), ["the service that sends the fax", "mail servers on its way"]),
        (("tray",), ["people of the campaign, who pass it on"]),
    ],
)
def test_before_the_name_it_is_said_who_reads_it_by_the_routes_that_are_set(
    script: Script, carriers: tuple[str, ...], hands: list[str]
) -> None:
    case = with_target(invented_cases(script)["alma-rivas"], routes=tuple(map(Route, carriers)))
    chat = Chat(with_cases(script, [case]), OVERHEARD)
    send_all(chat, "letter", "go", "Finland")
    assert chat.question.asks == "name"
    for reader in ("the government of Guatemala", *hands, "Telegram, which can read this chat"):
        assert reader in chat.question.html


def test_who_writes_where_nobody_is_in_between_is_told_of_nobody(script: Script) -> None:
    chat = chat_of(script, Person(language="en", safer=SIGNAL))
    chat.send("Guatemala")
    assert "can read this chat" not in chat.question.html
    assert "signal.test" not in chat.question.html


@pytest.mark.parametrize(("typed", "language"), NAMELESS_WORDS)
def test_a_letter_is_signed_without_a_name_as_well(script: Script, typed: str, language: str) -> None:
    chat = chat_of(script, Person(language=language))
    draft = queued(chat, "Finlandia" if language == "es" else "Finland", typed, "1", "1")
    assert draft.name == NAMELESS
    assert draft.text.endswith("Una persona solidaria\nFinlandia")
    assert draft.readings["en"].text.endswith("A supporter\nFinland")


@pytest.mark.parametrize("name", ["Ana", "A. R.", "AR", "Ana Ruiz"])
def test_a_first_name_and_initials_are_taken_without_a_question(script: Script, name: str) -> None:
    chat = chat_of(script)
    send_all(chat, "Finland", name)
    assert chat.question.asks == "line"


def test_where_the_government_gets_the_letter_no_name_is_suggested(script: Script) -> None:
    chat = chat_of(script)
    chat.send("Guatemala")
    said = chat.question.html
    assert "Your own government gets this letter" in said
    assert "“A supporter in Guatemala”" in said
    assert "Your full name" not in said
    assert "Signal is safer than this chat" in said and "https://signal.test/us" in said
    assert "24 hours after it was sent" in said


def test_a_case_can_name_more_countries(script: Script) -> None:
    for careful in ((), ("HN",)):
        chat = chat_of(script, careful=careful)
        chat.send("Honduras")
        assert ("it may be dangerous to sign such a letter" in chat.question.html) is bool(careful)


def test_they_get_no_text_to_share_and_others_do(script: Script) -> None:
    for country, shared in (("Guatemala", False), ("Finland", True)):
        chat = chat_of(script)
        send_all(chat, country, "Ana", "skip", "send", "no")
        assert any("pass this on" in reply.html for reply in chat.shown) is shared


def test_who_asks_for_it_is_told_why_not(script: Script) -> None:
    chat = Chat(script, replace(OVERHEARD, careful=True))
    taken = chat.send("share")
    assert "For your safety we do not put that into this chat" in taken.replies[0].html
    assert "47 death threats" not in taken.replies[0].html


def test_the_name_of_an_earlier_letter_is_not_suggested_to_them(script: Script) -> None:
    case = invented_cases(script)["alma-rivas"]
    for country, suggested in (("GT", False), ("FI", True)):
        earlier = WrittenLetter(
            ref=ref_of(invented_cases(script)["leyla-aydin"]),
            answers=(("name", "Quillabamba Testperson"), ("country", country), ("line", None)),
        )
        chat = Chat(with_cases(script, [case]), replace(OVERHEARD, letters=(earlier,)))
        send_all(chat, "letter", "go")
        assert chat.question.asks == ("again" if suggested else "name")
        assert ("Quillabamba" in chat.question.html) is suggested


def test_who_signed_without_a_name_can_do_so_again(script: Script) -> None:
    case, other = (invented_cases(script)[slug] for slug in ("alma-rivas", "leyla-aydin"))
    earlier = WrittenLetter(
        ref=ref_of(other), answers=(("name", NAMELESS), ("country", "FI"), ("line", None))
    )
    chat = Chat(with_cases(script, [case]), replace(OVERHEARD, letters=(earlier,)))
    send_all(chat, "letter", "go")
    assert "“A supporter in Finland”" in chat.question.html
    draft = queued(chat, "yes", "skip", "send")
    assert draft.name == NAMELESS


def test_who_moves_their_letter_to_such_a_country_is_told_before_it_is_sent(script: Script) -> None:
    chat = chat_of(script)
    send_all(chat, "Finland", "Ana", "skip", "edit", "country", "Guatemala")
    assert chat.question.asks == "verdict"
    assert "It can be signed without a name" in chat.question.html
    send_all(chat, "edit", "name", "1")
    assert "A supporter\nGuatemala" in chat.question.html
