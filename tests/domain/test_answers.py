"""Which answers say the same."""

import pytest

from assistant.domain.answers import AnswerText, essence

NAME = "Ana María Example"


def same(one: str, other: str) -> bool:
    return essence(one, NAME) == essence(other, "Ben Otherwise")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dear Ana María Example,\nthank you.", "Dear Ben Otherwise,\n\nThank  you."),
        ("Estimada señora Ana Maria: gracias.", "ESTIMADA SEÑORA BEN:\nGracias."),
        ("Fiscalía\nOf. 12\n\nEstimada Ana:\nGracias.", "Fiscalía\nOf. 12\n\nEstimada Otherwise:\nGracias."),
        ("Dear EXAMPLE Ana! Thank you.", "dear Ben Otherwise! Thank you."),
        ("Dear friend, thank you.", "Dear friend,\nthank you."),
        ("Mañana.", "Man\u0303ana."),
    ],
)
def test_whom_it_greets_blanks_and_capital_letters_make_no_difference(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We will investigate.", "We will not investigate."),
        ("The case is open.", "The case is closed."),
        ("Dear Ana, yes.", "Dear Ben, no."),
        ("", "Yes."),
        ("Dear Ana,\nthank you.", "Dear Ben we know where you live,\nthank you."),
        ("Dear Ana,\nthank you.", "To hell with Ben, thank you."),
        ("Señora Ana\nGracias.", "Señora Ben sabemos dónde vives\nGracias."),
        ("Hi, we refuse.", "Hi, we agree."),
        ("To be clear: we will not.", "To your letter: we will."),
        ("Hearing on 3 March.", "Hearing on 13 March."),
        ("Call +1 202 555 0100.", "Call +1 202 555 0199."),
        ("1", "2"),
        ("See https://example.org/a", "See https://example.org/b"),
        ("Yes.", "Yes?"),
        ("नहीं", "नहा"),
        ("10²", "102"),
        ("Dear Ana, thank you.", "Dear Ana, thank you."),  # another's name, for Ben
        ("Dear Ana and Eva, thank you.", "Dear Ben, thank you."),
        ("Thank you, Ana. Ana is guilty.", "Thank you, Ben. Ben is guilty."),
        ("Dear Ana Ana, thank you.", "Dear Ben, thank you."),
        ("Dear Ms Example, thank you.", "Dear Mr Otherwise, thank you."),
    ],
)
def test_everything_else_does(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("said", ["", " \n\t"])
def test_of_nothing_nothing_is_left(said: str) -> None:
    assert essence(said, NAME) == ""


def test_a_name_that_is_a_word_does_not_leave_that_word_out() -> None:
    assert essence("We do not know.", "Not Example") != essence("We do know.", "Not Example")
    assert essence("Dear Dora, we do not know.", "Not Dora") != essence("Dear Dora, we do know.", "Not Dora")


def test_the_address_of_a_sender_is_told_from_the_name() -> None:
    senders = {
        "Office <office@example.org>": "office@example.org",
        "office@example.org": "office@example.org",
        "<minister@example.org> <evil@example.net>": "evil@example.net",
        "": "",
    }
    for sender, address in senders.items():
        assert AnswerText(text="", sender=sender).address == address


def test_all_of_a_text_that_only_quotes_is_shown() -> None:
    assert AnswerText(text="> Dear Minister").said == "> Dear Minister"
    assert AnswerText(text="No.\n> Dear Minister").said == "No."
