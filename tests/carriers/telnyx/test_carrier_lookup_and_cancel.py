"""Faxes at Telnyx are found again after a crash, and called back where that is certain."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from assistant.carriers.base import Ref
from assistant.carriers.telnyx import carrier as telnyx_carrier
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.domain.errors import Busy, Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.telnyx import KEY, PARCEL, assert_no_secrets, outcome
from tests.support.fakes.telnyx.faxes import Refused, refused
from tests.support.fakes.telnyx.server import FakeTelnyx

# After a crash


async def test_a_letter_that_telnyx_never_got_is_not_found(server: FakeTelnyx, carrier: Telnyx) -> None:
    assert await carrier.lookup(KEY) is None
    server.take("another-letter")
    server.take(KEY + "0")
    assert await carrier.lookup(KEY) is None


async def test_a_letter_is_found_on_any_page(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.page_max = 2  # fewer than are asked for
    taken = server.take(KEY, ago=timedelta(days=2))
    for number in range(4):
        server.take(f"another-{number}")
    for server.newest_first in (True, False):
        for server.tells_pages in (True, False):
            found = await carrier.lookup(KEY)
            assert found == Ref(LetterStatus.SUBMITTED, taken.id, timedelta(minutes=5))


async def test_a_delivered_letter_is_found_delivered(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.take(KEY).status = "delivered"
    assert await carrier.lookup(KEY) == Ref(LetterStatus.DELIVERED, server.faxes[0].id)


async def test_the_newest_try_counts_and_its_failure_is_told_when_asked(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    newest = server.take(KEY)
    server.take(KEY, ago=timedelta(hours=1))
    for fax in server.faxes:
        fax.status, fax.failure_reason = "failed", "user_busy"
    assert await carrier.lookup(KEY) == Ref(LetterStatus.SUBMITTED, newest.id, timedelta())
    assert isinstance(await outcome(carrier, newest.id), Busy)


async def test_a_list_that_is_too_long_proves_nothing(
    server: FakeTelnyx, carrier: Telnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telnyx_carrier, "PAGES_MAX", 2)
    server.page_max = 1
    for number in range(3):
        server.take(f"another-{number}")
    with pytest.raises(Failure) as caught:
        await carrier.lookup(KEY)
    assert caught.value.uncertain


@pytest.mark.parametrize("told", [{"data": [None, 5, {}, {"id": 5}, {"id": "x", "client_state": "%%"}]}])
async def test_what_cannot_be_read_in_a_list_is_passed_over(
    server: FakeTelnyx, carrier: Telnyx, told: object
) -> None:
    fax, server.page_max = server.take(KEY), 1
    server.take("another-letter")  # the newer one: its page is the one that cannot be read
    server.fail_next("list", Refused(200, told))
    assert (await carrier.lookup(KEY)) == Ref(LetterStatus.SUBMITTED, fax.id, timedelta(minutes=5))


# Calling back


@pytest.mark.parametrize("status", ["queued", "media.processed"])
async def test_a_fax_that_was_not_dialled_is_called_back(
    server: FakeTelnyx, carrier: Telnyx, status: str
) -> None:
    ref = await carrier.submit(PARCEL)
    server.faxes[0].status = status
    assert await carrier.cancel(KEY, ref.reference)
    assert server.faxes[0].status == "failed"
    assert not server.media


@pytest.mark.parametrize("status", ["originated", "sending", "delivered", "invented"])
async def test_a_fax_that_was_dialled_is_not_stopped_half_way(
    server: FakeTelnyx, carrier: Telnyx, status: str
) -> None:
    server.take(KEY).status = status
    assert not await carrier.cancel(KEY, server.faxes[0].id)
    assert "cancel" not in server.calls


@pytest.mark.parametrize(
    ("reason", "certain"), [("user_busy", True), ("fax_signaling_error", False), ("sender_canceled", False)]
)
async def test_a_fax_that_has_failed_is_called_back_where_no_page_went(
    server: FakeTelnyx, carrier: Telnyx, reason: str, certain: bool
) -> None:
    fax = server.take(KEY)
    fax.status, fax.failure_reason = "failed", reason
    assert await carrier.cancel(KEY, fax.id) is certain


async def test_a_fax_that_went_out_all_the_same_is_not_called_back(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    fax = server.take(KEY)
    server.cancelled = ("delivered", None)
    assert not await carrier.cancel(KEY, fax.id)


async def test_a_cancelling_that_takes_as_long_as_a_call_proves_nothing(
    server: FakeTelnyx, carrier: Telnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telnyx_carrier, "BEFORE_A_PAGE", 0.3)
    fax = server.take(KEY)
    server.cancelled = None  # it says that it will, and nothing happens
    assert not await carrier.cancel(KEY, fax.id)
    server.cancelled = ("failed", "sender_canceled")
    server.fail_next("cancel", hang=30, after=True)
    assert not await carrier.cancel(KEY, fax.id)


@pytest.mark.parametrize("kind", ["fax", "cancel"])
@pytest.mark.parametrize("status", [401, 404, 422, 429, 500])
async def test_a_cancelling_that_is_refused_is_none(
    server: FakeTelnyx, carrier: Telnyx, kind: str, status: int
) -> None:
    fax = server.take(KEY)
    server.fail_next(kind, refused(status, "10015"))
    with capture_logs() as logs:
        assert not await carrier.cancel(KEY, fax.id)
    assert_no_secrets(*logs)
