"""A letter as a message: nothing that a supporter wrote is in its head, and all of it is in its body."""

import email
import email.message
import email.policy
import email.utils
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.carriers.base import Parcel
from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.message import make, token_of
from assistant.domain.errors import Misconfigured
from tests.support.fakes.mail_server import MailServer

SECRET = bytes(range(32))
TOKEN = token_of("case-0001", SECRET)
FROM = "Letters for Norma Cruz <letters@campaign.example>"
SENDER = Sender.parse(FROM)
NOON = datetime(2027, 1, 23, 12, tzinfo=UTC)
PDF = bytes(range(256)) * 40 + b"\r\n.\r\n"
HARMLESS = "Sra. Fiscal General:\nI am worried about Norma Cruz.\n"

HOSTILE = [
    "Ana =?UTF-8?Q?=0ABcc:_x@y.org?=",
    "=?UTF-8?B?DQpCY2M6IHhAeS5vcmc=?=",
    "Ana\r\nBcc: x@example.org\r\n\r\n<script>",
    "Ana\nBcc: x@example.org",
    "Ana\rBcc: x@example.org",
    "\r\n\r\n",
    "Ana\u2028Bcc: x@example.org\u2029Bcc: x@example.org\x85Bcc: x@example.org",
    "Ana\x0bBcc: x@example.org\x0cBcc: x@example.org\x1c\x1d\x1e",
    "Ana \u202egro.elpmaxe@x :ccB\u202c \u2066x\u2069 \u200f",
    "Ana\x00Bcc: x@example.org\x7f\x1b[31m",
    ".",
    "..",
    ".\n..\n...\n.hidden\n\n.\n",
    "\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n",
    "From x@example.org Sat Jan 23 12:00:00 2027\n>From here\n",
    f"--=_{TOKEN}\nContent-Type: text/html\n\n<b>x</b>\n--=_{TOKEN}--\n",
    "=_=20=3D=\n=\n =\t=\n",
    "x" * 5_000,
    ("w" * 998 + "\n") * 3,
    "é" * 3_000,
    "word " * 2_000,
    "spaces at the end   \ntabs\t\t\n   ",
    "\ufeff\ufffe\uffff\U0010ffff",
    "Zoë Ñandú, السيدة المدعية, 検事総長, \U0001f54a\ufe0f, e\u0301\u0301\u0301",
    "half \ud800 of a character",
    "",
]


def letter(text: str, **facts: str) -> Parcel:
    """A letter with these words in it."""
    return Parcel(
        key="case-0001", to="office@example.org", subject="About Norma Cruz", text=text, pdf=PDF, facts=facts
    )


def made(text: str) -> bytes:
    """Its message."""
    return make(letter(text, name=text, line=text), SENDER, TOKEN, NOON).content


def head(content: bytes) -> bytes:
    """What stands before the first empty line."""
    return content.partition(b"\r\n\r\n")[0]


def words(text: str) -> str:
    """As they travel: line ends are all alike in a message (RFC 2046, section 4.1.1)."""
    return re.sub(r"\r\n|\r|\n", "\r\n", text).encode("utf-8", "replace").decode()


def holds(content: bytes, text: str) -> None:
    """Each kind of parser finds the text and the PDF, whole."""
    for policy in (email.policy.compat32, email.policy.default, email.policy.SMTP):
        message: email.message.Message = email.message_from_bytes(content, policy=policy)
        parts = message.get_payload()
        assert isinstance(parts, list)
        written, attached = parts
        assert isinstance(written, email.message.Message)
        assert isinstance(attached, email.message.Message)
        decoded = written.get_payload(decode=True)
        assert isinstance(decoded, bytes)
        assert decoded.decode() == words(text)
        assert attached.get_payload(decode=True) == PDF
        assert attached.get_filename() == "letter.pdf"
        assert (written.get_content_type(), written.get_content_charset()) == ("text/plain", "utf-8")
        assert attached.get_content_type() == "application/pdf"
        assert not any(part.defects for part in message.walk())


