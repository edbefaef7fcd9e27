"""Every parser, fed by what reaches new code of it: for `make test-long`, where atheris can be installed."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.parsers import PARSERS, SAMPLES

ROOT = Path(__file__).parents[2]
SECONDS = 30  # for each parser
HANGS = 60  # seconds for one input, on a busy machine

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed on this system"),
    pytest.mark.timeout(SECONDS * 10),
]


@pytest.mark.parametrize("name", PARSERS)
def test_nothing_that_reaches_new_code_does_harm(name: str, tmp_path: Path) -> None:
    corpus, harmful = tmp_path / "corpus", tmp_path / "harmful"
    corpus.mkdir()
    harmful.mkdir()
    for number, sample in enumerate(SAMPLES[name]):
        (corpus / f"sample-{number}").write_bytes(sample)
    options = (
        f"-max_total_time={SECONDS}",
        f"-timeout={HANGS}",
        "-max_len=20000",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={harmful}/",
    )
    fed = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.by_coverage", name, str(corpus), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = {each.name: each.read_bytes()[:500] for each in harmful.iterdir()}
    assert (fed.returncode, found) == (0, {}), fed.stderr[-3000:]
