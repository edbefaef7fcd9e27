"""Encryption at rest: a key for each chat, wrapped by a key of the keyring (`keyring.py`).

A sealed value is: version (1 byte), key id (4 bytes), nonce (12 bytes), AES-256-GCM ciphertext and tag.
Its associated data is `table.column:row id`, so a value moved to another row does not open. Key id 0
stands for the chat's own key, any other for a key of the keyring. What is sealed is filled up to steps, so
that its length tells little of a name or a sentence; version 1 was not.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Address
from assistant.store.keyring import KEY, Keyring, KeyringSource, WrappingKey

VERSION = 2
UNPADDED = 1
STEP = 256  # bytes to which texts are filled up
SHORT_STEP = 64  # and what is short: an address, a name, a reference
_STEPS = {
    "chats.key": 1,  # always of the same length
    "vault.proof": 1,
    "chats.address": SHORT_STEP,
    "organisers.name": SHORT_STEP,
    "letters.sealed_key": SHORT_STEP,
    "letters.sealed_reference": SHORT_STEP,
    "messages.sealed_reference": SHORT_STEP,
}
_END = b"\x80"  # of what was sealed, as ISO/IEC 7816-4 has it: zeros follow
NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM
LOOKUP = 16  # bytes of BLAKE2b: no two of a billion chats collide
_HEADER = 5
_CHECK = "assistant.vault"
_CHECK_SIGNED = "assistant.vault signed"
_PUT_BACK = "put its copy back before you stop this process."
_PUT_BACK_RIGHT = "put the right one back before you stop this process."
_OLDER = (
    "It may be of another database, or an older copy: put the newest one there. Or the database is an older "
    "one, whose key was destroyed since: then nobody can read it any more. See `assistant keys status`."
)


_VERSIONS = (bytes([VERSION]), bytes([UNPADDED]))


def _filled(text: bytes, column: str) -> bytes:
    ended = text + _END
    return ended + bytes(-len(ended) % _STEPS.get(column, STEP))


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens values under one key."""

    cipher: AESGCM
    key_id: int = 0

    def seal(self, column: str, row: int, text: str) -> bytes:
        """`text` for that column (`table.column`) of that row."""
        nonce = os.urandom(NONCE)
        sealed = self.cipher.encrypt(nonce, _filled(text.encode(), column), f"{column}:{row}".encode())
        return bytes([VERSION]) + self.key_id.to_bytes(4, "big") + nonce + sealed

    def open(self, column: str, row: int, sealed: bytes) -> str:
        """What was sealed. Raises Failure, for good, where it does not belong to this key, column and row."""
        if sealed[:1] not in _VERSIONS:
            raise Failure(f"A stored value in {column} has an unknown format.", permanent=True)
        nonce, rest = sealed[_HEADER : _HEADER + NONCE], sealed[_HEADER + NONCE :]
        try:
            opened = self.cipher.decrypt(nonce, rest, f"{column}:{row}".encode())
            return (opened if sealed[0] == UNPADDED else opened.rstrip(b"\0")[:-1]).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be one
            raise Failure(
                f"A stored value in {column} does not open: wrong key, or changed.", permanent=True
            ) from error


