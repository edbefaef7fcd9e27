"""What a form of ours has sent, whatever somebody has put in its place."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

KIND = "application/x-www-form-urlencoded"
FIELDS = 150  # the longest one of ours has a box for each of 100 letters


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Its fields, as UTF-8 whatever the request says; what is none is replaced. Never a file.

    Raises web.HTTPException: 413 too long, 415 not a form as browsers send ours, 400 broken or cut off.
    """
    if request.content_type != KIND:
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.read()
        fields = parse_qsl(
            body.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS, errors="replace"
        )
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError, ValueError):
        raise web.HTTPBadRequest from None
    return dict(fields)
