"""What the tests of the fax carrier share: a letter, and how its outcomes are asked for."""

from datetime import timedelta

import pytest

from assistant.carriers.base import Outcome, Parcel
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.domain.errors import Failure

NUMBER = "+50255550100"
# Made of bytes that TYPE A would change, and of one page that says "Estimada".
PDF = (
    b"%PDF-1.7\r\n1 0 obj <</Type /Page>> endobj\r\n<</Length 30>> stream\r\n"
    b"BT /f0 12 Tf (Estimada) Tj ET\r\nendstream\r\n%%EOF\r\n"
)
PARCEL = Parcel(key="case-0001", to=NUMBER, subject="A letter", text="Estimada ...", pdf=PDF, facts={})
POLL_INTERVAL = timedelta(seconds=15)


def failure_of(outcome: Outcome | None) -> Failure:
    """A failure that names nobody and nothing of the letter."""
    assert isinstance(outcome, Failure)
    for secret in ("5550100", "50255", "Zoë", "Estimada", "invented-password", PARCEL.key):
        assert secret not in outcome.reason
    return outcome


async def failing(fax: HylaFax, parcel: Parcel = PARCEL) -> Failure:
    """How handing it over fails."""
    with pytest.raises(Failure) as caught:
        await fax.submit(parcel)
    return failure_of(caught.value)


async def outcome_of(fax: HylaFax, reference: str = "1") -> Outcome | None:
    """What the carrier says of the letter now."""
    return (await fax.poll({PARCEL.key: reference})).get(PARCEL.key)
