"""Every carrier before its other side, for the tests that hold for all."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.carriers.base import Carrier, Parcel
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.carriers.post import Post
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.carriers.tray import Tray
from tests.support.carriers import hylafax, telnyx
from tests.support.carriers.email_failures import LOGIN, connected_carrier
from tests.support.carriers.email_failures import parcel as mail
from tests.support.fakes.hylafax.server import FakeHfaxd
from tests.support.fakes.mail_server import MailServer
from tests.support.fakes.telnyx.server import FakeTelnyx


@dataclass(frozen=True)
class CarrierDriver:
    """A carrier, a letter for it, and how many letters its other side has."""

    carrier: Carrier
    parcel: Parcel
    there: Callable[[], int]


Opened = Callable[[Path], AbstractAsyncContextManager[CarrierDriver]]


@asynccontextmanager
async def _tray(folder: Path) -> AsyncIterator[CarrierDriver]:
    tray = folder / "tray"
    yield CarrierDriver(Tray(tray), hylafax.PARCEL, lambda: len(list(tray.glob("*.json"))))


@asynccontextmanager
async def _post(folder: Path) -> AsyncIterator[CarrierDriver]:
    yield CarrierDriver(Post(), hylafax.PARCEL, lambda: 0)  # only an organiser brings them there


@asynccontextmanager
async def _email(folder: Path) -> AsyncIterator[CarrierDriver]:
    async with MailServer(login=LOGIN) as server, connected_carrier(server) as carrier:
        yield CarrierDriver(carrier, mail(), lambda: len(server.taken))


@asynccontextmanager
async def _hylafax(folder: Path) -> AsyncIterator[CarrierDriver]:
    async with FakeHfaxd() as server:
        yield CarrierDriver(HylaFax.from_url(server.url), hylafax.PARCEL, lambda: len(server.jobs))


@asynccontextmanager
async def _telnyx(folder: Path) -> AsyncIterator[CarrierDriver]:
    async with FakeTelnyx() as server:
        carrier = Telnyx.from_url(server.setting)
        yield CarrierDriver(carrier, telnyx.PARCEL, lambda: len(server.faxes))
        await carrier.close()


CARRIERS: dict[str, Opened] = {
    "tray": _tray,
    "post": _post,
    "email": _email,
    "hylafax": _hylafax,
    "telnyx": _telnyx,
}
