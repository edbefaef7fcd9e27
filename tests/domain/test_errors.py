"""Which failures are waited for."""

import pytest

from assistant.domain.errors import Busy, Down, Failure, Misconfigured, Refused, Unreachable


@pytest.mark.parametrize("failure", [Misconfigured("mend it"), Busy("busy"), Down("down"), Failure("once")])
def test_what_an_operator_or_time_can_mend_is_tried_again(failure: Failure) -> None:
    assert not failure.permanent


@pytest.mark.parametrize("failure", [Unreachable("blocked"), Refused("too late")])
def test_what_nothing_can_mend_is_not_tried_again(failure: Failure) -> None:
    assert failure.permanent
