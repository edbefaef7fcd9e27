"""What mail servers say of a letter in formats of their own; all of it invented."""

from tests.support.carriers.email_bounces import LETTER, OURS

SERVER = "MAILER-DAEMON@mx.example.org"
RETURNED = (
    f"Return-Path: <{OURS}>\nReceived: from mail.campaign.example by mx.example.org\n{LETTER}\nSra. Fiscal:\n"
)


def told(text: str, *, sender: str = SERVER, subject: str = "failure notice", head: str = "") -> str:
    """A message of a mail server's with that text."""
    return (
        f"Return-Path: <>\nDelivered-To: {OURS}\nFrom: {sender}\nTo: {OURS}\nSubject: {subject}\n"
        f"Date: Sat, 23 Jan 2027 12:00:01 +0000\n{head}\n{text}\n"
    )


def with_letter(text: str, *, kind: str = "mixed", **headers: str) -> str:
    """The same, with the letter as a part of its own."""
    parts = (
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--b\nContent-Type: message/rfc822\n\n{RETURNED}\n--b--"
    )
    return told(parts, head=f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"\n', **headers)


QMAIL = told(f"""\
Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<office@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{RETURNED}""")

YAHOO = told(
    f"""\
Sorry, we were unable to deliver your message to the following address.

<office@example.org>:
554: delivery error: dd This user doesn't have an invented account (office@example.org) [0]

--- Below this line is a copy of the message.

{RETURNED}""",
    subject="Failure Notice",
)

NO_STATUS_PART = with_letter(
    """\
We could not deliver to this address:

<office@example.org>:
550: 5.1.1 <office@example.org>: Recipient address rejected
""",
    kind="report; report-type=delivery-status",
)

ZOHO = told(
    f"""\
This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

office@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1

{RETURNED}""",
    sender="mailer-daemon@mail.example.net",
    subject="Undelivered Mail Returned to Sender",
)

WORKMAIL = with_letter(
    """\
Your message could not be delivered.

Technical report:

Reporting-MTA: dsn; mx.example.org

Final-Recipient: rfc822;office@example.org
Diagnostic-Code: smtp; 552 5.2.2 mailbox full
Action: failed
Status: 5.2.2
""",
    sender="postmaster@example.org",
    subject="Delivery Status Notification (Failure)",
)

GMX = told(
    f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error.
The following address failed:

"office@example.org":
SMTP error from remote server after RCPT command:
host: mx.example.org
5.1.1 <office@example.org> User is unknown

--- The header of the original message is following. ---

{RETURNED}""",
    sender='"GMX Mailer Daemon" <mailer-daemon@example.net>',
    subject="Mail delivery failed: returning message to sender",
)

OLD_EXCHANGE = with_letter(
    """\
Your message

  To:      office@example.org
  Subject: About Norma Cruz
  Sent:    Sat, 23 Jan 2027 12:00:00 +0000

did not reach the following recipient(s):

office@example.org on Sat, 23 Jan 2027 12:00:01 +0000
    The recipient name is not recognized
    MSEXCH:IMS:OFFICE:EXAMPLE:MX 0 (000C05A6) Unknown Recipient
""",
    sender="System Administrator <postmaster@example.org>",
    subject="Undeliverable: About Norma Cruz",
)

FRENCH_EXCHANGE = told(
    f"""\
<html><body><p>Votre message n'a pas pu être remis aux destinataires suivants :</p>
<p><a href="mailto:office@example.org">office@example.org</a><br>
#550 5.2.2 STOREDRV.Deliver; mailbox full ##</p>
<p>Original message headers:</p><pre>{RETURNED}</pre></body></html>
""",
    sender="<MicrosoftExchange329e@example.org>",
    subject="=?utf-8?Q?Non_remis=C2=A0:_About_Norma_Cruz?=",
    head="MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n",
)

DRAGONFLY = told(
    f"""\
This is the DragonFly Mail Agent v0.13 at mail.campaign.example.

There was an error delivering your mail to <office@example.org>.

mx.example.org [192.0.2.7] did not like our RCPT TO:
552 5.2.2 mailbox full

Message headers follow.

{RETURNED}""",
    sender="MAILER-DAEMON <>",
    subject="Mail delivery failed",
).replace("Return-Path: <>\n", "")

OPENSMTPD = told(
    f"""\
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

office@example.org: 550 5.7.1 Not welcome here

    Below is a copy of the original message:

{RETURNED}""",
    sender="Mailer Daemon <MAILER-DAEMON@mail.campaign.example>",
    subject="Delivery status notification: error",
)

SPANISH = told(
    f"""\
No se pudo entregar su mensaje a la dirección office@example.org porque el buzón no existe.

----- Mensaje original -----
{RETURNED}""",
    sender="Correo <postmaster@example.org>",
    subject="No entregado",
    head="Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n",
)

EMPTY_STATUS_PART = told(
    f"""\
--b
Content-Type: text/plain

A message that you sent could not be delivered. The following address failed:

  office@example.org
    550 5.1.1 unrouteable address
--b
Content-Type: message/delivery-status

--b
Content-Type: message/rfc822

{RETURNED}
--b--""",
    sender="Mail Delivery System <Mailer-Daemon@mx.example.org>",
    subject="Mail delivery failed: returning message to sender",
    head="X-Failed-Recipients: office@example.org\nAuto-Submitted: auto-replied\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n',
)

FAILURES = {
    "qmail": (QMAIL, "(5.1.1)"),
    "Yahoo": (YAHOO, "no such address"),
    "a report without its status part": (NO_STATUS_PART, "(5.1.1)"),
    "Zoho": (ZOHO, "(5.1.1)"),
    "WorkMail": (WORKMAIL, "(5.2.2)"),
    "GMX": (GMX, "(5.1.1)"),
    "old Exchange": (OLD_EXCHANGE, "no such address"),
    "French Exchange": (FRENCH_EXCHANGE, "(5.2.2)"),
    "DragonFly": (DRAGONFLY, "(5.2.2)"),
    "OpenSMTPD": (OPENSMTPD, "(5.7.1)"),
    "Spanish": (SPANISH, "came back."),
    "an empty status part": (EMPTY_STATUS_PART, "(5.1.1)"),
}

DELAYS = {
    "sendmail": told(
        f"""\
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- Transcript of session follows -----
<office@example.org>... Deferred: Connection timed out with mx.example.org.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old

   ----- Message header follows -----
{RETURNED}""",
        subject="Warning: could not send message for past 4 hours",
    ),
    "OpenSMTPD": told(
        f"""\
    A message is delayed for more than 4 hours for the following
    list of recipients:

office@example.org: 421 4.7.0 Try later

    Please note that this is only a temporary failure report. The message is kept in the queue for
    up to 4 days. You DO NOT NEED to re-send the message to these recipients.

{RETURNED}""",
        subject="Delivery status notification: warning",
    ),
    "Gmail": told(
        f"""\
This is an automatically generated Delivery Status Notification

THIS IS A WARNING MESSAGE ONLY.

Delivery to the following recipient has been delayed:

     office@example.org

Message will be retried for 2 more day(s)

   ----- Message header follows -----
{RETURNED}""",
        subject="Delivery Status Notification (Delay)",
        head="X-Failed-Recipients: office@example.org\n",
    ),
    "Exim": told(
        f"""\
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.org.

  office@example.org

No action is required on your part. Delivery attempts will continue for some time.

{RETURNED}""",
        subject="Warning: message 1rXyz-0001aB-2C delayed 24 hours",
    ),
    "Spanish": told(
        "Su mensaje a office@example.org no se pudo entregar todavía. Se volverá a intentar durante 2 días.",
        head="Content-Type: text/plain; charset=utf-8\n",
    ),
}

NO_BOUNCES = {
    "a vacation note with an empty return path": told(
        "I am away until Monday. If this could not be delivered, write to office@example.org. 550",
        sender="Office <office@example.org>",
        subject="Re: About Norma Cruz",
        head="Auto-Submitted: auto-replied (vacation)\n",
    ),
    "a vacation note that only its subject shows": told(
        "Estoy fuera hasta el lunes. office@example.org",
        sender="Office <office@example.org>",
        subject="=?utf-8?Q?Respuesta_autom=C3=A1tica:_About_Norma_Cruz?=",
    ),
    "an old vacation program": told(
        "Away. The mailbox is full. office@example.org",
        sender="Office <office@example.org>",
        subject="Away from my mail",
        head="Precedence: auto_reply\n",
    ),
    "a complaint": told(
        f"""\
--b
Content-Type: text/plain

This is an abuse report for a message to office@example.org that was rejected.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Rcpt-To: office@example.org
--b
Content-Type: message/rfc822

{RETURNED}
--b--""",
        sender="postmaster@example.org",
        head='Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n',
    ),
    "an answer of a person": told(
        "Your letter has been rejected. office@example.org",
        sender="Office <office@example.org>",
        subject="Re: About Norma Cruz",
    ).replace("Return-Path: <>", "Return-Path: <office@example.org>"),
}

UNCLEAR = {
    "no address": told(f"Something about your mail.\n\n--- Below is a copy.\n{RETURNED}"),
    "a final error of nobody": told("The mailbox is full. 552 5.2.2"),
    "a quarantine": told("Your message to office@example.org waits for a moderator.", subject="Held"),
    "an empty return path of a person": told("Thank you.", sender="office@example.org", subject="Hello"),
    "nothing at all": told(""),
    "a delay that is a refusal": told("office@example.org: delayed: 550 5.1.1 no such user"),
}

MEMBER = "member@elsewhere.example"
OF_A_MEMBER = {
    "sendmail": told(
        f"""\
   ----- The following addresses had permanent fatal errors -----
<{MEMBER}>
    (reason: 550 5.1.1 User unknown)
    (expanded from: <office@example.org>)

   ----- Transcript of session follows -----
550 5.1.1 <{MEMBER}>... User unknown
""",
        subject="Returned mail: see transcript for details",
    ),
    "Exim": told(
        f"""\
A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {MEMBER}
    (generated from office@example.org)
    550 5.1.1 no such user
""",
        head=f"X-Failed-Recipients: {MEMBER}\n",
    ),
    "qmail": QMAIL.replace("<office@example.org>:", f"<{MEMBER}>:"),
    "OpenSMTPD": OPENSMTPD.replace("office@example.org: 550", f"{MEMBER}: 550"),
}
