"""Services become pages for organisers."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.channels.base import Channel
from assistant.content.cases import Checked
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.letters.overview import LetterOverview
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.walkthrough import Newcomer, WalkThrough
from conversations import dashboard_pages as wording

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from assistant.web.guard import Guard
    from assistant.web.rendering import Site
    from assistant.wiring.organisers import OrganiserServices


def dashboard_routes(
    organisers: "OrganiserServices",
    script: Script,
    site: "Site",
    guard: "Guard",
    clock: Clock,
    *,
    letter_overview: LetterOverview,
    carrier_health: CarrierHealth,
    channels: Sequence[Channel],
    newcomer: Newcomer,
    printer: Printer,
    check: Callable[[str], Checked | None],
    url: str,
) -> "Sequence[RouteDef]":
    """What organisers' browsers ask for.

    `newcomer`: who walks through a case. `check`: looks at the folder of a case, as
    `web.dashboard.case_texts` has it. `url`: the address of our pages.
    """
    from assistant.web.attachments import Attachments
    from assistant.web.dashboard.answers import Answers
    from assistant.web.dashboard.audit import Audit
    from assistant.web.dashboard.broadcasts import Broadcasts
    from assistant.web.dashboard.case_figures import CaseFigures
    from assistant.web.dashboard.case_texts import CaseTexts
    from assistant.web.dashboard.compose import Compose
    from assistant.web.dashboard.frame import Frame
    from assistant.web.dashboard.home import Home
    from assistant.web.dashboard.letters import Letters
    from assistant.web.dashboard.plan import Plan
    from assistant.web.dashboard.review import Review
    from assistant.web.dashboard.signing_in import SigningIn
    from assistant.web.dashboard.team import Team
    from assistant.web.dashboard.walk import Walk
    from assistant.web.dashboard.webhooks import Webhooks

    sessions = organisers.sessions
    dashboard = Dashboard(
        organisers.store, organisers.effects, organisers.broadcast_service, carrier_health, channels, clock
    )
    attachments, is_secure = Attachments(printer, clock), url.startswith("https://")
    frame = Frame(sessions=sessions, site=site, guard=guard, wording=wording.frame, is_secure=is_secure)
    signing_in = SigningIn(frame=frame, sessions=sessions, site=site, guard=guard, wording=wording.signing_in)
    home = Home(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.home)
    broadcasts = Broadcasts(
        frame=frame,
        dashboard=dashboard,
        cases=script.cases,
        rates=organisers.rates,
        wording=wording.broadcasts,
        clock=clock,
    )
    compose = Compose(
        frame=frame,
        dashboard=dashboard,
        cases=script.cases,
        locales=script.locales,
        gazetteer=script.gazetteer,
        wording=wording.compose,
        clock=clock,
    )
    review = Review(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.review)
    answers = Answers(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.answers)
    letters = Letters(
        frame=frame,
        dashboard=dashboard,
        overview=letter_overview,
        cases=script.cases,
        wording=wording.letters,
    )
    team = Team(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.team, clock=clock)
    case_figures = CaseFigures(
        frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.case_figures
    )
    case_texts = CaseTexts(
        frame=frame, cases=script.cases, check=check, attachments=attachments, wording=wording.case_texts
    )
    walk = Walk(
        frame=frame,
        walk_through=WalkThrough(script, newcomer),
        attachments=attachments,
        script=script,
        site=url,
        wording=wording.walk,
    )
    plan = Plan(frame=frame, dashboard=dashboard, cases=script.cases, wording=wording.plan, clock=clock)
    audit = Audit(frame=frame, dashboard=dashboard, wording=wording.audit)
    webhooks = Webhooks(
        frame=frame, dashboard=dashboard, service=organisers.webhook_service, wording=wording.webhooks
    )
    for_all = (signing_in, home, broadcasts, compose, case_figures, case_texts, walk, plan)
    for_some = (review, answers, letters, team, webhooks, audit)
    return [route for each in (*for_all, *for_some) for route in each.routes()]
