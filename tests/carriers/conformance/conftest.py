"""Every carrier in turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.conformance.carriers import CARRIERS, CarrierDriver


@pytest.fixture(params=CARRIERS)
async def driver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[CarrierDriver]:
    """The carrier before its other side."""
    async with CARRIERS[request.param](tmp_path) as opened:
        yield opened
