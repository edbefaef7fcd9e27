"""How the terminal shows options, in words and as JSON."""

import io
import json

import pytest
from markupsafe import Markup

from assistant.channels.terminal import Terminal, wrapped
from assistant.domain.charts import Bar, Funnel
from assistant.domain.messages import Account, Address, Button, Document, Paper, Picture, Reply
from assistant.domain.richtext import plain

BUTTONS = (
    Button("go", "Yes"),
    Button("letter", "Write a letter", word="letter norma-cruz"),
    Button("no", "Not now"),
)
REPLY = Reply(Markup("Shall we?"), BUTTONS, asks="ready", conversation="letter", mark="ready.01")


async def printed(*, as_json: bool) -> str:
    """What the message looks like."""
    out = io.StringIO()
    terminal = Terminal("anna", failed=Reply(Markup("")), as_json=as_json, out=out)
    await terminal.send(Address(Account("terminal", "1"), "anna"), REPLY)
    return out.getvalue()


async def test_options_are_numbered_and_those_with_a_word_show_it() -> None:
    assert await printed(as_json=False) == (
        "\nShall we?\n  1. Yes\n  letter norma-cruz – Write a letter\n  2. Not now\n"
    )


async def test_a_program_gets_the_words_too() -> None:
    assert json.loads(await printed(as_json=True))["choices"] == [
        {"value": "go", "label": "Yes", "word": None},
        {"value": "letter", "label": "Write a letter", "word": "letter norma-cruz"},
        {"value": "no", "label": "Not now", "word": None},
    ]


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("the threats are investigated", 20, "the threats are\ninvestigated"),
        ("  1. Write the letter now", 16, "  1. Write the\n     letter now"),
        ("  | Dear Attorney General", 14, "  | Dear\n  | Attorney\n  | General"),
        ("https://example.org/" + "x" * 30, 20, "https://example.org/" + "x" * 30),
        ("\nshort\n\n  1. Yes", 20, "\nshort\n\n  1. Yes"),
        ("nobody knows how wide it is", 0, "nobody knows how wide it is"),
    ],
)
def test_words_are_not_broken_at_the_edge(text: str, columns: int, shown: str) -> None:
    assert wrapped(text, columns) == shown


@pytest.mark.parametrize("as_json", [False, True])
async def test_without_options_nothing_is_listed(as_json: bool) -> None:
    out = io.StringIO()
    terminal = Terminal("anna", failed=Reply(Markup("")), as_json=as_json, out=out)
    await terminal.send(Address(Account("terminal", "1"), "anna"), Reply(Markup("Thanks.")))
    shown = out.getvalue()
    assert (json.loads(shown)["choices"] == []) if as_json else (shown == "\nThanks.\n")


@pytest.mark.parametrize(("words", "shown"), [("", '{"a": "<b>"}'), ("See:", 'See:\n\n{"a": "<b>"}')])
def test_a_file_of_text_is_printed_below_the_words(words: str, shown: str) -> None:
    terminal = Terminal("anna", failed=Reply(Markup("")))
    reply = Reply(
        Markup("{}").format(words), attachment=Document("my-data.json", "text/plain", '{"a": "<b>"}')
    )
    [part] = terminal.parts(reply)
    assert (plain(part.html), part.attachment) == (shown, None)


def test_of_a_chart_its_figures_are_printed() -> None:
    chart = Funnel("en", "Letters", (Bar("Written", "400", 400), Bar("Arrived", "<10", None)))
    [part] = Terminal("anna", failed=Reply(Markup(""))).parts(Reply(Markup(), attachment=Picture(chart)))
    assert (plain(part.html), part.attachment) == ("Letters\nWritten: 400\nArrived: <10", None)


def test_a_letter_on_paper_is_not() -> None:
    assert not Terminal("anna", failed=Reply(Markup(""))).parts(
        Reply(Markup("See:"), attachment=Paper("a", "es", "x", "office"))
    )
