"""Everything that has to be right for `assistant run`, really looked at, with what to do where it is not.

Nothing is sent to anybody, no tables are changed and nothing is made. Every other side has a few seconds to
answer, and all are asked at the same time. No finding holds a secret: what `Failure` says never does.
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from assistant.channels.base import Channel
from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.files import is_private, is_there
from assistant.settings import Settings
from assistant.store.database import DatabaseFacts, Store, database_facts
from assistant.web.client import readiness_of
from assistant.web.server import NONE, check_address, check_free
from assistant.wiring.carriers import configured_carriers, configured_inbox
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import checked_cases, make_content
from assistant.wiring.stores import keyring_source
from assistant.wiring.webhooks import configured_endpoints

LIMIT = 12.0  # seconds that each other side has
ROOM = 200 * 1024 * 1024  # bytes: a day of a busy office, and room for SQLite to tidy up
SKEW = timedelta(seconds=5)  # letters and pauses go by seconds, not by fractions

SETTINGS = "Change it in the environment or in .env: docs/settings.md lists every setting."
DATABASE = "See to its address, its server and its disk: docs/running.md."
KEYRING = "Put its copy back. Without it nothing that is stored can be read."
CHANNEL = "Mend it there, or in the settings. A running assistant tries again by itself, and nobody is lost."
CARRIER = "Mend it there, or in the settings. Letters wait meanwhile, and are sent then."
CASES = "`assistant cases check` names each file and what to write."
CLOCK = "Have this machine's clock set by NTP. Letters are sent, and pauses end, by it."
DISK = "Make room, or move what ASSISTANT_DATA_DIR names to a larger disk."
WEB = "End what listens there, or name another port in ASSISTANT_LISTEN."


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has shown. `says`: a sentence. `do`: what to do; empty where it is `ok`."""

    check: str
    ok: bool
    says: str
    do: str = ""


async def examine() -> list[Finding]:
    """Every check, always in the same order. What depends on something that is broken is left out."""
    try:
        settings, strange = Settings.read()
    except Misconfigured as error:
        return [Finding("settings", False, error.reason, SETTINGS)]
    checks: list[Awaitable[Sequence[Finding]]] = [
        _stored(settings),
        _looked("disk", DISK, lambda: _disk(settings)),
        _cases_found(settings),
        _web(settings),
        _channels(settings),
        _carriers(settings),
        _mailbox(settings),
        _webhooks(settings),
        _clock_of_platform(settings),
    ]
    found = await asyncio.gather(*checks)
    return [*_names(strange), *(finding for each in found for finding in each)]


def _names(strange: Mapping[str, str | None]) -> list[Finding]:
    """Names that look like settings and are none."""
    if not strange:
        return [Finding("settings", True, "All can be read.")]
    return [
        Finding("settings", False, f"There is no setting {name}: it is ignored.", _meant(meant))
        for name, meant in strange.items()
    ]


def _meant(meant: str | None) -> str:
    return f"Did you mean {meant}? Rename it, or remove it." if meant else f"Remove it. {SETTINGS}"


async def _told(
    check: str, do: str, ask: Callable[[], Awaitable[str]], limit: float | None = LIMIT
) -> Finding:
    """What comes of asking. `ask` returns what is well, and raises Failure. `limit`: seconds it may take."""
    try:
        async with asyncio.timeout(limit):
            return Finding(check, True, await ask())
    except Failure as failure:
        return Finding(check, False, failure.reason, do)
    except TimeoutError:
        return Finding(check, False, f"There was no answer within {limit:g} seconds.", do)
    except Exception as error:  # one broken check must hide no other
        return Finding(
            check, False, f"This is a mistake of ours: {type(error).__name__}.", "Please report it."
        )


async def _looked(check: str, do: str, look: Callable[[], str]) -> list[Finding]:
    """The same of something on this machine, which may block, and takes the time that it takes."""
    return [await _told(check, do, lambda: asyncio.to_thread(look), None)]


# What is stored


async def _stored(settings: Settings) -> list[Finding]:
    facts: list[DatabaseFacts] = []

    async def ask() -> str:
        with settings.blaming("database_url"):
            facts.append(await database_facts(settings.database))
        return await _written(settings, facts[0])

    database = await _told("database", DATABASE, ask)
    found = [database]
    if facts:
        found += await _looked("keyring", KEYRING, lambda: _keyring(settings, facts[0]))
        if facts[0].now is not None:
            found.append(_clock("the database server", facts[0].now - facts[0].asked_at))
    return found


async def _written(settings: Settings, facts: DatabaseFacts) -> str:
    if facts.is_old:
        return f"{facts.version}. Its tables are brought up to date at the next start of `assistant run`."
    try:
        facts.check_keyring(keyring_source(settings))
    except Misconfigured:  # that is a finding of its own
        return f"{facts.version}. Its tables are up to date."
    store = await Store.open(settings.database, keyring_source(settings), create=False)
    try:
        await store.check_writable()
    finally:
        await store.close()
    return f"{facts.version}. Its tables are up to date, and it can be written to."


def _keyring(settings: Settings, facts: DatabaseFacts) -> str:
    facts.check_keyring(keyring_source(settings))
    if not settings.keyring_command and not is_private(settings.keyring_path):
        raise Misconfigured(
            f"Other users may read the keyring {settings.keyring_path}: run chmod 600 on it, and put it "
            "where only this user looks."
        )
    return "It is there, fits the database, and only this user can read it. Keep a copy elsewhere."


