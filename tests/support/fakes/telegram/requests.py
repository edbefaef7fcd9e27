"""How the parameters of a request to the Bot API are read: https://core.telegram.org/bots/api#making-requests."""

import json
import re

from aiohttp import web
from aiohttp.web_request import FileField

from tests.support.fakes.telegram.chats import SentFile
from tests.support.fakes.telegram.html import Json, bad_request

LARGEST = 50 * 2**20  # bytes of a file: https://core.telegram.org/bots/api#sending-files
_STRUCTURED = {
    "allowed_updates",
    "caption_entities",
    "commands",
    "entities",
    "link_preview_options",
    "message_ids",
    "reply_markup",
    "reply_parameters",
    "scope",
}
_NUMBERS = {"cache_time", "chat_id", "limit", "max_connections", "message_id", "offset", "timeout"}
_TRUE = {"true", "yes", "1"}


async def parameters(request: web.Request) -> Json:
    """All four ways to pass them, and files."""
    given: Json = dict(request.query)
    try:
        given |= await request.json() if request.content_type == "application/json" else await request.post()
        for name in _STRUCTURED & given.keys():
            if isinstance(given[name], str):
                given[name] = json.loads(given[name])
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    for name in _NUMBERS & given.keys():
        if re.fullmatch(r"-?\d+", str(given[name])):
            given[name] = int(given[name])
    return {name: _value(value) for name, value in given.items() if value is not None}


def is_true(value: object) -> bool:
    """Whether a Boolean parameter is on."""
    return str(value).lower() in _TRUE


def _value(value: object) -> object:
    """A file as a value that outlives its request."""
    if isinstance(value, FileField):
        with value.file:
            return SentFile("", value.filename, value.content_type, value.file.read())
    return value
