"""Encryption at rest: a key for each chat, wrapped by a key that lives outside the database.

A sealed value is: version (1 byte), key id (4 bytes), nonce (12 bytes), AES-256-GCM ciphertext and tag.
Its associated data is `table.column:row id`, so a value moved to another row does not open. Key id 0
stands for the chat's own key, any other for a key of the keyring.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Address
from assistant.files import is_there

VERSION = 1
NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM
KEY = 32
LOOKUP = 16  # bytes of BLAKE2b: no two of a billion chats collide
_HEADER = 5
_CHECK = "assistant.vault"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens values under one key."""

    cipher: AESGCM
    key_id: int = 0

    def seal(self, column: str, row: int, text: str) -> bytes:
        """`text` for that column (`table.column`) of that row."""
        nonce = os.urandom(NONCE)
        sealed = self.cipher.encrypt(nonce, text.encode(), f"{column}:{row}".encode())
        return bytes([VERSION]) + self.key_id.to_bytes(4, "big") + nonce + sealed

    def open(self, column: str, row: int, sealed: bytes) -> str:
        """What was sealed. Raises Failure, for good, where it does not belong to this key, column and row."""
        if sealed[:1] != bytes([VERSION]):
            raise Failure(f"A stored value in {column} has an unknown format.", permanent=True)
        nonce, rest = sealed[_HEADER : _HEADER + NONCE], sealed[_HEADER + NONCE :]
        try:
            return self.cipher.decrypt(nonce, rest, f"{column}:{row}".encode()).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be one
            raise Failure(
                f"A stored value in {column} does not open: wrong key, or changed.", permanent=True
            ) from error


class Vault:
    """The keyring in use. Its file never is in the database, and never in the database's backups."""

    def __init__(self, lookup_key: bytes, keys: dict[int, bytes], active: int, path: Path) -> None:
        self._lookup_key = lookup_key
        self._sealers = {key_id: Sealer(AESGCM(key), key_id) for key_id, key in keys.items()}
        self._active = self._sealers[active]
        self._fingerprint = _fingerprint(lookup_key, keys, active)
        self.path = path

    @classmethod
    def load(cls, path: Path) -> "Vault":
        """The keyring in the file. Raises Misconfigured where it cannot be read."""
        try:
            stored = json.loads(path.read_text("utf-8-sig"))  # some editors begin UTF-8 with a mark
            keys = {int(key_id): base64.b64decode(key) for key_id, key in stored["keys"].items()}
            lookup_key = base64.b64decode(stored["lookup"])
            if len(lookup_key) != KEY:
                raise ValueError("the lookup key has another length")
            return cls(lookup_key, keys, int(stored["active"]), path)
        except OSError as error:
            raise Misconfigured(f"The keyring {path} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Misconfigured(f"The keyring {path} is damaged. Put its backup copy back.") from error

    @classmethod
    def create(cls, path: Path) -> "Vault":
        """A new random keyring, readable by this user only. Raises FileExistsError where there is one."""
        stored = {
            "version": VERSION,
            "lookup": base64.b64encode(secrets.token_bytes(KEY)).decode(),
            "active": 1,
            "keys": {"1": base64.b64encode(secrets.token_bytes(KEY)).decode()},
        }
        staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(stored, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(staged)
        except FileExistsError:
            raise
        except OSError as error:
            raise Misconfigured(f"The keyring {path} cannot be written: {error.strerror}.") from error
        finally:
            staged.unlink(missing_ok=True)
        return cls.load(path)

    @classmethod
    def load_or_create(cls, path: Path) -> "Vault":
        """The keyring in the file, or a new one where there is none."""
        return cls.load(path) if is_there(path) else cls.create(path)

    def check_file(self) -> None:
        """See that the file still holds this keyring. Raises Misconfigured: nothing is lost while we run."""
        if not is_there(self.path):
            raise Misconfigured(
                f"The keyring {self.path} is missing: put its copy back before you stop this process."
            )
        if Vault.load(self.path)._fingerprint != self._fingerprint:
            raise Misconfigured(
                f"The keyring {self.path} is not the one in use: put the right one back before you stop "
                "this process."
            )

    def lookup(self, address: Address) -> bytes:
        """By what a chat is found again: a keyed digest of its address, of no use without the key."""
        digest = hashlib.blake2b(digest_size=LOOKUP, key=self._lookup_key, person=b"chat")
        digest.update(f"{address.account}:{address.person}".encode())
        return digest.digest()

    def new_key(self, row: int) -> tuple[bytes, Sealer]:
        """A key for the chat with that id: wrapped as it is stored, and ready to use."""
        key = AESGCM.generate_key(KEY * 8)
        wrapped = self._active.seal("chats.key", row, base64.b64encode(key).decode())
        return wrapped, Sealer(AESGCM(key))

    def open_key(self, wrapped: bytes, row: int) -> Sealer:
        """The key of the chat with that id. Raises Misconfigured where the keyring does not have it."""
        key_id = int.from_bytes(wrapped[1:_HEADER], "big")
        sealer = self._sealers.get(key_id)
        if sealer is None:
            raise Misconfigured(f"The keyring {self.path} lacks key {key_id}, which the database needs.")
        return Sealer(AESGCM(base64.b64decode(sealer.open("chats.key", row, wrapped))))

    def secret(self, purpose: str) -> bytes:
        """A key for that purpose (at most 16 bytes), the same every time."""
        return hashlib.blake2b(key=self._lookup_key, digest_size=KEY, person=purpose.encode()).digest()

    def proof(self) -> bytes:
        """Stored with a new database, to tell later whether a keyring belongs to it."""
        digest = hashlib.blake2b(digest_size=LOOKUP, key=self._lookup_key, person=b"proof")
        return self._active.seal("vault.proof", 1, _CHECK + digest.hexdigest())

    def belongs(self, proof: bytes) -> bool:
        """Whether `proof` was made with this keyring."""
        digest = hashlib.blake2b(digest_size=LOOKUP, key=self._lookup_key, person=b"proof")
        sealer = self._sealers.get(int.from_bytes(proof[1:_HEADER], "big"))
        try:
            return sealer is not None and sealer.open("vault.proof", 1, proof) == _CHECK + digest.hexdigest()
        except Failure:
            return False


def _fingerprint(lookup_key: bytes, keys: Mapping[int, bytes], active: int) -> bytes:
    """Of the whole keyring: no key can be learned from it."""
    digest = hashlib.blake2b(active.to_bytes(4, "big"), digest_size=KEY, key=lookup_key, person=b"keyring")
    for key_id, key in sorted(keys.items()):
        digest.update(key_id.to_bytes(4, "big") + hashlib.blake2b(key).digest())
    return digest.digest()
