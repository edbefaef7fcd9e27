"""What comes back: every mail server says it in its own way, and most of what comes is no news of a letter.

The messages are invented, in the shapes of Postfix, Exim, Exchange and others.
"""

import base64
import mailbox
import quopri
import random
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.carriers.base import Ref
from assistant.carriers.email.bounces import LARGEST, Arrived, read_bounce, unread
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
OURS = f"bounce-{TOKEN}@campaign.example"
LETTER = f"""\
From: Letters for Norma Cruz <letters@campaign.example>
To: office@example.org
Subject: About Norma Cruz
Message-ID: <{TOKEN}@campaign.example>
"""

POSTFIX = f"""\
Return-Path: <>
X-Original-To: {OURS}
Delivered-To: bounces@campaign.example
Received: by mail.campaign.example (Postfix) id 4TXyz; Sat, 23 Jan 2027 12:00:01 +0000
Date: Sat, 23 Jan 2027 12:00:01 +0000
From: MAILER-DAEMON@mail.campaign.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {OURS}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4TXyz.1700000001/mail.campaign.example"
Message-Id: <20270123120001.4TXyz@mail.campaign.example>

This is a MIME-encapsulated message.

--4TXyz.1700000001/mail.campaign.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.campaign.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<office@example.org>: host mx.example.org[192.0.2.7] said: 550 5.1.1
    <office@example.org>: Recipient address rejected (in reply to RCPT TO command)

--4TXyz.1700000001/mail.campaign.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.campaign.example
X-Postfix-Queue-ID: 4TXyz
X-Postfix-Sender: rfc822; {OURS}
Arrival-Date: Sat, 23 Jan 2027 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; office@example.org
Original-Recipient: rfc822;office@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <office@example.org>: Recipient address rejected

--4TXyz.1700000001/mail.campaign.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{LETTER}
--4TXyz.1700000001/mail.campaign.example--
"""

EXCHANGE = f"""\
From: Microsoft Outlook <postmaster@example.org>
To: <{OURS.upper()}>
Date: Sat, 23 Jan 2027 12:00:02 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="_2d8fe0d0-invented_"
Content-Language: es-GT
Message-ID: <{OTHER}@EX01.example.org>
In-Reply-To: <{TOKEN}@campaign.example>
Subject: =?utf-8?Q?No_se_puede_entregar=3A_About_Norma_Cruz?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--_2d8fe0d0-invented_
Content-Type: multipart/alternative; differences=Content-Type; boundary="_alternative_"

--_alternative_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

No se pudo entregar el mensaje. El buz=C3=B3n est=C3=A1 lleno.

--_alternative_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<html><body>No se pudo entregar</body></html>

--_alternative_--

--_2d8fe0d0-invented_
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.example.org
Received-From-MTA: dns;mail.campaign.example
Arrival-Date: Sat, 23 Jan 2027 12:00:01 +0000

Original-Recipient: rfc822;office@example.org
Final-Recipient: rfc822;office@example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver
X-Display-Name: Office

--_2d8fe0d0-invented_
Content-Type: message/rfc822

Received: from mail.campaign.example by EX01.example.org
{LETTER}Content-Type: text/plain

Sra. Fiscal:

--_2d8fe0d0-invented_--
"""

EXIM = f"""\
Return-path: <>
Envelope-to: {OURS}
Received: from Debian-exim by mx.example.org with local (Exim 4.96)
X-Failed-Recipients: office@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: {OURS}
References: <{TOKEN}@campaign.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=1700000002-eximdsn-42
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1rXyz-0001aB-2C@mx.example.org>

--1700000002-eximdsn-42
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered.

  office@example.org
    Unrouteable address

--1700000002-eximdsn-42
Content-type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Action: failed
Final-Recipient: rfc822;office@example.org
Status: 5.0.0

--1700000002-eximdsn-42
Content-type: message/rfc822

Return-path: <{OURS}>
{LETTER}
--1700000002-eximdsn-42--
"""

