"""Our client of signal-cli-rest-api: one connection pool, one timeout, and every failure in our terms.

The server is https://github.com/bbernhard/signal-cli-rest-api, 0.100 and 0.101; the paths and shapes are
those of its API description. Nothing of what it answers reaches an error of ours, because it quotes numbers.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

# The library has no type information, so that its class is Any here.
from signal_cli_rest_api_client.client import SignalClient  # type: ignore[import-untyped]

from assistant.channels.signal.errors import REFUSED, failure_of, unsent
from assistant.domain.errors import Failure, Misconfigured

ANSWER = 60.0  # seconds for a call: one in some hundreds never gets an answer
CONNECT = 10.0  # seconds
HEARTBEAT = 15.0  # seconds: a connection that died unseen is noticed in one and a half times this
GOODBYE = aiohttp.ClientWSTimeout(ws_close=1.0)  # seconds: a dead connection must not hold up the end
GROUP = "group."  # begins the address of a group

NO_REGISTRATION = "Signal does not register this number now: see whether it is right, and try again later."
NO_SUCH_CODE = "Signal does not take this code: it may be mistyped, too old, or wanted together with a PIN."
NO_SUCH_LIMIT = "Signal does not take this token: see `assistant signal status` for the one of the last stop."
NOT_TRUSTED = (
    "Signal does not take this safety number: run `assistant signal trust` again to see the one now."
)

Json = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class About:
    """What the server says of itself."""

    mode: str  # "json-rpc", "json-rpc-native", "native" or "normal"
    version: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's key, as signal-cli knows it."""

    number: str  # empty where the person hides it
    uuid: str
    status: str  # "UNTRUSTED", "TRUSTED_UNVERIFIED" or "TRUSTED_VERIFIED"
    safety_number: str

    @property
    def trusted(self) -> bool:
        return self.status != "UNTRUSTED"


