"""Texts that have to be shorter."""

import pytest

from assistant.content import typefaces
from assistant.content.shortening import shortened

BRIEFING = "Norma Cruz leads the Survivors' Foundation in Guatemala. It supports victims of violence."


def test_a_text_that_has_room_stays_as_it_is() -> None:
    assert shortened(BRIEFING, "en", typefaces.width(BRIEFING, "en")) == BRIEFING


@pytest.mark.parametrize("width", range(6, 40))
def test_it_ends_behind_a_word_with_dots_and_is_no_wider(width: int) -> None:
    short = shortened(BRIEFING, "en", width)
    assert short.endswith("…")
    assert typefaces.width(short, "en") <= width
    kept = short.removesuffix("…")
    assert BRIEFING.startswith(kept)
    assert not BRIEFING[len(kept)].isalnum()
    assert kept[-1].isalnum() or kept[-1] == "'"


@pytest.mark.parametrize("text", ["W" * 99, "请调查威胁并起诉责任人" * 9, "จดหมายถึงอัยการสูงสุด" * 9])
def test_where_no_word_ends_it_is_cut_between_characters(text: str) -> None:
    short = shortened(text, "en", 12)
    assert 9 < typefaces.width(short, "en") <= 12
    assert text.startswith(short.removesuffix("…"))


def test_an_accent_stays_with_its_letter() -> None:
    text = "z\u0323\u0302" * 50
    for width in range(3, 20):
        assert len(shortened(text, "en", width).removesuffix("…")) % 3 == 0


def test_what_would_hang_before_the_dots_goes() -> None:
    assert shortened("Guatemala, (Norma Cruz and others)", "en", 8) == "Guatemala…"
