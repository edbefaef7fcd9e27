"""Telnyx's webhook: it tells of faxes at a route of our own web server, signed.

It promises neither order nor that an event comes once
(https://developers.telnyx.com/docs/programmable-fax/receiving-webhooks): that is for who stores the reports.
How it signs: https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks.
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assistant.carriers.base import Report, Settle
from assistant.carriers.telnyx.outcomes import Fax, fax_of
from assistant.domain.errors import Failure

PATH = "/telnyx"
SIGNATURE = "telnyx-signature-ed25519"
TIMESTAMP = "telnyx-timestamp"
WINDOW = timedelta(seconds=300)  # what is older may be an event that somebody recorded and plays again

FINAL = {"fax.delivered": "delivered", "fax.failed": "failed"}  # events, and the status of a fax in them
ON_THE_WAY = frozenset({"fax.queued", "fax.media.processed", "fax.sending.started"})

_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)

log = structlog.get_logger()


class Webhook:
    """The route at which Telnyx reaches us."""

    def __init__(
        self,
        public_key: Ed25519PublicKey,
        connection: str,
        clock: Callable[[], datetime],
        forget: Callable[[str], Awaitable[None]],
    ) -> None:
        """`connection`: the only Fax Application that counts: all of an account sign with the same key.

        `forget` is called with the name of a PDF that Telnyx needs no longer.
        """
        self._public_key = public_key
        self._connection = connection
        self._clock = clock
        self._forget = forget

    def route(self, settle: Settle) -> web.RouteDef:
        """Where events arrive."""

        async def handle(request: web.Request) -> web.Response:
            if not self._timely(request) or not self._signed(request, await request.read()):
                return web.Response(status=403)
            fax = self._final(await request.read())
            if fax is None or fax.outcome is None:
                return web.Response()
            try:
                known = await settle(Report(fax.outcome, key=fax.key, reference=fax.id))
            except Failure as failure:
                log.error("news of a fax could not be stored; Telnyx tells it again", reason=failure.reason)
                return web.Response(status=503)
            if known:
                await self._forget(fax.media_name)
            else:
                log.info("Telnyx told of a fax of no letter")
            return web.Response()

        return web.post(PATH, handle)

    def _timely(self, request: web.Request) -> bool:
        told = request.headers.get(TIMESTAMP, "")
        if not _SECONDS.fullmatch(told):
            return False
        return abs(self._clock().timestamp() - int(told)) <= WINDOW.total_seconds()

    def _signed(self, request: web.Request, body: bytes) -> bool:
        signed = request.headers[TIMESTAMP].encode() + b"|" + body
        try:
            signature = base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
            self._public_key.verify(signature, signed)
        except (ValueError, InvalidSignature):
            return False
        return True

    def _final(self, body: bytes) -> Fax | None:
        """The fax whose end this event tells; None for every other."""
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            event = None
        if isinstance(event, dict) and isinstance(data := event.get("data"), dict):
            event = data  # the documented examples leave this envelope out
        kind = event.get("event_type") if isinstance(event, dict) else None
        payload = event.get("payload") if isinstance(event, dict) else None
        if not isinstance(kind, str) or not isinstance(payload, dict):
            log.error("what Telnyx sent cannot be understood, and is passed over")
            return None
        if kind not in FINAL:
            if kind not in ON_THE_WAY:
                log.info("Telnyx sent an event that is not for us")
            return None
        others = payload.get("connection_id", self._connection) != self._connection
        if others or payload.get("direction") == "inbound":
            log.info("Telnyx told of a fax that we did not send")
            return None
        fax = fax_of(payload | {"status": FINAL[kind]})
        if fax is None:
            log.error("what Telnyx sent cannot be understood, and is passed over")
        return fax
