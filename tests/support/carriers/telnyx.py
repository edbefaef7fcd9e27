"""A letter to fax, and what is asked of a fax carrier in every test."""

import pytest
from structlog.testing import capture_logs

from assistant.carriers.base import Carrier, Parcel, Ref
from assistant.domain.errors import Failure
from tests.support.fakes.telnyx.server import FakeTelnyx

KEY = "norma-cruz-00112233445566aa"
OFFICE = "+50255550100"
PARCEL = Parcel(
    key=KEY,
    to=OFFICE,
    subject="A letter",
    text="Dear office, invented.",
    pdf=b"%PDF-1.7 invented",
    facts={"name": "Zoe Invented"},
)
PRIVATE = (FakeTelnyx.api_key, "5550100", "Invented", "invented", "letter-", "127.0.0.1", KEY)


async def failing(carrier: Carrier, parcel: Parcel = PARCEL) -> Failure:
    """How handing over fails, without a word about whom, what and with which key."""
    with capture_logs() as logs, pytest.raises(Failure) as caught:
        await carrier.submit(parcel)
    assert_no_secrets(caught.value, *logs)
    return caught.value


def assert_no_secrets(*told: object) -> None:
    """Nothing private is in it, nor in what caused it."""
    for each in told:
        assert not any(word in str(each) for word in PRIVATE)
        assert not isinstance(each, Exception) or each.__cause__ is None


async def outcome(carrier: Carrier, reference: str) -> Ref | Failure | None:
    """What became of one letter."""
    found = (await carrier.poll({KEY: reference})).get(KEY)
    if isinstance(found, Failure):
        assert_no_secrets(found)
    return found
