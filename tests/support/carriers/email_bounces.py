"""What comes back, in the shapes of Postfix, Exim, Exchange and others; all of it invented."""

from assistant.carriers.email.bounces import read_bounce
from assistant.domain.errors import Failure

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
OFFICE = "office@example.org"
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


def report_of(text: str) -> str:
    """Why a letter failed, of the letter that it is about; no name and no address in it."""
    report = read_bounce(text.encode())
    assert report is not None
    assert (report.reference, report.key) == (TOKEN, None)
    assert report.of_letter_to(OFFICE) is report
    assert isinstance(report.outcome, Failure)
    assert (report.outcome.permanent, report.outcome.uncertain) == (True, False)
    assert "@" not in report.outcome.reason
    assert TOKEN not in report.outcome.reason
    return report.outcome.reason
