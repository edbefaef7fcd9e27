"""What a message may contain, with the errors of the real server."""

import pytest

from tests.support.fakes.telegram.html import (
    ApiError,
    bot_commands,
    formatted_text,
    inline_keyboard,
    parse_html,
)


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ('<a href="x>y</a>', 'Unclosed start tag "a" at byte offset 0'),
        ("<b x>y</b>", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0'),
    ],
)
def test_bad_html_is_refused(html: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        formatted_text({"text": html, "parse_mode": "HTML"})
    assert (caught.value.status, caught.value.description) == (
        400,
        f"Bad Request: can't parse entities: {reason}",
    )


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("&lt;&#233;&#xE9;&quot;&amp;lt; & &nbsp;", '<éé"&lt; & &nbsp;', []),
        ("<b>a<i>b</i></b><u></u>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("😀<strong>x</strong>", "😀x", [("bold", 2, 1)]),
        ('<a href="mailto:a@example.org">x</a>', "x", []),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>x</tg-spoiler><del>y</del>", "xy", [("spoiler", 0, 1), ("strikethrough", 1, 1)]),
        (" \n<b>x</b> ", "x", [("bold", 0, 1)]),
        ("<b> x </b>", " x", [("bold", 0, 2)]),
    ],
)
def test_good_html_becomes_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    plain, found = formatted_text({"text": html, "parse_mode": "html"})
    assert (plain, [(e["type"], e["offset"], e["length"]) for e in found]) == (text, entities)


def test_links_and_languages() -> None:
    assert parse_html("<A HREF='https://example.org?a=1&amp;b=2'>x</A>")[1] == [
        {"type": "text_link", "offset": 0, "length": 1, "url": "https://example.org/?a=1&b=2"}
    ]
    assert parse_html("<a>example.org/x</a>")[1][0]["url"] == "http://example.org/x"
    assert parse_html('<pre><code class="language-c">x</code></pre>')[1] == [
        {"type": "pre", "offset": 0, "length": 1, "language": "c"}
    ]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "<b>" + "😀" * 2048 + "</b>", "parse_mode": "HTML"}, None),
        ({"text": "😀" * 2048 + "a"}, "message is too long"),
        ({}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x", "parse_mode": "LaTeX"}, "unsupported parse_mode"),
    ],
)
def test_texts_are_measured_after_parsing_in_utf16_units(params: dict[str, str], reason: str | None) -> None:
    if reason is None:
        formatted_text(params)
        return
    with pytest.raises(ApiError) as caught:
        formatted_text(params)
    assert caught.value.description == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "a" * 64}, None),
        ({"text": "x", "url": "https://example.org"}, None),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": "a"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": "", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x", "url": "mailto:a@example.org"},
            "inline keyboard button URL 'mailto:a@example.org' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "url": "nowhere"},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_buttons(button: dict[str, str], reason: str | None) -> None:
    params = {"reply_markup": {"inline_keyboard": [[button], []]}}
    if reason is None:
        assert inline_keyboard(params) == {"inline_keyboard": [[button]]}
        return
    with pytest.raises(ApiError) as caught:
        inline_keyboard(params)
    assert caught.value.description == f"Bad Request: {reason}"


def test_commands_are_found() -> None:
    assert bot_commands("/start norma-cruz") == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert bot_commands("😀 /help@some_bot, a/b </i>") == [{"type": "bot_command", "offset": 3, "length": 14}]
