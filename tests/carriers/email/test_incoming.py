"""Mail to our addresses: which letters it answers, who sent it, and what it says, whatever came."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.carriers.email.bounces import Bounce
from assistant.carriers.email.incoming import (
    LARGEST,
    LETTERS_MAX,
    NAMES_MAX,
    TEXT_MAX,
    Addressed,
    Answer,
    read_mail,
)
from assistant.domain.answers import AnswerKind
from tests.support.answers import answer
from tests.support.carriers.email_bounces import ALL, ORDINARY, OTHER, OURS, POSTFIX, READ, TOKEN, VACATION
from tests.support.carriers.email_own_formats import DELAYS

TO = f"letters+{TOKEN}@campaign.example"
GENUINE, AUTOMATIC = AnswerKind.GENUINE, AnswerKind.AUTOMATIC


def read(raw: bytes | str) -> Answer:
    """The answer that it is."""
    mail = read_mail(raw.encode() if isinstance(raw, str) else raw)
    assert isinstance(mail, Addressed)
    found = mail.read()
    assert found is not None
    return found


def text_of(raw: bytes | str) -> str:
    return read(raw).content.text


def head(kind: str = "text/plain", **more: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\n".join(["From: a@b.example", f"To: {TO}", f"Content-Type: {kind}", *lines, "", ""]).encode()


# Which letter


@pytest.mark.parametrize(
    "header",
    [
        f"To: {TO}",
        f"To: Letters <{TO}>",
        f"to: other@example.org, {TO.upper()}",
        f"Cc: <{TO}>, somebody@example.org",
        f"Delivered-To: {TO}",
        f"X-Original-To: {TO}",
        f"Envelope-To: letters+{TOKEN}",
        f'To: "letters+{TOKEN}"@campaign.example',
        f"To: {OURS}",
        f"In-Reply-To: <{TOKEN}@campaign.example>",
        f"References: <one@office.example> <{TOKEN}@campaign.example>",
    ],
)
def test_a_letter_is_named_in_an_address_or_as_what_is_answered(header: str) -> None:
    mail = read_mail(f"From: a@b.example\n{header}\n\nThank you.".encode())
    assert isinstance(mail, Addressed)
    assert mail.tokens == [TOKEN]


def test_an_address_counts_before_what_is_answered() -> None:
    mail = read_mail(f"To: {TO}\nIn-Reply-To: <{OTHER}@campaign.example>\n\nThanks.".encode())
    assert isinstance(mail, Addressed)
    assert mail.tokens == [TOKEN]


def test_one_mail_can_answer_several_letters_and_no_more_than_so_many() -> None:
    both = f"Delivered-To: {TO}\nTo: letters+{OTHER}@campaign.example, {TO}\n\nThanks."
    mail = read_mail(both.encode())
    assert isinstance(mail, Addressed)
    assert mail.tokens == [TOKEN, OTHER]
    everybody = ",\n ".join(f"letters+{number:032x}@c.example" for number in range(1_200))
    mail = read_mail(f"To: {everybody}\n\nThanks.".encode())
    assert isinstance(mail, Addressed)
    assert len(mail.tokens) == LETTERS_MAX


@pytest.mark.parametrize(
    "header",
    [
        "To: letters@campaign.example",
        "To: letters+short@campaign.example",
        f"To: letters+{TOKEN}0@campaign.example",
        f"To: letters-{TOKEN}@campaign.example",
        f"Subject: {TO}",
        f"In-Reply-To: {TOKEN}",
        f"In-Reply-To: <x{TOKEN}@campaign.example>",
        f"From: {TO}",
        "X: y",
    ],
)
def test_without_a_token_it_is_nothing_of_ours(header: str) -> None:
    assert read_mail(f"{header}\n\nThank you.".encode()) is None


# Who sent it


@pytest.mark.parametrize("raw", ALL.values(), ids=ALL)
def test_a_bounce_is_a_bounce(raw: str) -> None:
    assert isinstance(read_mail(raw.encode()), Bounce)


@pytest.mark.parametrize("raw", [READ, *DELAYS.values()])
def test_what_only_reports_on_a_letter_is_no_answer(raw: str) -> None:
    mail = read_mail(raw.encode())
    assert mail is None or (isinstance(mail, Addressed) and mail.read() is None)


@pytest.mark.parametrize(
    "sender",
    [
        "Postmaster General <pmg@office.example>",
        "Postmaster General <postmaster@office.example>",
        "Postmaster, Ghana <pmg@office.example>",
        "Postmaster @ Ghana <pmg@office.example>",
        "Office of the System Administrator <sysadmin@office.example>",
        '"Mail Delivery System" <office@example.org>',
        "Mailer-Daemon <minister@example.org>",
        "=?utf-8?q?Postmaster?= <pmg@office.example>",
        "pmg@office.example (Postmaster)",
        "postmaster.general@office.example",
        "Mail Administrator <mail@office.example>",
        "postmaster@office.example",
        "MAILER-DAEMON@office.example",
        "<>",
    ],
)
@pytest.mark.parametrize("subject", ["Re: About Norma Cruz", "Undeliverable promises: our answer"])
def test_what_is_written_to_a_letter_is_kept_whatever_its_sender_is_called(sender: str, subject: str) -> None:
    said = f"We have released her.\n\n-- original --\nMessage-ID: <{TOKEN}@campaign.example>\n"
    found = read(f"From: {sender}\nTo: {TO}\nSubject: {subject}\n\n{said}")
    assert found.content.said.startswith("We have released her.")


@pytest.mark.parametrize("account", ["MAILER-DAEMON", "mdaemon", "postmaster"])
def test_a_report_to_a_letter_s_own_address_is_none(account: str) -> None:
    raw = POSTFIX.replace("MAILER-DAEMON@", f"{account}@").replace(OURS, TO)
    assert isinstance(read_mail(raw.encode()), Bounce)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Example, Ana <ana@example.org>", "Example, Ana <ana@example.org>"),
        ('"Example, Ana" <ana@example.org>', "Example, Ana <ana@example.org>"),
        ("Office @ Ghana <o@example.org>", "Office @ Ghana <o@example.org>"),
        ("o@example.org (The Office)", "The Office <o@example.org>"),
        ("o@example.org", "o@example.org"),
        ("o@example.org, p@example.org", "p@example.org"),
        ("Office", "Office"),
        ("<minister@example.org> <evil@example.net>", "<minister@example.org> <evil@example.net>"),
        ("<>", ""),
    ],
)
def test_a_sender_is_shown_as_it_stands(written: str, read_as: str) -> None:
    assert read(f"From: {written}\nTo: {TO}\n\nNo.").content.sender == read_as


def test_a_person_answers_and_a_program_answers() -> None:
    assert (read(ORDINARY).kind, read(VACATION).kind) == (GENUINE, AUTOMATIC)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-replied", AUTOMATIC),
        ("Auto-Submitted: auto-generated; owner-email=x@example.org", AUTOMATIC),
        ("Auto-Submitted: NO", GENUINE),
        ("Auto-Submitted: no; comment", GENUINE),
        ("Precedence: bulk", AUTOMATIC),
        ("Precedence: Auto_Reply", AUTOMATIC),
        ("Precedence: first-class", GENUINE),
        ("X-Autoreply: yes", AUTOMATIC),
        ("X-Autorespond: Re", AUTOMATIC),
        ("Precedence: list", GENUINE),
        ("Return-Path: <>", GENUINE),
        ("Return-Path:", GENUINE),
        ("Return-Path: <office@example.org>", GENUINE),
        ("Subject: Automatic reply: Norma Cruz", AUTOMATIC),
        ("Subject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A_Norma?=", AUTOMATIC),
        ("Subject: Fuera de la oficina", AUTOMATIC),
        ("Subject: Re: the automatic reply that you got", GENUINE),
        ("Subject: Out of office", AUTOMATIC),
        ("Subject: Out of Office AutoReply: Norma Cruz", AUTOMATIC),
        ("Subject: [Auto-Reply] Norma Cruz", AUTOMATIC),
        ("Subject: Auto: Norma Cruz", AUTOMATIC),
        ("Subject: Abwesenheitsnotiz", AUTOMATIC),
        ("Subject: Automatische Antwort: Norma Cruz", AUTOMATIC),
        ("Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : Norma Cruz", AUTOMATIC),
        ("Subject: Absence of evidence in the matter of N. Cruz", GENUINE),
        ("Subject: Absent witnesses", GENUINE),
        ("Subject: Out of office hours our prosecutors were at work", GENUINE),
        ("Subject: Automatic reply to your letter is not our way", GENUINE),
        ("Subject: Automobile", GENUINE),
        ("Subject: Auto", GENUINE),
        ("Subject: On vacation homes of the accused", GENUINE),
        ("Subject: Fuera de la oficina nadie responde", GENUINE),
        ("Subject: Re: Out of office: Norma Cruz", GENUINE),
        ("X-Ticket: 12\nReply-To: ticket-12@example.org", GENUINE),
    ],
)
def test_programs_say_that_they_are_programs(header: str, kind: AnswerKind) -> None:
    assert read(f"From: a@b.example\nTo: {TO}\n{header}\n\nThank you.").kind is kind


# What it says


def test_plain_text_goes_before_html_and_html_becomes_plain_text() -> None:
    message = EmailMessage()
    message["To"] = TO
    message.set_content("Plain.\n")
    message.add_alternative("<p>Rich.</p>", subtype="html")
    assert text_of(message.as_bytes()) == "Plain."
    message.get_payload()[0].set_content(" \n")  # type: ignore[index, union-attr]  # a list of parts
    assert text_of(message.as_bytes()) == "Rich."


def test_html_is_never_more_than_its_text() -> None:
    page = (
        "<html><head><title>T</title><style>p { color: red }</style></head><body onload='x()'>"
        "<p>Estimada&nbsp;Ana:<br>uno &lt;b&gt; dos</p><script>alert('three')</script>"
        "<img src='https://track.example/x.png' onerror=alert(4)><a href='javascript:five()'>cinco</a>"
        "<!-- six --><blockquote>Dear Minister<blockquote>older</blockquote></blockquote>"
        "<table><tr><td>a</td><td>b</td></tr></table><svg><text>seven</text></svg></body></html>"
    )
    expected = "Estimada Ana:\nuno <b> dos\n\ncinco\n\n> Dear Minister\n>\n>> older\n>>\n>\n\na b"
    assert text_of(head("text/html") + page.encode()) == expected
    assert (
        read(head("text/html") + page.encode()).content.said == "Estimada Ana:\nuno <b> dos\n\ncinco\n\na b"
    )


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (
            "<b>Dora</b><script>x()</script><a href=https://a.example>click</a>",
            "Dora click <https://a.example>",
        ),
        ("Dora<style>p {}</style>writes<img src=x>here<noscript>no</noscript>.", "Dora writes here ."),
        ("inter<b>nation</b>al", "international"),
        (
            '<a href="https://evil.example/x">click https://bank.example</a>.',
            "click https://bank.example <https://evil.example/x>.",
        ),
        ("<a class='b' href='https://bank.example/'>bank.example</a>", "bank.example"),
        ("<a HREF = https://a.example/?b=1&amp;c=2>here</a>", "here <https://a.example/?b=1&c=2>"),
        ('<a href="mailto:o@example.org">o@example.org</a>', "o@example.org"),
        ('<a href="mailto:o@example.org">us</a>', "us <mailto:o@example.org>"),
        ('<a href="tel:+12025550100">call</a>', "call <tel:+12025550100>"),
        ('<a href="//evil.example"><img src=x></a>', "<//evil.example>"),
        ('<a data-href="https://b.example" href="https://a.example">x</a>', "x <https://a.example>"),
        (
            '<a href="https://a.example">one <a href="https://b.example">two',
            "one <https://a.example>two <https://b.example>",
        ),
        ('<a href="https://a.example"><div>one</div><div>two</div></a>', "one\ntwo\n<https://a.example>"),
        ('<a href="javascript:x()">x</a> <a href="#top">up</a> <a name=y>y</a>', "x up y"),
        ('<a href="https://a.example"', ""),
        ("<a href='java&#x0a;script:x'>a < b</a>", "a < b"),
        ('<a href="https://a.example">a < b</a>', "a < b <https://a.example>"),
    ],
)
def test_words_stay_apart_and_a_link_says_where_it_leads(page: str, text: str) -> None:
    assert text_of(head("text/html") + page.encode()) == text


@pytest.mark.parametrize(
    ("body", "kind", "more"),
    [
        ("Señora".encode("latin-1"), "text/plain; charset=iso-8859-1", {}),
        ("Señora".encode("latin-1"), "text/plain; charset=utf-8", {}),
        ("Señora".encode("latin-1"), "text/plain; charset=us-ascii", {}),
        ("Señora".encode(), "text/plain", {}),
        ("Señora".encode(), "text/plain; charset=nonsense", {}),
        ("Señora".encode(), 'text/plain; charset="a\0b"', {}),
        ("Señora".encode(), "text/plain; charset=punycode", {}),
        ("Señora".encode(), "text/plain; charset=unicode_escape", {}),
        ("Señora".encode("utf-16"), "text/plain; charset=utf-16", {"Content_Transfer_Encoding": "8bit"}),
        (b"Se=F1ora", "text/plain; charset=windows-1252", {"Content_Transfer_Encoding": "quoted-printable"}),
        (b"U2XDsW9yYQ==", "text/plain; charset=utf-8", {"Content_Transfer_Encoding": "base64"}),
        (b"U2XDsW9yYQ", "text/plain; charset=utf-8", {"Content_Transfer_Encoding": "base64"}),
        ("Señora".encode(), "text/plain", {"Content_Transfer_Encoding": "x-unknown"}),
    ],
)
def test_broken_character_sets_are_read_as_well_as_they_can_be(
    body: bytes, kind: str, more: dict[str, str]
) -> None:
    assert text_of(head(kind, **more) + body) == "Señora"


def test_what_cannot_be_seen_or_turns_the_text_round_is_left_out() -> None:
    assert text_of(head() + "a\u202eb\u2066c\u0000d\u200be\u00adf\r\n\tg\ufeff".encode()) == "abcdef\n\tg"


def test_files_are_named_and_counted_and_never_kept() -> None:
    message = EmailMessage()
    message["To"] = TO
    message.set_content("See the files.")
    message.add_attachment(b"%PDF secret", maintype="application", subtype="pdf", filename="decreto.pdf")
    message.add_attachment("text secret", filename="nota\u202egpj.exe.txt")
    message.add_attachment(b"secret", maintype="image", subtype="png")
    for number in range(30):
        message.add_attachment(b"", maintype="image", subtype="png", filename=f"{'n' * 200}{number}.png")
    content = read(message.as_bytes()).content
    assert (content.text, content.files) == ("See the files.", 33)
    assert list(content.attachments[:2]) == ["decreto.pdf", "notagpj.exe.txt"]
    assert len(content.attachments) == NAMES_MAX
    assert max(map(len, content.attachments)) == 100
    assert "secret" not in str(content)


def test_a_mail_that_is_forwarded_in_it_is_a_file() -> None:
    message = EmailMessage()
    message["To"] = TO
    message.set_content("As you see:")
    inner = EmailMessage()
    inner.set_content("secret")
    message.add_attachment(inner)
    content = read(message.as_bytes()).content
    assert content.text == "As you see:"
    assert "secret" not in str(content)


@pytest.mark.parametrize(
    "raw", [head(), head("text/html"), head("image/png") + b"\x89PNG", head("multipart/mixed")]
)
def test_there_may_be_no_text(raw: bytes) -> None:
    assert text_of(raw) == ""


def test_who_sent_it_is_told_in_one_line() -> None:
    assert read(answer()).content.sender == "Invented Office <office@example.org>"
    encoded = "From: =?utf-8?q?Fiscal=C3=ADa=0ABcc=3A_x?= <f@example.org>"
    assert read(f"{encoded}\nTo: {TO}\n\nNo.").content.sender == "Fiscalía Bcc: x <f@example.org>"
    for broken in (
        "From: " + "(" * 50_000,
        "From: =?utf-8?b?!!!?=",
        "From: =?nonsense?q?x?= <a@b.example>",
        "X: y",
    ):
        assert read(f"To: {TO}\n{broken}\n\nNo.").content.text == "No."


# The same mail


def test_the_same_mail_is_the_same_however_it_comes() -> None:
    raw = answer()
    again = [
        b"Received: from mx.example\n" + raw,
        b"Return-Path: <office@example.org>\n" + raw,
        raw.replace(b"\n", b"\r\n"),
        raw + b"\n\n",
    ]
    assert {read(each).identity for each in again} == {read(raw).identity}


def test_another_mail_is_another_one() -> None:
    others = [
        answer(number=2),
        answer(text="No."),
        answer(headers={"From": "b@example.org"}),
        answer(headers={"Date": "Wed, 25 Jan 2012"}),
    ]
    assert len({read(each).identity for each in [answer(), *others]}) == 5


# Whatever came


NESTED = b"".join(
    b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (depth, depth + 1) for depth in range(3_000)
)
HOSTILE = {
    "10 MB of text": head() + b"word " * 2_200_000,
    "one line": head() + b"x" * 11_000_000,
    "10 MB of HTML": head("text/html") + b"<p>hi</p>" * 1_200_000,
    "comments": head("text/html") + b"<!--" * 2_600_000,
    "links": head("text/html") + b"<a href='https://a.example'>" * 360_000,
    "a link": head("text/html") + b"<a " + b"href=  " * 1_500_000 + b">",
    "brackets": head("text/html") + b"<" * 10_000_000,
    "nested": head("multipart/mixed; boundary=b0") + NESTED,
    "many parts": head("multipart/mixed; boundary=b") + b"--b\nContent-Type: text/plain\n\nhi\n" * 250_000,
    "many headers": head() + b"",
    "a long head": b"X: y\n" * 2_000_000 + head() + b"hi",
    "base64": head(Content_Transfer_Encoding="base64") + b"aGVsbG8g\n" * 1_100_000,
    "empty lines": head() + b"\n" * 10_000_000,
    "blanks": head() + b" " * 10_000_000,
    "marks": head() + b">" * 10_000_000,
    "messages within": head("message/rfc822") + b"Content-Type: message/rfc822\n\n" * 100_000,
    "parameters": head("text/plain; " + "a*0=b; " * 8_000) + b"hi",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_costs_seconds_at_most_and_leaves_little(name: str) -> None:
    begun = time.process_time()
    mail = read_mail(HOSTILE[name])
    found = mail.read() if isinstance(mail, Addressed) else None
    assert time.process_time() - begun < 30  # two, where nothing else is done
    assert found is None or len(found.content.text) <= TEXT_MAX


def test_no_more_is_read_than_counts() -> None:
    raw = head("multipart/mixed; boundary=b") + b"--b\n\nfirst\n--b\n\n" + b" " * LARGEST + b"\n--b\n\nlast\n"
    assert text_of(raw) == "first"


@given(
    st.binary(max_size=300), st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=b", "x"])
)
def test_any_bytes_are_an_answer(body: bytes, kind: str) -> None:
    read(head(kind) + body)


@given(st.binary(max_size=200))
def test_any_head_does_no_harm(junk: bytes) -> None:
    mail = read_mail(junk + b"\n" + head() + b"hi")
    assert mail is None or not isinstance(mail, Addressed) or mail.read() is not NotImplemented