OLD_EXIM = f"""\
Return-path: <>
Envelope-to: catchall@campaign.example
X-Failed-Recipients: office@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: postmaster@campaign.example
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1rXyz-0001aB-2C@mx.example.org>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  office@example.org
    SMTP error from remote mail server after RCPT TO:<office@example.org>:
    host mx.example.org [5.1.1.9]: 550 5.7.1 relaying denied

------ This is a copy of the message, including all the headers. ------

Return-path: <bounces@campaign.example>
{LETTER}
Sra. Fiscal:
"""

VACATION = f"""\
From: Office <office@example.org>
To: {OURS}
Subject: Fuera de la oficina: About Norma Cruz
Auto-Submitted: auto-replied
In-Reply-To: <{TOKEN}@campaign.example>
Content-Type: text/plain; charset=utf-8

Action: failed
Status: 5.1.1
> Message-ID: <{TOKEN}@campaign.example>
"""

READ = f"""\
From: Office <office@example.org>
To: {OURS}
Subject: Read: About Norma Cruz
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"
X-Failed-Recipients: nobody@example.org

--b
Content-Type: text/plain

Your message was read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;office@example.org
Original-Message-ID: <{TOKEN}@campaign.example>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""

ORDINARY = f"""\
From: Office <office@example.org>
To: letters+{TOKEN}@campaign.example
Subject: Re: About Norma Cruz
In-Reply-To: <{TOKEN}@campaign.example>

