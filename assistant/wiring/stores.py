"""Settings become an open database with its keyring."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import structlog

from assistant.content.i18n import load_locales
from assistant.domain.errors import Misconfigured, NotInstalled, ServerAway
from assistant.domain.processes import EMBEDDED
from assistant.domain.texts import Locale
from assistant.files import check_readable, is_there
from assistant.outages import Outage
from assistant.passphrase import asked_passphrase
from assistant.runtime import clock_of, make_data_dir
from assistant.services.databases.generation import GenerationWatch, noted
from assistant.services.databases.tombstones import TombstoneFile
from assistant.services.notifier import Notifier
from assistant.services.webhooks.events import EventPublisher
from assistant.settings import Settings
from assistant.store.database import OnRecord, OnWake, Store, parsed
from assistant.store.keyring import KeyringCommand, KeyringFile, KeyringSource
from assistant.wiring.webhooks import configured_endpoints
from conversations.organisers import notifications as organiser_notifications

NEW_KEYRING = "a new keyring was made: keep a copy of it, apart from copies of the database"
_AGAIN = 1.0  # seconds between tries to reach a database that is not there yet
_T = TypeVar("_T")

log = structlog.get_logger()


def keyring_source(settings: Settings) -> KeyringSource:
    """Where the keyring is kept. Raises Misconfigured where that is set wrongly."""
    if settings.keyring_command:
        if settings.keyring:
            raise Misconfigured(
                "ASSISTANT_KEYRING and ASSISTANT_KEYRING_COMMAND are both set, and only one can count: unset "
                "the other."
            )
        return KeyringCommand(settings.keyring_command)
    if settings.keyring is None and settings.has_database_elsewhere and _is_postgresql(settings):
        raise Misconfigured(
            "ASSISTANT_KEYRING is not set. With PostgreSQL it has to be said where the keys are: name a file "
            "that is not on the database's machine, nor in its backups. To leave it where it was, name "
            f"{settings.keyring_path.absolute()}."
        )
    passphrase = settings.passphrase()
    return KeyringFile(
        settings.keyring_path,
        asked_passphrase if passphrase is None else lambda: passphrase,
        locks_new=passphrase is not None,
    )


def open_keyring(settings: Settings) -> None:
    """Have a passphrase that a person types be asked for now. Raises Misconfigured where it is wrong."""
    if not settings.keyring_command and is_there(settings.keyring_path):
        keyring_source(settings).read()


def _is_postgresql(settings: Settings) -> bool:
    with settings.blaming("database_url"):
        return parsed(settings.database).get_backend_name() == "postgresql"


@asynccontextmanager
async def open_store(
    settings: Settings, *, create: bool = False, patience: float = 0.0
) -> AsyncIterator[Store]:
    """The database, brought up to date. Raises Misconfigured where it cannot be used.

    `create`: where there is none, it is made, with a keyring. Otherwise that raises NotInstalled.
    `patience`: seconds that a server may take to come; then it raises Failure.
    """
    if create:
        make_data_dir(settings)
    check_readable(settings.data_dir)
    keyring = keyring_source(settings)
    keyring_is_new = not keyring.exists()
    was_in_use = noted(settings.generation_file) is not None
    try:
        with settings.blaming("database_url"):
            store = await _store_that_comes(settings, keyring, create and not was_in_use, patience)
    except NotInstalled as error:
        if not was_in_use:
            raise
        raise _gone(settings) from error
    if keyring_is_new:
        log.warning(NEW_KEYRING, file=str(settings.keyring_path.absolute()))
    store.on_wake = _calls(settings)
    store.on_record = _publisher(settings)
    try:
        await make_generation_watch(settings, store, lambda: clock_of(settings, create=False)()).look()
        yield store
    finally:
        await store.close()


def _calls(settings: Settings) -> OnWake | None:
    """What calls for lanes to be run, where processes share them."""
    if settings.engine == EMBEDDED:
        return None
    try:
        from assistant.engine.procrastinate import Calls
    except ImportError as error:
        raise Misconfigured(
            "ASSISTANT_ENGINE=procrastinate needs more: pip install 'letters-assistant[scale]'."
        ) from error
    return Calls(settings.database, clock_of(settings, create=False))


def _publisher(settings: Settings) -> OnRecord | None:
    """What has other programs told of what is done. A wrong setting keeps nobody from halting something."""
    try:
        endpoints = configured_endpoints(settings)
    except Misconfigured as error:
        log.error("no webhook is told of anything", reason=error.reason)
        return None
    return EventPublisher([each.name for each in endpoints]) if endpoints else None


def _gone(settings: Settings) -> Misconfigured:
    """Where a database was in use, none is made in its place without a word."""
    where = "at ASSISTANT_DATABASE_URL" if settings.has_database_elsewhere else str(settings.database_file)
    return Misconfigured(
        f"The database {where} is gone or empty, although it was in use. Put a backup back: assistant db "
        f"restore FILE. For a new beginning, move {settings.generation_file} and the keyring "
        f"{settings.keyring_path} away."
    )


def make_generation_watch(settings: Settings, store: Store, clock: Callable[[], datetime]) -> GenerationWatch:
    """What notices that the database is older than what was there."""
    tombstones = TombstoneFile(settings.tombstones_file)
    return GenerationWatch(store, settings.generation_file, tombstones, make_notifier(), clock)


def make_notifier() -> Notifier:
    """What tells the team; its languages are read when it has something to tell."""
    return Notifier(organiser_notifications, _Locales())


class _Locales(Mapping[str, Locale]):
    """All languages, read when somebody asks for one."""

    @cached_property
    def _read(self) -> Mapping[str, Locale]:
        return load_locales()

    def __getitem__(self, language: str) -> Locale:
        return self._read[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


async def _store_that_comes(
    settings: Settings, keyring: KeyringSource, create: bool, patience: float
) -> Store:
    return await once_it_is_there(lambda: Store.open(settings.database, keyring, create=create), patience)


async def once_it_is_there(reach: Callable[[], Awaitable[_T]], patience: float) -> _T:
    """What `reach` gives of the database.

    Servers that are started together do not wait for each other: the database may come a moment later.
    """
    clock, outage = asyncio.get_running_loop().time, Outage("the database")
    ends = clock() + patience
    while True:
        try:
            reached = await reach()
        except ServerAway as failure:
            if clock() + _AGAIN > ends:
                raise
            outage.failed(
                "the database is not there yet; it is tried again", reason=failure.reason, seconds=patience
            )
            await asyncio.sleep(_AGAIN)
        else:
            outage.over()
            return reached