class Vault:
    """The keyring in use, which may get other keys while we run."""

    def __init__(
        self,
        source: KeyringSource,
        keyring: Keyring | None = None,
        now: Callable[[], datetime] = system_clock,
    ) -> None:
        """`keyring`: instead of what the source has now. `now`: by the real clock, as keys are kept."""
        self.source = source
        self.now = now
        self._lasting: dict[str, Sealer] = {}
        self._secrets: dict[str, bytes] = {}
        self._use(source.read() if keyring is None else keyring)

    @classmethod
    def load_or_create(cls, source: KeyringSource, now: Callable[[], datetime] = system_clock) -> "Vault":
        """With the keyring that is there, or a new one where there is none. Raises Misconfigured."""
        if not source.exists():
            source.create(Keyring.new(now()))
        return cls(source, now=now)

    @property
    def keyring(self) -> Keyring:
        """All its keys."""
        return self._keyring

    @property
    def active(self) -> WrappingKey:
        """The key that wraps now."""
        return self._keyring.active(self.now())

    @property
    def name(self) -> str:
        """For sentences."""
        return self.source.name

    def refresh(self) -> None:
        """Take what the source has now; it blocks. Raises Misconfigured: nothing is lost while we run."""
        if not self.source.exists():
            raise Misconfigured(f"{self.name} is missing: {_PUT_BACK}")
        found = self.source.read()
        if found.lookup != self._keyring.lookup or found.active(self.now()).id < self.active.id:
            raise Misconfigured(f"{self.name} is not the one in use: {_PUT_BACK_RIGHT}")
        self._use(found)

    def _use(self, keyring: Keyring) -> None:
        self._sealers = {each.id: Sealer(AESGCM(each.secret), each.id) for each in keyring.wrapping}
        self._keyring = keyring

    def lookup(self, address: Address) -> bytes:
        """By what a chat is found again: a keyed digest of its address, of no use without the key."""
        digest = hashlib.blake2b(digest_size=LOOKUP, key=self._keyring.lookup, person=b"chat")
        digest.update(f"{address.account}:{address.person}".encode())
        return digest.digest()

    def new_key(self, row: int) -> tuple[bytes, Sealer]:
        """A key for the chat with that id: wrapped as it is stored, and ready to use."""
        key = AESGCM.generate_key(KEY * 8)
        return _wrap(self._sealers[self.active.id], key, row), Sealer(AESGCM(key))

    def open_key(self, wrapped: bytes, row: int) -> Sealer:
        """The key of the chat with that id. Raises Misconfigured where the keyring does not have it."""
        return Sealer(AESGCM(self._unwrap(wrapped, row)))

    def rewrap(self, wrapped: Mapping[int, bytes]) -> dict[int, bytes]:
        """The keys of chats, by their ids, wrapped by the key that wraps now."""
        sealer = self._sealers[self.active.id]
        return {row: _wrap(sealer, self._unwrap(key, row), row) for row, key in wrapped.items()}

    def _unwrap(self, wrapped: bytes, row: int) -> bytes:
        key_id = wrapping_key_of(wrapped)
        if key_id not in self._sealers:
            self.refresh()  # another process may have made it a moment ago
        sealer = self._sealers.get(key_id)
        if sealer is None:
            raise Misconfigured(f"{self.name} lacks key {key_id}, which the database needs. {_OLDER}")
        return base64.b64decode(sealer.open("chats.key", row, wrapped))

    def secret(self, purpose: str) -> bytes:
        """A key for that purpose (at most 16 bytes), the same every time."""
        if purpose not in self._secrets:
            digest = hashlib.blake2b(key=self._keyring.lookup, digest_size=KEY, person=purpose.encode())
            self._secrets[purpose] = digest.digest()
        return self._secrets[purpose]

    def digest(self, purpose: str, value: bytes, size: int = LOOKUP) -> bytes:
        """A keyed digest for looking something up: of no use without the keyring. `size`: bytes."""
        return hashlib.blake2b(value, digest_size=size, key=self.secret(purpose)).digest()

    def sealer(self, purpose: str) -> Sealer:
        """What seals what belongs to no chat, or has to be read when its chat is forgotten."""
        if purpose not in self._lasting:
            self._lasting[purpose] = Sealer(AESGCM(self.secret(purpose)))
        return self._lasting[purpose]

    def proof(self, *, signed: bool = True) -> bytes:
        """Stored with the database, to tell later whether a keyring belongs to it.

        `signed`: also that its rows have codes, where they give power; see `authenticity.py`.
        """
        sealer = self._sealers[self.active.id]
        return sealer.seal("vault.proof", 1, self._proven(_CHECK_SIGNED if signed else _CHECK))

    def belongs(self, proof: bytes) -> bool:
        """Whether `proof` was made with this keyring. Raises Misconfigured where that key is destroyed."""
        if wrapping_key_of(proof) not in self._sealers:
            raise Misconfigured(
                f"{self.name} lacks key {wrapping_key_of(proof)}, which the database needs. {_OLDER}"
            )
        return self._opened(proof) in (self._proven(_CHECK), self._proven(_CHECK_SIGNED))

    def has_signed(self, proof: bytes) -> bool:
        """Whether `proof` says that rows have their codes. Nobody without the keyring can take that back."""
        return self._opened(proof) == self._proven(_CHECK_SIGNED)

    def _proven(self, check: str) -> str:
        digest = hashlib.blake2b(digest_size=LOOKUP, key=self._keyring.lookup, person=b"proof")
        return check + digest.hexdigest()

    def _opened(self, proof: bytes) -> str | None:
        sealer = self._sealers.get(wrapping_key_of(proof))
        try:
            return None if sealer is None else sealer.open("vault.proof", 1, proof)
        except Failure:
            return None


def _wrap(sealer: Sealer, key: bytes, row: int) -> bytes:
    return sealer.seal("chats.key", row, base64.b64encode(key).decode())


def wrapping_key_of(sealed: bytes) -> int:
    """The number of the key that sealed it."""
    return int.from_bytes(sealed[1:_HEADER], "big")
