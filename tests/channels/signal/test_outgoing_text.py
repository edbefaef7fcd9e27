"""What people wrote arrives in Signal as they wrote it, in the styles meant, in messages short enough."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from assistant.channels.signal.outgoing import LIMIT, message, parts, styled
from assistant.domain.messages import Button, Paper, Reply
from tests.support.chance import budget
from tests.support.fakes.signal.styles import letters, parse

NAMES = {"b": "BOLD", "i": "ITALIC", "s": "STRIKETHROUGH", "code": "MONOSPACE"}
AWKWARD = [*"*~`|\\ \n<>&_1aé", "**", "||", "***", "\\*", "\\\\", "👋🏾", "ع"]

Letters = list[tuple[str, frozenset[str]]]


def read(html: str) -> Letters:
    """Each letter that arrives, and its styles."""
    return letters(*parse(styled(Markup(html))))  # noqa: S704  the rich text of these tests


def words(html: str) -> str:
    """The text that arrives."""
    return parse(styled(Markup(html)))[0]  # noqa: S704  the same


@pytest.mark.parametrize(
    ("message", "text", "styles"),
    [
        ("*italic*", "italic", ["0:6:ITALIC"]),
        ("**bold**", "bold", ["0:4:BOLD"]),
        ("a **bold** and *italic* b", "a bold and italic b", ["2:4:BOLD", "11:6:ITALIC"]),
        ("a ~strike~ and a **bold** b", "a strike and a bold b", ["2:6:STRIKETHROUGH", "15:4:BOLD"]),
        ("a `mono` and a **bold** b", "a mono and a bold b", ["2:4:MONOSPACE", "13:4:BOLD"]),
        ("👋**abcdefg**", "👋abcdefg", ["2:7:BOLD"]),
        ("👋🏾**abcdefg**", "👋🏾abcdefg", ["4:7:BOLD"]),
        ("Test 👦🏿 via **signal** API", "Test 👦🏿 via signal API", ["14:6:BOLD"]),
        ("||spoiler|| and ||spoiler||", "spoiler and spoiler", ["0:7:SPOILER", "12:7:SPOILER"]),
        ("||**bold spoiler**||", "bold spoiler", ["0:12:BOLD", "0:12:SPOILER"]),
        (r"\*escaped\*", "*escaped*", []),
        (r"\**escaped\**", "**escaped**", []),
        (r"\`escaped\`", "`escaped`", []),
        (r"Test \** \* \~ Escape", "Test ** * ~ Escape", []),
        ("never **closed", "never closed", []),
        (r"C:\temp and a | b", r"C:\temp and a | b", []),
    ],
)
def test_the_fake_reads_styled_text_as_the_real_server_does(
    message: str, text: str, styles: list[str]
) -> None:
    """The cases of src/utils/textstyleparser_test.go of bbernhard/signal-cli-rest-api, and a few more."""
    found = parse(message)
    assert (found[0], [f"{start}:{length}:{name}" for start, length, name in found[1]]) == (text, styles)


def test_many_random_texts_arrive_as_they_were_written(rng: random.Random) -> None:
    for _ in range(budget(10_000, 200_000)):
        text = "".join(rng.choices(AWKWARD, k=rng.randint(0, 16)))
        assert parse(styled(escape(text))) == (text, []), text


def test_random_texts_in_random_styles_arrive_too(rng: random.Random) -> None:
    for _ in range(budget(2_000, 20_000)):
        html, meant = _random(rng, depth=0)
        assert read(html) == _sayable(meant), html


@given(st.lists(st.tuples(st.text(), st.sampled_from(["", *NAMES]))))
def test_any_text_in_any_style_arrives(pieces: list[tuple[str, str]]) -> None:
    html, meant = "", []
    for text, tag in pieces:
        html += f"<{tag}>{escape(text)}</{tag}>" if tag else str(escape(text))
        meant += [(letter, frozenset({NAMES[tag]} if tag else ())) for letter in text]
    assert read(html) == _sayable(meant)


def _random(rng: random.Random, depth: int) -> tuple[str, Letters]:
    html, meant = "", []
    for _ in range(rng.randint(0, 4)):
        if depth < 3 and rng.random() < 0.4:
            tag = rng.choice(list(NAMES))
            inner, inside = _random(rng, depth + 1)
            html += f"<{tag}>{inner}</{tag}>"
            meant += [(letter, styles | {NAMES[tag]}) for letter, styles in inside]
        else:
            text = "".join(rng.choices(AWKWARD, k=rng.randint(0, 4)))
            html += str(escape(text))
            meant += [(letter, frozenset()) for letter in text]
    return html, meant


def _sayable(meant: Letters) -> Letters:
    """What Signal's markers can say of that: see the module's own words."""
    result: Letters = []
    following: frozenset[str] = frozenset()
    gives_way = False
    for letter, styles in reversed(meant):
        wanted = styles - {"ITALIC"} if "BOLD" in styles else styles
        if letter in "\\*":
            said = following
        else:
            gives_way = "ITALIC" in wanted and (gives_way or "BOLD" in following)
            said = wanted - {"ITALIC"} if gives_way else wanted
        result.append((letter, said))
        following = said
    return result[::-1]


def test_a_link_follows_its_words_unless_they_are_the_link() -> None:
    assert words('See <a href="https://example.org/a?b=1&amp;c=~d">our <b>page</b></a>.') == (
        "See our page (https://example.org/a?b=1&c=~d)."
    )
    assert words('<a href="https://example.org">https://example.org</a>') == "https://example.org"


def test_a_quotation_reads_as_one_without_any_style() -> None:
    html = "Your letter:\n\n<blockquote>Dear <b>Sir</b>,\n\nplease *act*.</blockquote>\nShall we send it?"
    assert words(html) == "Your letter:\n\n> Dear Sir,\n> \n> please *act*.\nShall we send it?"
    assert words("a<blockquote>b</blockquote>c") == "a\n> b\nc"


def test_what_signal_has_no_style_for_is_plain() -> None:
    assert read("<u>a</u>") == [("a", frozenset())]
    assert read("<pre>a</pre>") == [("a", frozenset({"MONOSPACE"}))]


def test_options_are_a_numbered_list() -> None:
    reply = Reply(Markup("Shall we <b>send</b> it?"), (Button("go", "Yes *now*"), Button("no", "No")))
    assert message(reply) == "Shall we **send** it?\n\n1. Yes \\*now\\*\n2. No"
    assert message(Reply(Markup(""), (Button("go", "Yes"),))) == "1. Yes"


def test_an_option_that_can_be_typed_shows_what_to_type() -> None:
    buttons = (
        Button("go", "Yes"),
        Button("letter", "Write *now*", word="letter ~x"),
        Button("no", "No"),
    )
    shown = message(Reply(Markup("Shall we?"), buttons))
    assert shown == "Shall we?\n\n1. Yes\nletter \\~x – Write \\*now\\*\n2. No"
    assert parse(shown) == ("Shall we?\n\n1. Yes\nletter ~x – Write *now*\n2. No", [])


LETTER = Markup("\n\n").join(
    [Markup("<b>Señor</b> *{}* <blockquote>{}</blockquote>").format(n, "é " * 200) for n in range(9)]
)
QUESTION = Reply(
    LETTER,
    (Button("go", "Yes"), Button("no", "No " * 90)),
    asks="verdict",
    conversation="letter",
    mark="verdict.0123",
    attachment=Paper("norma-cruz", "es", "Señor", "office"),
    first=True,
)


def test_a_long_reply_becomes_short_messages_of_which_the_last_asks() -> None:
    several = parts(QUESTION)
    assert len(several) > 3
    assert all(len(message(each).encode()) <= LIMIT for each in several)
    assert [each.first for each in several] == [True] + [False] * (len(several) - 1)
    assert {(each.buttons, each.asks, each.mark, each.attachment) for each in several[:-1]} == {
        ((), None, None, None)
    }
    last = several[-1]
    asked = (QUESTION.buttons, "verdict", "letter", "verdict.0123", QUESTION.attachment)
    assert (last.buttons, last.asks, last.conversation, last.mark, last.attachment) == asked
    written = "".join(words(each.html) for each in several)
    assert "".join(written.split()) == "".join(words(LETTER).split())


@pytest.mark.parametrize(
    "reply", [QUESTION, Reply(LETTER), Reply(Markup("short")), Reply(Markup("{}").format("x" * 2000))]
)
def test_parts_of_parts_are_the_same_parts(reply: Reply) -> None:
    several = parts(reply)
    assert [part for each in several for part in parts(each)] == list(several)


def test_nothing_to_say_is_no_message_but_a_letter_to_show_is_one() -> None:
    assert parts(Reply(Markup(" \n"))) == []
    shown = Reply(Markup(""), attachment=Paper("norma-cruz", "es", "Señor", "office"))
    assert parts(shown) == [shown]


def test_options_longer_than_a_message_are_divided_between_their_lines() -> None:
    labels = [f"{'é' * 60} *{number}*" for number in range(30)]
    long = Reply(
        Markup("Which?"),
        tuple(Button(str(number), label) for number, label in enumerate(labels)),
        asks="which",
        mark="which.1",
    )
    *early, last = parts(long)
    assert all(len(message(each).encode()) <= LIMIT for each in (*early, last))
    lines = [line for each in (*early, last) for line in each.html.split("\n") if line]
    assert lines == ["Which?", *(f"{number}. {label}" for number, label in enumerate(labels, 1))]
    assert (last.asks, last.mark, {each.mark for each in early}) == ("which", "which.1", {None})
    assert [each for part in parts(long) for each in parts(part)] == list(parts(long))
