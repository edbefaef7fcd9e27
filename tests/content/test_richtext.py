"""Markdown of case folders becomes our small HTML, and that becomes plain text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from assistant.content.richtext import from_markdown
from assistant.domain.richtext import plain

TAGS = re.compile(r'</?(?:b|i|u|code|blockquote)>|<a href="[^"<>]*">|</a>')


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**47 threats** and *more*", "<b>47 threats</b> and <i>more</i>"),
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("one\nline", "one line"),
        ("one  \ntwo", "one\ntwo"),
        ("[here](https://example.org/a?b=1&c=2)", '<a href="https://example.org/a?b=1&amp;c=2">here</a>'),
        ("- one\n- two\n\nEnd.", "• one\n• two\n\nEnd."),
        ("1. one\n2. two", "• one\n• two"),
        ("> said *so*", "<blockquote>said <i>so</i></blockquote>"),
        ("# Heading", "<b>Heading</b>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("```\na < b\n```", "<code>a &lt; b</code>"),
        ("Tom & Jerry < Spike", "Tom &amp; Jerry &lt; Spike"),
        ("<b>raw</b>", "&lt;b&gt;raw&lt;/b&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("", ""),
    ],
)
def test_markdown_becomes_our_html(source: str, html: str) -> None:
    assert from_markdown(source) == html


@pytest.mark.parametrize(
    "link",
    [
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,AAAA)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_a_link_that_runs_something_is_no_link(link: str) -> None:
    assert "<a " not in from_markdown(link)


def test_a_link_cannot_break_out_of_its_quotes() -> None:
    html = from_markdown('[x](https://example.org/"onclick="y)')
    assert html.count('"') == 2


def test_an_image_is_no_image() -> None:
    assert "<img" not in from_markdown("![x](https://example.org/x.png)")


@given(st.text(alphabet="ab<>&\"'*_`[]()!#-> \n:/\\~=1.", max_size=60))
def test_whatever_is_written_only_our_own_tags_come_out(source: str) -> None:
    rest = TAGS.sub("", from_markdown(source))
    assert "<" not in rest
    assert ">" not in rest


@given(st.text(max_size=60))
def test_plain_text_escaped_reads_as_it_was(text: str) -> None:
    assert plain(Markup("{}").format(text)) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a &lt; b &amp; c", "a < b & c"),
        ("<b>47</b> &lt;threats&gt;", "47 <threats>"),
        ('see <a href="https://example.org">here</a>.', "see here (https://example.org)."),
        ('<a href="https://example.org">https://example.org</a>', "https://example.org"),
        ("<blockquote>one\ntwo</blockquote>", "one\ntwo"),
    ],
)
def test_plain_text_keeps_everything_that_can_be_read(html: str, text: str) -> None:
    assert plain(Markup(html)) == text  # noqa: S704
