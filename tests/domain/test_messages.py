"""Where chats are, and how buttons are written where there are none."""

import pytest
from markupsafe import Markup

from assistant.domain.messages import Account, Button, Reply, listed
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


@pytest.mark.parametrize(
    "account", [Account("telegram", "123"), Account("signal", "a:b:"), Account("memory", "")]
)
def test_an_account_is_what_it_was_once_it_has_been_stored(account: Account) -> None:
    assert Account.parse(str(account)) == account


def test_the_stored_form_of_an_account_begins_with_its_channel() -> None:
    assert str(Account("telegram", "123")) == "telegram:123"
    assert Account.parse("telegram:123:4") == Account("telegram", "123:4")
