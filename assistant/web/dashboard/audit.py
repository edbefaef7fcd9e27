"""The record of what organisers did. There are single letters in it: it is for who may read those."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.audit import Entry, RecordChanged, Verified
from assistant.domain.errors import Refused
from assistant.domain.organisers import Organiser, Permission
from assistant.domain.team import TeamPart
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import PATH, Form, Frame

SHOWN = 50  # entries on a page
_DIGITS = 18  # of a number in an address, at most


class Wording(Protocol):
    """What is said about the record."""

    SENTENCES: Mapping[str, Text]

    def recorded_at(self, entry: Entry) -> Text:
        """When it was done."""

    def recorded_by(self, entry: Entry, members: Sequence[Organiser]) -> Text | str:
        """Who did it."""

    def verified(self, found: Verified) -> Text:
        """How much was looked through."""


class Audit:
    """`/dashboard/audit`."""

    def __init__(self, *, frame: Frame, dashboard: Dashboard, wording: Wording) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._wording = wording
        self._checking = asyncio.Lock()

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page("/audit", self._show), self._frame.form("/audit/verify", self._verify)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        _demand(me)
        before = request.query.get("before", "")
        is_number = before.isascii() and before.isdecimal() and len(before) <= _DIGITS
        found = await self._dashboard.recorded(SHOWN + 1, before=int(before) if is_number else None)
        members = (await self._dashboard.team(me, TeamPart.MEMBERS)).members
        shown = found[:SHOWN]
        return self._frame.show(
            request,
            me,
            "audit.html",
            self._wording.SENTENCES,
            entries=[
                (each, self._wording.recorded_at(each), self._wording.recorded_by(each, members))
                for each in shown
            ],
            older=f"{PATH}/audit?before={shown[-1].id}" if len(found) > SHOWN else None,
        )

    async def _verify(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        """What is wrong is told in the words of the shell, which whoever mends it needs."""
        _demand(me)
        noted, found, wrong = form.get("code", "").strip(), None, None
        try:
            async with self._checking:  # it reads all of it: once at a time
                found = await self._dashboard.verify(noted)
        except RecordChanged as changed:
            wrong = changed.reason
        return self._frame.show(
            request,
            me,
            "verified.html",
            self._wording.SENTENCES,
            wrong=wrong,
            found=self._wording.verified(found) if found else None,
            code=found.code if found and me.member.role.may(Permission.MANAGE) else "",
            noted=noted,
        )


def _demand(me: SignedIn) -> None:
    """Raises Refused where somebody may not read it."""
    if not me.member.role.may(Permission.APPROVE):
        raise Refused("This takes another role.")
