"""Settings become web pages, where the web is one of the channels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.channels.base import Channel, Receive
from assistant.channels.web import Web
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.services.counter import PublishedCounters
from assistant.services.letters.overview import LetterOverview
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.transcripts import Transcripts
from assistant.store.database import Store
from conversations import dashboard_pages as wording
from conversations import pages

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from assistant.web.guard import Guard
    from assistant.web.rendering import Site
    from assistant.wiring import Assistant, OrganiserServices


def keep_transcripts(channels: Sequence[Channel], store: Store, clock: Clock) -> None:
    """What is said on web pages is kept in that store."""
    for each in channels:
        if isinstance(each, Web):
            each.keep_in(Transcripts(store, clock))


def page_routes(
    served: "Assistant", script: Script, channels: Sequence[Channel], receive: Receive
) -> "Sequence[RouteDef]":
    """What browsers ask for; nothing where there are no web pages."""
    from assistant.web.case_pages import CasePages
    from assistant.web.chat import ChatPages  # templates take their time
    from assistant.web.guard import Guard
    from assistant.web.rendering import Site

    web = next((each for each in channels if isinstance(each, Web)), None)
    if web is None:
        return ()
    guard = Guard()
    site = Site(script.locales, script.default_locale)
    chat = ChatPages(
        channel=web,
        transcripts=Transcripts(served.store, served.clock),
        turns=served.turns,
        receive=receive,
        printer=served.printer,
        site=site,
        guard=guard,
        wording=pages,
        secret=served.store.secret("web"),
        clock=served.clock,
    )
    case_pages = CasePages(
        cases=script.cases,
        channel=web,
        others=[each for each in channels if each is not web],
        counters=PublishedCounters(served.store),
        cards=served.cards,
        site=site,
        guard=guard,
        wording=pages,
        clock=served.clock,
    )
    dashboard = dashboard_routes(
        served.organisers,
        script,
        site,
        guard,
        served.clock,
        letter_overview=LetterOverview(served.store, lambda: served.carriers),
        is_secure=web.url.startswith("https://"),
    )
    return [*site.routes(), *chat.routes(), *case_pages.routes(), *dashboard]


def dashboard_routes(
    organisers: "OrganiserServices",
    script: Script,
    site: "Site",
    guard: "Guard",
    clock: Clock,
    *,
    letter_overview: LetterOverview,
    is_secure: bool,
) -> "Sequence[RouteDef]":
    """What organisers' browsers ask for. `is_secure`: by HTTPS."""
    from assistant.web.dashboard.answers import Answers
    from assistant.web.dashboard.audit import Audit
    from assistant.web.dashboard.broadcasts import Broadcasts
    from assistant.web.dashboard.case_figures import CaseFigures
    from assistant.web.dashboard.compose import Compose
    from assistant.web.dashboard.frame import Frame
    from assistant.web.dashboard.home import Home
    from assistant.web.dashboard.letters import Letters
    from assistant.web.dashboard.review import Review
    from assistant.web.dashboard.signing_in import SigningIn
    from assistant.web.dashboard.team import Team

    sessions = organisers.sessions
    dashboard = Dashboard(organisers.store, organisers.effects, organisers.broadcast_service, clock)
    frame = Frame(sessions=sessions, site=site, guard=guard, wording=wording, is_secure=is_secure)
    signing_in = SigningIn(frame=frame, sessions=sessions, site=site, guard=guard, wording=wording)
    home = Home(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording)
    broadcasts = Broadcasts(
        frame=frame,
        dashboard=dashboard,
        cases=script.cases,
        rates=organisers.rates,
        wording=wording,
        clock=clock,
    )
    compose = Compose(
        frame=frame,
        dashboard=dashboard,
        cases=script.cases,
        locales=script.locales,
        gazetteer=script.gazetteer,
        wording=wording,
        clock=clock,
    )
    review = Review(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording)
    answers = Answers(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording)
    letters = Letters(
        frame=frame, dashboard=dashboard, overview=letter_overview, cases=script.cases, wording=wording
    )
    team = Team(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording, clock=clock)
    case_figures = CaseFigures(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording)
    audit = Audit(frame=frame, dashboard=dashboard, wording=wording)
    pages = (signing_in, home, broadcasts, compose, case_figures, review, answers, letters, team, audit)
    return [route for each in pages for route in each.routes()]
