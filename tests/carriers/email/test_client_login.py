"""Email on its way: over TLS that somebody vouches for, with a login, or not at all."""

import ssl
from pathlib import Path

import pytest

from assistant.carriers.email.carrier import Email
from assistant.domain.errors import Down, Failure, Misconfigured
from tests.support.carriers.email_parcels import FROM, IN_URL, LOGIN, SECRET, parcel
from tests.support.certificates import self_signed
from tests.support.fakes.mail_server import MailServer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key in the same file."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """TLS as the server speaks it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


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
