"""Letters that wait until somebody has read them: many are decided about at once."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.cases import Case
from assistant.domain.effects import DecideLetters
from assistant.domain.errors import Refused
from assistant.domain.organisers import Permission
from assistant.domain.review import HeldLetter, RefusalReason, ReviewDecision
from assistant.domain.team import Team, TeamPart
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import Form, Frame, counted_in, see

_ALL = "all"  # the button for every letter that is shown
_TICK = "letter-"  # begins the name of a letter's box


class Wording(Protocol):
    """What is said about letters that wait to be read."""

    SENTENCES: Mapping[str, Text]
    REFUSAL_REASONS: Mapping[RefusalReason, Text | str]

    def held_letter(self, letter: HeldLetter, cases: Mapping[str, Case]) -> Text:
        """To whom it goes, and why it is held."""

    def letters_decided(self, decision: ReviewDecision, count: int) -> Text:
        """What has become of so many."""

    def letters_shown(self, shown: int) -> Text:
        """For all of these."""


class Review:
    """`/dashboard/review`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, cases: Mapping[str, Case], wording: Wording
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page("/review", self._show), self._frame.form("/review", self._decide)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        return self._page(request, me, await self._dashboard.team(me, TeamPart.HELD_LETTERS))

    def _page(
        self,
        request: web.Request,
        me: SignedIn,
        team: Team,
        form: Form | None = None,
        note: str | None = None,
        status: int = 200,
    ) -> web.StreamResponse:
        """`form`: what was chosen already; `note`: why nothing was done."""
        form, count = form or {}, counted_in(request)
        done = {f"done_{each}": self._wording.letters_decided(each, count) for each in ReviewDecision}
        return self._frame.show(
            request,
            me,
            "review.html",
            {**self._wording.SENTENCES, **done},
            status=status,
            note=note,
            may=team.may(Permission.APPROVE),
            letters=[
                (each, self._wording.held_letter(each, self._cases), _name(each) in form)
                for each in team.held_letters
            ],
            decisions=[each.value for each in ReviewDecision],
            decision=form.get("decision", ""),
            reasons=list(self._wording.REFUSAL_REASONS.items()),
            reason=form.get("reason", ""),
            all_shown=self._wording.letters_shown(len(team.held_letters)),
        )

    async def _decide(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        """About all that are ticked, or about none: what has moved on meanwhile is left out by a person."""
        team = await self._dashboard.team(me, TeamPart.HELD_LETTERS)
        wanted = _wanted(form)
        if team.may(Permission.APPROVE):
            held = [each for each in team.held_letters if each.number in wanted]
            if note := _missing(form, held, wanted):
                return self._page(request, me, team, form, note, 422)
            if len(held) < len(wanted):
                return self._page(request, me, team, form, "moved_on", 409)
        try:
            effect = _effect(form, wanted)
        except ValueError:
            raise Refused("The form asks for what there is not.") from None
        return see("/review", effect.decision, await self._dashboard.carry_out(me, effect))


def _name(letter: HeldLetter) -> str:
    return f"{_TICK}{letter.number}"


def _wanted(form: Form) -> Sequence[int]:
    """The numbers that are ticked, or all that were shown."""
    if form.get("which") == _ALL:
        given = form.get("shown", "").split(",")
    else:
        given = [name.removeprefix(_TICK) for name in form if name.startswith(_TICK)]
    return sorted({int(each) for each in given if each.isascii() and each.isdecimal() and len(each) < 10})


def _missing(form: Form, held: Sequence[HeldLetter], wanted: Sequence[int]) -> str | None:
    """What has not been said yet, or cannot be done with these."""
    if not wanted:
        return "none_ticked"
    if form.get("decision") not in set(ReviewDecision):
        return "decide_first"
    if form["decision"] == ReviewDecision.REFUSE and form.get("reason") not in set(RefusalReason):
        return "why_first"
    if form["decision"] == ReviewDecision.WITHOUT_LINE and not all(each.can_lose_line for each in held):
        return "cannot_lose_line"
    return None


def _effect(form: Form, wanted: Sequence[int]) -> DecideLetters:
    """Raises ValueError where the form says nothing that there is."""
    decision = ReviewDecision(form.get("decision", ""))
    reason = RefusalReason(form.get("reason", "")) if decision is ReviewDecision.REFUSE else None
    return DecideLetters(tuple(wanted), decision, reason)
