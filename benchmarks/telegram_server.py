"""A Bot API server that costs next to nothing, so that what is measured is its client. It checks nothing:
`tests/support/fakes/telegram/server.py` is the faithful one.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]  # Any: JSON

_USER = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_ANSWERS: dict[str, object] = {
    "getMe": _USER | {"can_join_groups": False},
    "getMyCommands": [],
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}


class _Connection(asyncio.Protocol):
    def __init__(self, server: "BenchTelegram") -> None:
        self._server = server
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            found = head.find(b"content-length:")
            length = int(head[found + 15 :].split(b"\r\n", 1)[0]) if found >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            path = self._buffer.split(b" ", 2)[1].decode()
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(path.rpartition("/")[2].partition("?")[0], body)

    def _answer(self, method: str, body: bytes) -> None:
        if method == "sendMessage":
            result: object = self._server.sent(body)
        else:
            result = _ANSWERS.get(method, True)
        content = json.dumps({"ok": True, "result": result}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._transport.write(head.encode() + content)


class BenchTelegram:
    """Serves on a free port of this loop; counts what is sent, and tells `heard` of each message's chat."""

    def __init__(self, heard: Callable[[int], None] | None = None) -> None:
        self.count = 0
        self._heard = heard

    async def start(self) -> str:
        """The server's address."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def sent(self, body: bytes) -> Json:
        """A message was sent: what the API answers to that."""
        self.count += 1
        given = json.loads(body) if body.startswith(b"{") else _form(body)
        chat = int(given["chat_id"])
        if self._heard:
            self._heard(chat)
        return {
            "message_id": self.count,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Bench"},
            "from": _USER,
            "text": given["text"],
        }


def _form(body: bytes) -> Json:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode()))


async def _serve() -> None:
    print(await BenchTelegram().start(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
