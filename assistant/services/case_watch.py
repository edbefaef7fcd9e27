"""Case folders are watched while the assistant runs, and owners are told what is wrong with them, once.

They are looked at every few seconds, rather than told of by the system: that works on every file system, also
on folders that containers share with their host.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from assistant.content.library import CaseFolders, CaseLibrary, Found
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.notifications import Notification
from assistant.domain.organisers import Permission
from assistant.files import write_whole
from assistant.outages import Outage
from assistant.services.letters.offices import OfficeRoutes
from assistant.services.letters.stranded import REASON, standing_of
from assistant.services.letters.versions import LetterTexts
from assistant.services.notifier import Notifier
from assistant.store import lanes, stranded_letters
from assistant.store.database import Store, Tx

EVERY = 2.0  # seconds between two looks at the folders

log = structlog.get_logger()


class CaseWatch:
    """Takes over what changes in case folders."""

    def __init__(
        self,
        library: CaseLibrary,
        folders: CaseFolders,
        store: Store,
        notifier: Notifier,
        texts: LetterTexts,
        offices: OfficeRoutes,
        told: Path,
        clock: Clock,
    ) -> None:
        """`told`: the file that keeps of which problems the owners know, also over a restart."""
        self._library = library
        self._folders = folders
        self._store = store
        self._notifier = notifier
        self._texts = texts
        self._offices = offices
        self._file = told
        self._told = _read(told)
        self._clock = clock
        self._changed = True  # the lanes of letters have to look at their cases anew
        self._back: set[str] = set()  # cases that have got an office since the owners were told last
        self._outage = Outage("watching the case folders")

    async def run(self) -> None:
        """Look at the folders every few seconds, until cancelled."""
        while True:
            try:
                await self.look()
                self._outage.over()
            except Failure as failure:
                self._outage.failed("case folders are looked at again later", reason=failure.reason)
            except Exception as error:
                self._outage.failed("case folders cannot be looked at", reason=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Take over what has changed, and tell of it.

        Raises Failure where that cannot be stored now, or where a folder of cases cannot be read.
        """
        found = await asyncio.to_thread(self._folders.look)
        if found is not None:
            self._take(found)
        if self._changed:
            await self._texts.look()
            await self._offices.look()
        if self._changed or self._library.problems != self._told:
            await self._tell()
        if self._folders.unreadable:
            raise Failure(self._folders.unreadable)

    def _take(self, found: Found) -> None:
        known, problems = dict(self._library), dict(self._library.problems)
        self._library.change(found)
        for slug, case in found.cases.items():
            if known.get(slug) is not case:
                log.info("a case has been read again" if slug in known else "there is a new case", case=slug)
                if standing_of(case).offices - (standing_of(known[slug]).offices if slug in known else set()):
                    self._back.add(slug)
        for slug in known.keys() - found.cases.keys():
            log.warning("the folder of a case is gone: letters that wait for it are held", case=slug)
        for slug, why in found.problems.items() - problems.items():
            log.warning("a case folder cannot be used: `assistant cases check` says why", case=slug, why=why)
        self._changed = True

    async def _tell(self) -> None:
        async with self._store.write() as tx:
            if self._changed:  # their office's hours, their pace, or that there is a case at all
                await lanes.wake_kind(tx, lanes.LETTERS, self._clock())
            said = [*self._news(), *await self._returned(tx)]
            if said:
                await self._notifier.tell(tx, self._clock(), *said, may=Permission.MANAGE)
        self._changed = False
        self._back.clear()
        if self._told != self._library.problems:
            self._told = dict(self._library.problems)
            await asyncio.to_thread(_write, self._file, self._told)

    def _news(self) -> list[Notification]:
        """What is wrong that the owners do not know yet, and what is wrong no more."""
        problems, team_messages = self._library.problems, self._notifier.team_messages
        broken = [
            team_messages.case_broken(slug, why, goes_on=slug in self._library)
            for slug, why in problems.items()
            if self._told.get(slug) != why
        ]
        mended = [slug for slug in self._told if slug not in problems and slug in self._library]
        return [*broken, *(team_messages.case_mended(slug) for slug in mended)]

    async def _returned(self, tx: Tx) -> list[Notification]:
        """Cases for which letters are held that can be sent again."""
        told = self._notifier.team_messages.case_back
        found = [(slug, self._library[slug]) for slug in sorted(self._back) if slug in self._library]
        counts = {
            slug: await stranded_letters.count_held(tx, slug, REASON, standing_of(case))
            for slug, case in found
        }
        return [told(slug, count) for slug, count in counts.items() if count]


def _read(file: Path) -> Mapping[str, str]:
    with suppress(OSError, ValueError):
        stored = json.loads(file.read_text("utf-8"))
        if isinstance(stored, dict):
            return {str(slug): str(why) for slug, why in stored.items()}
    return {}


def _write(file: Path, told: Mapping[str, str]) -> None:
    try:
        write_whole(file, json.dumps(told, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        log.warning("what owners know of case folders cannot be stored", reason=error.strerror)