Muchas gracias por su carta.
"""

ALL = {"Postfix": POSTFIX, "Exchange": EXCHANGE, "Exim": EXIM, "old Exim": OLD_EXIM}
NO_NEWS = {"vacation": VACATION, "read": READ, "ordinary": ORDINARY}


def told(text: str) -> str:
    """Why a letter failed, of the letter that it is about; no name and no address in it."""
    report = read_bounce(text.encode())
    assert report is not None
    assert (report.reference, report.key) == (TOKEN, None)
    assert isinstance(report.outcome, Failure)
    assert (report.outcome.permanent, report.outcome.uncertain) == (True, False)
    assert "@" not in report.outcome.reason
    assert TOKEN not in report.outcome.reason
    return report.outcome.reason


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
    assert f"({code})" in told(text)
    assert f"({code})" in told(text.replace("\n", "\r\n"))


@pytest.mark.parametrize("text", NO_NEWS.values(), ids=list(NO_NEWS))
def test_what_people_and_their_programs_answer_is_no_news(text: str) -> None:
    assert read_bounce(text.encode()) is None


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "invented", ""])
@pytest.mark.parametrize("text", [POSTFIX, EXCHANGE, EXIM], ids=["Postfix", "Exchange", "Exim"])
def test_what_is_still_on_its_way_is_no_news(text: str, action: str) -> None:
    assert read_bounce(text.replace("Action: failed", f"Action: {action}").encode()) is None


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
    ],
)
def test_codes_are_put_into_words(code: str, why: str) -> None:
    assert why in told(POSTFIX.replace("Status: 5.1.1", f"Status: {code}"))


def test_a_code_that_is_missing_is_taken_from_the_servers_answer() -> None:
    assert "(5.1.1)" in told(POSTFIX.replace("Status: 5.1.1\n", ""))
    text = POSTFIX.replace("Status: 5.1.1\n", "").replace("550 5.1.1 <", "550 <")
    assert told(text) == "The letter came back."


# Which letter it is


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"])
def test_the_letter_is_known_by_where_the_message_arrived(header: str) -> None:
    text = (
        POSTFIX.replace(TOKEN, OTHER)
        .replace("X-Original-To", "X-Before")
        .replace("\nTo: bounce-", "\nCc: b-")
    )
    assert told(f"{header}: {OURS}\n{text}")


@pytest.mark.parametrize(
    "address",
    [OURS.upper(), f"<{OURS}>", f'"{OURS}" <{OURS}>', f"prvs=12345678={OURS}", f"x@example.org,\n {OURS}"],
)
def test_the_address_may_be_written_in_many_ways(address: str) -> None:
    assert told(f"Delivered-To: {address}\n{POSTFIX.replace(TOKEN, OTHER)}")


NOWHERE = "nobody@campaign.example"


@pytest.mark.parametrize("text", ALL.values(), ids=list(ALL))
def test_else_the_letter_is_known_by_what_is_quoted_of_it(text: str) -> None:
    assert told(text.replace(OURS.upper(), NOWHERE).replace(OURS, NOWHERE))


def test_else_by_the_name_that_its_envelope_had() -> None:
    text = POSTFIX.replace(TOKEN, "nobody")
    text = text.replace("X-Postfix-Queue-ID", f"Original-Envelope-Id: {TOKEN.upper()}\nX-Postfix-Queue-ID")
    assert told(text)


def test_a_quoted_head_may_be_encoded_or_folded() -> None:
    text = POSTFIX.replace(OURS, NOWHERE)
    folded = text.replace("Message-ID: <", "Message-ID:\n <")
    assert told(folded)
    for encode, name in ((base64.encodebytes, "base64"), (quopri.encodestring, "quoted-printable")):
        part = f"rfc822-headers\nContent-Transfer-Encoding: {name}\n\n{encode(LETTER.encode()).decode()}"
        assert told(text.replace(f"rfc822-headers\n\n{LETTER}", part))


def test_a_status_may_be_encoded_though_it_must_not_be() -> None:
    head, _, rest = POSTFIX.partition("message/delivery-status\n\n")
    status, _, tail = rest.partition("\n--4TXyz")
    encoded = base64.encodebytes(status.encode()).decode()
    encoding = "Content-Transfer-Encoding: base64"
    for kind in ("message/delivery-status", "message/global-delivery-status"):
        assert "(5.1.1)" in told(f"{head}{kind}\n{encoding}\n\n{encoded}\n--4TXyz{tail}")
        assert "(5.1.1)" in told(f"{head}{kind}\n\n{status}\n--4TXyz{tail}")


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


# Broken, nested, huge


def test_junk_in_eight_bits_does_no_harm() -> None:
    junk = bytes(range(128, 256))
    for text in ALL.values():
        raw = text.encode().replace(b"could not", junk).replace(b"Subject: ", b"Subject: " + junk)
        raw = raw.replace(b"Office", junk).replace(b"Final-Recipient: rfc822", b"Final-Recipient: " + junk)
        report = read_bounce(b"Delivered-To: " + junk + b"\n" + raw)
        assert report is not None
        assert report.reference == TOKEN


def test_a_gateway_may_wrap_a_report() -> None:
    outer = f'To: {OURS}\nContent-Type: multipart/mixed; boundary="outer"\n\n--outer\n'
    assert told(f"{outer}{POSTFIX}\n--outer\nContent-Type: text/plain\n\nScanned.\n--outer--\n")


def test_a_report_that_somebody_forwards_is_no_news() -> None:
    assert read_bounce(f"To: {OURS}\nContent-Type: message/rfc822\n\n{POSTFIX}".encode()) is None
    outer = f'To: {OURS}\nContent-Type: multipart/mixed; boundary="outer"\n\n--outer\n'
    assert read_bounce(f"{outer}Content-Type: message/rfc822\n\n{POSTFIX}\n--outer--\n".encode()) is None


def test_what_is_missing_at_the_end_is_not_missed() -> None:
    head, boundary, _ = POSTFIX.partition(
        "--4TXyz.1700000001/mail.campaign.example\nContent-Description: Und"
    )
    assert boundary
    assert "(5.1.1)" in told(head)
    assert "(5.1.1)" in told(POSTFIX.replace("This is a MIME", "\0This is a MIME"))
    assert read_bounce(POSTFIX.partition("\n\n")[0].encode()) is None
    assert read_bounce(POSTFIX.replace("message/delivery-status", "text/plain").encode()) is None


def test_a_report_with_a_huge_letter_in_it_is_read() -> None:
    huge = EXCHANGE.replace("Sra. Fiscal:", "Sra. Fiscal:\n" * (LARGEST // 2))
    assert len(huge) > 5 * LARGEST
    assert "(5.2.2)" in told(huge)


def test_a_message_without_a_bottom_does_no_harm() -> None:
    for kind, depth in (("message/rfc822", 20_000), ("message/delivery-status", 20_000)):
        assert read_bounce(f"Content-Type: {kind}\n\n".encode() * depth) is None
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(5_000))
    assert read_bounce(nested.encode()) is None


def harmless(raw: bytes) -> None:
    """It is read without an error; what it says, if anything, is said of a letter with a whole token."""
    report = read_bounce(raw)
    assert report is None or (report.reference is not None and len(report.reference) == 32)


@given(st.binary())
@settings(deadline=None)
def test_any_bytes_do_no_harm(raw: bytes) -> None:
    harmless(raw)


@given(st.sampled_from(list(ALL.values())), st.randoms(use_true_random=False), st.integers(1, 30))
@settings(deadline=None)
def test_any_broken_report_does_no_harm(text: str, chance: random.Random, wounds: int) -> None:
    raw = bytearray(text.encode())
    for _ in range(wounds):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                del raw[at : at + chance.randrange(40)]
            case 1:
                raw[at:at] = chance.randbytes(chance.randrange(10))
            case 2:
                raw[at] = chance.randrange(256)
            case 3:
                start = chance.randrange(len(raw))
                raw[at:at] = raw[start : start + chance.randrange(300)]
            case _:
                lines = raw.split(b"\n")
                chance.shuffle(lines)
                raw = bytearray(b"\n".join(lines)) if chance.random() < 0.1 else raw
        raw = raw or bytearray(b"x")
    harmless(bytes(raw))


@given(st.lists(st.sampled_from([line for text in ALL.values() for line in text.splitlines()]), max_size=80))
@settings(deadline=None)
def test_any_lines_of_reports_do_no_harm(lines: list[str]) -> None:
    harmless("\n".join(lines).encode())


# The mailbox


@pytest.fixture
def box(tmp_path: Path) -> mailbox.Maildir:
    """An empty Maildir, as mail servers fill it."""
    return mailbox.Maildir(tmp_path / "bounces", create=True)


@pytest.fixture
def folder(tmp_path: Path, box: mailbox.Maildir) -> Path:
    """Where it is."""
    return tmp_path / "bounces"


def put(box: mailbox.Maildir, text: str, place: Literal["new", "cur"] = "new", flags: str = "") -> None:
    """A message comes in."""
    message = mailbox.MaildirMessage(text.encode())
    message.set_subdir(place)
    message.set_flags(flags)
    box.add(message)


def test_what_is_new_is_read_until_it_is_settled(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    put(box, VACATION, "cur", "F")
    put(box, EXIM, "cur", "S")
    found = list(unread(folder))
    assert [each.raw.decode() for each in found] == [POSTFIX, VACATION]
    assert [each.raw for each in unread(folder)] == [
        each.raw for each in found
    ]  # a crash: nothing was settled
    found[0].settle()
    assert [each.raw.decode() for each in unread(folder)] == [VACATION]
    found[1].settle()
    assert list(unread(folder)) == []
    assert {(message.get_subdir(), message.get_flags()) for message in box} == {("cur", "S"), ("cur", "FS")}
    assert len(box) == 3


def test_settling_twice_does_no_harm(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    [one] = unread(folder)
    [same] = unread(folder)
    one.settle()
    one.settle()
    same.settle()
    assert len(box) == 1


def test_a_message_that_another_program_takes_away_is_left_out(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    put(box, EXIM)
    reading = unread(folder)
    first = next(reading)
    for path in (folder / "new").iterdir():
        path.unlink()
    assert list(reading) == []
    first.settle()


def test_of_a_huge_message_no_more_is_read_than_counts(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX + "x" * LARGEST)
    [one] = unread(folder)
    assert len(one.raw) == LARGEST
    assert read_bounce(one.raw) is not None


def test_what_is_no_message_is_left_alone(box: mailbox.Maildir, folder: Path) -> None:
    (folder / "new" / ".hidden").write_bytes(b"x")
    (folder / "new" / "folder").mkdir()
    assert list(unread(folder)) == []


def test_what_is_no_maildir_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no Maildir"):
        list(unread(tmp_path))
    (tmp_path / "new").write_bytes(b"")
    with pytest.raises(Misconfigured, match=str(tmp_path)):
        list(unread(tmp_path))


def test_a_mailbox_that_may_not_be_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.x").write_bytes(b"x")
    (tmp_path / "cur").write_bytes(b"")  # no folder
    with pytest.raises(Misconfigured, match="cannot be read or changed"):
        Arrived(tmp_path / "new" / "1.x", b"x").settle()
