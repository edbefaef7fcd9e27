"""A letter as an email message (RFC 5322), made as bytes.

The stdlib takes 2.5 ms for one (it parses and folds headers, and writes base64 line by line), this 0.15 ms;
and the stdlib decodes what looks encoded in a header. Here the headers are made of our settings, the case's
files and the token alone, and what a supporter wrote is encoded in the body.
"""

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from assistant.carriers.base import Parcel
from assistant.carriers.email.addresses import CRLF, Sender, ascii_form, encoded
from assistant.domain.errors import Misconfigured
from assistant.domain.validation import control_in

LINE = 76  # characters of encoded text on a line, RFC 2045, section 6.8
PLAIN_SUBJECT = 66  # characters that fit on the line of the header, RFC 5322, section 2.1.1

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message and its envelope: nothing but ASCII, no line longer than 998 characters."""

    token: str
    sender: str
    recipient: str
    content: bytes


def token_of(key: str, secret: bytes) -> str:
    """What a letter is called in mail: it tells nothing, and nobody can guess it. 32 hex digits."""
    return hashlib.blake2b(key.encode(), digest_size=16, key=secret, person=b"mail").hexdigest()


def make(parcel: Parcel, sender: Sender, token: str, at: datetime) -> Mail:
    """The message of a letter: the same for the same letter but for its date, `at`.

    `parcel.to` is an address without `addresses.fault`. Raises Misconfigured where the subject is none.
    """
    recipient = ascii_form(parcel.to)
    mark = f"=_{token}"  # occurs neither in base64 nor in quoted-printable text
    head = (
        f"From: {sender.header}\r\n"
        f"To: {recipient}\r\n"
        f"Reply-To: {sender.reply_to(token)}\r\n"
        f"Subject: {_subject(parcel.subject)}\r\n"
        f"Date: {format_datetime(at)}\r\n"
        f"Message-ID: {sender.message_id(token)}\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{mark}"\r\n\r\n'
    )
    encoding, text = _transfer_encoded(parcel.text)
    content = b"".join(
        (
            head.encode("ascii"),
            f"--{mark}\r\nContent-Type: text/plain; charset=utf-8\r\n".encode(),
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode(),
            text,
            f"\r\n--{mark}\r\nContent-Type: application/pdf\r\n".encode(),
            b"Content-Transfer-Encoding: base64\r\n",
            b'Content-Disposition: attachment; filename="letter.pdf"\r\n\r\n',
            _base64(parcel.pdf),
            f"\r\n--{mark}--\r\n".encode(),
        )
    )
    return Mail(token, sender.bounces_to(token), recipient, content)


@lru_cache(maxsize=256)  # a case has few
def _subject(text: str) -> str:
    """As a header's value, in ASCII. Raises Misconfigured for characters that would end the header."""
    if control_in(text):
        raise Misconfigured("The subject of a letter holds control characters: see the files of its case.")
    if text.isascii() and len(text) <= PLAIN_SUBJECT and "=?" not in text:
        return text
    return encoded("Subject", text)


def _transfer_encoded(text: str) -> tuple[str, bytes]:
    """The shorter of both encodings: quoted-printable stays readable where most letters are Latin."""
    plain = _BREAK.sub(CRLF, text).encode("utf-8", "replace")
    quoted = binascii.b2a_qp(plain, istext=True)
    quoted = quoted.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # where it breaks lines, it guesses how
    encoded = _base64(plain)
    return ("quoted-printable", quoted) if len(quoted) <= len(encoded) else ("base64", encoded)


def _base64(content: bytes) -> bytes:
    encoded = binascii.b2a_base64(content, newline=False)
    return b"\r\n".join([encoded[start : start + LINE] for start in range(0, len(encoded), LINE)])
