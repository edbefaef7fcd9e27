"""Letters are sent as faxes through Telnyx."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

import structlog
from aiohttp.web import RouteDef

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.carriers.phone_numbers import refusal_of_impossible_number, refusal_of_number
from assistant.carriers.telnyx.client import PAGE, Client
from assistant.carriers.telnyx.outcomes import BEFORE_THE_CALL, Fax, state_of
from assistant.carriers.telnyx.settings import TelnyxAccount, account_of
from assistant.carriers.telnyx.webhook import Webhook
from assistant.domain.clock import Clock, system_clock
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus

LOOK_IN = timedelta(minutes=5)  # a page takes about one; the webhook usually tells sooner
REMEMBERED = timedelta(days=30)  # how old a fax may be that is looked for after a crash
PAGES_MAX = 100  # of the list, that are looked through for one letter
# Seconds from dialling to the first page, at the very least: ITU-T T.30 has an answer tone of 2.6 s, then the
# capabilities of both (1 s each with their preamble), 1.5 s of training and its confirmation.
BEFORE_A_PAGE = 5.0
AGAIN = 0.5  # seconds between looking whether a fax is cancelled

log = structlog.get_logger()


class Telnyx:
    """A carrier of real faxes. A fax of which pages may have gone out is uncertain.

    `client_state` holds the key of the letter. Telnyx has no idempotency key, so that a letter which is sent
    again is several faxes of one key; its webhooks name both the key and the fax.
    """

    name = "fax"
    real = True
    per_minute = 1
    in_flight = 1

    def __init__(self, account: TelnyxAccount, clock: Clock = system_clock) -> None:
        """`clock`: what the age of webhooks is measured by."""
        self._clock = clock
        self._client = Client(account)
        self._webhook = (
            Webhook(account.public_key, account.connection, clock, self._client.forget)
            if account.public_key
            else None
        )

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Of `telnyx://API_KEY@api.telnyx.com/CONNECTION_ID?from=%2B12025550100&public_key=BASE64`.

        Without public_key there is no webhook, and Telnyx is only asked. Raises Misconfigured.
        """
        return cls(account_of(url))

    def refuses(self, to: str) -> str | None:
        return refusal_of_impossible_number(to)

    def reference_of(self, key: str) -> str | None:  # noqa: ARG002
        return None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:  # noqa: ARG002
        if refusal_of_number(parcel.to) is not None:
            raise Failure("The route of this letter is no fax number: see its case folder.", permanent=True)
        media = await self._client.upload(f"letter-{secrets.token_hex(16)}", parcel.pdf)
        try:
            fax = await self._client.send(parcel.key, parcel.to, media)
        except Failure as failure:
            if not failure.uncertain:
                await self._client.forget(media)
                raise
            # Earlier tries of the letter have the same key: only the PDF's name tells this one.
            if (found := await self._taken(parcel.key, media)) is None:
                raise
            fax = found
        return Ref(LetterStatus.SUBMITTED, fax.id, LOOK_IN)

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:  # noqa: ARG002
        """The newest fax of that key within `REMEMBERED`; why one failed is for `poll` to tell, at once."""
        newest: Fax | None = None
        async for fax in self._recent():
            if fax.key == key and (newest is None or fax.created_at > newest.created_at):
                newest = fax
        if newest is None:
            return None
        if isinstance(outcome := newest.outcome, Ref):
            return outcome
        return Ref(LetterStatus.SUBMITTED, newest.id, timedelta() if outcome else LOOK_IN)

    def evidence(self, key: str, reference: str | None) -> str:
        fax = f"fax {reference}" if reference else f"a fax whose client_state is {state_of(key)}"
        return (
            f"Look for {fax} in the portal of Telnyx, under Fax: it says how far it came. Or ask the office."
        )

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        learned: dict[str, Outcome] = {}
        for key, reference in submitted.items():
            try:
                fax = await self._client.fax(reference)
            except Failure as failure:
                if not learned:
                    raise
                log.warning("not all faxes could be asked about", reason=failure.reason)
                break
            if fax is None:
                learned[key] = Failure(
                    "Telnyx no longer knows this fax; it may have arrived.", uncertain=True
                )
            elif (outcome := fax.outcome) is not None:
                learned[key] = outcome
                await self._client.forget(fax.media_name)
        return learned

    async def cancel(self, key: str, reference: str) -> bool:  # noqa: ARG002
        """True where a fax failed without a page, or was stopped before the call could have brought one.

        Telnyx has no status for what was cancelled, and stops even a call in progress: `failed` alone proves
        nothing. So a fax is only stopped before the call, and it counts only where the whole took less time
        than a call needs until its first page.
        """
        try:
            media = await self._stopped(reference)
        except (Failure, TimeoutError) as error:
            log.warning("a fax could not be cancelled", error=type(error).__name__)
            return False
        if media is None:
            return False
        await self._client.forget(media)
        return True

    async def probe(self) -> None:
        """Ask for the faxes of this moment, of which there are none: the key and the way are good then."""
        await self._client.faxes(_written(self._clock()), 1)

    def routes(self, settle: Settle) -> Sequence[RouteDef]:
        return (self._webhook.route(settle),) if self._webhook else ()

    async def close(self) -> None:
        await self._client.close()

    async def _taken(self, key: str, media: str) -> Fax | None:
        """The fax that was made of this PDF, if Telnyx can say so right now."""
        try:
            async for fax in self._recent():
                if fax.key == key and fax.media_name == media:
                    return fax
        except Failure as failure:
            log.warning("Telnyx cannot be asked whether it took a fax", reason=failure.reason)
        return None

    async def _recent(self) -> AsyncIterator[Fax]:
        """All faxes within `REMEMBERED`. Raises Failure; `uncertain` after `PAGES_MAX` pages."""
        since = _written(self._clock() - REMEMBERED)
        for page in range(1, PAGES_MAX + 1):
            faxes, last = await self._client.faxes(since, page)
            for fax in faxes:
                yield fax
            if last:
                return
        raise Failure(
            f"Telnyx lists more than {PAGES_MAX * PAGE} faxes: whether this letter is one cannot be told.",
            uncertain=True,
        )

    async def _stopped(self, reference: str) -> str | None:
        """The name of the PDF of a fax of which certainly no page has gone out nor will; else None.

        Raises Failure, or TimeoutError.
        """
        async with asyncio.timeout(BEFORE_A_PAGE):
            fax = await self._client.fax(reference)
            if fax is None:
                return None
            if isinstance(outcome := fax.outcome, Failure):
                return None if outcome.uncertain else fax.media_name
            if fax.status not in BEFORE_THE_CALL or not await self._client.cancel(reference):
                return None
            while (now := await self._client.fax(reference)) is not None:
                if now.outcome is not None:
                    return now.media_name if isinstance(now.outcome, Failure) else None
                await asyncio.sleep(AGAIN)
        return None


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
