"""A random test that failed can be done again, and `make test-long` does what `make test` leaves out."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import chance

ROOT = Path(__file__).parents[2]
SAYS = "import tests.support.chance as c; c.set_up_hypothesis(); from hypothesis import settings as s; "


def said(program: str, **variables: str) -> str:
    """What a process with these variables prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    command = [sys.executable, "-c", SAYS + program]
    done = subprocess.run(command, cwd=ROOT, env=env | variables, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_seed_is_shown_and_accepted_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(chance.SEED, raising=False)
    drawn = chance.draw_seed()
    assert capsys.readouterr().out == f"ASSISTANT_TEST_SEED={drawn}\n"
    monkeypatch.setenv(chance.SEED, str(drawn))
    assert chance.draw_seed() == drawn


def test_the_dice_are_thrown_from_the_seed(seed: int, rng: random.Random) -> None:
    assert rng.random() == random.Random(seed).random()  # noqa: S311


def test_hypothesis_draws_from_the_same_seed() -> None:
    assert said("print(c.core.global_force_seed)", ASSISTANT_TEST_SEED="170347") == "170347"


def test_hypothesis_says_how_to_do_it_again_and_watches_no_clock() -> None:
    assert settings().print_blob
    assert settings().deadline is None


def test_more_examples_are_tried_where_there_is_time() -> None:
    program = "print(s().max_examples, c.budget(2, 20))"
    assert said(program) == "25 2"
    assert said(program, ASSISTANT_TEST_LONG="1") == "100 20"
