"""Only what Telnyx signed is read, only lately, and whatever is in it does no harm."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from assistant.carriers.telnyx.carrier import Telnyx
from assistant.domain.errors import Failure
from assistant.web.server import BODY_MAX
from tests.support.carriers.telnyx import KEY
from tests.support.carriers.telnyx_webhook import Clock, RecordingSettler, body_of, listening, posted
from tests.support.fakes.telnyx.faxes import SentFax
from tests.support.fakes.telnyx.server import FakeTelnyx

SIGNED = datetime(2012, 1, 23, 15, 0, tzinfo=UTC)


async def test_without_a_public_key_there_is_no_route(server: FakeTelnyx, settler: RecordingSettler) -> None:
    assert Telnyx.from_url(server.setting).routes(settler.settle) == ()
    assert len(Telnyx.from_url(server.setting_with_key).routes(settler.settle)) == 1


async def test_another_key_is_refused(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    assert await server.deliver(url, fax.event("delivered"), by=Ed25519PrivateKey.generate()) == [403]
    assert not settler.reports


async def test_a_body_that_was_changed_is_refused(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    headers = server.signed(body_of(fax, "failed"))
    assert await posted(url, headers, body_of(fax)) == 403
    assert await posted(url, server.signed(body_of(fax)), body_of(fax) + b" ") == 403
    assert not settler.reports


@pytest.mark.parametrize(
    ("age", "status"),
    [(-301, 403), (-300, 200), (0, 200), (300, 200), (301, 403), (86_400, 403)],
)
async def test_an_event_that_is_played_again_later_is_refused(
    server: FakeTelnyx, settler: RecordingSettler, fax: SentFax, age: int, status: int
) -> None:
    async with listening(server, settler, Clock(SIGNED + timedelta(seconds=age))) as url:
        assert await server.deliver(url, fax.event("delivered"), at=SIGNED) == [status]
    assert len(settler.reports) == (status == 200)


async def test_an_old_signature_with_a_new_time_is_refused(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    body = body_of(fax)
    old = server.signed(body, at=SIGNED)
    assert await posted(url, old | {"telnyx-timestamp": server.signed(body)["telnyx-timestamp"]}, body) == 403
    assert not settler.reports


@pytest.mark.parametrize("name", ["telnyx-signature-ed25519", "telnyx-timestamp"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "é" * 44,
        "\udcff\udcfe",
        "٣" * 10,
        "9" * 5000,
        "A" * 88,
        "A" * 86 + "==",
        "c2hvcnQ=",
        "1e9",
        "-1",
    ],
)
async def test_headers_that_are_not_telnyxs_are_refused(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, name: str, value: str | None
) -> None:
    headers = server.signed(body_of(fax))
    del headers[name]
    assert await posted(url, headers if value is None else headers | {name: value}, body_of(fax)) == 403
    assert not settler.reports


@pytest.mark.parametrize("name", ["telnyx-signature-ed25519", "telnyx-timestamp"])
@pytest.mark.parametrize("form", ["{}A", "-{}", "+{}", "{}.5", "{}, {}", "'{}'"])
async def test_headers_that_are_nearly_right_are_refused(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, name: str, form: str
) -> None:
    headers = server.signed(body_of(fax))
    assert await posted(url, headers | {name: form.replace("{}", headers[name])}, body_of(fax)) == 403
    assert not settler.reports


# What it may hold

HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"5",
    b'"text"',
    b"not JSON",
    b"\xff\xfe",
    b"{",
    b"[" * 30_000,
    b'{"data":' * 8_000,
    b"9" * 5_000,
    b'{"data": {"event_type": ["fax.delivered"], "payload": {}}}',
    b'{"data": {"event_type": "fax.delivered"}}',
    b'{"data": {"event_type": "fax.delivered", "payload": []}}',
    b'{"data": {"event_type": "fax.delivered", "payload": {}}}',
    b'{"data": {"event_type": "fax.delivered", "payload": {"fax_id": 5}}}',
    b'{"data": {"event_type": "fax.delivered", "payload": {"fax_id": ""}}}',
    b'{"data": {"event_type": "fax.delivered", "payload": {"fax_id": "a\\u0000b"}}}',
    b'{"data": {"event_type": "fax.delivered", "payload": {"fax_id": "\\ud800"}}}',
    b'{"data": [{"event_type": "fax.delivered"}]}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
async def test_what_cannot_be_understood_is_taken_and_passed_over(
    server: FakeTelnyx, settler: RecordingSettler, url: str, body: bytes
) -> None:
    with capture_logs() as logs:
        assert await server.deliver(url, body) == [200]
    assert not settler.reports
    assert len(logs) == 1
    assert "fax_id" not in str(logs)


@pytest.mark.parametrize("body", HOSTILE[6:10], ids=["bytes", "open", "lists", "objects"])
async def test_it_is_refused_before_it_is_read_where_it_is_not_signed(
    server: FakeTelnyx, settler: RecordingSettler, url: str, body: bytes
) -> None:
    with capture_logs() as logs:
        assert await server.deliver(url, body, by=Ed25519PrivateKey.generate()) == [403]
    assert not logs


@pytest.mark.parametrize(("size", "status"), [(BODY_MAX, 200), (BODY_MAX + 1, 413), (BODY_MAX * 10, 413)])
async def test_bodies_have_a_limit(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax, size: int, status: int
) -> None:
    body = body_of(fax)
    assert await server.deliver(url, body + b" " * (size - len(body))) == [status]
    assert len(settler.reports) == (status == 200)


async def test_a_huge_body_without_a_good_time_is_not_even_received(url: str) -> None:
    assert await posted(url, {"telnyx-timestamp": "0"}, b" " * BODY_MAX * 10) == 403


async def test_logs_hold_nothing_of_an_event(
    server: FakeTelnyx, settler: RecordingSettler, url: str, fax: SentFax
) -> None:
    settler.failure = Failure("The database is away.")
    with capture_logs() as logs:
        await server.deliver(url, fax.event("delivered"))
        settler.failure, settler.known = None, False
        await server.deliver(url, fax.event("failed"))
        await server.deliver(url, fax.event("invented"))
        await server.deliver(url, fax.event("failed", direction="inbound"))
    assert len(logs) == 4
    assert not any(word in str(logs) for word in (KEY, fax.id, "5550100", fax.order["client_state"]))
