"""Letters that may have arrived or are held, and texts that have changed: a person has to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from assistant.content.languages import direction
from assistant.domain.cases import Case, action_of, target_of
from assistant.domain.effects import DecideLetter, DecideText
from assistant.domain.letter_decisions import CANNOT_BE_UNDONE, TEAM_DECIDES, Decision, open_to_team
from assistant.domain.letters import ActionRef, Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Permission
from assistant.domain.targets import Target
from assistant.domain.team import TeamPart
from assistant.domain.texts import Text
from assistant.services.letters.overview import LetterOverview
from assistant.services.letters.versions import TextChange
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import NUMBER, PATH, Form, Frame, number_in, see

SHOWN = 100  # letters on a page
_NAMES = {each.value.replace(" ", "-"): each for each in TEAM_DECIDES}  # in addresses
_MATTERS = {"matters": True, "spelling": False}


class Wording(Protocol):
    """What is said about letters that wait for a decision."""

    SENTENCES: Mapping[str, Text]

    def letter_line(self, letter: Letter, cases: Mapping[str, Case]) -> Text:
        """Which one it is, and how it goes to its office."""

    def why_held(self, letter: Letter, cases: Mapping[str, Case]) -> Text:
        """What it waits for."""

    def changed_for(self, targets: Sequence[Target]) -> Text:
        """To whom it reads otherwise in the same way."""

    def ask_matters(self, action: ActionRef, cases: Mapping[str, Case]) -> Text:
        """Does its new text matter?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A letter, and what can be done with it.

    `entry`: the newest of its log. `path`: where the page is that its office gets, of an invented person.
    `evidence`: where to look, in English. `restored`: it may have been sent before the database was put back.
    `asked`: decisions that are asked about once more.
    """

    number: int
    entry: int
    path: str | None
    line: Text
    why: Text | None
    evidence: str | None
    restored: bool
    decisions: Sequence[str]
    asked: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangedText:
    """A letter that reads otherwise than before.

    `version`: of the text that is shown. `changes`: to whom, and what is new.
    """

    case: str
    path: str
    ask: Text
    version: str
    changes: Sequence[tuple[Text, TextChange]]


class Letters:
    """`/dashboard/letters`, which `/dashboard/texts` leads to, too."""

    def __init__(
        self,
        *,
        frame: Frame,
        dashboard: Dashboard,
        overview: LetterOverview,
        cases: Mapping[str, Case],
        wording: Wording,
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._overview = overview
        self._cases = cases
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        action = "{case:[a-z0-9-]+}/{action:[a-z0-9-]+}"
        return [
            self._frame.page("/letters", self._show),
            self._frame.page("/texts", self._show),
            self._frame.form(f"/letters/{NUMBER}/{{decision:{'|'.join(_NAMES)}}}", self._decide),
            self._frame.form(f"/texts/{action}/{{answer:{'|'.join(_MATTERS)}}}", self._decide_text),
        ]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        team = await self._dashboard.team(me, TeamPart.UNDECIDED)
        may = team.may(Permission.APPROVE)
        found = await self._overview.to_decide(SHOWN + 1) if may else {}
        shown = list(found.values())[:SHOWN] if may else []
        return self._frame.show(
            request,
            me,
            "letters.html",
            self._wording.SENTENCES,
            may=may,
            uncertain=[self._row(*each) for each in shown if each[0].status is LetterStatus.UNCERTAIN],
            held=[self._row(*each) for each in shown if each[0].status is LetterStatus.HELD],
            more=len(found) > SHOWN,
            texts=[await self._text(each) for each in (team.undecided if may else ())],
            direction=direction,
        )

    async def _text(self, ref: ActionRef) -> _ChangedText:
        action = action_of(self._cases, ref)
        changed = await self._dashboard.text_changes(action) if action else ()
        return _ChangedText(
            case=ref.case,
            path=f"{ref.case}/{ref.action}",
            ask=self._wording.ask_matters(ref, self._cases),
            version=action.text_version if action else "",
            changes=[(self._wording.changed_for(each.targets), each) for each in changed],
        )

    def _row(self, letter: Letter, entry: int) -> _Row:
        is_held = letter.status is LetterStatus.HELD
        fitting = set(open_to_team(letter))
        if target_of(self._cases, letter.ref) is None:
            fitting.discard(Decision.RELEASE)  # there is nowhere to send it
        return _Row(
            number=letter.id,
            entry=entry,
            path=self._printed(letter),
            line=self._wording.letter_line(letter, self._cases),
            why=self._wording.why_held(letter, self._cases) if is_held else None,
            evidence=self._overview.evidence(letter),
            restored=letter.restored_at is not None,
            decisions=[name for name, each in _NAMES.items() if each in fitting - CANNOT_BE_UNDONE],
            asked=[name for name, each in _NAMES.items() if each in fitting & CANNOT_BE_UNDONE],
        )

    def _printed(self, letter: Letter) -> str | None:
        if target_of(self._cases, letter.ref) is None:
            return None
        return f"{PATH}/cases/{letter.case}/letters/{letter.ref.action}/{letter.ref.target}.pdf"

    async def _decide(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        name = request.match_info["decision"]
        decision: Decision = _NAMES[name]
        await self._dashboard.carry_out(me, DecideLetter(number_in(request), decision, _entry_in(form)))
        return see("/letters", name)

    async def _decide_text(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        given = request.match_info
        effect = DecideText(
            ActionRef(given["case"], given["action"]), _MATTERS[given["answer"]], form.get("text", "")
        )
        await self._dashboard.carry_out(me, effect)
        return see("/letters", given["answer"])


def _entry_in(form: Form) -> int:
    """Up to which entry of its log the letter was looked at; 0: the form does not say."""
    given = form.get("seen", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
