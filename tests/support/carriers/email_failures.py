"""A letter for a mail server on its bad days, and how it fails: in words that name nobody."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from assistant.carriers.base import Parcel
from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.client import Patience
from assistant.carriers.email.settings import Server
from assistant.domain.errors import Failure
from tests.support.carriers.email_parcels import FROM, SECRET
from tests.support.fakes.mail_server import MailServer

LOGIN = ("invented-user", "invented-password")
WORDS = "invented-words Anna Nobody anna@example.org"


def parcel(key: str = "case-0001", pdf: bytes = b"%PDF-1.7 invented") -> Parcel:
    """A letter of nobody's."""
    return Parcel(
        key=key, to="office@example.org", subject="About Norma Cruz", text="Sra. Fiscal:\n", pdf=pdf, facts={}
    )


@contextlib.asynccontextmanager
async def connected_carrier(
    server: MailServer, patience: Patience | None = None, port: int = 0
) -> AsyncIterator[Email]:
    """A carrier with so much patience."""
    url = f"smtp://{':'.join(LOGIN)}@127.0.0.1:{port or server.port}"
    made = Email(Server.parse(url), Sender.parse(FROM), SECRET, patience)
    yield made
    await made.close()


async def failing(carrier: Email, sent: Parcel | None = None) -> Failure:
    """How a letter fails, in words that name nobody."""
    with pytest.raises(Failure) as caught:
        await carrier.submit(sent or parcel())
    failure = caught.value
    assert not any(
        word in failure.reason for word in (*WORDS.split(" "), *LOGIN, "office@", "letters@", "case-")
    )
    assert failure.__suppress_context__ or failure.__context__ is None  # a log would show it
    return failure
