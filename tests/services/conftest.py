"""Time that the services' tests let pass."""

import asyncio
from collections.abc import Callable

import pytest

from tests.support.fakes.channel import FakeClock


@pytest.fixture
async def skip(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass at once, on the wall's clock and the event loop's: what sleeps meanwhile wakes up.

    What a test takes in truth hardly counts: on a busy machine that would be seconds, too.
    """
    loop = asyncio.get_running_loop()
    real, start, ahead = loop.time, loop.time(), 0.0

    def by(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds
        clock.advance(seconds=seconds)

    monkeypatch.setattr(loop, "time", lambda: start + (real() - start) / 20 + ahead)
    return by
