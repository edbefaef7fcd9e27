"""Long texts in pieces: each fits, each is well-formed, and together they say the same."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from assistant.channels.splitting import Measure, split, utf16
from assistant.domain.richtext import plain
from tests.support.chance import budget

FAMILY = "👩‍👩‍👧‍👦"
LINK = {"a": ' href="https://example.org/?a=1&amp;b=&gt;2"', "blockquote": " expandable"}


class Reader(HTMLParser):
    """Each letter with the tags around it; a tag that is closed wrongly is an error."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.letters: list[tuple[str, tuple[str, ...]]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append((tag, f"{tag} {attrs}"))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        style = tuple(shown for _, shown in self._open)
        self.letters += [(letter, style) for letter in data]


def tagged(content: tuple[str, list[str]]) -> str:
    tag, inside = content
    return f"<{tag}{LINK.get(tag, '')}>{''.join(inside)}</{tag}>"


LETTERS = st.sampled_from(
    ["a", "b", " ", "\n", "<", "&", '"', "'", "é", "e\u0301", "\xa0", "😀", FAMILY, "🇬🇹"]
)
PLAIN = st.lists(LETTERS, max_size=12).map(lambda letters: str(escape("".join(letters)))) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=8
).map(lambda text: str(escape(text)))
TAGS = st.sampled_from(["b", "i", "u", "s", "a", "code", "pre", "blockquote"])
RICH = st.recursive(
    PLAIN, lambda inside: st.tuples(TAGS, st.lists(inside, max_size=5)).map(tagged), max_leaves=25
)
TEXTS = st.lists(RICH, max_size=8).map(lambda parts: Markup("".join(parts)))  # noqa: S704  made well-formed


@settings(max_examples=budget(15, 60))
@pytest.mark.parametrize("measure", [utf16, lambda html: len(html.encode())], ids=["units", "with tags"])
@given(html=TEXTS, limit=st.integers(20, 80))
def test_any_text_in_pieces_says_the_same(measure: Measure, html: Markup, limit: int) -> None:
    pieces = split(html, limit, measure)
    letters, at = Reader(html).letters, 0
    for piece in pieces:
        shown = Reader(piece).letters
        assert "".join(letter for letter, _ in shown).strip()
        assert measure(piece) <= limit or len(shown) == 1
        while letters[at : at + len(shown)] != shown:
            assert letters[at][0].isspace()
            at += 1
        assert letters[at : at + len(shown)] == shown
        at += len(shown)
        assert split(piece, limit, measure) == [piece] or measure(piece) > limit
    assert all(letter.isspace() for letter, _ in letters[at:])


def units(html: str, limit: int) -> list[str]:
    """The pieces of at most `limit` UTF-16 units."""
    return [str(piece) for piece in split(Markup(html), limit, utf16)]  # noqa: S704  written here


def test_a_text_that_fits_is_itself() -> None:
    assert units("<b>a</b>&lt;<i></i> ", 20) == ["<b>a</b>&lt;<i></i> "]


@pytest.mark.parametrize("blank", ["", " \n", "<b> </b>", " " * 50, "<b>\n\n</b>" * 50])
def test_a_blank_text_has_no_pieces(blank: str) -> None:
    assert units(blank, 20) == []


@pytest.mark.parametrize(
    ("html", "pieces"),
    [
        ("one two\nthree\n\nfour five\nsix", ["one two\nthree", "four five\nsix"]),
        ("one two three\nfour five six seven", ["one two three", "four five six seven"]),
        ("one two three four five six", ["one two three four", "five six"]),
        ("one two three four   \n \n   five six", ["one two three four", "   five six"]),
        ("exactly 20 characters and more", ["exactly 20", "characters and more"]),
        ("exactly 20 character\n\nand more", ["exactly 20 character", "and more"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst", "uvwxyz"]),
        ("one two\xa0three four\xa0five", ["one two\xa0three", "four\xa0five"]),
        (" " * 30 + "late", ["late"]),
        ("early" + " " * 30, ["early"]),
    ],
)
def test_it_breaks_where_a_reader_would(html: str, pieces: list[str]) -> None:
    assert units(html, 20) == pieces


def test_styles_go_on_in_the_next_piece() -> None:
    html = '<b>bold and <a href="https://example.org">a link</a> to see</b> <i>there</i>'
    assert units(html, 20) == [
        '<b>bold and <a href="https://example.org">a link</a> to</b>',
        "<b>see</b> <i>there</i>",
    ]
    assert units("<pre>one\n  two</pre>", 5) == ["<pre>one</pre>", "<pre>  two</pre>"]


@pytest.mark.parametrize(
    "unit", [FAMILY, "e\u0301\u0323", "🇬🇹", "👍🏽", "한", "&amp;", "&#39;", "🏴\U000e0067\U000e007f", "❤️"]
)
def test_what_a_reader_sees_as_one_character_stays_whole(unit: str) -> None:
    pieces = units(unit * 30, 20)
    assert "".join(pieces) == unit * 30
    assert all(piece == unit * piece.count(unit) for piece in pieces)


def test_a_character_longer_than_a_message_is_cut_where_it_must_be() -> None:
    assert "".join(units("e" + "\u0301" * 50, 20)) == "e" + "\u0301" * 50


def test_a_measure_may_count_what_is_not_text() -> None:
    html = Markup('<a href="https://example.org/action">Write to them today</a>, please, all of you, today')
    pieces = split(html, 45, lambda piece: len(plain(piece)))
    assert [plain(piece) for piece in pieces] == [
        "Write to them (https://example.org/action)",
        "today (https://example.org/action), please,",
        "all of you, today",
    ]


def test_a_very_long_text_is_split_whole() -> None:
    html = Markup("<b>A &lt;sentence&gt; or two.</b> Words, words and words.\n") * 4000
    pieces = split(html, 4096, utf16)
    assert max(map(utf16, pieces)) > 4000
    assert "\n".join(map(plain, pieces)) == plain(html)


@pytest.mark.parametrize(
    ("html", "length"),
    [("", 0), ("é😀", 3), ("<b>a</b>&lt;&#39;", 3), ('<a href="a>b&amp;">😀</a>', 2), ("&amp;lt;", 4)],
)
def test_lengths_are_in_utf16_units_of_what_is_read(html: str, length: int) -> None:
    assert utf16(Markup(html)) == length  # noqa: S704  written here
