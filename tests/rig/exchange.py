"""A telephone exchange on loopback: it passes IAX2 calls (RFC 5456) on between modems, by the number called.

`exchange.py PORT ROUTES.json`. The routes say for the end of each number what becomes of its calls: the
address of a modem, `busy`, `reject`, `noanswer`, `voice` (a person, who says nothing), or `drop:18@` and an
address, for a line that is cut after 18 seconds.
"""

import asyncio
import json
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

_CONTROL, _IAX, _VOICE_FULL = 4, 6, 2  # types of frames (RFC 5456, 8.2)
_NEW, _HANGUP, _REJECT, _ACCEPT = 1, 5, 6, 7
_RINGING, _ANSWER = 3, 4
_NUMBER, _FORMAT, _CAUSE = 1, 9, 22  # information elements
_SLINEAR = 64
_SAMPLES = bytes(320)  # 20 ms of silence
_OURS = 777  # our number for calls that we answer ourselves
_PATIENCE = 6000  # frames that the person listens to: two minutes

Address = tuple[str, int]


@dataclass(slots=True)
class _Call:
    """One call, from the modem at `caller`, which numbers it `source`."""

    caller: Address
    source: int
    stamp: int
    far: socket.socket | None = None
    to: Address = ("", 0)
    far_source: int = 1
    over: bool = False
    spoken: int = 0


def _full(
    source: int, to: int, stamp: int, sequence: int, kind: int, what: int, elements: bytes = b""
) -> bytes:
    head = struct.pack("!HHIBBBB", source | 0x8000, to, stamp, sequence, 1, kind, what)
    return head + elements


def _element(kind: int, value: bytes) -> bytes:
    return bytes((kind, len(value))) + value


def _elements(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 2:
        found[data[0]] = data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
    return found


class Exchange:
    """Runs on the loop that is running."""

    def __init__(self, port: int, routes: dict[str, str]) -> None:
        self._routes = routes
        self._calls: dict[tuple[Address, int], _Call] = {}
        self._loop = asyncio.get_running_loop()
        self._socket = _bound(port)
        self._loop.add_reader(self._socket, self._from_modem)

    def _from_modem(self) -> None:
        data, caller = self._socket.recvfrom(4096)
        if len(data) < 4:
            return
        (first,) = struct.unpack_from("!H", data)
        full, source = bool(first & 0x8000), first & 0x7FFF
        command = data[11] if full and len(data) >= 12 and data[10] == _IAX else None
        call = self._calls.get((caller, source))
        if command == _NEW:
            (stamp,) = struct.unpack_from("!I", data, 4)
            if call is None or call.stamp != stamp:  # else it was sent twice
                call = self._calls[caller, source] = _Call(caller, source, stamp)
                self._route(call, _elements(data[12:]).get(_NUMBER, b"").decode())
        if call and command == _HANGUP:
            call.over = True
        if call and call.far:
            call.far.sendto(data, call.to)

    def _from_far(self, call: _Call) -> None:
        assert call.far is not None
        data = call.far.recv(4096)
        if len(data) < 4 or call.over:
            return
        if data[0] & 0x80:
            call.far_source = struct.unpack_from("!H", data)[0] & 0x7FFF
        self._socket.sendto(data, call.caller)

    def _route(self, call: _Call, number: str) -> None:
        ends = (end for end in self._routes if end != "*" and number.endswith(end))
        route = self._routes.get(max(ends, key=len, default="*"), "reject")
        print(f"call to {number}: {route}", flush=True)
        accepted = (_IAX, _ACCEPT, _element(_FORMAT, struct.pack("!I", _SLINEAR)))
        if route == "busy":
            self._say(call, (_IAX, _HANGUP, _element(_CAUSE, b"Busy")))
        elif route == "reject":
            self._say(call, (_IAX, _REJECT, _element(_CAUSE, b"No route")))
        elif route == "noanswer":
            self._say(call, accepted, (_CONTROL, _RINGING, b""))
        elif route == "voice":
            self._say(call, accepted, (_CONTROL, _RINGING, b""), (_CONTROL, _ANSWER, b""))
            self._loop.call_later(0.1, self._silence, call, self._loop.time())
        else:
            self._connect(call, route)

    def _connect(self, call: _Call, route: str) -> None:
        if route.startswith("drop:"):
            seconds, route = route.removeprefix("drop:").split("@")
            self._loop.call_later(float(seconds), self._cut, call)
        host, port = route.split(":")
        call.to, call.far = (host, int(port)), _bound(0)
        self._loop.add_reader(call.far, self._from_far, call)

    def _say(self, call: _Call, *frames: tuple[int, int, bytes]) -> None:
        for number, (kind, what, elements) in enumerate(frames):
            stamp = call.stamp + 3 * (number + 1)
            frame = _full(_OURS, call.source, stamp, number, kind, what, elements)
            self._socket.sendto(frame, call.caller)

    def _silence(self, call: _Call, began: float) -> None:
        """The person on the line breathes: a frame each 20 ms, until the modem gives up."""
        stamp = 40 + 20 * call.spoken
        if call.spoken == 0:
            frame = _full(_OURS, call.source, stamp, 3, _VOICE_FULL, 0x86, _SAMPLES)
        else:
            frame = struct.pack("!HH", _OURS, stamp & 0xFFFF) + _SAMPLES
        self._socket.sendto(frame, call.caller)
        call.spoken += 1
        if not call.over and call.spoken < _PATIENCE:
            self._loop.call_at(began + 0.1 + 0.02 * call.spoken, self._silence, call, began)

    def _cut(self, call: _Call) -> None:
        """Neither hears the other any more, and the caller is told."""
        call.over = True
        frame = _full(call.far_source, call.source, 60_000, 200, _IAX, _HANGUP)
        self._socket.sendto(frame, call.caller)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", port))
    bound.setblocking(False)
    return bound


async def _run(port: int, routes: dict[str, str]) -> None:
    exchange = Exchange(port, routes)
    await asyncio.Event().wait()
    del exchange


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))))
