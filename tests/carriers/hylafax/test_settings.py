"""The setting of a fax server: what is wrong in it is named and not repeated, and so is a refused login."""

import pytest

from assistant.carriers.hylafax.carrier import HylaFax
from assistant.domain.errors import Misconfigured
from tests.support.carriers.hylafax import PARCEL, failing
from tests.support.fakes.hylafax.server import FakeHfaxd


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://campaign@fax.example.org",
        "hylafax://fax.example.org",
        "hylafax://campaign@",
        "hylafax://campaign@fax.example.org:99999",
        "hylafax://campaign@fax.example.org:port",
        "hylafax://campaign@fax.example.org/spool",
        "hylafax://campaign@fax.example.org#x",
        "hylafax://cam%0d%0aJSUBM@fax.example.org",
        "hylafax://campaign:invented%0apassword@fax.example.org",
        "hylafax://campaign:invented password@fax.example.org",
        "hylafax://campaign@fax.example.org?prefix=0w",
        "hylafax://campaign@fax.example.org?prefix=%2B",
        "hylafax://campaign@fax.example.org?prefix=00%0aJSUBM",
        "hylafax://campaign@fax.example.org?prefix=00%0a",
        "hylafax://campaign@fax.example.org?prefix=٠٠",
        "hylafax://campaign@fax.example.org?prefix=123456789",
        "hylafax://campaign@fax.example.org?from=%22x",
        "hylafax://campaign@fax.example.org?from=",
        "hylafax://campaign@fax.example.org?prefix=00&prefix=01",
        "hylafax://campaign@fax.example.org?colour=red",
        "hylafax://campaign@fax.example.org?prefix",
        "hylafax://campaign@[::1",
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_FAX_URL") as caught:
        HylaFax.from_url(url)
    assert not url or url not in caught.value.reason
    assert "invented" not in caught.value.reason


async def test_a_user_with_a_password_is_let_in() -> None:
    async with FakeHfaxd({"campaign": "invented-p@ssword"}) as server:
        url = server.url.replace("campaign@", "campaign:invented-p%40ssword@")
        await HylaFax.from_url(url).submit(PARCEL)
        assert len(server.jobs) == 1
        assert "invented" not in repr(HylaFax.from_url(url)._server)


@pytest.mark.parametrize(
    ("users", "login"), [({"campaign": "other"}, "campaign:invented-password@"), ({}, "campaign@")]
)
async def test_a_refused_login_is_the_operators_to_change(users: dict[str, str], login: str) -> None:
    async with FakeHfaxd(users) as server:
        fax = HylaFax.from_url(server.url.replace("campaign@", login))
        failure = await failing(fax)
        assert isinstance(failure, Misconfigured)
        assert "ASSISTANT_FAX_URL" in failure.reason and "hosts.hfaxd" in failure.reason
