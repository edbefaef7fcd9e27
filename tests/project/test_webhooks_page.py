"""docs/webhooks.md: each event has an example of what is really sent, and the example of a check works."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.counter import Batch
from assistant.domain.webhooks import RETRIES, Event, EventType, headers, of_batch, of_case
from assistant.settings import Settings
from assistant.webhooks.client import LIMIT
from tests.support.fakes.webhook_receiver import SECRET
from tests.support.fakes.webhook_receiver import Receiver as FakeReceiver

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def block(language: str) -> str:
    """The one block of code in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


EXAMPLES: dict[str, dict[str, Any]] = {  # Any: JSON
    each["type"]: each for each in map(json.loads, block("json").splitlines())
}


def test_every_event_is_told_of_with_an_example() -> None:
    assert EXAMPLES.keys() == {each.value for each in EventType}
    assert len(block("json").splitlines()) == len(EXAMPLES)
    for each in EventType:
        assert f"`{each}`" in PAGE.partition("```json")[0]


def test_the_examples_say_what_is_really_said() -> None:
    batch = Batch(
        case="norma-cruz",
        number=7,
        day=date(2026, 11, 24),
        count=214,
        total=4312,
        root=b"r",
        before=b"b",
        signature=b"s",
    )
    real: list[Event | None] = [of_batch(batch, NOW), Event(EventType.TEST, NOW, {})]
    for action in ("paused", "resumed"):
        real += [of_case(action, subject, NOW) for subject in ("norma-cruz", "norma-cruz--fax-2012")]
    for each in real:
        assert each is not None
        sent, shown = json.loads(each.body), EXAMPLES[each.type.value]
        assert (sent.keys(), sent["data"].keys()) == (shown.keys(), shown["data"].keys())
        assert list(map(type, sent["data"].values())) == list(map(type, shown["data"].values()))


@pytest.fixture
def check() -> Callable[..., bool]:
    """The page's own."""
    made: dict[str, Any] = {}  # Any: what a program defines
    exec(block("python"), made)  # noqa: S102  our own page
    found: Callable[..., bool] = made["is_from_the_assistant"]
    return found


def test_the_check_takes_what_we_sign_and_nothing_else(check: Callable[..., bool]) -> None:
    now, key = int(datetime.now(UTC).timestamp()), FakeReceiver(url="http://127.0.0.1:1/").endpoint.secret
    body = Event(EventType.TEST, NOW, {"word": "señal"}).body
    shown = headers(key, "msg_1", now, body)
    assert check(SECRET, shown, body.encode())
    assert check(
        SECRET, shown | {"webhook-signature": f"v1a,abc {shown['webhook-signature']}"}, body.encode()
    )
    assert not check(SECRET, shown, body.encode() + b" ")
    assert not check(SECRET, shown | {"webhook-id": "msg_2"}, body.encode())
    assert not check(SECRET, headers(key, "msg_1", now - 600, body), body.encode())
    assert not check("whsec_AAAA", shown, body.encode())


def test_times_and_settings_are_those_of_the_code() -> None:
    assert f"within {LIMIT:.0f} seconds" in PAGE
    assert "ASSISTANT_WEBHOOKS=" in PAGE and "webhooks" in Settings.model_fields
    hours = [str(round(each.total_seconds() / 3600)) for each in RETRIES[3:]]
    assert f"5 seconds, 5 minutes, 30 minutes, {', '.join(hours[:-1])} and {hours[-1]} hours" in PAGE
