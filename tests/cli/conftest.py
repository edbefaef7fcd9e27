"""A folder of data for each test, made once for all tests of a module."""

import shutil
from pathlib import Path

import pytest

from tests.support.processes.installation import Installation


@pytest.fixture
def installation(prepared: Path, tmp_path: Path) -> Installation:
    """An installation over a copy of the data that the module has prepared."""
    shutil.copytree(prepared, tmp_path / "data")
    return Installation(tmp_path)
