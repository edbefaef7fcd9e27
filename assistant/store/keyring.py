"""The keyring: what wraps the keys of chats, and what digests are made with. It is never in the database.

A wrapping key is used from its `since` on, until the next one's. What it wrapped is wrapped anew then, and
some time later it is destroyed, wherever we keep it: from then on no copy of the database that was made
before can be read.
"""

import base64
import binascii
import json
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from assistant.domain.errors import Misconfigured
from assistant.files import is_there, sync_folder

KEY = 32  # bytes
VERSION = 2  # of what is written; 1 had no moments
SALT = NONCE = 16  # bytes
COST, BLOCK, PARALLEL = 2**17, 8, 1  # of scrypt: 128 MiB, as OWASP's cheat sheet on storing passwords has it
COMMAND_SECONDS = 60.0  # that a command may take: somebody may have to touch a security key
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """One key of the keyring. `since`: from when on it is used; UTC, by the real clock."""

    id: int
    secret: bytes = field(repr=False)
    since: datetime


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys. `lookup`: of digests, always the same. `wrapping`: by age, the oldest first."""

    lookup: bytes = field(repr=False)
    wrapping: tuple[WrappingKey, ...]

    @classmethod
    def new(cls, now: datetime) -> Self:
        """A random one."""
        first = WrappingKey(1, secrets.token_bytes(KEY), now)
        return cls(secrets.token_bytes(KEY), (first,))

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """What `dump` made, or an earlier version. Raises ValueError where it is none."""
        try:
            stored = json.loads(text.decode("utf-8-sig"))  # some editors begin UTF-8 with a mark
            keys = [_key(int(key_id), key) for key_id, key in stored["keys"].items()]
            parsed = cls(_secret(stored["lookup"]), tuple(sorted(keys, key=lambda each: each.id)))
        except (KeyError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
            raise ValueError("it has another form") from error
        if not keys:
            raise ValueError("it holds no key")
        return parsed

    def dump(self) -> bytes:
        """As it is stored."""
        stored = {
            "version": VERSION,
            "lookup": base64.b64encode(self.lookup).decode(),
            "keys": {
                str(each.id): {
                    "key": base64.b64encode(each.secret).decode(),
                    "since": each.since.isoformat(timespec="seconds"),
                }
                for each in self.wrapping
            },
        }
        return json.dumps(stored, indent=1).encode() + b"\n"

    def active(self, now: datetime) -> WrappingKey:
        """The one that wraps now."""
        return [each for each in self.wrapping if each.since <= now or each is self.wrapping[0]][-1]

    def retired_at(self, key: WrappingKey) -> datetime | None:
        """Since when another one wraps in its place; None where none will."""
        return next((each.since for each in self.wrapping if each.id > key.id), None)

    def over(self, now: datetime, keep: timedelta) -> tuple[WrappingKey, ...]:
        """Those that have not been used for as long as `keep`."""
        found = ((each, self.retired_at(each)) for each in self.wrapping)
        return tuple(each for each, retired in found if retired is not None and retired + keep <= now)

    def with_new_key(self, since: datetime) -> Self:
        """With one more, which wraps from `since` on."""
        made = WrappingKey(self.wrapping[-1].id + 1, secrets.token_bytes(KEY), since)
        return replace(self, wrapping=(*self.wrapping, made))

    def without(self, keys: Iterable[WrappingKey]) -> Self:
        """Without those."""
        ids = {each.id for each in keys}
        return replace(self, wrapping=tuple(each for each in self.wrapping if each.id not in ids))


def _key(key_id: int, stored: Any) -> WrappingKey:  # Any: JSON, a text in the first version
    if isinstance(stored, str):
        return WrappingKey(key_id, _secret(stored), _LONG_AGO)
    since = datetime.fromisoformat(stored["since"])
    if since.tzinfo is None or not 0 < key_id < 2**32:
        raise ValueError("a moment without a time zone, or a number that is none")
    return WrappingKey(key_id, _secret(stored["key"]), since.astimezone(UTC))


def _secret(stored: str) -> bytes:
    secret = base64.b64decode(stored, validate=True)
    if len(secret) != KEY:
        raise ValueError("a key has another length")
    return secret


class KeyringSource(Protocol):
    """Where the keyring is kept."""

    @property
    def name(self) -> str:
        """For sentences: "The keyring /srv/keyring.json"."""

    @property
    def can_be_replaced(self) -> bool:
        """Whether `replace` can work here."""

    def exists(self) -> bool:
        """Whether there is one. Raises Misconfigured where that cannot be known."""

    def read(self) -> Keyring:
        """The keyring. It blocks. Raises Misconfigured where it is missing, locked or damaged."""

    def create(self, keyring: Keyring) -> None:
        """Keep that one where there is none. Raises FileExistsError where there is, and Misconfigured."""

    def replace(self, keyring: Keyring) -> None:
        """Keep that one instead, or change nothing. Raises Misconfigured."""


Passphrase = Callable[[], str]
"""Gives the passphrase of a keyring that has one. Raises Misconfigured where nobody can be asked."""


def no_passphrase() -> str:
    """For who cannot ask."""
    raise Misconfigured(
        "The keyring is locked with a passphrase. Start the assistant in a terminal, which asks for it, or "
        "name a file that holds it in ASSISTANT_KEYRING_PASSPHRASE_FILE."
    )


class KeyringFile:
    """A file for this user's eyes only, with or without a passphrase."""

    can_be_replaced = True

    def __init__(
        self, path: Path, passphrase: Passphrase = no_passphrase, *, locks_new: bool = False
    ) -> None:
        """`locks_new`: one that is made here gets that passphrase."""
        self.path = path
        self._ask = passphrase
        self._locks_new = locks_new
        self._lock: _Lock | None = None

    @property
    def name(self) -> str:
        return f"The keyring {self.path}"

    def exists(self) -> bool:
        return is_there(self.path)

    def read(self) -> Keyring:
        try:
            keyring = Keyring.parse(self._unlocked(self.path.read_bytes()))
            mode = self.path.stat().st_mode
        except OSError as error:
            raise Misconfigured(f"{self.name} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Misconfigured(f"{self.name} is damaged. Put its backup copy back.") from error
        if mode & stat.S_IRWXO:
            raise Misconfigured(
                f"{self.name} can be read by everybody on this machine. Run chmod 600 on it; and if "
                "somebody may have read it, `assistant keys rotate`."
            )
        return keyring

    def create(self, keyring: Keyring) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._locks_new:
            self._lock = _Lock.new(self._ask())
        staged = self._write(keyring)
        try:
            self.path.hardlink_to(staged)
        except FileExistsError:
            raise
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            staged.unlink(missing_ok=True)

    def replace(self, keyring: Keyring) -> None:
        """The bytes of the one before are written over, as far as the disk allows."""
        staged = self._write(keyring)
        try:
            with self.path.open("r+b") as before:
                staged.replace(self.path)
                sync_folder(self.path.parent)
                _write_over(before.fileno())
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise self._unwritable(error) from error

    def lock(self, passphrase: str | None) -> None:
        """Lock it with that passphrase, or with none. Raises Misconfigured."""
        keyring = self.read()
        self._lock = _Lock.new(passphrase) if passphrase else None
        self.replace(keyring)

    def is_locked(self) -> bool:
        """Whether it has a passphrase. Call after `read`."""
        return self._lock is not None

    def _unlocked(self, text: bytes) -> bytes:
        try:
            stored = json.loads(text.decode("utf-8-sig"))
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error
        if not isinstance(stored, dict) or "sealed" not in stored:
            self._lock = None
            return text
        salt, sealed = base64.b64decode(stored["salt"]), base64.b64decode(stored["sealed"])
        if self._lock is None or self._lock.salt != salt:
            self._lock = _Lock(salt, _derived(self._ask(), salt))
        try:
            return self._lock.open(sealed)
        except InvalidTag as error:
            self._lock = None
            raise Misconfigured("The passphrase does not open the keyring. Try again.") from error

    def _write(self, keyring: Keyring) -> Path:
        text = keyring.dump() if self._lock is None else self._lock.dump(keyring.dump())
        staged = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise self._unwritable(error) from error
        return staged

    def _unwritable(self, error: OSError) -> Misconfigured:
        return Misconfigured(f"{self.name} cannot be written: {error.strerror}.")


@dataclass(frozen=True, slots=True)
class _Lock:
    """What a passphrase opens."""

    salt: bytes
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, passphrase: str) -> Self:
        salt = os.urandom(SALT)
        return cls(salt, _derived(passphrase, salt))

    def open(self, sealed: bytes) -> bytes:
        return AESGCM(self.key).decrypt(sealed[:NONCE], sealed[NONCE:], b"keyring")

    def dump(self, text: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, text, b"keyring")
        stored = {
            "version": VERSION,
            "salt": base64.b64encode(self.salt).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        return json.dumps(stored, indent=1).encode() + b"\n"


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY, n=COST, r=BLOCK, p=PARALLEL).derive(passphrase.encode())


