"""Telegram's webhook: updates are posted to a route of our own web server.

An update is acknowledged when its turn is committed, never before: what is not, Telegram sends again. It
keeps the order of a chat; the id of each update is stored with the turn, so that none counts twice.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from assistant.domain.errors import Failure, Misconfigured
from assistant.outages import Outage

HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 100  # at once, the most that https://core.telegram.org/bots/api#setwebhook allows
DEFAULT_PATH = "/telegram"

Take = Callable[[dict[str, Any]], Awaitable[None]]  # Any: JSON
"""Handles one update; raises Failure where it could not be stored."""

log = structlog.get_logger()


class Webhook:
    """The route at which Telegram reaches us."""

    def __init__(self, url: str, token: str) -> None:
        """`url`: as the world sees it. Raises Misconfigured where Telegram could not call it."""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise Misconfigured("ASSISTANT_TELEGRAM_WEBHOOK_URL is no web address.") from None
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise Misconfigured("ASSISTANT_TELEGRAM_WEBHOOK_URL has to begin with https://.")
        self._path = parts.path.rstrip("/") or DEFAULT_PATH
        self.url = url if parts.path.rstrip("/") else f"{url.rstrip('/')}{DEFAULT_PATH}"
        # Made from the token, so that every process knows it and none has to store it.
        self.secret = hashlib.blake2b(token.encode(), person=b"webhook").hexdigest()

    def route(self, take: Take) -> web.RouteDef:
        """Where updates arrive."""
        storing = Outage("storing what Telegram brings")

        async def handle(request: web.Request) -> web.Response:
            given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, self.secret.encode()):
                return web.Response(status=403)
            try:
                update = json.loads(await request.read())
                if not isinstance(update, dict):
                    raise ValueError
            except (ValueError, RecursionError):
                log.error("what came to the webhook cannot be understood, and is passed over")
                return web.Response()
            try:
                await take(update)
            except Failure as failure:
                event = "an update could not be stored; Telegram sends it again"
                storing.failed(event, level="error", reason=failure.reason)
                return web.Response(status=503)
            storing.over()
            return web.Response()

        return web.post(self._path, handle)
