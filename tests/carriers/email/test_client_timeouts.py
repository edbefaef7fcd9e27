"""A mail server that is silent, closed or not there: when that leaves a letter in doubt."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.client import Patience
from assistant.carriers.email.settings import Server
from assistant.domain.errors import Busy, Down
from tests.support.carriers.email_failures import LOGIN, connected_carrier, failing, parcel
from tests.support.carriers.email_parcels import FROM, SECRET
from tests.support.fakes.mail_server import MailServer

SHORT = Patience(connect=1.0, answer=1.0, verdict=1.0, goodbye=0.1)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server without TLS, on loopback."""
    async with MailServer(login=LOGIN) as fake:
        yield fake


@pytest.mark.parametrize("stage", ["start", "EHLO", "AUTH", "MAIL"])
@pytest.mark.parametrize("hang", [True, False], ids=["silent", "closed"])
async def test_a_connection_that_ends_before_a_letter_is_begun_is_down(
    server: MailServer, stage: str, hang: bool
) -> None:
    async with connected_carrier(server, SHORT if hang else None) as carrier:
        server.fail_next(stage, hang=hang, close=not hang)
        assert isinstance(await failing(carrier), Down)
    async with connected_carrier(server) as carrier:
        await carrier.submit(parcel())
    assert len(server.taken) == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("hang", [True, False], ids=["silent", "closed"])
async def test_a_connection_that_ends_before_a_letter_is_whole_costs_an_attempt(
    server: MailServer, stage: str, hang: bool
) -> None:
    async with connected_carrier(server, SHORT if hang else None) as carrier:
        server.fail_next(stage, hang=hang, close=not hang)
        failure = await failing(carrier)
        assert (failure.permanent, failure.uncertain, isinstance(failure, Busy)) == (False, False, False)
        assert server.taken == []


@pytest.mark.parametrize("hang", [True, False], ids=["silent", "closed"])
async def test_a_whole_letter_without_an_answer_is_in_doubt(server: MailServer, hang: bool) -> None:
    async with connected_carrier(server, SHORT if hang else None) as carrier:
        server.fail_next("end", hang=hang, close=not hang)
        failure = await failing(carrier)
        assert (failure.permanent, failure.uncertain) == (False, True)
        assert len(server.taken) == 1  # it may indeed have it
        await server.until(lambda: server.connected == 0)  # what it says later answers no other letter


@pytest.mark.parametrize("hang", [True, False], ids=["silent", "closed"])
async def test_a_large_letter_that_is_stuck_on_the_way_is_not_in_doubt(
    server: MailServer, hang: bool
) -> None:
    large = parcel(pdf=bytes(6_000_000))
    async with connected_carrier(server, SHORT if hang else None) as carrier:
        server.fail_next("DATA", stall=True)
        sending = asyncio.create_task(failing(carrier, large))
        await server.until(lambda: server.said["DATA"] > 0)
        if not hang:
            await server.drop()
        failure = await sending
        assert (failure.permanent, failure.uncertain) == (False, False)
        assert server.taken == []


async def test_no_server_is_down(server: MailServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with connected_carrier(server, port=unused.getsockname()[1]) as carrier:
            failure = await failing(carrier)
            assert isinstance(failure, Down)
            assert "ASSISTANT_SMTP_URL" in failure.reason


async def test_no_such_host_is_down() -> None:
    nowhere = Server.parse("smtp://mail.invalid?tls=none")
    carrier = Email(nowhere, Sender.parse(FROM), SECRET, Patience())
    assert isinstance(await failing(carrier), Down)
