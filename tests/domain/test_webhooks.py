"""How an event is signed, and when it is tried again."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from assistant.domain.webhooks import (
    ATTEMPTS,
    JITTER,
    KEEP,
    LONGEST_WAIT,
    RETRIES,
    SECRET_PREFIX,
    Answer,
    Event,
    EventType,
    Outcome,
    headers,
    next_attempt,
    of_case,
    signature,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
BROKEN = Answer(Outcome.BROKEN, 500)


def test_the_signature_is_that_of_the_published_example() -> None:
    """libraries/python/tests/test_webhooks.py of github.com/standard-webhooks/standard-webhooks."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_somebody_elses_code_accepts_what_is_signed_and_refuses_what_was_changed() -> None:
    secret = bytes(range(32))
    theirs = Webhook(SECRET_PREFIX + base64.b64encode(secret).decode())
    body = Event(EventType.TEST, NOW, {"word": "señal"}).body
    shown = headers(secret, "msg_1", int(datetime.now(UTC).timestamp()), body)
    assert theirs.verify(body, shown) == json.loads(body)
    for changed in ({"webhook-id": "msg_2"}, {"webhook-timestamp": str(int(shown["webhook-timestamp"]) + 1)}):
        with pytest.raises(Exception, match="No matching signature"):
            theirs.verify(body, shown | changed)
    with pytest.raises(Exception, match="No matching signature"):
        theirs.verify(body.replace("test", "case.paused"), shown)


def test_a_body_says_what_has_happened_and_when_in_utc() -> None:
    at = NOW.astimezone(datetime.strptime("-0600", "%z").tzinfo)
    assert Event(EventType.TEST, at, {}).body == (
        '{"type":"test","timestamp":"2026-11-24T15:00:00.000Z","data":{}}'
    )


def test_a_failing_endpoint_is_tried_ten_times_within_three_days_and_a_half() -> None:
    for chance in (0.0, 0.999):
        now, attempts = NOW, 1
        while (again := next_attempt(NOW, now, attempts, BROKEN, chance)) is not None:
            wait = again - now
            assert RETRIES[attempts - 1] <= wait <= RETRIES[attempts - 1] * (1 + JITTER) < LONGEST_WAIT
            now, attempts = again, attempts + 1
        assert attempts == ATTEMPTS == 10
        assert timedelta(days=3) < now - NOW < timedelta(days=3, hours=12) < KEEP


def test_who_asks_us_to_wait_is_waited_for_but_not_for_ever() -> None:
    soon, late, never = (Answer(Outcome.BUSY, 429, timedelta(hours=hours)) for hours in (0, 7, 1000))
    assert next_attempt(NOW, NOW, 1, soon, 0) == NOW + RETRIES[0]
    assert next_attempt(NOW, NOW, 1, late, 0) == NOW + timedelta(hours=7)
    assert next_attempt(NOW, NOW, 1, never, 0) == NOW + LONGEST_WAIT
    now, attempts = NOW, 1
    while (again := next_attempt(NOW, now, attempts, never, 0.5)) is not None:
        now, attempts = again, attempts + 1
    assert now - NOW < KEEP


def test_who_is_gone_is_not_asked_again() -> None:
    assert next_attempt(NOW, NOW, 1, Answer(Outcome.GONE, 410), 0) is None


def test_a_case_and_an_action_are_told_apart() -> None:
    case, action = of_case("paused", "rosa-example", NOW), of_case("resumed", "rosa-example--fax", NOW)
    assert case is not None and action is not None
    assert (case.type, case.data) == (EventType.CASE_PAUSED, {"case": "rosa-example"})
    assert (action.type, action.data) == (
        EventType.ACTION_RESUMED,
        {"case": "rosa-example", "action": "fax"},
    )
    assert of_case("joined", "owner", NOW) is None
