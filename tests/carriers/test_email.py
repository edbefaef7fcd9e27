"""Letters by email: handed to a real mail server, over TLS, with a login, on one connection."""

import datetime
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assistant.carriers.base import Carrier, Parcel
from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.connection import Patience
from assistant.carriers.email.server import Server, Tls
from assistant.domain.errors import Down, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.fakes.mailserver import MailServer

FROM = "Letters for Norma Cruz <letters@campaign.example>"
SECRET = bytes(range(32))
LOGIN = ("letters@campaign.example", "p@ss/w:rd ñ?#")
IN_URL = "letters%40campaign.example:p%40ss%2Fw%3Ard%20%C3%B1%3F%23"


def parcel(key: str = "case-0001", to: str = "office@example.org", text: str = "Sra. Fiscal:\n") -> Parcel:
    """A letter of nobody's."""
    return Parcel(key, to, "About Norma Cruz", text, b"%PDF-1.7 invented\n" * 50, {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(secret + made.public_bytes(encoding))
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """TLS as the server speaks it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server without TLS, on loopback."""
    async with MailServer() as fake:
        yield fake


@pytest.fixture
async def carrier(server: MailServer) -> AsyncIterator[Email]:
    """Our carrier, to it."""
    made = Email.from_url(server.url, FROM, SECRET)
    yield made
    await made.close()


def with_login(server: MailServer, options: str = "", login: str = IN_URL) -> str:
    """The server's address with user and password."""
    return server.url.replace("://", f"://{login}@") + options


async def refused(carrier: Email) -> Failure:
    """How it fails to hand a letter over."""
    try:
        with pytest.raises(Failure) as caught:
            await carrier.submit(parcel())
        return caught.value
    finally:
        await carrier.close()


def test_it_is_a_carrier_whose_letters_leave(carrier: Email) -> None:
    like_all: Carrier = carrier
    assert (like_all.name, like_all.real, like_all.per_minute, like_all.in_hand) == ("email", True, 10, 1)


async def test_a_letter_is_taken_and_known_by_its_token(server: MailServer, carrier: Email) -> None:
    ref = await carrier.submit(parcel())
    assert re.fullmatch("[0-9a-f]{32}", ref.reference)
    assert (ref.status, ref.look_in) == (LetterStatus.SUBMITTED, datetime.timedelta(days=2))
    [letter] = server.taken
    assert letter.sender == f"bounce-{ref.reference}@campaign.example"
    assert letter.recipients == ["office@example.org"]
    assert server.greeted_by == "campaign.example"


async def test_the_same_letter_has_the_same_token_and_others_have_others(
    server: MailServer, carrier: Email
) -> None:
    first, again, other = [(await carrier.submit(parcel(key))).reference for key in ("a-1", "a-1", "a-2")]
    assert first == again != other
    elsewhere = Email.from_url(server.url, FROM, bytes(32))
    assert (await elsewhere.submit(parcel("a-1"))).reference != first
    await elsewhere.close()


async def test_letters_share_a_connection(server: MailServer, carrier: Email) -> None:
    for number in range(5):
        await carrier.submit(parcel(f"case-{number}"))
    assert (len(server.taken), server.sessions, server.said["EHLO"]) == (5, 1, 1)


async def test_a_connection_that_was_closed_between_letters_is_made_anew(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel("a-1"))
    await server.drop()
    await carrier.submit(parcel("a-2"))
    assert (len(server.taken), server.sessions) == (2, 2)


async def test_a_server_that_closes_when_it_is_asked_again_is_asked_anew(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel("a-1"))
    server.fail_next("MAIL", "421 4.4.2 timeout exceeded", close=True)
    await carrier.submit(parcel("a-2"))
    server.fail_next("MAIL", close=True)
    await carrier.submit(parcel("a-3"))
    assert (len(server.taken), server.sessions) == (3, 3)


async def test_a_connection_that_was_idle_for_long_is_not_trusted(server: MailServer) -> None:
    carrier = Email(Server.parse(server.url), Sender.parse(FROM), SECRET, Patience(idle=0))
    await carrier.submit(parcel("a-1"))
    await carrier.submit(parcel("a-2"))
    assert (len(server.taken), server.sessions, server.said["MAIL"]) == (2, 2, 2)
    await carrier.close()


async def test_goodbye_is_said(server: MailServer, carrier: Email) -> None:
    await carrier.submit(parcel())
    await carrier.close()
    assert server.said["QUIT"] == 1
    await server.until(lambda: server.connected == 0)
    await carrier.close()


async def test_a_goodbye_is_not_waited_for_long(server: MailServer) -> None:
    carrier = Email(Server.parse(server.url), Sender.parse(FROM), SECRET, Patience(goodbye=0.05))
    await carrier.submit(parcel())
    server.fail_next("QUIT", hang=True)
    await carrier.close()
    await server.until(lambda: server.connected == 0)


async def test_starttls_comes_before_the_login_and_the_letter(
    context: ssl.SSLContext, certificate: Path
) -> None:
    async with MailServer(starttls=context, login=LOGIN) as server:
        carrier = Email.from_url(with_login(server, f"?cafile={certificate}"), FROM, SECRET)
        await carrier.submit(parcel())
        assert len(server.taken) == 1
        assert server.encrypted >= {"AUTH", "MAIL", "RCPT", "DATA"}
        await carrier.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_smtps_is_encrypted_from_the_start_and_logs_in(
    context: ssl.SSLContext, certificate: Path, mechanism: str
) -> None:
    async with MailServer(tls=context, login=LOGIN, mechanisms=(mechanism,)) as server:
        carrier = Email.from_url(with_login(server, f"?cafile={certificate}"), FROM, SECRET)
        await carrier.submit(parcel("a-1"))
        await carrier.submit(parcel("a-2"))
        assert server.logins == [(mechanism, *LOGIN)]
        assert (len(server.taken), "EHLO" in server.encrypted) == (2, True)
        await carrier.close()


async def test_a_server_without_starttls_gets_nothing(server: MailServer) -> None:
    carrier = Email.from_url(with_login(server, "?tls=starttls"), FROM, SECRET)
    failure = await refused(carrier)
    assert isinstance(failure, Down)
    assert "STARTTLS" in failure.reason
    assert not {"AUTH", "MAIL"} & set(server.said)


async def test_a_certificate_that_nobody_vouches_for_gets_nothing(context: ssl.SSLContext) -> None:
    for made in (MailServer(starttls=context), MailServer(tls=context)):
        async with made as server:
            options = "" if server.url.startswith("smtps") else "?tls=starttls"
            failure = await refused(Email.from_url(server.url + options, FROM, SECRET))
            assert isinstance(failure, Down)
            assert "certificate" in failure.reason
            assert "MAIL" not in server.said


async def test_a_certificate_for_another_host_gets_nothing(
    context: ssl.SSLContext, certificate: Path
) -> None:
    async with MailServer(starttls=context) as server:
        url = server.url.replace("127.0.0.1", "localhost") + f"?cafile={certificate}"
        assert "certificate" in (await refused(Email.from_url(url, FROM, SECRET))).reason


async def test_a_server_that_speaks_no_tls_where_it_should_is_down(server: MailServer) -> None:
    failure = await refused(Email.from_url(server.url.replace("smtp:", "smtps:"), FROM, SECRET))
    assert isinstance(failure, Down)
    assert "encrypt" in failure.reason


async def test_a_wrong_password_is_the_operators_to_change(
    context: ssl.SSLContext, certificate: Path
) -> None:
    async with MailServer(tls=context, login=LOGIN) as server:
        options = f"?cafile={certificate}"
        failure = await refused(Email.from_url(with_login(server, options, "letters:wrong"), FROM, SECRET))
        assert isinstance(failure, Misconfigured)
        assert "ASSISTANT_SMTP_URL" in failure.reason
        assert "wrong" not in failure.reason
        failure = await refused(Email.from_url(server.url + options, FROM, SECRET))
        assert isinstance(failure, Misconfigured)  # without any


async def test_a_server_that_offers_no_login_is_the_operators_to_change(server: MailServer) -> None:
    async with MailServer(mechanisms=()) as server:
        assert isinstance(await refused(Email.from_url(with_login(server), FROM, SECRET)), Misconfigured)


async def test_what_comes_back_is_asked_to_leave_out_the_text() -> None:
    async with MailServer(dsn=True) as server:
        carrier = Email.from_url(server.url, FROM, SECRET)
        ref = await carrier.submit(parcel())
        assert f"RET=HDRS ENVID={ref.reference}" in server.taken[0].options
        await carrier.close()


async def test_an_office_with_a_domain_in_another_script_gets_its_letter(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel(to="oficina@fiscalía.example"))
    assert server.taken[0].recipients == ["oficina@xn--fiscala-dza.example"]


async def test_nothing_is_heard_within_two_days_so_it_was_sent(carrier: Email) -> None:
    found = await carrier.poll({"a-1": "f" * 32, "a-2": "e" * 32})
    assert {
        key: (ref.status, ref.reference) for key, ref in found.items() if not isinstance(ref, Failure)
    } == {
        "a-1": (LetterStatus.SENT, "f" * 32),
        "a-2": (LetterStatus.SENT, "e" * 32),
    }


async def test_what_a_mail_server_has_cannot_be_asked_for_nor_called_back(carrier: Email) -> None:
    with pytest.raises(Failure) as caught:
        await carrier.lookup("case-0001")
    assert caught.value.uncertain
    assert not await carrier.cancel("case-0001", "f" * 32)


# Settings


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


@pytest.mark.parametrize(
    "to",
    [
        "office@example.org",
        "o.ffice+fiscal@mp.example.org",
        "o'brien@example.org",
        "office@a-b.example",
        "oficina@fiscalía.example",
        "office@xn--fiscala-dza.example",
        f"{'l' * 64}@example.org",
    ],
)
def test_addresses_of_offices(carrier: Email, to: str) -> None:
    assert carrier.refuses(to) is None


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("", "write the office's address"),
        ("office", "exactly one @"),
        ("a@b@example.org", "exactly one @"),
        ("Office <office@example.org>", "one address only"),
        ("office@example.org,x@example.org", "one address only"),
        ("office@example.org x@example.org", "one address only"),
        ("office@example.org\r\nBcc: x@example.org", "one address only"),
        ("office@example.org\u2028x", "one address only"),
        ('"of fice"@example.org', "one address only"),
        ("office(hello)@example.org", "one address only"),
        ("office@[127.0.0.1]", "one address only"),
        ("buzón@example.org", "before the @"),
        (".office@example.org", "before the @"),
        ("of..fice@example.org", "before the @"),
        ("of\x00fice@example.org", "before the @"),
        ("=?utf-8?q?x?=@example.org", "before the @"),
        (f"{'l' * 65}@example.org", "before the @"),
        ("office@", "after the @"),
        ("office@example", "after the @"),
        ("office@127.0.0.1", "after the @"),
        ("office@-a.example.org", "after the @"),
        ("office@exa_mple.org", "after the @"),
        ("office@example..org", "after the @"),
        ("office@fiscalía..example", "after the @"),
        (f"office@{'í' * 70}.example", "after the @"),
        ("office@straße.example", "xn--"),
        (f"office@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example", "longer than 254"),
    ],
)
async def test_what_is_no_address_is_told_and_never_used(
    server: MailServer, carrier: Email, to: str, why: str
) -> None:
    assert why in (carrier.refuses(to) or "")
    with pytest.raises(Failure) as caught:
        await carrier.submit(parcel(to=to))
    assert caught.value.permanent
    assert server.sessions == 0
