"""Telnyx tells us what became of faxes, whatever order it does it in, and however often."""

import base64

import pytest

from assistant.carriers.base import Ref, Report
from assistant.domain.errors import Busy, Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.telnyx import KEY
from tests.support.carriers.telnyx_webhook import RecordingSettler
from tests.support.fakes.telnyx.faxes import SentFax, refused
from tests.support.fakes.telnyx.server import FakeTelnyx


async def test_a_delivered_fax_is_reported(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    assert await server.deliver(url, fax.event("delivered")) == [200]
    assert settler.reports == [Report(Ref(LetterStatus.DELIVERED, fax.id), key=KEY, reference=fax.id)]


async def test_a_failed_fax_is_reported_with_its_failure(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    for reason in ("user_busy", "receiver_call_dropped"):
        await server.deliver(url, fax.event("failed", failure_reason=reason))
    first, second = settler.reports
    assert isinstance(first.outcome, Busy)
    assert isinstance(second.outcome, Failure)
    assert second.outcome.uncertain
    assert {(each.key, each.reference) for each in settler.reports} == {(KEY, fax.id)}


@pytest.mark.parametrize("kind", ["queued", "media.processed", "sending.started", "invented"])
async def test_what_is_not_the_end_is_taken_and_passed_over(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, kind: str
) -> None:
    assert await server.deliver(url, fax.event(kind)) == [200]
    assert not settler.reports


async def test_the_kind_of_event_counts_not_the_status_in_it(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    await server.deliver(url, fax.event("queued", status="delivered"))
    await server.deliver(url, fax.event("failed", status="delivered"))
    assert settler.statuses == ["Busy"]


async def test_the_form_of_the_documented_examples_is_understood(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    assert await server.deliver(url, fax.event("delivered")["data"]) == [200]
    assert settler.statuses == ["delivered"]


@pytest.mark.parametrize("state", [None, "", "%%%", "AA==", base64.b64encode("é".encode()).decode(), 5])
async def test_a_fax_without_our_key_is_known_by_its_reference(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, state: object
) -> None:
    assert await server.deliver(url, fax.event("delivered", client_state=state)) == [200]
    assert [(each.key, each.reference) for each in settler.reports] == [(None, fax.id)]


@pytest.mark.parametrize(
    "changes", [{"direction": "inbound"}, {"connection_id": "another"}, {"connection_id": 5}]
)
async def test_faxes_that_we_did_not_send_are_not_reported(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, changes: dict[str, object]
) -> None:
    assert await server.deliver(url, fax.event("failed", **changes)) == [200]
    assert not settler.reports


async def test_a_fax_of_no_letter_is_taken_so_that_it_does_not_come_again(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    settler.known = False
    assert await server.deliver(url, fax.event("delivered")) == [200]


async def test_what_could_not_be_stored_comes_again(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    settler.failure = Failure("The database is away.")
    assert await server.deliver(url, fax.event("delivered")) == [503]
    settler.failure = None
    assert await server.deliver(url, fax.event("delivered")) == [200]
    assert settler.statuses == ["delivered"]


async def test_duplicates_and_disorder_are_all_handed_on(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    assert await server.deliver(url, fax.event("delivered"), times=3) == [200] * 3
    assert await server.deliver(url, fax.event("queued")) == [200]
    assert await server.deliver(url, fax.event("sending.started")) == [200]
    assert settler.statuses == ["delivered"] * 3


# The letter in Telnyx's storage


async def test_the_pdf_is_deleted_when_the_end_is_stored(
    server: FakeTelnyx, settler: RecordingSettler, url: str
) -> None:
    name = f"letter-{'0' * 32}"
    fax = server.take(KEY, media_name=name)
    await server.deliver(url, fax.event("sending.started"))
    assert server.calls == []
    settler.failure = Failure("The database is away.")
    await server.deliver(url, fax.event("delivered"))
    assert server.calls == []
    settler.failure = None
    server.fail_next("delete", refused(500, "10007"))
    assert await server.deliver(url, fax.event("delivered"), times=1) == [200]
    assert server.calls == ["delete"]


@pytest.mark.parametrize("name", ["music-on-hold", "../faxes", f"letter-{'0' * 32}/../x", None, 5])
async def test_nothing_else_is_deleted(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, name: object
) -> None:
    assert await server.deliver(url, fax.event("delivered", media_name=name)) == [200]
    assert not server.calls
