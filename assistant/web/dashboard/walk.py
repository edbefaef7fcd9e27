"""A case walked through as supporters have it: nothing is kept, and nothing is sent.

What was said so far comes with each form, so there is nothing to be kept between two of them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web
from markupsafe import Markup

from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.effects import Effect
from assistant.domain.errors import Refused
from assistant.domain.messages import Entry, Press, Reply, TextMessage
from assistant.domain.texts import Locale, Text, render
from assistant.services.organisers.sessions import SignedIn
from assistant.services.walkthrough import LONGEST, Exchange, WalkThrough
from assistant.web.attachments import Attachments
from assistant.web.dashboard.frame import CASE, PATH, Form, Frame, case_in
from assistant.web.entries import views

TEXT_MAX = 8_000  # characters of one message, as in a chat

Said = TextMessage | Press


class Wording(Protocol):
    """What is said around the conversation."""

    SENTENCES: Mapping[str, Text]

    def would_be_done(self, effects: Sequence[Effect], cases: Mapping[str, Case]) -> Text | None:
        """What would be done by now, were it a real chat; None: nothing that is worth a word."""


class Walk:
    """`/dashboard/cases/CASE/walk`."""

    def __init__(
        self,
        *,
        frame: Frame,
        walk_through: WalkThrough,
        attachments: Attachments,
        script: Script,
        site: str,
        wording: Wording,
    ) -> None:
        """`site`: the address of our pages."""
        self._frame = frame
        self._walk_through = walk_through
        self._attachments = attachments
        self._script = script
        self._site = site
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        path = f"{CASE}/walk"
        return [self._frame.page(path, self._begin), self._frame.form(path, self._go_on)]

    async def _begin(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        return await self._show(request, me, request.query.get("lang", ""), [])

    async def _go_on(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        said, language = _read(form.get("said", "")), form.get("lang", "")
        if form.get("file"):
            return await self._file(request, me, language, said, form["file"])
        new = _new(form, len(said))
        if new is not None:
            said.append(new)
        typed = form.get("text", "") if isinstance(new, Press) else ""
        return await self._show(request, me, language, said, typed)

    async def _show(
        self, request: web.Request, me: SignedIn, language: str, said: list[Said], typed: str = ""
    ) -> web.StreamResponse:
        """`typed`: what stays in the field, because a button was pressed meanwhile."""
        case = case_in(request, self._script.cases)
        locale = self._script.locales.get(language) or self._frame.locale(request, me)
        is_full = len(said) > LONGEST
        exchanges = await self._walk_through.play(case.slug, locale.language, said[:LONGEST])
        here = self._frame.locale(request, me)
        return self._frame.show(
            request,
            me,
            "walk.html",
            self._wording.SENTENCES,
            path=f"{PATH}/cases/{case.slug}",
            case=case.title,
            spoken=locale,
            entries=list(views(list(self._entries(exchanges, here)), self._site)),
            files=None,
            so_far=_written(said[:LONGEST]),
            is_full=is_full,
            begun=bool(said),
            text=typed,
        )

    async def _file(
        self, request: web.Request, me: SignedIn, language: str, said: list[Said], number: str
    ) -> web.StreamResponse:
        locale = self._script.locales.get(language) or self._frame.locale(request, me)
        exchanges = await self._walk_through.play(
            case_in(request, self._script.cases).slug, locale.language, said[:LONGEST]
        )
        for entry in self._entries(exchanges, locale):
            if str(entry.number) == number and entry.said.attachment is not None:
                return await self._attachments.made(entry.said.attachment)
        raise Refused("There is no such file.")

    def _entries(self, exchanges: Sequence[Exchange], locale: Locale) -> Sequence[Entry]:
        """What the page shows, numbered from 1. `locale`: of who looks at it."""
        shown: list[tuple[Reply, bool]] = []
        for each in exchanges:
            if each.heard:
                shown.append((Reply(Markup.escape(each.heard)), True))
            if done := self._wording.would_be_done(each.effects, self._script.cases):
                shown.append((Reply(Markup("<i>{}</i>").format(render(done, locale))), False))
            shown += [(reply, False) for reply in each.replies]
        return [Entry(number, reply, theirs) for number, (reply, theirs) in enumerate(shown, 1)]


def _new(form: Form, place: int) -> Said | None:
    """What was said now; None: nothing."""
    mark, separator, value = form.get("press", "").partition(":")
    if separator:
        return Press(mark, value)
    text = form.get("text", "").replace("\r\n", "\n")[:TEXT_MAX]
    return TextMessage(text, ref=str(place)) if text.strip() else None


def _written(said: Sequence[Said]) -> str:
    """What was said so far, as the form has it."""
    return json.dumps(
        [[each.text] if isinstance(each, TextMessage) else [each.mark, each.value] for each in said]
    )


def _read(written: str) -> list[Said]:
    """The same, read again; nothing where somebody has put something else in its place."""
    try:
        found = json.loads(written or "[]")
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters cannot be shown
    except (ValueError, RecursionError):
        return []
    said: list[Said] = []
    for each in found if isinstance(found, list) else []:
        match each:
            case [str(text)]:
                said.append(TextMessage(text[:TEXT_MAX], ref=str(len(said))))
            case [str(mark), str(value)]:
                said.append(Press(mark, value))
            case _:
                return []
    return said
