"""Writing an update, an alert or a correction: all of it on one page, with what its readers get beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from markupsafe import Markup

from assistant.domain.broadcasts import CallToAction, Count, Kind, Problem
from assistant.domain.cases import Case, Update
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.figures import Figure, roughly
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.organisers import Permission
from assistant.domain.ports import Gazetteer
from assistant.domain.team import Team, TeamPart
from assistant.domain.texts import Locale, Text
from assistant.services.broadcasts.refusals import UnfitAnnouncement
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.announcements import (
    HOURS,
    Fault,
    Fields,
    Known,
    Misread,
    Readers,
    When,
    fields_of,
    number_in,
    read,
    suggested,
)
from assistant.web.dashboard.frame import Form, Frame, see

Options = Sequence[tuple[str, Text]]
"""Values to choose from, each with what is said of it."""


class Wording(Protocol):
    """What is said while somebody writes."""

    SENTENCES: Mapping[str, Text]

    def kind(self, kind: Kind) -> Text:
        """What is written."""

    def problem(self, problem: Problem) -> Text:
        """What it has to keep to."""

    def unknown_country(self, name: str) -> Text:
        """There is no country that is called so."""

    def unclear_time(self) -> Text:
        """There is no time, or none that we understand."""

    def reach_of(self, whole: Figure) -> Text:
        """How many people it would reach."""

    def call_for(self, day: ExpectedActionDay) -> Text:
        """What an alert says of an action day."""

    def case_title(self, case: Case) -> Text:
        """The case."""

    def update_title(self, update: Update) -> Text | str:
        """News of a case folder."""

    def sent_title(self, team: Team, number: int) -> Text:
        """What can be corrected."""

    def language_name(self, language: str) -> Text:
        """The language."""

    def text_in(self, language: str) -> Text:
        """The label of a text."""

    def instead_of(self, language: str) -> Text:
        """What readers of a language get where there is no text in it."""

    def readers_option(self, readers: Readers) -> Text | str:
        """Who gets it."""

    def when_option(self, when: When) -> Text | str:
        """When it is sent."""

    def hours_option(self, hours: int) -> Text:
        """For how long it is worth reading."""

    def button_option(self, button: CallToAction) -> Text | str:
        """Where its button leads."""

    def zone(self, name: str) -> Text:
        """In which time zone a time is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What became of the form: how it looks, whom it reaches, what is wrong with it."""

    views: Sequence[tuple[str, Text, Markup]] = ()
    reach: Text | None = None
    wrong: Sequence[Text] = ()


class Compose:
    """`/dashboard/write`."""

    def __init__(
        self,
        *,
        frame: Frame,
        dashboard: Dashboard,
        cases: Mapping[str, Case],
        locales: Mapping[str, Locale],
        gazetteer: Gazetteer,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._locales = locales
        self._gazetteer = gazetteer
        self._wording = wording
        self._clock = clock

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page("/write", self._show), self._frame.form("/write", self._take)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        """An empty form with what is usual, or what was written before."""
        team = await self._team(me)
        asked = request.query
        if "edit" in asked:
            found = team.broadcasts.get(number_in(asked["edit"]) or 0)
            if found is None or found.started_at is not None:
                raise Refused("There is nothing to edit.")
            fields = fields_of(found)
        else:
            kind = next((each for each in Kind if each.value == asked.get("kind")), Kind.UPDATE)
            case = self._case(asked.get("case"), kind)
            unsent = [each.slug for each in self._unsent(case, team)]
            fields = suggested(kind, case, self._known(), self._call_for, unsent)
            if kind is Kind.CORRECTION:
                fields = {**fields, "received": asked.get("received", next(map(str, team.sent), ""))}
        return await self._page(request, me, team, fields, await self._seen(fields, me, look=False))

    async def _take(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        """Show how it looks; or keep it, where that was pressed and nothing is wrong with it."""
        team = await self._team(me)
        seen = await self._seen(form, me, look=True)
        if form.get("do") != "save" or seen.wrong:
            status = 422 if seen.wrong and form.get("do") == "save" else 200
            return await self._page(request, me, team, form, seen, status)
        written, _misread = read(form, self._known(), self._frame.locale(request, me).language)
        replaces = number_in(form.get("replaces"))
        if replaces is None and form.get("replaces"):
            raise Refused("There is nothing to edit.")
        try:
            number = await self._dashboard.save(me, written, replaces, form.get("digest"))
        except UnfitAnnouncement as unfit:
            wrong = [self._wording.problem(each) for each in unfit.problems]
            return await self._page(request, me, team, form, _Seen(views=seen.views, wrong=wrong), 422)
        return see(f"/broadcasts/{number}", "saved")

    async def _seen(self, fields: Fields, me: SignedIn, *, look: bool) -> _Seen:
        """`look`: whether to say what is wrong; nobody has written anything yet otherwise."""
        written, misread = read(fields, self._known(), me.chat.language or "")
        problems = await self._dashboard.problems(written)
        wrong = [*map(self._misread, misread), *map(self._wording.problem, problems)]
        versions = self._dashboard.versions(written) if written.texts else {}
        counts = await self._dashboard.count(written.audience) if not misread else None
        return _Seen(
            views=[(each, self._wording.language_name(each), found.html) for each, found in versions.items()],
            reach=None if counts is None else self._wording.reach_of(_whole(counts)),
            wrong=wrong if look else (),
        )

    def _misread(self, misread: Misread) -> Text:
        if misread.fault is Fault.COUNTRY:
            return self._wording.unknown_country(misread.value)
        return self._wording.unclear_time()

    async def _team(self, me: SignedIn) -> Team:
        """Raises Refused where they may not write."""
        if not me.member.role.may(Permission.DRAFT):
            raise Refused("This takes another role.")
        return await self._dashboard.team(me, TeamPart.BROADCASTS, TeamPart.SENT, TeamPart.PUBLISHED)

    async def _page(
        self,
        request: web.Request,
        me: SignedIn,
        team: Team,
        fields: Fields,
        seen: _Seen,
        status: int = 200,
    ) -> web.StreamResponse:
        kind = next((each for each in Kind if each.value == fields.get("kind")), Kind.UPDATE)
        case = self._cases.get(fields.get("case", ""))
        say = self._wording
        own = team.broadcasts.get(number_in(fields.get("replaces")) or 0)
        news = self._unsent(case, team, own.announcement.update if own else None)
        return self._frame.show(
            request,
            me,
            "compose.html",
            say.SENTENCES,
            status=status,
            fields=fields,
            seen=seen,
            kind=kind.value,
            title=say.kind(kind),
            cases=[(slug, say.case_title(each)) for slug, each in self._cases.items()],
            news=[(each.slug, say.update_title(each)) for each in news] if kind is Kind.UPDATE else (),
            sent=[(str(each), say.sent_title(team, each)) for each in team.sent],
            actions=[(slug, each.title) for slug, each in case.actions.items()] if case else (),
            texts=[
                (code, say.text_in(code), say.instead_of(code), self._others(code)) for code in self._locales
            ],
            all_languages=[(code, say.language_name(code)) for code in self._locales],
            readers=[
                (each.value, say.readers_option(each)) for each in Readers if case or each is Readers.EVERYONE
            ],
            whens=[(each.value, say.when_option(each)) for each in When],
            hours=[(str(each), say.hours_option(each)) for each in HOURS],
            buttons=[(each.value, say.button_option(each)) for each in self._buttons(kind, case)],
            zone=say.zone(case.main.timezone if case else "UTC"),
        )

    def _others(self, language: str) -> Options:
        return [(each, self._wording.language_name(each)) for each in self._locales if each != language]

    @staticmethod
    def _buttons(kind: Kind, case: Case | None) -> Sequence[CallToAction]:
        """Those among which one can choose; which of them fits is the domain's."""
        if case is None:
            return [CallToAction.NONE]
        return [each for each in CallToAction if kind is not Kind.UPDATE or each is not CallToAction.NONE]

    def _case(self, slug: str | None, kind: Kind) -> Case | None:
        """The case that is asked for; where none is, the first one, but for corrections."""
        if slug is not None:
            return self._cases.get(slug)
        return None if kind is Kind.CORRECTION else next(iter(self._cases.values()), None)

    @staticmethod
    def _unsent(case: Case | None, team: Team, own: str | None = None) -> Sequence[Update]:
        """News of the case folder that nobody has got; `own`: of the broadcast that is changed."""
        if case is None:
            return ()
        published = team.published.get(case.slug, frozenset()) - {own}
        return [each for each in case.updates.values() if each.slug not in published]

    def _known(self) -> Known:
        return Known(cases=self._cases, locales=self._locales, gazetteer=self._gazetteer, now=self._clock())

    def _call_for(self, day: ExpectedActionDay, locale: Locale) -> str:
        return self._wording.call_for(day).render(locale).striptags()


def _whole(counts: Sequence[Count]) -> Figure:
    """In tens: of two audiences that differ by one person, the same is said."""
    return roughly(sum(each.people for each in counts))
