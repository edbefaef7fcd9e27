"""What an operator says of a Telnyx account, in one line."""

import base64
from urllib.parse import quote

import pytest

from assistant.carriers.telnyx.carrier import Telnyx
from assistant.carriers.telnyx.settings import account_of
from assistant.domain.errors import Misconfigured

PUBLIC_KEY = base64.b64encode(bytes(32)).decode()
GOOD = (
    f"telnyx://KEY%2F1@api.telnyx.com/1234567890?from=%2B12025550100&public_key={quote(PUBLIC_KEY, safe='')}"
)


def test_the_setting_says_where_and_as_whom() -> None:
    account = account_of(GOOD)
    assert (account.base, account.api_key) == ("https://api.telnyx.com/v2", "KEY/1")
    assert (account.connection, account.number) == ("1234567890", "+12025550100")
    assert account.public_key is not None
    assert "KEY" not in repr(account)


def test_numbers_and_keys_may_have_a_plain_plus() -> None:
    key = base64.b64encode(b"\xfb" * 32).decode()
    assert "+" in key
    account = account_of(f"telnyx://KEY@api.telnyx.com/1?from=+12025550100&public_key={key}")
    assert account.number == "+12025550100"


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost:8081", "[::1]:8081"])
def test_only_this_machine_is_spoken_to_without_tls(host: str) -> None:
    assert account_of(f"telnyx://KEY@{host}/1?from=%2B12025550100").base == f"http://{host}/v2"
    assert account_of("telnyx://KEY@api.example.org/1?from=%2B12025550100").base.startswith("https://")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "https://SECRET@api.telnyx.com/1?from=%2B12025550100",
        "telnyx://api.telnyx.com/1?from=%2B12025550100",
        "telnyx://@api.telnyx.com/1?from=%2B12025550100",
        "telnyx://SECRET:more@api.telnyx.com/1?from=%2B12025550100",
        "telnyx://SECRET%0D%0AX@api.telnyx.com/1?from=%2B12025550100",
        "telnyx://SECRET%C3%A9@api.telnyx.com/1?from=%2B12025550100",
        "telnyx://SECRET@/1?from=%2B12025550100",
        "telnyx://SECRET@api..telnyx.com/1?from=%2B12025550100",
        "telnyx://SECRET@api.telnyx.com:99999/1?from=%2B12025550100",
        "telnyx://SECRET@[::1/1?from=%2B12025550100",
        "telnyx://SECRET@api.telnyx.com?from=%2B12025550100",
        "telnyx://SECRET@api.telnyx.com/1/2?from=%2B12025550100",
        "telnyx://SECRET@api.telnyx.com/1",
        "telnyx://SECRET@api.telnyx.com/1?from=12025550100",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100&from=%2B12025550101",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100&fron=1",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100#more",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100&public_key=",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100&public_key=c2hvcnQ=",
        "telnyx://SECRET@api.telnyx.com/1?from=%2B12025550100&public_key=%C3%A9",
    ],
)
def test_a_wrong_setting_is_told_without_its_secret(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_FAX_URL") as caught:
        Telnyx.from_url(wrong)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
