"""All that people read of a case, in every language side by side, with what `cases check` finds about it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.content.case_view import DayRow, LetterRow, Row, UpdateRow, case_view
from assistant.content.cases import Checked
from assistant.content.languages import language_name
from assistant.content.preview import sample_draft
from assistant.domain.actions import ActionDay
from assistant.domain.case_parts import Part
from assistant.domain.cases import Case, Update
from assistant.domain.errors import Refused
from assistant.domain.messages import Paper
from assistant.domain.targets import Target
from assistant.domain.texts import Text
from assistant.services.organisers.sessions import SignedIn
from assistant.web.attachments import Attachments
from assistant.web.dashboard.frame import CASE, PATH, Frame, case_in
from assistant.web.lately import Lately

FRESH = 30.0  # seconds: a thorough look at a case takes one, and beside a hundred other cases four
CASES = 200  # remembered

Check = Callable[[str], Checked | None]
"""Looks thoroughly at the folder of the case with that slug; it takes a second. None: there is none."""


class Wording(Protocol):
    """What is said of the texts of a case."""

    SENTENCES: Mapping[str, Text]

    def heading(self, part: Part) -> Text:
        """What a text is."""

    def update_heading(self, update: Update) -> Text:
        """Which update it is."""

    def update_note(self, update: Update) -> Text | None:
        """What is special about it."""

    def day_heading(self, day: ActionDay) -> Text:
        """Which action day it is."""

    def letter_heading(self, targets: Sequence[Target]) -> Text:
        """Whom it is for."""

    def letter_note(self, others: int) -> Text | None:
        """That others get it, too."""


class CaseTexts:
    """`/dashboard/cases/CASE/texts`, and the letters of it as they are printed."""

    def __init__(
        self,
        *,
        frame: Frame,
        cases: Mapping[str, Case],
        check: Check,
        attachments: Attachments,
        wording: Wording,
    ) -> None:
        self._frame = frame
        self._cases = cases
        self._check = check
        self._attachments = attachments
        self._wording = wording
        self._lately = Lately[Checked | None](FRESH, CASES)
        self._checking = asyncio.Lock()  # one at a time: threads and time are for what is sent

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        letter = "{action:[a-z0-9-]{1,64}}/{target:[a-z0-9-]{1,64}}.pdf"
        return [
            self._frame.page(f"{CASE}/texts", self._show),
            self._frame.page(f"{CASE}/letters/{letter}", self._printed),
        ]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        case = case_in(request, self._cases)
        async with self._checking:
            checked = self._lately.get(case.slug)
            if checked is None:
                checked = self._lately.put(case.slug, await asyncio.to_thread(self._check, case.slug))
        findings = checked.findings if checked else ()
        return self._frame.show(
            request,
            me,
            "case_texts.html",
            self._wording.SENTENCES,
            path=f"{PATH}/cases/{case.slug}",
            title=case.title,
            view=case_view(case),
            heading=self._heading,
            note=self._note,
            language_name=language_name,
            is_checked=checked is not None,
            serious=[each for each in findings if each.serious],
            notes=[each for each in findings if not each.serious],
        )

    def _heading(self, row: Row) -> Text:
        match row:
            case LetterRow():
                return self._wording.letter_heading(row.sample.targets)
            case UpdateRow():
                return self._wording.update_heading(row.update)
            case DayRow():
                return self._wording.day_heading(row.day)
        return self._wording.heading(row.part)

    def _note(self, row: Row) -> Text | None:
        match row:
            case LetterRow():
                return self._wording.letter_note(len(row.sample.targets) - 1)
            case UpdateRow():
                return self._wording.update_note(row.update)
        return None

    async def _printed(self, request: web.Request, me: SignedIn) -> web.StreamResponse:  # noqa: ARG002
        action = case_in(request, self._cases).actions.get(request.match_info["action"])
        targets = action.targets if action else ()
        target = next((each for each in targets if each.slug == request.match_info["target"]), None)
        if action is None or target is None:
            raise Refused("There is no such letter.")
        draft = sample_draft(action, target)
        paper = Paper(draft.case, draft.language, draft.text, draft.target)
        return await self._attachments.made(paper)
