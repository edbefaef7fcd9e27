"""What chance decides in tests, and how much they do of what they could do for ever.

`ASSISTANT_TEST_SEED=<number>` draws the same again, as far as timing allows: a test shows its number where it
fails. `ASSISTANT_TEST_LONG=1` is `make test-long`: many examples, many kills, long storms.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, core, settings

SEED = "ASSISTANT_TEST_SEED"
LONG = bool(os.environ.get("ASSISTANT_TEST_LONG"))


def budget(short: int, long: int) -> int:
    """How often, or how many: in `make test`, and in `make test-long`."""
    return long if LONG else short


def both_databases_if_long(short: str) -> pytest.MarkDecorator:
    """Run a test on this database, `sqlite` or `postgresql`; where there is time, on the other one too."""
    other = "postgresql" if short == "sqlite" else "sqlite"
    databases = [short, pytest.param(other, marks=pytest.mark.long)]
    return pytest.mark.parametrize("database_url", databases, indirect=True)


def chosen_seed() -> int | None:
    """The one that was asked for."""
    given = os.environ.get(SEED)
    return int(given) if given else None


def draw_seed() -> int:
    """What a random test draws from, shown where it fails."""
    given = chosen_seed()
    seed = random.randrange(10**6) if given is None else given  # noqa: S311  no secret
    print(f"{SEED}={seed}")
    return seed


def set_up_hypothesis() -> None:
    """Examples as the budget has it. Nothing fails because a machine is busy; what fails can be repeated."""
    settings.register_profile(
        "assistant",
        max_examples=budget(25, 100),
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("assistant")
    core.global_force_seed = chosen_seed()  # type: ignore[assignment]  # as --hypothesis-seed does
