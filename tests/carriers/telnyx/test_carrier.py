"""Letters are handed over to Telnyx: taken, refused, or honestly in doubt."""

import base64
from datetime import timedelta

import pytest

from assistant.carriers.base import Parcel, Ref
from assistant.carriers.telnyx import client as telnyx_client
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.domain.errors import Busy, Down, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.telnyx import KEY, OFFICE, PARCEL, assert_no_secrets, failing
from tests.support.fakes.telnyx.faxes import Refused, refused
from tests.support.fakes.telnyx.server import FakeTelnyx


async def test_a_letter_is_ordered_as_a_fax(server: FakeTelnyx, carrier: Telnyx) -> None:
    ref = await carrier.submit(PARCEL)
    [fax] = server.faxes
    assert ref == Ref(LetterStatus.SUBMITTED, fax.id, timedelta(minutes=5))
    assert (fax.order["to"], fax.order["from"], fax.pdf) == (OFFICE, server.number, PARCEL.pdf)
    assert base64.b64decode(fax.order["client_state"]).decode() == KEY


async def test_the_pdf_is_kept_in_no_public_place_and_not_for_long(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    await carrier.submit(PARCEL)
    [media] = server.media.values()
    assert media.seconds == 3600
    assert KEY not in media.name
    [order] = [fax.order for fax in server.faxes]
    assert (order["media_name"], order["store_preview"]) == (media.name, False)
    assert not order.keys() & {"media_url", "store_media"}


async def test_nothing_private_is_in_a_url(server: FakeTelnyx, carrier: Telnyx) -> None:
    await carrier.submit(PARCEL)
    await carrier.lookup(KEY)
    assert_no_secrets(*server.queries)


async def test_a_large_letter_is_taken(server: FakeTelnyx, carrier: Telnyx) -> None:
    await carrier.submit(Parcel(key=KEY, to=OFFICE, subject="", text="", pdf=b"%PDF" * 500_000, facts={}))
    assert len(server.faxes[0].pdf) == 2_000_000


async def test_what_is_no_number_is_never_dialled(server: FakeTelnyx, carrier: Telnyx) -> None:
    assert carrier.refuses(OFFICE) is None
    assert "country code" in (carrier.refuses("2440-1234") or "")
    failure = await failing(
        carrier, Parcel(key=KEY, to="2440-1234", subject="", text="", pdf=b"%PDF", facts={})
    )
    assert failure.permanent
    assert not server.calls


@pytest.mark.parametrize("kind", ["upload", "send"])
@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_key_that_is_refused_is_the_operators(
    server: FakeTelnyx, carrier: Telnyx, kind: str, status: int
) -> None:
    server.fail_next(kind, refused(status, "10009"))
    failure = await failing(carrier)
    assert isinstance(failure, Misconfigured)
    assert f"{status}, code 10009" in failure.reason
    assert "ASSISTANT_FAX_URL" in failure.reason


@pytest.mark.parametrize("kind", ["upload", "send"])
@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_refused_fax_is_not_tried_again(
    server: FakeTelnyx, carrier: Telnyx, kind: str, status: int
) -> None:
    server.fail_next(kind, refused(status, "10016"))
    failure = await failing(carrier)
    assert failure.permanent
    assert not failure.uncertain
    assert "code 10016" in failure.reason


@pytest.mark.parametrize("body", ["<html>", {"errors": []}, {"errors": [{"code": "+50255550100"}]}, [[]], {}])
async def test_an_error_that_cannot_be_read_is_told_by_its_status(
    server: FakeTelnyx, carrier: Telnyx, body: object
) -> None:
    server.fail_next("send", Refused(422, body))
    failure = await failing(carrier)
    assert "it answers with 422)" in failure.reason


@pytest.mark.parametrize("kind", ["upload", "send"])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"x-ratelimit-reset": "24"}, 24),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "999999"}, 3600),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({}, 60),
    ],
    ids=["asked", "reset", "zero", "days", "date", "none"],
)
async def test_too_many_calls_wait_as_long_as_telnyx_asks(
    server: FakeTelnyx, carrier: Telnyx, kind: str, headers: dict[str, str], seconds: float
) -> None:
    server.fail_next(kind, Refused(429, {"errors": [{"code": "10011"}]}, headers))
    failure = await failing(carrier)
    assert isinstance(failure, Down)
    assert failure.retry_after == seconds
    assert not server.faxes


