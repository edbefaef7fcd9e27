"""The methods by which a bot gets updates: https://core.telegram.org/bots/api#getting-updates."""

import asyncio
import contextlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.fakes.telegram.chats import Network
from tests.support.fakes.telegram.html import ApiError, Json, bad_request
from tests.support.fakes.telegram.requests import is_true
from tests.support.fakes.telegram.webhook import Webhook

_LONGEST_POLL = 50  # seconds
_ANOTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass
class _Poll:
    """A getUpdates under way, and why it is to end."""

    ended: ApiError | None = None


class UpdateMethods(Network):
    """Long polling and webhooks."""

    second: float  # how long one of the server's pauses between deliveries lasts, in seconds

    def __init__(self) -> None:
        super().__init__()
        self.webhook: Webhook | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._poll = _Poll()

    async def _get_updates(self, params: Json) -> list[Json]:
        """https://core.telegram.org/bots/api#getupdates, with the real server's longest wait."""
        if self.webhook:
            raise ApiError(409, f"Conflict: {_ACTIVE}")
        self.allowed_updates = params.get("allowed_updates", self.allowed_updates)
        offset = params.get("offset", 0)
        self.updates = [u for u in self.updates if u["update_id"] >= offset][min(offset, 0) :]
        poll = self._end_poll(ApiError(409, f"Conflict: {_ANOTHER_POLL}"))
        await self.notify()
        async with self.changed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(params.get("timeout", 0), _LONGEST_POLL)):
                    await self.changed.wait_for(lambda: self.updates or poll.ended)
        if poll.ended:
            raise poll.ended
        return self.updates[: min(max(params.get("limit", 100), 1), 100)]

    def _end_poll(self, reason: ApiError) -> _Poll:
        """Let the poll that waits fail at the next notice; returns the one that takes its place."""
        ended, self._poll = self._poll, _Poll()
        ended.ended = reason
        return self._poll

    async def _set_webhook(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#setwebhook; on this machine the URL may be plain http."""
        url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if not url:
            return await self._delete_webhook(params)
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            raise bad_request("secret token contains unallowed characters")
        await self._delete_webhook(params)
        self.allowed_updates = params.get("allowed_updates", self.allowed_updates)
        connections = min(max(params.get("max_connections", 40), 1), 100)
        self.webhook = Webhook(self, url, secret, connections, self.second)
        self._delivery = asyncio.create_task(self.webhook.run())
        self._end_poll(ApiError(409, "Conflict: terminated by setWebhook request"))
        return True

    async def _delete_webhook(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#deletewebhook."""
        await self._stop_delivery()
        if is_true(params.get("drop_pending_updates")):
            self.updates = []
        return True

    async def _stop_delivery(self) -> None:
        delivery, self.webhook, self._delivery = self._delivery, None, None
        if delivery:
            delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivery

    async def _get_webhook_info(self, _params: Json) -> Json:
        """https://core.telegram.org/bots/api#webhookinfo."""
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.updates)}
        if self.webhook:
            info |= {"url": self.webhook.url, "max_connections": self.webhook.max_connections}
            info |= self.webhook.error
        return info | ({"allowed_updates": self.allowed_updates} if self.allowed_updates else {})
