"""The wiring of letters, for app.py and for commands that need no channel: the store, carriers, the desk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from assistant.carriers.base import Carrier
from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content.countries import time_zones
from assistant.content.targets import Routing
from assistant.dialogue.script import Script
from assistant.domain.errors import Misconfigured
from assistant.process import clock_of, make_data_dir
from assistant.services.desk import Desk
from assistant.services.letterbook import Letterbook
from assistant.services.metrics import Metrics
from assistant.services.posting import Posting
from assistant.services.printing import Printer
from assistant.settings import Settings
from assistant.store.database import Store
from conversations import after_sending

DEFAULT_ROUTE = Tray.name
NEW_KEYRING = "a new keyring was made: keep a copy of it, apart from copies of the database"
_SETTINGS = {"email": "ASSISTANT_SMTP_URL", "fax": "ASSISTANT_FAX_URL"}
_NO_SECRET = bytes(32)

log = structlog.get_logger()


def configured_carriers(settings: Settings, secret: bytes = _NO_SECRET) -> dict[str, Carrier]:
    """The carriers that the settings name, by name. `secret`: for the addresses that mail comes back to.

    Raises Misconfigured where one is set wrongly, or where letters would really leave by a moved clock.
    """
    carriers: list[Carrier] = [Tray(settings.tray), Post()]
    if url := settings.smtp():
        if not settings.mail_from:
            raise Misconfigured("ASSISTANT_MAIL_FROM is not set: mail needs an address of ours to come from.")
        from assistant.carriers.email.carrier import Email

        carriers.append(Email.from_url(url, settings.mail_from, secret))
    if url := settings.fax():
        carriers.append(_fax(url))
    real = [carrier.name for carrier in carriers if carrier.real]
    if settings.clock and real:
        raise Misconfigured(
            f"ASSISTANT_CLOCK is set for a rehearsal, but letters would really leave: {', '.join(real)}. "
            "Unset ASSISTANT_CLOCK; or unset ASSISTANT_SMTP_URL and ASSISTANT_FAX_URL, and name the tray "
            "in ASSISTANT_ROUTES for cases that have routes."
        )
    return {carrier.name: carrier for carrier in carriers}


def _fax(url: str) -> Carrier:
    """Each kind is imported where it is set: most installations have none."""
    match url.partition("://")[0]:
        case "hylafax":
            from assistant.carriers.hylafax.carrier import HylaFax

            return HylaFax.from_url(url)
        case "telnyx":
            from assistant.carriers.telnyx import Telnyx

            return Telnyx.from_url(url)
    raise Misconfigured("ASSISTANT_FAX_URL has to begin with hylafax:// or telnyx://.")


def routing(settings: Settings) -> Routing:
    """How letters can travel. Raises Misconfigured as `configured_carriers` does."""
    return Routing(configured_carriers(settings), DEFAULT_ROUTE, settings.routes, _SETTINGS)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The database, made and brought up to date. Raises Misconfigured where it cannot be used."""
    make_data_dir(settings)
    keyring_is_new = not settings.keyring_path.exists()
    store = await Store.open(settings.database, settings.keyring_path)
    if keyring_is_new:
        log.warning(NEW_KEYRING, file=str(settings.keyring_path))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_carriers(settings: Settings, store: Store) -> AsyncIterator[Mapping[str, Carrier]]:
    """The carriers that the settings name, disconnected at the end."""
    carriers = configured_carriers(settings, store.secret("mail"))
    try:
        yield carriers
    finally:
        for carrier in carriers.values():
            await carrier.close()


def make_letterbook(script: Script, metrics: Metrics | None = None) -> Letterbook:
    """What writes down what becomes of letters."""
    return Letterbook(script.cases, script.tongues, after_sending.receipt, time_zones, metrics)


@asynccontextmanager
async def open_desk(settings: Settings, script: Script) -> AsyncIterator[Desk]:
    """What carries out organisers' decisions, and reports of carriers; it needs no channel."""
    async with open_store(settings) as store, open_carriers(settings, store) as carriers:
        yield Desk(store, make_letterbook(script), carriers, clock_of(settings))


@asynccontextmanager
async def open_posting(settings: Settings, script: Script) -> AsyncIterator[Posting]:
    """What prints letters for the post."""
    printer = Printer(script.cases)
    async with open_store(settings) as store:
        try:
            yield Posting(store, printer, make_letterbook(script), clock_of(settings))
        finally:
            printer.close()
