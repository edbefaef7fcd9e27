"""Settings become web pages, where the web is one of the channels."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from assistant.channels.base import Channel, Receive
from assistant.channels.web import Web
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.runtime import beside
from assistant.services.counter import PublishedCounters
from assistant.services.letters.overview import LetterOverview
from assistant.services.transcripts import Transcripts
from assistant.store.database import Store
from assistant.wiring.dashboard import dashboard_routes
from conversations import pages

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from assistant.wiring.process import Assistant


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
    from assistant.wiring.content import checked_case

    web = next((each for each in channels if isinstance(each, Web)), None)
    if web is None:
        return ()
    guard = Guard()
    site = Site(script.locales, script.default_locale)
    beside(site.compile_templates, "templates")
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
        carrier_health=served.carrier_health,
        channels=channels,
        newcomer=partial(served.turns.newcomer, web.account),
        printer=served.printer,
        check=partial(checked_case, served.settings),
        url=web.url,
    )
    return [*site.routes(), *chat.routes(), *case_pages.routes(), *dashboard]
