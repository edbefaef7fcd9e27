"""How python-telegram-bot talks HTTP here: over one shared aiohttp session.

Measured on one core when it was chosen: 5,100 messages a second, against 550 with its default (httpx).
No error of it carries the address it called, because the address holds the bot's token.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram import Bot, InputFile
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

CONNECT = 10.0  # seconds
READ = 20.0  # seconds to wait for an answer, where the call names no time of its own
CONNECTIONS = 256

_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


async def call(bot: Bot, method: str, parameters: Mapping[str, Any]) -> Any:  # Any: JSON
    """Call a method of the Bot API with what is JSON already, or a file; without what is None.

    Returns its result. As `Bot.send_message` and the like do, without an object for each part and for the
    answer. Raises TelegramError as they do.
    """
    given = [
        RequestParameter(name, None, [each])
        if isinstance(each, InputFile)
        else RequestParameter(name, each, None)
        for name, each in parameters.items()
        if each is not None
    ]
    return await bot.request.post(f"{bot.base_url}/{method}", RequestData(given))


class AiohttpRequest(BaseRequest):
    """`telegram.request.BaseRequest` over aiohttp."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  aiohttp has none
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  part of `connect` here
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NetworkError("the connection to Telegram is closed")
        timeout = _timeout(_seconds(connect_timeout, CONNECT), _seconds(read_timeout, READ))
        problem: TelegramError
        try:
            async with self._session.request(
                method, url, timeout=timeout, data=_body(request_data)
            ) as response:
                return response.status, _from_telegram(response.status, await response.read())
        except _NOTHING_SENT as error:
            problem = NetworkError(f"no connection: {type(error).__name__}")
        except (TimeoutError, aiohttp.ClientError) as error:  # it may have arrived all the same
            problem = TimedOut(f"no answer: {type(error).__name__}")
        raise problem  # out here, it does not carry the other error along

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """Raises TimedOut where the answer is cut short, or is none: what was asked for may be done."""
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or answer.keys().isdisjoint(("result", "description")):
            raise TimedOut("an answer without sense")
        return answer


def _from_telegram(status: int, answer: bytes) -> bytes:
    """Raises NetworkError where a proxy answers: its 403 is not Telegram's, and says nothing of a person.

    Raises TimedOut where Telegram may have done what was asked for: the proxy is content, or has waited for
    Telegram's answer in vain (https://www.rfc-editor.org/rfc/rfc9110#name-504-gateway-timeout).
    """
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        raise TimedOut("a proxy got no answer")
    if answer.lstrip().startswith(b"{"):
        return answer
    if status < HTTPStatus.MULTIPLE_CHOICES:
        raise TimedOut("what answers is not Telegram")
    raise NetworkError("what answers is not Telegram")


def _seconds(given: ODVInput[float], default: float) -> float | None:
    return default if isinstance(given, DefaultValue) else given


@lru_cache(maxsize=16)
def _timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> aiohttp.FormData | aiohttp.JsonPayload | None:
    if data is None:
        return None
    if not data.contains_files:
        return aiohttp.JsonPayload(data.parameters)
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
