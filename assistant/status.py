"""How the assistant of these settings stands, whether a process is at work or not."""

import asyncio
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from assistant.domain.errors import Misconfigured
from assistant.domain.lanes import LEASE
from assistant.domain.processes import Process, ProcessRole
from assistant.domain.webhooks import EndpointState
from assistant.files import is_private, is_there
from assistant.runtime import clock_of, is_at_work
from assistant.services.overview import Overview, overview
from assistant.services.webhooks.overview import WebhookService
from assistant.settings import Settings
from assistant.store.database import database_facts
from assistant.web.client import readiness_of
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import make_content
from assistant.wiring.stores import open_store
from assistant.wiring.webhooks import usable_endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Of everything that a report of a mistake should name."""

    assistant: str
    tables: str
    python: str
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`at_work`: a process does more than a chat in a terminal, with this data folder or on this database.

    `unready`: what `/readyz` of it says does not work; None where nobody answers there. `channels`: accounts,
    as they are stored. `channel_problem`: why those cannot be told. `keyring`: its file, or the command
    that prints it, which fits the database. `disk_free`: bytes.
    """

    now: datetime
    at_work: bool
    unready: Mapping[str, str] | None
    channels: Sequence[str]
    channel_problem: str | None
    stored: Overview
    keyring: str
    keyring_is_private: bool
    disk_free: int
    webhooks: Sequence[EndpointState]
    versions: Versions


async def status_of(settings: Settings) -> Status:
    """All of it. Raises Failure where the database cannot be read, NotInstalled where there is none."""
    at_work = await asyncio.to_thread(is_at_work, settings)
    with settings.blaming("database_url"):
        facts = await database_facts(settings.database)
    async with open_store(settings) as store:
        now = clock_of(settings, create=False)()
        stored = await overview(store, now)
        names = [each.name for each in usable_endpoints(settings)]
        webhooks = await WebhookService(store, names, clock_of(settings, create=False)).states()
    channels, problem = _channels(settings)
    parts = await readiness_of(settings.listen)
    return Status(
        now=now,
        at_work=at_work or any(_is_at_work(each, silent) for each, silent in stored.processes),
        unready=None if parts is None else {name: said for name, said in parts.items() if said != "ok"},
        channels=channels,
        channel_problem=problem,
        stored=stored,
        keyring=settings.keyring_command or str(settings.keyring_path.absolute()),
        keyring_is_private=bool(settings.keyring_command) or is_private(settings.keyring_path),
        disk_free=shutil.disk_usage(settings.data_dir if is_there(settings.data_dir) else ".").free,
        webhooks=webhooks,
        versions=Versions(
            assistant=metadata.version("letters-assistant"),
            tables=facts.revision,
            python=platform.python_version(),
            database=facts.version,
        ),
    )


def _is_at_work(process: Process, silent: float) -> bool:
    """`silent`: seconds since it last said that it lives."""
    return process.role != ProcessRole.CHAT and silent <= LEASE


def _channels(settings: Settings) -> tuple[list[str], str | None]:
    try:
        found = configured_channels(settings, make_content(settings, {}))
    except Misconfigured as error:
        return [], error.reason
    return [str(channel.account) for channel in found], None