async def test_a_fax_that_was_not_taken_leaves_no_letter_behind(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.fail_next("send", refused(422, "10016"))
    await failing(carrier)
    assert not server.media


@pytest.mark.parametrize("status", [408, 500, 502, 503])
async def test_a_server_error_before_an_order_costs_nothing(
    server: FakeTelnyx, carrier: Telnyx, status: int
) -> None:
    server.fail_next("upload", refused(status, "10007"))
    assert isinstance(await failing(carrier), Down)


@pytest.mark.parametrize("status", [408, 500, 502, 503])
async def test_an_order_with_a_server_error_may_have_been_taken(
    server: FakeTelnyx, carrier: Telnyx, status: int
) -> None:
    server.fail_next("send", refused(status, "10007"))
    failure = await failing(carrier)
    assert failure.uncertain
    assert not isinstance(failure, Busy)
    assert server.media  # a fax that was taken needs it


async def test_an_order_that_shows_although_its_answer_was_an_error_was_taken(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    server.fail_next("send", refused(503, "10007"), after=True)
    ref = await carrier.submit(PARCEL)
    assert (ref.status, ref.reference) == (LetterStatus.SUBMITTED, server.faxes[0].id)


async def test_an_order_whose_connection_broke_is_found_again(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.fail_next("send", reset=True, after=True)
    assert (await carrier.submit(PARCEL)).reference == server.faxes[0].id


async def test_an_order_whose_connection_broke_is_uncertain_where_it_does_not_show(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    server.fail_next("send", reset=True)
    assert (await failing(carrier)).uncertain


async def test_an_order_without_an_answer_is_uncertain(
    server: FakeTelnyx, carrier: Telnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telnyx_client, "ANSWER", 0.3)
    server.fail_next("send", hang=30)
    assert (await failing(carrier)).uncertain


async def test_an_upload_without_an_answer_is_no_fax(
    server: FakeTelnyx, carrier: Telnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telnyx_client, "ANSWER", 0.3)
    server.fail_next("upload", hang=30)
    assert isinstance(await failing(carrier), Down)


async def test_an_earlier_try_of_the_letter_is_not_taken_for_this_one(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    await carrier.submit(PARCEL)
    server.faxes[0].status, server.faxes[0].failure_reason = "failed", "user_busy"
    server.fail_next("send", refused(503, "10007"))
    assert (await failing(carrier)).uncertain


async def test_it_stays_uncertain_where_even_the_list_fails(server: FakeTelnyx, carrier: Telnyx) -> None:
    server.fail_next("send", reset=True, after=True)
    server.fail_next("list", refused(500, "10007"))
    assert (await failing(carrier)).uncertain


@pytest.mark.parametrize("body", ["", "<html>", {"data": {}}, {"data": {"id": 5}}, {"data": []}])
async def test_an_order_with_an_answer_that_cannot_be_read_is_looked_for(
    server: FakeTelnyx, carrier: Telnyx, body: object
) -> None:
    server.fail_next("send", Refused(202, body), after=True)
    assert (await carrier.submit(PARCEL)).reference == server.faxes[0].id
    server.fail_next("send", Refused(202, body))
    assert (await failing(carrier)).uncertain


async def test_nobody_there_is_down_and_not_uncertain() -> None:
    async with FakeTelnyx() as server:
        setting = server.setting
    carrier = Telnyx.from_url(setting)
    assert isinstance(await failing(carrier), Down)
    with pytest.raises(Down):
        await carrier.lookup(KEY)
    with pytest.raises(Down):
        await carrier.poll({KEY: "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"})
    assert not await carrier.cancel(KEY, "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0")
    await carrier.close()


@pytest.mark.parametrize(
    "refusal", [Refused(200, "<html>Welcome"), Refused(302, "", {"Location": "/elsewhere"})]
)
async def test_a_server_that_is_not_telnyx_is_told(
    server: FakeTelnyx, carrier: Telnyx, refusal: Refused
) -> None:
    for kind in ("upload", "list", "fax"):
        server.fail_next(kind, refusal)
    assert isinstance(await failing(carrier), Misconfigured)
    with pytest.raises(Misconfigured, match="ASSISTANT_FAX_URL"):
        await carrier.lookup(KEY)
    with pytest.raises(Misconfigured, match="ASSISTANT_FAX_URL"):
        await carrier.poll({KEY: "any"})


async def test_it_connects_when_it_is_used_and_again_after_it_was_closed(
    server: FakeTelnyx, carrier: Telnyx
) -> None:
    await carrier.close()
    await carrier.submit(PARCEL)
    await carrier.close()
    await carrier.submit(PARCEL)
    assert len(server.faxes) == 2