def _disk(settings: Settings) -> str:
    folder = settings.data_dir.absolute()
    there = next(each for each in (folder, *folder.parents) if each.is_dir())
    free = shutil.disk_usage(there).free
    said = f"{free // 1024**2:,} MiB are free in {there}."
    if free < ROOM:
        raise Failure(f"Only {said}")
    if is_there(folder) and not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(f"The folder {folder} cannot be written: see to its owner and its permissions.")
    return said


async def _cases_found(settings: Settings) -> list[Finding]:
    try:
        configured_carriers(settings)
    except Misconfigured:  # by which routes are checked; it is a finding of its own
        return []
    return await _looked("cases", CASES, lambda: _cases(settings))


def _cases(settings: Settings) -> str:
    checked = checked_cases(settings)
    wrong = [f"{each.slug} ({each.problem})" for each in checked if each.problem]
    if wrong:
        raise Misconfigured(f"Cases that cannot be used as they are: {'; '.join(wrong)}.")
    return f"All can be used: {', '.join(each.slug for each in checked)}."


# The web server


async def _web(settings: Settings) -> list[Finding]:
    async def ask() -> str:
        check_address(settings.listen)
        if settings.listen == NONE:
            if settings.telegram_webhook_url:
                raise Misconfigured("A webhook is set, but ASSISTANT_LISTEN=none: nobody could call it.")
            return "There is none: ASSISTANT_LISTEN=none."
        if await readiness_of(settings.listen) is not None:
            return f"The assistant answers at {settings.listen}."
        check_free(settings.listen)
        return f"Nobody answers at {settings.listen}, which is free: `assistant run` will listen there."

    return [await _told("web", WEB, ask)]


# Whom we talk with


async def _channels(settings: Settings) -> list[Finding]:
    channels: list[Channel] = []

    async def configure() -> str:
        channels.extend(configured_channels(settings, make_content(settings, {})))
        if not channels:
            raise Misconfigured("None is set: people can write to us only with `assistant chat`.")
        return f"Set: {', '.join(channel.account.channel for channel in channels)}."

    configured = await _told("channels", SETTINGS, configure)
    asked = [_told(channel.account.channel, CHANNEL, _asking(channel)) for channel in channels]
    return [configured, *await asyncio.gather(*asked)]


def _asking(channel: Channel) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        await channel.open()
        try:
            await channel.probe()
        finally:
            await channel.close()
        return "It answers, and knows us."

    return ask


async def _carriers(settings: Settings) -> list[Finding]:
    try:
        carriers = configured_carriers(settings)
    except Misconfigured as error:
        return [Finding("carriers", False, error.reason, SETTINGS)]

    async def asked(name: str) -> Finding:
        async def ask() -> str:
            try:
                await carriers[name].probe()
            finally:
                await carriers[name].close()
            return "It would take a letter now."

        return await _told(f"carrier {name}", CARRIER, ask)

    return await asyncio.gather(*map(asked, carriers))


async def _mailbox(settings: Settings) -> list[Finding]:
    try:
        inbox = configured_inbox(settings)
    except Misconfigured as error:
        return [Finding("mailbox", False, error.reason, SETTINGS)]
    if inbox is None:
        return []
    from assistant.carriers.email.imap import Mailbox  # imapclient takes its time

    mailbox = Mailbox(inbox)

    async def ask() -> str:
        try:
            await asyncio.to_thread(mailbox.open)
        finally:
            mailbox.close()  # also ends what waits in the thread
        return "It can be opened."

    return [await _told("mailbox", CARRIER, ask)]


# Whom we tell


async def _webhooks(settings: Settings) -> list[Finding]:
    """Nobody is told anything by this: `assistant webhooks test` does that."""
    try:
        names = [each.name for each in configured_endpoints(settings)]
    except Misconfigured as error:
        return [Finding("webhooks", False, error.reason, SETTINGS)]
    if not names:
        return []
    return [
        Finding("webhooks", True, f"Set: {', '.join(names)}. `assistant webhooks list` says how they are.")
    ]


# The clock


async def _clock_of_platform(settings: Settings) -> list[Finding]:
    """By the Date header of Telegram's server, whatever else it answers; a database server is better."""
    if settings.telegram_token is None and settings.telegram_token_file is None:
        return []
    timeout = aiohttp.ClientTimeout(total=LIMIT)
    try:
        asked_at = system_clock()
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.head(settings.telegram_api_url, allow_redirects=False) as answer,
        ):
            told = parsedate_to_datetime(answer.headers["Date"])
    except (TimeoutError, aiohttp.ClientError, KeyError, ValueError):
        return []  # the channel's own check says what is wrong
    return [_clock("Telegram's server", told + timedelta(seconds=0.5) - asked_at)]  # it tells whole seconds


def _clock(whose: str, ahead: timedelta) -> Finding:
    """`ahead`: how far theirs is ahead of ours."""
    off = abs(ahead.total_seconds())
    if abs(ahead) <= SKEW:
        return Finding("clock", True, f"It goes as that of {whose}.")
    where = "behind" if ahead > timedelta() else "ahead of"
    return Finding("clock", False, f"This machine's clock is {off:,.0f} seconds {where} {whose}.", CLOCK)
