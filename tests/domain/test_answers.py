"""Which answers say the same."""

import pytest

from assistant.domain.answers import AnswerText, essence

NAME = "Ana María Example"


def same(one: str, other: str) -> bool:
    return essence(one, NAME) == essence(other, "Ben Otherwise")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dear Ms Example,\nthank you.", "Dear Mr Otherwise,\n\nThank  you!"),
        ("Estimada Ana Maria: gracias.", "Estimado señor Otherwise:\nGracias."),
        (
            "Your letter of 23 January (no. 17) has come, Ana.",
            "Your letter of 24 January (no. 18) has come, Ben.",
        ),
        ("Dear friend, thank you.", "Hello, thank you."),
    ],
)
def test_whom_it_greets_and_numbers_make_no_difference(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We will investigate.", "We will not investigate."),
        ("The case is open.", "The case is closed."),
        ("Dear Ana, yes.", "Dear Ben, no."),
        ("", "Yes."),
    ],
)
def test_everything_else_does(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_name_that_is_a_word_does_not_leave_that_word_out() -> None:
    assert essence("We do not know.", "Not Example") != essence("We do know.", "Not Example")


def test_all_of_a_text_that_only_quotes_is_shown() -> None:
    assert AnswerText(text="> Dear Minister").said == "> Dear Minister"
    assert AnswerText(text="No.\n> Dear Minister").said == "No."