@pytest.mark.parametrize("text", HOSTILE)
def test_words_change_nothing_but_the_body(text: str) -> None:
    content = made(text)
    assert head(content) == head(made(HARMLESS))
    holds(content, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_is_ascii_in_short_lines(text: str) -> None:
    content = made(text)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", content)


@given(st.text())
def test_any_words_change_nothing_but_the_body(text: str) -> None:
    content = made(text)
    assert head(content) == head(made(HARMLESS))
    holds(content, text)


async def test_what_the_server_gets_has_the_same_headers_whatever_was_written() -> None:
    async with MailServer() as server:
        carrier = Email.from_url(server.url, FROM, SECRET)
        for text in (HARMLESS, *HOSTILE):
            await carrier.submit(letter(text, name=text, line=text))
        await carrier.close()
        assert len(server.taken) == len(HOSTILE) + 1
        harmless, *hostile = [each.content for each in server.taken]
        for text, content in zip(HOSTILE, hostile, strict=True):
            holds(content, text)
            for policy in (email.policy.compat32, email.policy.default):
                assert headers(content, policy) == headers(harmless, policy)
        assert {each.sender for each in server.taken} == {f"bounce-{TOKEN}@campaign.example"}
        assert all(each.recipients == ["office@example.org"] for each in server.taken)


def headers(content: bytes, policy: email.policy.Policy) -> list[tuple[str, str]]:
    """As a reader of this kind sees them, but for the date."""
    message: email.message.Message = email.message_from_bytes(content, policy=policy)
    return [(name, str(value)) for name, value in message.items() if name != "Date"]


def test_its_headers_are_ours_alone() -> None:
    message = email.message_from_bytes(made(HARMLESS), policy=email.policy.default)
    assert dict(message.items()) == {
        "From": "Letters for Norma Cruz <letters@campaign.example>",
        "To": "office@example.org",
        "Reply-To": f"letters+{TOKEN}@campaign.example",
        "Subject": "About Norma Cruz",
        "Date": "Sat, 23 Jan 2027 12:00:00 +0000",
        "Message-ID": f"<{TOKEN}@campaign.example>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/mixed; boundary="=_{TOKEN}"',
    }


def test_the_same_letter_is_the_same_message() -> None:
    assert made(HARMLESS) == made(HARMLESS)
    later = make(letter(HARMLESS), SENDER, TOKEN, NOON.replace(hour=13)).content
    assert later.replace(b"13:00:00", b"12:00:00") == made(HARMLESS)


def test_a_token_tells_nothing_of_the_letter() -> None:
    assert re.fullmatch("[0-9a-f]{32}", TOKEN)
    assert token_of("case-0001", bytes(32)) != TOKEN
    assert token_of("case-0002", SECRET) != TOKEN


def test_latin_letters_stay_readable_and_others_stay_short() -> None:
    latin = "Señora Fiscal General: Norma Cruz está en peligro.\n"
    assert b"Norma Cruz est=C3=A1 en peligro." in made(latin)
    assert len(made("検事総長" * 100)) < len(made("")) + 100 * 4 * 4 * 1.1


@pytest.mark.parametrize(
    "subject",
    [
        "Norma Cruz, 23 de enero",
        "Preocupación por la señora Cruz",
        "بشأن سلامة السيدة نورما كروز " * 8,
        "About =?UTF-8?Q?=0ABcc:_x@y.org?=",
        "A very long subject that goes on " * 30,
        "x" * 500,
        "\U0001f54a" * 60,
    ],
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    parcel = Parcel(
        key="case-0001", to="office@example.org", subject=subject, text=HARMLESS, pdf=PDF, facts={}
    )
    content = make(parcel, SENDER, TOKEN, NOON).content
    assert max(map(len, head(content).split(b"\r\n"))) <= 78
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["Subject"].rstrip() == subject.rstrip()
    assert "Bcc" not in message
    assert len(message.keys()) == 8


def within_rfc_2047(content: bytes) -> None:
    """Lines with encoded words have 76 characters at most, and each of those words 75."""
    lines = [line for line in head(content).split(b"\r\n") if b"=?" in line]
    assert lines
    assert max(map(len, lines)) <= 76
    assert max(len(word) for line in lines for word in line.split()) <= 75


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=300))
@example("     " * 40)
@example("Preocupación por la señora Cruz, que está en peligro, y por su familia: cuatro frases más, y ya.")
def test_encoded_words_are_no_longer_than_they_may_be(words: str) -> None:
    subject = f"ñ{words}"
    parcel = Parcel(
        key="case-0001", to="office@example.org", subject=subject, text=HARMLESS, pdf=PDF, facts={}
    )
    sender = Sender("ñ" + words.replace("=?", "")[:99], "letters", "campaign.example")
    within_rfc_2047(make(parcel, sender, TOKEN, NOON).content)


@pytest.mark.parametrize(
    "bad", ["\n", "\r", "\r\nBcc: x@example.org", "\x00", "\x85", "\u2028", "\u2029", "\ud800"]
)
def test_a_subject_with_control_characters_is_the_operators_to_change(bad: str) -> None:
    parcel = Parcel(
        key="case-0001", to="office@example.org", subject=f"About{bad}her", text=HARMLESS, pdf=PDF, facts={}
    )
    with pytest.raises(Misconfigured, match="subject") as caught:
        make(parcel, SENDER, TOKEN, NOON)
    assert "About" not in caught.value.reason


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("letters@campaign.example", ""),
        ("<letters@campaign.example>", ""),
        ("Letters, and more <letters@campaign.example>", "Letters, and more"),
        ('"Letters (all)" <letters@campaign.example>', "Letters (all)"),
        (
            "Cartas por Norma Cruz, Guatemala: señora y compañía <letters@campaign.example>",
            "Cartas por Norma Cruz, Guatemala: señora y compañía",
        ),
        ("رسائل من أجل نورما كروز <letters@campaign.example>", "رسائل من أجل نورما كروز"),
        (f"{'ñ' * 100} <letters@campaign.example>", "ñ" * 100),
    ],
)
def test_our_name_may_be_in_any_script_or_missing(sender: str, name: str) -> None:
    content = make(letter(HARMLESS), Sender.parse(sender), TOKEN, NOON).content
    assert max(map(len, head(content).split(b"\r\n"))) <= 78
    shown, address = email.utils.parseaddr(email.message_from_bytes(content)["From"])
    assert (str(make_header(decode_header(shown))), address) == (name, "letters@campaign.example")


def test_our_domain_may_be_in_any_script() -> None:
    content = make(letter(HARMLESS), Sender.parse("cartas@campaña.example"), TOKEN, NOON)
    assert content.sender == f"bounce-{TOKEN}@xn--campaa-0wa.example"
    assert b"campa\xc3" not in content.content
