"""The settings of email: what is clear is done, all else is told, and no password with it."""

import ssl
from pathlib import Path

import pytest

from assistant.carriers.email.carrier import Email
from assistant.carriers.email.settings import Server, Tls
from assistant.domain.errors import Misconfigured
from tests.support.carriers.email_parcels import FROM, IN_URL, LOGIN, SECRET


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, Tls.STARTTLS),
        ("smtp://mail.example.org:25/", "mail.example.org", 25, Tls.STARTTLS),
        ("smtp://mail.example.org?tls=none", "mail.example.org", 587, Tls.NONE),
        ("smtps://mail.example.org", "mail.example.org", 465, Tls.AT_ONCE),
        ("SMTPS://Mail.Example.Org:2465", "mail.example.org", 2465, Tls.AT_ONCE),
        ("smtps://127.0.0.1", "127.0.0.1", 465, Tls.AT_ONCE),
        ("smtp://localhost:25", "localhost", 25, Tls.NONE),
        ("smtp://127.0.0.2", "127.0.0.2", 587, Tls.NONE),
        ("smtp://[::1]:2525", "::1", 2525, Tls.NONE),
        ("smtp://localhost?tls=starttls", "localhost", 587, Tls.STARTTLS),
        ("smtp://localhost.example.org", "localhost.example.org", 587, Tls.STARTTLS),
    ],
)
def test_an_address_says_how_a_server_is_spoken_to(url: str, host: str, port: int, tls: Tls) -> None:
    server = Server.parse(url)
    assert (server.host, server.port, server.tls, server.user) == (host, port, tls, None)
    assert (server.context is None) == (tls is Tls.NONE)
    if server.context is not None:
        assert server.context.verify_mode is ssl.CERT_REQUIRED
        assert server.context.check_hostname


def test_user_and_password_are_percent_encoded_and_not_shown() -> None:
    server = Server.parse(f"smtps://{IN_URL}@mail.example.org")
    assert (server.user, server.password) == LOGIN
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://:587",
        "smtp://mail.example.org:port",
        "smtp://mail.example.org:99999",
        "smtp://mail example.org",
        f"smtp://{'a' * 70}.example.org",
        "smtp://secret@mail.example.org",
        "smtp://:secret@mail.example.org",
        "smtp://user:secret/more@mail.example.org",
        "smtp://user:secret#more@mail.example.org",
        "smtp://user:secret?more@mail.example.org",
        "smtp://user:secret[more@mail.example.org",
        "smtp://mail.example.org?tls=maybe",
        "smtp://mail.example.org?tls",
        "smtp://mail.example.org?verify=no",
        "smtp://mail.example.org?tls=none&tls=none",
        "smtp://mail.example.org?tls=none&cafile=/x",
        "smtps://mail.example.org?tls=none",
        "smtps://mail.example.org?cafile=/nowhere/ca.pem",
        "smtps://mail.example.org?cafile=a%00b",
    ],
)
def test_an_address_that_says_nothing_clear_is_told_without_its_password(url: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_SMTP_URL") as caught:
        Email.from_url(url, FROM, SECRET)
    assert "secret" not in caught.value.reason
    assert caught.value.__cause__ is None


def test_a_cafile_without_a_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(Misconfigured, match=r"cafile of ASSISTANT_SMTP_URL .*no certificate"):
        Email.from_url(f"smtps://mail.example.org?cafile={tmp_path}/ca.pem", FROM, SECRET)


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Letters",
        "Letters <>",
        "Letters <letters>",
        "a@example.org, b@example.org",
        "Letters <a@example.org> <b@example.org>",
        "Letters\r\nBcc: x@example.org <letters@example.org>",
        "Letters\u2028X <letters@example.org>",
        "=?UTF-8?Q?=0ABcc:_x@y.org?= <letters@example.org>",
        f"{'n' * 101} <letters@example.org>",
        f"{'l' * 32}@example.org",
        "letters@example",
        "buzón@example.org",
    ],
)
def test_a_sender_that_is_none_is_told(sender: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_MAIL_FROM"):
        Email.from_url("smtp://localhost", sender, SECRET)


def test_a_key_of_another_length_is_a_mistake_in_our_code() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Email.from_url("smtp://localhost", FROM, b"short")