class Client(SignalClient):  # type: ignore[misc]  # see the import
    """One account on one server. Every call raises Failure."""

    def __init__(self, url: str, number: str) -> None:
        super().__init__(url, number)
        self._number = number
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Needed once, before any call."""
        if self._session is None:
            # A connection of its own for each call: on a kept one that the server is just closing, a message
            # that was never read looks like one whose answer was lost, and would not be sent again.
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            timeout = aiohttp.ClientTimeout(total=ANSWER, connect=CONNECT)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)

    async def close(self) -> None:
        """Disconnect."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # The server and its accounts

    async def about(self) -> About:
        """How the server runs."""
        told = _object(await self._call("GET", "/v1/about"))
        return About(str(told.get("mode")), str(told.get("version")))

    async def accounts(self) -> list[str]:
        """The numbers that the server speaks for: unlike /v1/health, this asks signal-cli itself."""
        told = await self._call("GET", "/v1/accounts")
        if not isinstance(told, list):
            raise _no_such_api()
        return [str(number) for number in told]

    async def register(self, captcha: str | None, *, voice: bool) -> None:
        """Ask for a code to be sent to the number. `captcha`: as the page gave it, signalcaptcha://..."""
        body: Json = {"use_voice": voice} | ({"captcha": captcha} if captcha else {})
        await self._call("POST", f"/v1/register/{self._number}", body, refused=NO_REGISTRATION)

    async def verify(self, code: str, pin: str | None) -> None:
        """Finish a registration with the code that came."""
        path = f"/v1/register/{self._number}/verify/{code}"
        await self._call("POST", path, {"pin": pin} if pin else {}, refused=NO_SUCH_CODE)

    async def link_uri(self, device_name: str) -> str:
        """What a phone has to scan to let this server speak for its number: a secret, for some minutes."""
        told = _object(await self._call("GET", "/v1/qrcodelink/raw", query={"device_name": device_name}))
        if not isinstance(uri := told.get("device_link_uri"), str):
            raise _no_such_api()
        return uri

    async def link_image(self, device_name: str) -> bytes:
        """A PNG image of a `link_uri`."""
        return await self._fetch("GET", "/v1/qrcodelink", query={"device_name": device_name})

    async def submit_rate_limit_challenge(self, challenge_token: str, captcha: str) -> None:
        """Lift a limit (`Throttled.note`) with a captcha solved, signalcaptcha://..."""
        body = {"challenge_token": challenge_token, "captcha": captcha}
        path = f"/v1/accounts/{self._number}/rate-limit-challenge"
        await self._call("POST", path, body, refused=NO_SUCH_LIMIT)

    async def identities(self) -> list[Identity]:
        """The keys of everybody known."""
        told = await self._call("GET", f"/v1/identities/{self._number}")
        if not isinstance(told, list):
            raise _no_such_api()
        return [_identity(_object(each)) for each in told]

    async def trust(self, who: str, safety_number: str) -> None:
        """Trust the key with this safety number. `who`: a number, or a UUID."""
        path = f"/v1/identities/{self._number}/trust/{who}"
        await self._call("PUT", path, {"verified_safety_number": safety_number}, refused=NOT_TRUSTED)

    # Messages

    async def send(
        self, recipient: str, message: str, attachments: Sequence[str] = (), *, replaces: int | None = None
    ) -> str | None:
        """Send styled text to one person or group. Returns its timestamp, by which others refer to it.

        `attachments`: of the library's `encode_attachment`. `replaces`: the timestamp of the message that it
        edits. Where no answer comes, it may have been sent: the Failure is uncertain and permanent, because
        nobody can find out, and nobody wants it twice.
        """
        body: Json = {
            "number": self._number,
            "recipients": [recipient],
            "message": message,
            "text_mode": "styled",
        }
        if attachments:
            body["base64_attachments"] = list(attachments)
        if replaces is not None:
            body["edit_timestamp"] = replaces
        told = await self._call("POST", "/v2/send", body, once=True)
        sent = (
            told[0] if isinstance(told, list) and told else told
        )  # 0.101 answers with a list, 0.100 without
        if not isinstance(sent, dict):
            return None
        if not recipient.startswith(GROUP) and (failure := unsent(sent)):
            raise failure
        timestamp = sent.get("timestamp")
        return str(timestamp) if timestamp else None

    async def delete(self, recipient: str, timestamp: int) -> None:
        """Delete the message of ours that `send` gave this timestamp, also on their side."""
        body = {"recipient": recipient, "timestamp": timestamp}
        await self._call("DELETE", f"/v1/remote-delete/{self._number}", body)

    async def set_expiration(self, recipient: str, seconds: int) -> None:
        """Make messages of this chat disappear so long after they were read, on both sides."""
        body = {"recipient": recipient, "expiration_in_seconds": seconds}
        await self._call("PUT", f"/v1/contacts/{self._number}", body)

    async def empty_contact(self, recipient: str) -> None:
        """Take our name for that person out of the list of contacts."""
        await self._call("PUT", f"/v1/contacts/{self._number}", {"recipient": recipient, "name": ""})

    async def show_typing_indicator(self, recipient: str) -> None:
        """Show for about 15 seconds that we are writing, or until a message comes."""
        await self._call("PUT", f"/v1/typing-indicator/{self._number}", {"recipient": recipient})

    async def send_read_receipt(self, recipient: str, timestamp: int) -> None:
        """Tell a person that a message of theirs was read."""
        body = {"receipt_type": "read", "recipient": recipient, "timestamp": timestamp}
        await self._call("POST", f"/v1/receipts/{self._number}", body)

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[AsyncIterator[object]]:
        """What arrives, while the connection lasts; whatever is not JSON comes as None.

        Raises Failure where there is no connection; the iterator just ends when it is lost.
        """
        session = self._connected()
        try:
            async with session.ws_connect(self._ws_url(), heartbeat=HEARTBEAT, timeout=GOODBYE) as socket:
                yield _frames(socket)
        except aiohttp.WSServerHandshakeError as error:
            raise Failure(
                f"signal-cli-rest-api lets nobody listen: it answers with {error.status}."
            ) from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Failure(f"signal-cli-rest-api cannot be heard: {type(error).__name__}.") from None

    # HTTP

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        once: bool = False,
        refused: str = REFUSED,
    ) -> object:
        return _parsed(await self._fetch(method, path, body, query=query, once=once, refused=refused))

    async def _fetch(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        once: bool = False,
        refused: str = REFUSED,
    ) -> bytes:
        """`once`: it must not be tried again where it may have had its effect. `refused`: as `failure_of`."""
        session = self._connected()
        try:
            async with session.request(method, self._base_url() + path, json=body, params=query) as answer:
                content = await answer.read()
        except aiohttp.InvalidURL:
            raise Misconfigured("ASSISTANT_SIGNAL_API_URL is no web address.") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Failure(
                "signal-cli-rest-api cannot be reached: see whether it runs, and ASSISTANT_SIGNAL_API_URL."
            ) from None
        except (TimeoutError, aiohttp.ClientError):
            raise Failure("signal-cli-rest-api gave no answer.", permanent=once, uncertain=once) from None
        if answer.status >= 300:
            raise failure_of(answer.status, _parsed(content), refused)
        return content

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise Failure("The connection to signal-cli-rest-api is closed.")
        return self._session


async def _frames(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[object]:
    async for frame in socket:
        if frame.type is aiohttp.WSMsgType.ERROR:
            return
        yield _parsed(frame.data)


def _parsed(content: str | bytes) -> object:
    """None where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _object(told: object) -> Json:
    if not isinstance(told, dict):
        raise _no_such_api()
    return told


def _identity(told: Json) -> Identity:
    names = ("number", "uuid", "status", "safety_number")
    return Identity(*(str(told.get(name) or "") for name in names))


def _no_such_api() -> Failure:
    return Failure("ASSISTANT_SIGNAL_API_URL answers, but not as signal-cli-rest-api does.")
