"""What comes back: every mail server says it in its own way, and most of it is no news of a letter."""

import base64
import quopri

import pytest

from assistant.carriers.base import Ref
from assistant.carriers.email.bounces import read_bounce
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.email_bounces import (
    ALL,
    EXCHANGE,
    EXIM,
    LETTER,
    NO_NEWS,
    OFFICE,
    OLD_EXIM,
    OTHER,
    OURS,
    POSTFIX,
    TOKEN,
    report_of,
)

NOWHERE = "nobody@campaign.example"


@pytest.mark.parametrize(
    ("text", "told_by", "code"),
    [
        (POSTFIX, "Postfix", "5.1.1"),
        (EXCHANGE, "Exchange", "5.2.2"),
        (EXIM, "Exim", "5.0.0"),
        (OLD_EXIM, "old Exim", "5.7.1"),
    ],
    ids=list(ALL),
)
def test_a_letter_that_came_back_has_failed(text: str, told_by: str, code: str) -> None:
    assert f"({code})" in report_of(text)
    assert f"({code})" in report_of(text.replace("\n", "\r\n"))


@pytest.mark.parametrize("text", NO_NEWS.values(), ids=list(NO_NEWS))
def test_what_people_and_their_programs_answer_is_no_news(text: str) -> None:
    assert read_bounce(text.encode()) is None


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "Delayed (4 hours)", "deferred"])
@pytest.mark.parametrize("text", [POSTFIX, EXCHANGE, EXIM], ids=["Postfix", "Exchange", "Exim"])
def test_what_is_still_on_its_way_is_no_news(text: str, action: str) -> None:
    assert read_bounce(text.replace("Action: failed", f"Action: {action}").encode()) is None


@pytest.mark.parametrize("action", ["error", "failure", "expired", "FAILED", "bounced", "invented", "", None])
@pytest.mark.parametrize("text", [POSTFIX, EXCHANGE, EXIM], ids=["Postfix", "Exchange", "Exim"])
def test_a_final_code_is_a_failure_whatever_the_action_is_called(text: str, action: str | None) -> None:
    line = "" if action is None else f"Action: {action}\n"
    assert report_of(text.replace("Action: failed\n", line))


def test_a_final_answer_is_a_failure_whatever_the_status_says() -> None:
    for status in ("Status: 4.0.0", "Status: none", "Status:", "X-Status: 5"):
        changed = POSTFIX.replace("Action: failed", "Action: error").replace("Status: 5.1.1", status)
        assert "(5.1.1)" in report_of(changed)


@pytest.mark.parametrize("action", ["Action: error\n", "Action: invented\n", ""])
def test_a_code_that_is_not_final_beside_no_known_action_is_for_a_person(action: str) -> None:
    text = POSTFIX.replace("Action: failed\n", action).replace("Status: 5.1.1", "Status: 4.4.1")
    bounce = read_bounce(text.replace("550 5.1.1 <office@example.org>: Rec", "451 4.4.1 Rec").encode())
    assert bounce is not None
    assert not bounce.understood


def test_expired_is_final_whatever_the_code() -> None:
    text = POSTFIX.replace("Action: failed", "Action: expired").replace("Status: 5.1.1", "Status: 4.4.7")
    assert "in time" in report_of(text)


def test_an_office_that_has_the_letter_is_told() -> None:
    text = POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0")
    report = read_bounce(text.encode())
    assert report is not None
    assert isinstance(report.outcome, Ref)
    assert report.reference == report.outcome.reference == TOKEN
    assert report.outcome.status is LetterStatus.DELIVERED


