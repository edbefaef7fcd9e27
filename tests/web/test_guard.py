"""Who may ask for what, and how often."""

import ipaddress

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from assistant.web import guard
from assistant.web.guard import BEGUN, BEGUN_BY_ALL, REQUESTS, Guard, is_from_elsewhere

PUBLIC = "11.0.0.7"  # Python takes the networks for examples as private ones
PROXY = "10.0.0.2"


def request_from(remote: str, *named: str) -> web.Request:
    """A request; `named`: the lines of `X-Forwarded-For` that it has."""
    headers = CIMultiDict([("Host", "letters.example"), *(("X-Forwarded-For", each) for each in named)])
    return make_mocked_request("GET", "/chat", headers=headers).clone(remote=remote)


def spent(remote: str, *named: str) -> Guard:
    """A guard of which one network has asked for all that it may."""
    spending = Guard(lambda: 0.0)
    for _ in range(REQUESTS[0]):
        assert spending.lets_ask(request_from(remote, *named))
    assert not spending.lets_ask(request_from(remote, *named))
    return spending


def test_a_network_may_ask_again_after_a_while() -> None:
    now = [0.0]
    asking = Guard(lambda: now[0])
    while asking.lets_ask(request_from(PUBLIC)):
        pass
    now[0] += 1 / REQUESTS[1] + 0.01
    assert asking.lets_ask(request_from(PUBLIC)) and not asking.lets_ask(request_from(PUBLIC))


@pytest.mark.parametrize("named", [["12.0.0.1"], ["10.0.0.1"], ["::1"], ["x"], [""], ["a", "12.0.0.2"]])
def test_whoever_comes_straight_cannot_name_another_network(named: list[str]) -> None:
    assert not spent(PUBLIC).lets_ask(request_from(PUBLIC, *named))


@pytest.mark.parametrize("named", [[f"12.0.0.1, {PUBLIC}"], ["12.0.0.1", PUBLIC], ["x", f"y,{PUBLIC}"]])
def test_whoever_comes_by_a_proxy_is_who_the_proxy_says(named: list[str]) -> None:
    assert not spent(PROXY, PUBLIC).lets_ask(request_from(PROXY, *named))
    assert spent(PROXY, PUBLIC).lets_ask(request_from(PROXY, "12.0.0.1"))


@pytest.mark.parametrize("named", ["", "x", "9" * 5_000, "::ffff:x", "fe80::1%eth0", "1.2.3.4.5"])
def test_what_is_no_address_is_the_proxys(named: str) -> None:
    asking = Guard(lambda: 0.0)
    assert asking.lets_ask(request_from(PROXY, named)) and asking.lets_ask(request_from("", named))


def test_one_customer_has_all_addresses_of_their_network() -> None:
    asking = spent("2001:db8:1:100::1")
    assert not asking.lets_ask(request_from("2001:db8:1:1ff:9::9"))
    assert asking.lets_ask(request_from("2001:db8:1:200::1"))
    assert not spent(PUBLIC).lets_ask(request_from(f"::ffff:{PUBLIC}"))


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "NETWORKS_MAX", 100)
    asking = Guard(lambda: 0.0)
    for number in range(1_000):
        asking.lets_ask(request_from(str(ipaddress.ip_address(0x0D000000 + number))))
    assert len(asking._asked._known) == 100


def test_chats_begin_at_the_pace_of_a_network_and_of_all() -> None:
    asking = Guard(lambda: 0.0)
    begun = [asking.lets_begin(request_from(PUBLIC)) for _ in range(BEGUN[0] + 10)]
    assert sum(begun) == BEGUN[0]
    others = [
        asking.lets_begin(request_from(str(ipaddress.ip_address(0x0D000000 + number))))
        for number in range(BEGUN_BY_ALL[0])
    ]
    assert sum(others) <= BEGUN_BY_ALL[0] - BEGUN[0] < sum(others) + 2


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"Origin": "https://letters.example"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://letters.example"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://letters.example"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-origin, cross-site"}, True),
        ({"Origin": "https://letters.example.evil.example"}, True),
        ({"Origin": "https://letters.example:8443"}, True),
        ({"Origin": "https://letters.example@evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "letters.example"}, True),
        ({"Origin": "http://["}, True),
        ({"Origin": ""}, True),
    ],
    ids=str,
)
def test_another_sites_page_is_told_from_ours(headers: dict[str, str], elsewhere: bool) -> None:
    asked = make_mocked_request("POST", "/chat", headers={"Host": "letters.example", **headers})
    assert is_from_elsewhere(asked) is elsewhere
