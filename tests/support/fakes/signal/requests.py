"""What requests to signal-cli-rest-api may hold, after its API description (docs/swagger.json there).

The real server passes over keys that it does not know; here they are mistakes.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Json = dict[str, Any]  # Any: JSON

_TEXTS = [str]
_FIELDS: dict[str, dict[str, object]] = {
    "send": {
        "number!": str,
        "recipients!": _TEXTS,
        "message!": str,
        "base64_attachments": _TEXTS,
        "edit_timestamp": int,
        "notify_self": bool,
        "quote_author": str,
        "quote_message": str,
        "quote_timestamp": int,
        "text_mode": str,
        "view_once": bool,
    },
    "contacts": {"recipient!": str, "name": str, "expiration_in_seconds": int},
    "delete": {"recipient!": str, "timestamp!": int},
    "typing": {"recipient!": str},
    "receipts": {"recipient!": str, "receipt_type!": str, "timestamp!": int},
    "challenge": {"captcha!": str, "challenge_token!": str},
    "register": {"captcha": str, "use_voice": bool},
    "verify": {"pin": str},
    "trust": {"trust_all_known_keys": bool, "verified_safety_number": str},
}


@dataclass(frozen=True)
class Refused(Exception):
    """An answer instead of the usual one. `body` is JSON, or plain text where it is a string."""

    status: int
    body: object

    @property
    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body)
        return web.json_response(self.body, status=self.status)


def refused(error: str, status: int = 400) -> Refused:
    return Refused(status, {"error": error})


async def body_of(kind: str, request: web.Request) -> Json:
    """The request's JSON. Raises Refused where it is none, or not as described."""
    fields = _FIELDS.get(kind, {})
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise Refused(400, "invalid character at the beginning of the value") from None
    required = {name[:-1] for name in fields if name.endswith("!")}
    types = {name.removesuffix("!"): kind for name, kind in fields.items()}
    if not isinstance(body, dict) or required - body.keys() or body.keys() - types.keys():
        raise refused("Couldn't process request - invalid request")
    if not all(_is(value, types[name]) for name, value in body.items()):
        raise refused("Couldn't process request - invalid request")
    return body


def attachment(encoded: str) -> tuple[str, str, bytes]:
    """Kind, name and content: `data:<kind>;filename=<name>;base64,<content>`."""
    found = re.fullmatch(r"data:([^;,]+)(?:;filename=([^;,]+))?;base64,(.+)", encoded, re.DOTALL)
    if found is None:
        raise refused("Couldn't process request - invalid attachment")
    return found[1], found[2] or "", base64.b64decode(found[3], validate=True)


def _is(value: object, kind: object) -> bool:
    if isinstance(kind, list):
        return isinstance(value, list) and all(_is(each, kind[0]) for each in value)
    return type(value) is kind
