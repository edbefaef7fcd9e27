"""Every channel in turn, and what must hold in every test."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from tests.support.conformance.driver import PRIVATE, Driver, Participant


@pytest.fixture
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """The channel before its platform: see `every`."""
    kind: type[Driver] = request.param
    async with kind() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_private_text(driver: Driver, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, nothing personal and no secret is in a log."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        yield
    driver.check_no_private_text(f"{logs}{caplog.text}")


@pytest.fixture
def anna(driver: Driver) -> Participant:
    """Somebody."""
    return driver.participant(f"Anna {PRIVATE}")


@pytest.fixture
def bea(driver: Driver) -> Participant:
    """Somebody else."""
    return driver.participant(f"Bea {PRIVATE}")
