"""What does not work is told at once, summed up while it lasts, and told when it is over."""

import pytest
from structlog.testing import capture_logs

from assistant.outages import Outage, span

EVENT, REASON = "it cannot be read for now", "It cannot be reached."


class Clock:
    """Seconds, which pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock: Clock) -> Outage:
    return Outage("telegram", clock)


def test_what_repeats_is_summed_up_every_ten_minutes_and_its_end_is_told(
    outage: Outage, clock: Clock
) -> None:
    with capture_logs() as logs:
        for _ in range(57):
            outage.failed(EVENT, reason=REASON)
            clock.now += 600 / 56
        outage.failed(EVENT, reason=REASON)
        outage.over()
    first, summed_up, end = logs
    assert first == {"event": EVENT, "reason": REASON, "log_level": "warning"}
    assert summed_up == dict(first) | {"repeated": "56 times in 10 minutes"}
    assert end == {"event": "telegram works again after 10 minutes", "log_level": "info"}


def test_another_reason_is_told_at_once_and_each_only_once(outage: Outage) -> None:
    with capture_logs() as logs:
        for reason in (REASON, "It gave no answer.") * 20:
            outage.failed(EVENT, reason=reason, level="error")
    assert [(each["reason"], each["log_level"]) for each in logs] == [
        (REASON, "error"),
        ("It gave no answer.", "error"),
    ]


def test_what_works_and_fails_in_turns_is_one_outage_in_the_log(outage: Outage, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(100):
            outage.failed(EVENT, reason=REASON)
            clock.now += 3
            outage.over()
            clock.now += 7
    told = [each.get("repeated", each["event"]) for each in logs]
    ends = ["telegram works again after 3 seconds"] * 2
    assert told == [EVENT, ends[0], "60 times in 10 minutes", ends[1]]


def test_what_fails_again_after_it_has_worked_for_a_while_is_news(outage: Outage, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(2):
            outage.failed(EVENT, reason=REASON)
            clock.now += 9 * 60
            outage.over()
            clock.now += 60
    assert [each["event"] for each in logs] == [EVENT, "telegram works again after 9 minutes"] * 2


def test_what_has_always_worked_has_no_end_to_tell(outage: Outage) -> None:
    with capture_logs() as logs:
        outage.over()
        outage.over()
    assert logs == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (600, "10 minutes"),
        (7200, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_times_are_said_as_people_do(seconds: float, said: str) -> None:
    assert span(seconds) == said
