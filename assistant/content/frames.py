"""What two processes of ours tell each other over a socket: a few facts, and bytes."""

import json
import socket
from dataclasses import dataclass
from struct import Struct
from typing import Any

_LENGTHS = Struct(">II")  # of the facts and of the bytes
LONGEST = 64 << 20  # bytes of either


@dataclass(frozen=True, slots=True)
class Frame:
    """Facts, which can be written as JSON, and bytes beside them."""

    head: dict[str, Any]
    body: bytes = b""


def send(peer: socket.socket, frame: Frame) -> None:
    """Raises OSError where nobody reads it, TimeoutError where nobody does in time."""
    head = json.dumps(frame.head).encode()
    peer.sendall(_LENGTHS.pack(len(head), len(frame.body)) + head + frame.body)


def receive(peer: socket.socket) -> Frame | None:
    """The next one; None where the other end is closed. Raises OSError, TimeoutError as `send` does."""
    lengths = _exactly(peer, _LENGTHS.size)
    if lengths is None:
        return None
    long_head, long_body = _LENGTHS.unpack(lengths)
    if max(long_head, long_body) > LONGEST:
        raise OSError("a frame is too long")
    head, body = _exactly(peer, long_head), _exactly(peer, long_body)
    return Frame(json.loads(head), body) if head is not None and body is not None else None


def _exactly(peer: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = peer.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
