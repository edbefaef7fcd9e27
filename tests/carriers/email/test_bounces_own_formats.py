"""What mail servers say in formats of their own: final failures are failures, and nothing else is one."""

import logging

import pytest

from assistant.carriers.email.bounces import Bounce, read_bounce
from assistant.domain.errors import Failure
from tests.support.carriers.email_bounces import OFFICE, report_of
from tests.support.carriers.email_own_formats import (
    DELAYS,
    FAILURES,
    MEMBER,
    NO_BOUNCES,
    OF_A_MEMBER,
    QMAIL,
    UNCLEAR,
    told,
)


def bounce(text: str) -> Bounce:
    """What is read of a message."""
    found = read_bounce(text.encode("latin-1" if "iso-8859-1" in text else "utf-8"))
    assert found is not None
    return found


def outcome_of(text: str, address: str = OFFICE) -> Failure:
    """What becomes of a letter to that address."""
    outcome = bounce(text).of_letter_to(address).outcome
    assert isinstance(outcome, Failure)
    assert "@" not in outcome.reason
    return outcome


@pytest.mark.parametrize(("text", "why"), FAILURES.values(), ids=list(FAILURES))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_letter_that_came_back_has_failed(text: str, why: str, line_end: str) -> None:
    found = outcome_of(text.replace("\n", line_end))
    assert (found.permanent, found.uncertain) == (True, False)
    assert why in found.reason


@pytest.mark.parametrize("text", DELAYS.values(), ids=list(DELAYS))
def test_a_delay_is_no_news(text: str) -> None:
    assert read_bounce(text.encode()) is None


@pytest.mark.parametrize("text", NO_BOUNCES.values(), ids=list(NO_BOUNCES))
def test_what_people_and_their_programs_say_is_no_news(text: str) -> None:
    assert read_bounce(text.encode()) is None


@pytest.mark.parametrize("text", UNCLEAR.values(), ids=list(UNCLEAR))
def test_what_is_not_understood_is_for_a_person(text: str) -> None:
    assert not bounce(text).understood
    found = outcome_of(text)
    assert (found.permanent, found.uncertain) == (False, True)
    assert "could not be understood: look at it" in found.reason


@pytest.mark.parametrize("text", OF_A_MEMBER.values(), ids=list(OF_A_MEMBER))
def test_one_member_of_an_alias_leaves_it_uncertain(text: str) -> None:
    assert bounce(text).understood
    found = outcome_of(text)
    assert (found.permanent, found.uncertain) == (False, True)
    assert "another address" in found.reason
    assert outcome_of(text, MEMBER).permanent


def test_an_address_in_the_returned_letter_is_not_named_by_the_server() -> None:
    nobody = QMAIL.replace("<office@example.org>:", "<nobody@example.net>:")
    assert "To: office@example.org" in nobody
    assert outcome_of(nobody).uncertain


def test_what_a_library_cannot_read_is_read_by_its_words_and_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(message: object) -> None:
        logging.getLogger("flufl.bounce").error("office@example.org")
        raise UnicodeDecodeError("ascii", b"", 0, 1, "office@example.org")

    monkeypatch.setattr("flufl.bounce.all_failures", broken)
    assert "(5.1.1)" in report_of(QMAIL)
    assert (caplog.text, capfd.readouterr().err) == ("", "")


@pytest.mark.parametrize("subject", ["=?x-nobody-knows?Q?a?=", "=?utf-8?B?a?=", "=?utf-8?Q?=FF?=", "\x00"])
def test_a_subject_that_cannot_be_read_does_no_harm(subject: str) -> None:
    assert "(5.1.1)" in report_of(QMAIL.replace("failure notice", subject))
    assert not bounce(told("", subject=subject)).understood