def test_one_mailbox_of_an_office_is_enough() -> None:
    another = "Status: 5.1.1\n\nFinal-Recipient: rfc822; second@example.org\nAction: delivered\nStatus: 2.0.0"
    report = read_bounce(POSTFIX.replace("Status: 5.1.1", another, 1).encode())
    assert report is not None
    assert isinstance(report.outcome, Ref)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("5.1.10", "no such address"),
        ("5.2.1", "mailbox"),
        ("5.3.4", "too large"),
        ("5.4.1", "could not be found or reached"),
        ("4.4.7", "in time"),
        ("5.7.26", "by its rules"),
        ("5.9.9", "came back (5.9.9)."),
        ("4.2.2", "mailbox is full"),
        ("5.2.2", "mailbox is full"),
        ("4.7.0", "by its rules"),
        ("4.3.0", "came back (4.3.0)."),
        ("4.1.1", "no such address"),
        ("5.1.8", "our own address"),
        ("5.2.3", "too large"),
    ],
)
def test_codes_are_put_into_words(code: str, why: str) -> None:
    assert why in report_of(POSTFIX.replace("Status: 5.1.1", f"Status: {code}"))


@pytest.mark.parametrize(
    ("status", "diagnostic", "told"),
    [
        ("5.0.0", "smtp; 550 5.1.1 no such user", "(5.1.1): there is no such address"),
        ("4.0.0", "smtp; 452 4.2.2 mailbox full", "(4.2.2): the mailbox is full"),
        (
            "5.0.0",
            "smtp; 550-5.7.26 Unauthenticated\n    550 5.7.26 mail",
            "(5.7.26): the office's mail server re",
        ),
        ("5.0.0", "smtp; 550 User unknown", "(5.0.0): there is no such address"),
        ("5.0.0", "smtp; 552 Quota exceeded", "(5.0.0): the mailbox is full"),
        ("5.0.0", "smtp; 554 5.0.0 Blocked as spam", "(5.0.0): the office's mail server refuses"),
        ("5.0.0", "smtp; 550 [192.0.2.7] 5.1.1.9", "(5.0.0)."),
        ("5.1.1", "smtp; 550 5.7.1 no", "(5.1.1): there is no such address"),
    ],
)
def test_a_code_that_tells_nothing_gives_way_to_the_servers_answer(
    status: str, diagnostic: str, told: str
) -> None:
    text = POSTFIX.replace("Status: 5.1.1", f"Status: {status}")
    text = text.replace("smtp; 550 5.1.1 <office@example.org>: Recipient address rejected", diagnostic)
    assert told in report_of(text)


def test_a_code_that_is_missing_is_taken_from_the_servers_answer() -> None:
    assert "(5.1.1)" in report_of(POSTFIX.replace("Status: 5.1.1\n", ""))
    text = POSTFIX.replace("Status: 5.1.1\n", "").replace("550 5.1.1 <", "550 <")
    assert report_of(text) == "The letter came back."


# Whose mailbox it was


@pytest.mark.parametrize(
    "named",
    [
        "rfc822; member@elsewhere.example",
        "rfc822; member@example.org",
        "rfc822;<OFFICE2@example.org>",
        "rfc822; office@notexample.org",
        "member",
        "rfc822; office@example.org\nX-Actual-Recipient: rfc822; member@elsewhere.example",
    ],
)
@pytest.mark.parametrize("action", ["failed", "error"])
def test_one_member_of_an_alias_leaves_it_uncertain(named: str, action: str) -> None:
    text = POSTFIX.replace("Final-Recipient: rfc822; office@example.org", f"Final-Recipient: {named}")
    bounce = read_bounce(text.replace("Action: failed", f"Action: {action}").encode())
    assert bounce is not None
    report = bounce.of_letter_to(OFFICE)
    assert report.reference == TOKEN
    assert isinstance(report.outcome, Failure)
    assert (report.outcome.uncertain, report.outcome.permanent) == (True, False)
    assert "another address" in report.outcome.reason


@pytest.mark.parametrize(
    "named",
    [
        "rfc822;OFFICE@EXAMPLE.ORG",
        "RFC822; <office@example.org>",
        'rfc822; "office"@example.org',
        "rfc822; office@example.org.",
        "utf-8; office@example.org",
        "rfc822; office@mailbox.example.org",
        "rfc822; office",
        "office@example.org",
        "x-local; 500",
        "rfc822;",
        "rfc822; office@example.org\nX-Actual-Recipient: x-unix; |/usr/bin/invented",
        "rfc822; member@elsewhere.example\n\nAction: failed\nFinal-Recipient: rfc822; office@example.org",
    ],
)
def test_the_address_that_we_wrote_to_may_be_written_in_many_ways(named: str) -> None:
    assert report_of(
        POSTFIX.replace("Final-Recipient: rfc822; office@example.org", f"Final-Recipient: {named}")
    )


