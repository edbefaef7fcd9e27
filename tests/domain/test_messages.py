"""How buttons are written where there are none."""

from markupsafe import Markup

from assistant.domain.messages import Button, Reply, listed
from tests.support.transcript import as_lines

YES, NO = Button("yes", "Yes"), Button("no", "No")
APPROVE = Button("approve", "Send it out", word="/approve 12")


def test_buttons_without_a_word_are_numbered_among_themselves() -> None:
    assert list(listed([YES, NO])) == ["1. Yes", "2. No"]
    assert list(listed([YES, APPROVE, NO])) == ["1. Yes", "/approve 12 – Send it out", "2. No"]
    assert list(listed([APPROVE, YES])) == ["/approve 12 – Send it out", "1. Yes"]
    assert list(listed([])) == []


def test_golden_chats_show_them_likewise() -> None:
    reply = Reply(Markup("Ready?"), (YES, APPROVE, NO))
    assert list(as_lines(reply)) == ["< Ready?", "  1. Yes", "  /approve 12 – Send it out", "  2. No"]
