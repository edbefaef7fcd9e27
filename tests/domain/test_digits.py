"""What looks like a telephone number, and the numbers of which letters are full."""

import pytest

from assistant.domain.digits import NumberFinder

FINDER = NumberFinder({"five": "5", "zero": "0"}, {"and", "then"}, {"call"})


@pytest.mark.parametrize(
    "text",
    [
        "5550 0143",
        "+44 20 7946 0958",
        "555-01-43",
        "5.5.5.0.1.4.3",
        "55 and then 50 and 0143",
        "five five five zero zero five five",
        "55 thanks 50 please 0143",
        "call 55501",
        "5o5-o143",
    ],
)
def test_a_telephone_number(text: str) -> None:
    assert FINDER.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "47 threats since 2009, and 12 in 2010",
        "23/01/2012 and 2012-01-24",
        "from 2009 to 2011, 2009-2011",
        "decree 22-2008 and 9-2009",
        "articles 3, 5, 7, 9, 10, 11, 12 and 13",
        "1,000,000 women and 15000 men",
        "at 10:30-12:00 and 14:15",
        "resolution 53/144",
        "5 000 000 people",
        "call them in 2012",
    ],
)
def test_no_telephone_number(text: str) -> None:
    assert not FINDER.find(text)


def test_a_place_by_its_degrees() -> None:
    assert FINDER.is_place("14.6349, -90.5069")
    assert not FINDER.is_place("3.14 and 2.71")
