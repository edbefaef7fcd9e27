"""What ASSISTANT_WEBHOOKS may say, and what is answered where it says something else."""

import base64
import json

import pytest

from assistant.domain.errors import Misconfigured
from assistant.webhooks.settings import ENDPOINTS_MAX, endpoints_of

SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
PATH = "secret-path-0417"


def test_nothing_is_nobody() -> None:
    assert endpoints_of(None) == ()
    assert endpoints_of("{}") == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/letters",
        "https://hooks.example.org:8443/letters?key=1",
        "HTTPS://Hooks.Example.org/",
        "http://127.0.0.1:8090/hook",
        "http://localhost/hook",
        "http://[::1]:8090/hook",
    ],
)
def test_what_is_safe_on_its_way_is_taken(url: str) -> None:
    (found,) = endpoints_of(json.dumps({url: SECRET}))
    assert (found.url, found.secret) == (url, bytes(range(24)))


def test_a_name_tells_the_host_and_neither_path_nor_secret() -> None:
    first, second = endpoints_of(
        json.dumps({f"https://hooks.example.org/{PATH}": SECRET, "https://hooks.example.org/b": SECRET})
    )
    assert first.name.startswith("hooks.example.org-") and first.name != second.name
    assert len(first.name) == len("hooks.example.org-") + 8
    for shown in (repr(first), str(first), first.name):
        assert PATH not in shown and "whsec" not in shown and "x00" not in shown


def test_where_a_name_is_given_nothing_of_the_address_is_shown() -> None:
    (found,) = endpoints_of(json.dumps({"site-2=https://token-0417.hooks.example/?a=b": SECRET}))
    assert (found.name, found.url) == ("site-2", "https://token-0417.hooks.example/?a=b")
    assert "0417" not in repr(found)


def test_an_address_may_hold_what_parts_names_from_addresses() -> None:
    (found,) = endpoints_of(json.dumps({"https://hooks.example.org/?a=b": SECRET}))
    assert (found.url, found.name[:18]) == ("https://hooks.example.org/?a=b", "hooks.example.org-")


def test_a_name_fits_a_lane_however_long_the_host_is() -> None:
    host = ".".join(["a" * 60] * 4)
    (found,) = endpoints_of(json.dumps({f"https://{host}/": SECRET}))
    assert len(found.name) <= 80


TWICE = f'"https://hooks.example.org/{PATH}": "{SECRET}"'
WRONG = {
    "hooks.example.org": "JSON",
    "[]": "JSON",
    '["https://hooks.example.org"]': "JSON",
    "7": "JSON",
    "[" * 100_000: "JSON",
    json.dumps({f"http://hooks.example.org/{PATH}": SECRET}): "https://",
    json.dumps({f"http://127.0.0.1.example.org/{PATH}": SECRET}): "https://",
    json.dumps({f"ftp://hooks.example.org/{PATH}": SECRET}): "https://",
    json.dumps({f"https:///{PATH}": SECRET}): "without a host",
    json.dumps({PATH: SECRET}): "without a host",
    json.dumps({f"https://user:word@hooks.example.org/{PATH}": SECRET}): "leave them out",
    json.dumps({f"https://hooks.example.org/{PATH}#a": SECRET}): "leave them out",
    json.dumps({f"https://hooks.example.org:99999/{PATH}": SECRET}): "no address",
    json.dumps({f"https://hooks.example.org/{PATH} b": SECRET}): "no address",
    json.dumps({f"https://höoks.example.org/{PATH}": SECRET}): "no address",
    json.dumps({f"https://hooks.example.org/{PATH}": "secret-0417"}): "head -c 32 /dev/urandom",
    json.dumps({f"https://hooks.example.org/{PATH}": "whsec_secret-0417"}): "24 to 64 bytes",
    json.dumps({f"https://hooks.example.org/{PATH}": "whsec_MDQxNw=="}): "24 to 64 bytes",
    json.dumps({f"https://hooks.example.org/{PATH}": "whsec_" + "MDQx" * 22}): "24 to 64 bytes",
    json.dumps({f"https://hooks.example.org/{PATH}": None}): "24 to 64 bytes",
    "{" + ", ".join([TWICE] * 2) + "}": "twice",
    json.dumps({f"site=https://hooks.example/{PATH}": SECRET, f"b=https://hooks.example/{PATH}": SECRET}): (
        "an address twice"
    ),
    json.dumps(
        {"site=https://a.0417.example/": SECRET, "site=https://b.0417.example/": SECRET}
    ): "name twice",
    json.dumps({"My_Site=https://0417.example/": SECRET}): "small letters, digits and hyphens",
    json.dumps({"=https://0417.example/": SECRET}): "small letters, digits and hyphens",
    json.dumps({f"{'a' * 41}=https://0417.example/": SECRET}): "small letters, digits and hyphens",
    json.dumps({"site=http://0417.example/": SECRET}): "an address of site that does not begin with https://",
    json.dumps({"site=https://a@0417.example/": SECRET}): "an address of site with a user",
    json.dumps({"site=https://0417.example/": None}): "a secret for site",
    json.dumps({"site=": SECRET}): "without a host",
    json.dumps({f"https://{n}.example.org/": SECRET for n in range(ENDPOINTS_MAX + 1)}): "are the most",
}


@pytest.mark.parametrize("written", WRONG, ids=range(len(WRONG)))
def test_anything_else_is_answered_with_what_to_do_and_no_secret(written: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        endpoints_of(written)
    said = raised.value.reason
    assert said.startswith("ASSISTANT_WEBHOOKS ") and WRONG[written] in said
    for secret in (PATH, SECRET, "0417", "MDQx", "word@"):
        assert secret not in said
