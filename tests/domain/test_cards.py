"""Links of cards: as people read them, and as a code opens them."""

import pytest

from assistant.domain.cards import LINK_MAX, CardLinks, card_links
from assistant.domain.errors import Refused


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://letters.example/norma-cruz", "letters.example/norma-cruz"),
        ("https://letters.example/", "letters.example"),
        ("http://127.0.0.1:8080/norma-cruz?s=flyer", "127.0.0.1:8080/norma-cruz?s=flyer"),
        ("https://t.me/example_bot?start=norma-cruz_flyer", "t.me/example_bot?start=norma-cruz_flyer"),
        ("https://letters.example/señal#a", "letters.example/señal#a"),
    ],
)
def test_people_read_a_link_without_what_a_browser_adds(link: str, shown: str) -> None:
    assert card_links(link) == CardLinks(shown, link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "letters.example/norma-cruz",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///norma-cruz",
        "https://[letters.example",
        "https://letters.example/norma cruz",
        "https://letters.example/\u202ezurc-amron",
        "https://letters.example/\n",
    ],
)
def test_what_is_no_link_of_the_web_is_refused(link: str) -> None:
    with pytest.raises(Refused, match="no link"):
        card_links(link)


def test_a_link_may_be_as_long_as_a_code_can_be_read() -> None:
    longest = "https://letters.example/".ljust(LINK_MAX, "x")
    assert card_links(longest).code == longest
    with pytest.raises(Refused, match="too long for a QR code"):
        card_links(longest + "x")
