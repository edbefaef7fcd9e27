"""The values that letters are made of."""

import pytest

from assistant.domain.letters import Route


@pytest.mark.parametrize("written", ["tray", "fax:+50255550100", "post:Ministry: the door on the left;Town"])
def test_a_route_is_what_it_was_once_it_has_been_stored(written: str) -> None:
    assert str(Route.parse(written)) == written


def test_a_route_names_a_carrier_and_an_address_which_may_hold_colons() -> None:
    assert Route.parse("post:1: Street") == Route("post", "1: Street")
    assert Route.parse("tray") == Route.parse("tray:") == Route("tray")
