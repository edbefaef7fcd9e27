"""Time that the services' tests let pass."""

import asyncio
from collections.abc import Callable

import pytest

from tests.support.fakes.channel import FakeClock


@pytest.fixture
async def skip(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass at once, on the wall's clock and the event loop's: what sleeps meanwhile wakes up."""
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, 0.0

    def by(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds
        clock.advance(seconds=seconds)

    monkeypatch.setattr(loop, "time", lambda: real() + ahead)
    return by