def _write_over(descriptor: int) -> None:
    """Only where no other name leads to it: that would be somebody's copy."""
    found = os.fstat(descriptor)
    if found.st_nlink == 0:
        os.pwrite(descriptor, bytes(found.st_size), 0)
        os.fsync(descriptor)


class KeyringCommand:
    """A command that prints the keyring: what asks a key server, a TPM or a password store."""

    name = "The keyring of ASSISTANT_KEYRING_COMMAND"
    can_be_replaced = False

    def __init__(self, command: str) -> None:
        self._command = command

    def exists(self) -> bool:
        return True

    def read(self) -> Keyring:
        try:
            done = subprocess.run(  # noqa: S603  the operator's own command
                self._words(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except OSError as error:
            raise Misconfigured(f"ASSISTANT_KEYRING_COMMAND cannot be run: {error.strerror}.") from error
        except subprocess.TimeoutExpired as error:
            raise Misconfigured(
                f"ASSISTANT_KEYRING_COMMAND did not end within {COMMAND_SECONDS:.0f} seconds."
            ) from error
        if done.returncode:
            raise Misconfigured(
                f"ASSISTANT_KEYRING_COMMAND ended with {done.returncode}. Call it yourself to see why."
            )
        try:
            return Keyring.parse(done.stdout)
        except ValueError as error:
            raise Misconfigured(
                "ASSISTANT_KEYRING_COMMAND does not print a keyring. `assistant keys new` prints one to keep."
            ) from error

    def create(self, keyring: Keyring) -> None:  # noqa: ARG002  it is the operator's to keep
        raise FileExistsError

    def replace(self, keyring: Keyring) -> None:  # noqa: ARG002  it is the operator's to keep
        raise Misconfigured(
            "ASSISTANT_KEYRING_COMMAND keeps the keyring, so only you can change it: `assistant keys rotate "
            "--print` prints what to put there."
        )

    def _words(self) -> Sequence[str]:
        try:
            words = shlex.split(self._command)
        except ValueError as error:
            raise Misconfigured(
                "ASSISTANT_KEYRING_COMMAND has a quotation mark without its other."
            ) from error
        if not words:
            raise Misconfigured("ASSISTANT_KEYRING_COMMAND is empty.")
        return words
