"""What became of faxes at Telnyx: no more is claimed than is known."""

import pytest
from structlog.testing import capture_logs

from assistant.carriers.base import Ref
from assistant.carriers.telnyx import client as telnyx_client
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.domain.errors import Busy, Down, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.telnyx import KEY, PARCEL, assert_no_secrets, outcome
from tests.support.fakes.telnyx.faxes import refused
from tests.support.fakes.telnyx.server import FakeTelnyx


@pytest.mark.parametrize(
    "status", ["queued", "media.processed", "originated", "sending", "initiated", "", "invented"]
)
async def test_a_fax_on_its_way_is_left_out(server: FakeTelnyx, carrier: Telnyx, status: str) -> None:
    ref = await carrier.submit(PARCEL)
    server.faxes[0].status = status
    assert await carrier.poll({KEY: ref.reference}) == {}
    assert server.media  # it may still be needed


async def test_a_delivered_fax_is_delivered_and_its_pdf_deleted(server: FakeTelnyx, carrier: Telnyx) -> None:
    ref = await carrier.submit(PARCEL)
    server.faxes[0].status = "delivered"
    assert await outcome(carrier, ref.reference) == Ref(LetterStatus.DELIVERED, ref.reference)
    assert not server.media


async def test_a_pdf_that_cannot_be_deleted_changes_nothing(
    server: FakeTelnyx, carrier: Telnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telnyx_client, "TIDY", 0.2)
    ref = await carrier.submit(PARCEL)
    server.faxes[0].status = "delivered"
    server.fail_next("delete", refused(500, "10007"))
    server.fail_next("delete", hang=30)
    for _ in range(3):
        with capture_logs() as logs:
            assert isinstance(await outcome(carrier, ref.reference), Ref)
        assert_no_secrets(*logs)
    assert not server.media
    assert isinstance(await outcome(carrier, ref.reference), Ref)  # deleted before: no matter


async def test_what_others_store_at_telnyx_is_not_deleted(server: FakeTelnyx, carrier: Telnyx) -> None:
    fax = server.take(KEY, media_name="music-on-hold")
    fax.status = "delivered"
    await carrier.poll({KEY: fax.id})
    assert "delete" not in server.calls


LINE = [
    "user_busy",
    "receiver_no_answer",
    "receiver_no_response",
    "receiver_recovery_on_timer_expire",
    "destination_unreachable",
    "service_unavailable",
    "user_channel_limit_exceeded",
    "connection_channel_limit_exceeded",
    "outbound_profile_channel_limit_exceeded",
]
NO_PAGE = [
    "receiver_decline",
    "fax_initial_communication_timeout",
    "file_download_failed",
    "media_processing_exception",
]
NEVER = [
    "destination_invalid",
    "receiver_invalid_number_format",
    "receiver_unallocated_number",
    "receiver_incompatible_destination",
    "file_format_invalid",
    "file_size_limit_exceeded",
    "page_count_limit_exceeded",
]
OPERATOR = [
    "account_disabled",
    "no_outbound_profile",
    "destination_not_in_service_plan",
    "destination_not_in_countries_whitelist",
    "outbound_profile_daily_spend_limit_exceeded",
    "unverified_origination_number",
    "unverified_destination_not_allowed",
]
PERHAPS = [
    "receiver_call_dropped",
    "sender_call_dropped",
    "carrier_lost",
    "fax_signaling_error",
    "receiver_communication_error",
    "sender_communication_error",
    "invalid_ecm_response_from_receiver",
    "sender_canceled",
    "success",
    "brand_new_reason",
    "call +50255550100 failed",
    "",
]


async def failed(server: FakeTelnyx, carrier: Telnyx, reason: str | None) -> Failure:
    """What a fax comes to that failed for that reason."""
    fax = server.take(KEY)
    fax.status, fax.failure_reason = "failed", reason
    found = await outcome(carrier, fax.id)
    assert isinstance(found, Failure)
    return found


@pytest.mark.parametrize("reason", LINE)
async def test_a_line_that_is_not_free_costs_nothing(
    server: FakeTelnyx, carrier: Telnyx, reason: str
) -> None:
    failure = await failed(server, carrier, reason)
    assert isinstance(failure, Busy)
    assert not isinstance(failure, Down)
    assert not failure.uncertain
    assert reason in failure.reason


@pytest.mark.parametrize("reason", NO_PAGE)
async def test_a_fax_without_a_page_is_tried_again(server: FakeTelnyx, carrier: Telnyx, reason: str) -> None:
    failure = await failed(server, carrier, reason)
    assert type(failure) is Failure
    assert not (failure.uncertain or failure.permanent)


@pytest.mark.parametrize("reason", NEVER)
async def test_a_fax_that_can_never_go_is_not_tried_again(
    server: FakeTelnyx, carrier: Telnyx, reason: str
) -> None:
    failure = await failed(server, carrier, reason)
    assert failure.permanent
    assert not isinstance(failure, Misconfigured)
    assert "case folder" in failure.reason


@pytest.mark.parametrize("reason", OPERATOR)
async def test_an_account_that_does_not_allow_it_is_the_operators(
    server: FakeTelnyx, carrier: Telnyx, reason: str
) -> None:
    failure = await failed(server, carrier, reason)
    assert isinstance(failure, Misconfigured)
    assert "portal" in failure.reason


@pytest.mark.parametrize("reason", [*PERHAPS, None])
async def test_a_fax_of_which_pages_may_have_gone_is_uncertain(
    server: FakeTelnyx, carrier: Telnyx, reason: str | None
) -> None:
    failure = await failed(server, carrier, reason)
    assert failure.uncertain
    assert not failure.permanent


async def test_a_fax_that_telnyx_forgot_is_uncertain(server: FakeTelnyx, carrier: Telnyx) -> None:
    found = await outcome(carrier, "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0")
    assert isinstance(found, Failure)
    assert found.uncertain


async def test_a_reference_cannot_lead_elsewhere(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.take(KEY)
    found = await outcome(carrier, "../faxes?page[size]=1")
    assert isinstance(found, Failure)
    assert server.calls == ["fax"]


async def test_what_could_be_learned_is_kept_where_the_rest_fails(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    delivered, other = server.take("letter-a"), server.take("letter-b")
    delivered.status = other.status = "delivered"
    server.fail_next("fax", hang=0)
    server.fail_next("fax", refused(429, "10011"))
    asked = {"letter-a": delivered.id, "letter-b": other.id}
    assert list(await carrier.poll(asked)) == ["letter-a"]
    server.fail_next("fax", refused(429, "10011"))
    with pytest.raises(Down):
        await carrier.poll(asked)
