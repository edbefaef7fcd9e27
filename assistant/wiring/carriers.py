"""Settings become carriers, and the mailbox that is watched."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from assistant.carriers.base import Carrier
from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content.routing import NotSetUp, Routing
from assistant.domain.errors import Misconfigured
from assistant.settings import Settings
from assistant.store.database import Store

if TYPE_CHECKING:
    from assistant.carriers.email.settings import Inbox

DEFAULT_ROUTE = Tray.name
_NO_SECRET = bytes(32)


def configured_carriers(settings: Settings, secret: bytes = _NO_SECRET) -> dict[str, Carrier]:
    """The carriers that the settings name, by name. `secret`: for the addresses that mail comes back to.

    Raises Misconfigured where one is set wrongly, or where letters would really be sent by a moved clock.
    """
    carriers: list[Carrier] = [Tray(settings.tray), Post()]
    if url := settings.smtp():
        if not settings.mail_from:
            raise Misconfigured("ASSISTANT_MAIL_FROM is not set: mail needs an address of ours to come from.")
        from assistant.carriers.email.carrier import Email

        with settings.blaming("smtp_url"):
            carriers.append(Email.from_url(url, settings.mail_from, secret))
    if url := settings.fax():
        with settings.blaming("fax_url"):
            carriers.append(_fax(url))
    real = [carrier.name for carrier in carriers if carrier.real]
    if settings.clock and real:
        raise Misconfigured(
            f"ASSISTANT_CLOCK is set for a rehearsal, but letters would really be sent: {', '.join(real)}. "
            "Unset ASSISTANT_CLOCK; or unset ASSISTANT_SMTP_URL and ASSISTANT_FAX_URL, and name the tray "
            "in ASSISTANT_ROUTES for cases that have routes."
        )
    return {carrier.name: carrier for carrier in carriers}


def _fax(url: str) -> Carrier:
    match url.partition("://")[0]:
        case "hylafax":
            from assistant.carriers.hylafax.carrier import HylaFax

            return HylaFax.from_url(url)
        case "telnyx":
            from assistant.carriers.telnyx.carrier import Telnyx

            return Telnyx.from_url(url)
    raise Misconfigured("ASSISTANT_FAX_URL has to begin with hylafax:// or telnyx://.")


def routing(settings: Settings) -> Routing:
    """How letters can travel. Raises Misconfigured as `configured_carriers` does."""
    carriers = configured_carriers(settings)
    others = {
        "email": NotSetUp("ASSISTANT_SMTP_URL", _fault_of_mail_address),
        "fax": NotSetUp("ASSISTANT_FAX_URL", _fault_of_fax_number),
    }
    not_set_up = {name: others[name] for name in others if name not in carriers}
    return Routing(carriers, DEFAULT_ROUTE, settings.routes, not_set_up)


def _fault_of_mail_address(to: str) -> str | None:
    from assistant.carriers.email.addresses import fault

    return fault(to)


def _fault_of_fax_number(to: str) -> str | None:
    from assistant.carriers.phone_numbers import refusal_of_impossible_number

    return refusal_of_impossible_number(to)


@asynccontextmanager
async def open_carriers(settings: Settings, store: Store) -> AsyncIterator[Mapping[str, Carrier]]:
    """The carriers that the settings name, disconnected at the end."""
    carriers = configured_carriers(settings, store.secret("mail"))
    try:
        yield carriers
    finally:
        for carrier in carriers.values():
            await carrier.close()


def configured_inbox(settings: Settings) -> "Inbox | None":
    """The mailbox that is watched; None where none is. Raises Misconfigured where it is set wrongly."""
    if (url := settings.inbox()) is None:
        return None
    from assistant.carriers.email.settings import Inbox

    with settings.blaming("mail_inbox"):
        return Inbox.parse(url)
