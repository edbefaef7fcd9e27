"""Which numbers letters can be faxed to: only such as exist, written one way."""

import pytest

from assistant.carriers.hylafax.carrier import HylaFax
from assistant.carriers.phone_numbers import refusal_of_impossible_number, refusal_of_number

OF_OFFICES = [
    "+50255550100",  # Guatemala
    "+12025550100",  # the United States
    "+442079460000",  # the United Kingdom: a number for films
    "+390612345678",  # Italy, whose zero is dialled from everywhere
    "+541143210000",  # Argentina
    "+80012345678",  # no country: international freephone
]


@pytest.mark.parametrize("number", OF_OFFICES)
def test_numbers_that_exist_are_taken(number: str) -> None:
    assert refusal_of_impossible_number(number) is None


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("+5025555010", "the country of +502"),  # a digit too few
        ("+502555501001", "the country of +502"),  # a digit too many
        ("+50212345678", "the country of +502"),  # no area begins so
        ("+15550100", "the country of +1"),  # without its area
        ("+11234567890", "the country of +1"),
        ("+39612345678", "the country of +39"),  # without the zero of Rome
        ("+490891234567", "leave out the 0 behind +49"),
        ("+4402079460000", "leave out the 0 behind +44"),
        ("+99912345678", "no country has the code"),
    ],
)
def test_numbers_that_cannot_exist_are_refused(number: str, told: str) -> None:
    assert refusal_of_number(number) is None
    refusal = refusal_of_impossible_number(number)
    assert refusal is not None and told in refusal
    assert number not in refusal


@pytest.mark.parametrize(
    "number", ["", "50255550100", "+502 5555 0100", "0050255550100", "+5025555O100", "+0123456"]
)
def test_what_is_written_otherwise_is_refused_with_an_example(number: str) -> None:
    assert refusal_of_impossible_number(number) == refusal_of_number(number)
    assert "such as +50255550100" in str(refusal_of_number(number))


def test_a_carrier_refuses_impossible_numbers_when_a_case_is_read() -> None:
    fax = HylaFax.from_url("hylafax://letters@127.0.0.1")
    assert fax.refuses("+50255550100") is None
    assert "+502" in str(fax.refuses("+5025555010"))
