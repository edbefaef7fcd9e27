"""What the fake Telnyx keeps, and what orders of faxes may hold."""

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

Json = dict[str, Any]  # Any: JSON

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_FIELDS = {
    "connection_id": str,
    "from": str,
    "to": str,
    "media_url": str,
    "media_name": str,
    "client_state": str,
    "store_media": bool,
    "store_preview": bool,
    "quality": str,
    "monochrome": bool,
    "t38_enabled": bool,
    "webhook_url": str,
}
_REQUIRED = ("connection_id", "from", "to")


@dataclass
class Media:
    """A stored file."""

    name: str
    content: bytes
    seconds: int  # until it is deleted


@dataclass
class SentFax:
    """A fax that was ordered. What was known of its PDF when it was taken stays in `pdf`."""

    id: str
    order: Json
    pdf: bytes
    created_at: datetime
    status: str = "queued"
    failure_reason: str | None = None

    def resource(self) -> Json:
        """As the API shows it."""
        return {
            "record_type": "fax",
            "id": self.id,
            "direction": "outbound",
            "status": self.status,
            "failure_reason": self.failure_reason,
            "created_at": self.created_at.isoformat().replace("+00:00", "Z"),
            **{name: value for name, value in self.order.items() if name != "store_preview"},
        }

    def event(self, kind: str, **changes: object) -> Json:
        """A webhook's body: `kind` without its `fax.`; `changes` are of the payload."""
        status = {"sending.started": "sending"}.get(kind, kind)
        names = ("connection_id", "from", "to", "media_name", "client_state")
        payload = {name: self.order[name] for name in names if name in self.order}
        payload |= {
            "direction": "outbound",
            "fax_id": self.id,
            "status": status,
            "user_id": str(uuid.uuid4()),
        }
        if kind == "delivered":
            payload |= {"page_count": 1, "call_duration_secs": 79}
        if kind == "failed":
            payload["failure_reason"] = self.failure_reason or "user_busy"
        data = {
            "event_type": f"fax.{kind}",
            "id": str(uuid.uuid4()),
            "occurred_at": datetime.now(UTC).isoformat(),
            "payload": payload | changes,
            "record_type": "event",
        }
        return {"data": data, "meta": {"attempt": 1, "delivered_to": "http://example.invalid/telnyx"}}


@dataclass(frozen=True)
class Refused(Exception):
    """An answer instead of the usual one: `body` is JSON, or text."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, headers=self.headers)
        return web.json_response(self.body, status=self.status, headers=self.headers)


def refused(status: int, code: str, detail: str = "Invented detail, quoting +50255550100.") -> Refused:
    """In the form of all of Telnyx's errors."""
    return Refused(status, {"errors": [{"code": code, "title": "Invented title", "detail": detail}]})


async def order_of(request: web.Request) -> Json:
    """The request's JSON. Raises Refused where it is not as described."""
    try:
        order = json.loads(await request.text()) if request.content_type == "application/json" else None
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise refused(400, "10015")
    if any(not order.get(name) for name in _REQUIRED):
        raise refused(422, "10004")
    if any(name not in _FIELDS or type(value) is not _FIELDS[name] for name, value in order.items()):
        raise refused(422, "10015")
    if not _E164.fullmatch(order["to"]) or not _E164.fullmatch(order["from"]):
        raise refused(422, "10016")
    if ("media_url" in order) == ("media_name" in order) or (
        "media_name" in order and "store_media" in order
    ):
        raise refused(422, "10015")
    try:
        base64.b64decode(order.get("client_state", ""), validate=True)
    except ValueError:
        raise refused(422, "10015") from None
    return order