def test_a_domain_in_another_script_is_the_same_in_ascii() -> None:
    text = POSTFIX.replace("office@example.org", "office@xn--fiscala-dza.example")
    bounce = read_bounce(text.encode())
    assert bounce is not None
    assert bounce.of_letter_to("office@fiscalía.example") is bounce
    assert bounce.of_letter_to("office@fiscalia.example") is not bounce


# Which letter it is


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"])
def test_the_letter_is_known_by_where_the_message_arrived(header: str) -> None:
    text = (
        POSTFIX.replace(TOKEN, OTHER)
        .replace("X-Original-To", "X-Before")
        .replace("\nTo: bounce-", "\nCc: b-")
    )
    assert report_of(f"{header}: {OURS}\n{text}")


@pytest.mark.parametrize(
    "address",
    [OURS.upper(), f"<{OURS}>", f'"{OURS}" <{OURS}>', f"prvs=12345678={OURS}", f"x@example.org,\n {OURS}"],
)
def test_the_address_may_be_written_in_many_ways(address: str) -> None:
    assert report_of(f"Delivered-To: {address}\n{POSTFIX.replace(TOKEN, OTHER)}")


@pytest.mark.parametrize("text", ALL.values(), ids=list(ALL))
def test_else_the_letter_is_known_by_what_is_quoted_of_it(text: str) -> None:
    assert report_of(text.replace(OURS.upper(), NOWHERE).replace(OURS, NOWHERE))


def test_else_by_the_name_that_its_envelope_had() -> None:
    text = POSTFIX.replace(TOKEN, "nobody")
    text = text.replace("X-Postfix-Queue-ID", f"Original-Envelope-Id: {TOKEN.upper()}\nX-Postfix-Queue-ID")
    assert report_of(text)


def test_a_quoted_head_may_be_encoded_or_folded() -> None:
    text = POSTFIX.replace(OURS, NOWHERE)
    folded = text.replace("Message-ID: <", "Message-ID:\n <")
    assert report_of(folded)
    for encode, name in ((base64.encodebytes, "base64"), (quopri.encodestring, "quoted-printable")):
        part = f"rfc822-headers\nContent-Transfer-Encoding: {name}\n\n{encode(LETTER.encode()).decode()}"
        assert report_of(text.replace(f"rfc822-headers\n\n{LETTER}", part))


def test_a_status_may_be_encoded_though_it_must_not_be() -> None:
    head, _, rest = POSTFIX.partition("message/delivery-status\n\n")
    status, _, tail = rest.partition("\n--4TXyz")
    encoded = base64.encodebytes(status.encode()).decode()
    encoding = "Content-Transfer-Encoding: base64"
    for kind in ("message/delivery-status", "message/global-delivery-status"):
        assert "(5.1.1)" in report_of(f"{head}{kind}\n{encoding}\n\n{encoded}\n--4TXyz{tail}")
        assert "(5.1.1)" in report_of(f"{head}{kind}\n\n{status}\n--4TXyz{tail}")


@pytest.mark.parametrize(
    "broken",
    ["0" * 31, "0" * 33, "0" * 31 + "g", "", "0123456789abcdef-123456789abcdef", "٠" * 32],
)
def test_only_whole_tokens_count(broken: str) -> None:
    for text in ALL.values():
        assert read_bounce(text.replace(TOKEN.upper(), broken).replace(TOKEN, broken).encode()) is None


def test_the_name_of_the_bounce_itself_is_not_the_letters() -> None:
    text = EXCHANGE.replace(TOKEN.upper(), "nobody").replace(TOKEN, "nobody")
    assert OTHER in text
    assert read_bounce(text.encode()) is None
