"""Settings become what organisers do and see."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assistant.channels.base import Channel
from assistant.content.countries import every_country, time_zones, time_zones_of_language
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.domain.messages import Account
from assistant.domain.organisers import Organiser, Permission
from assistant.domain.quiet_hours import OfficeZones, QuietHours
from assistant.runtime import clock_of
from assistant.services.broadcasts.approval import BroadcastService
from assistant.services.broadcasts.failure_guard import FailureGuard
from assistant.services.broadcasts.overview import BroadcastOverview
from assistant.services.broadcasts.progress import ProgressMessages
from assistant.services.broadcasts.rendering import Renderer
from assistant.services.broadcasts.worker import BroadcastWorker
from assistant.services.letters.answers import AnswerService
from assistant.services.letters.decisions import TeamDecisions
from assistant.services.letters.review import LetterReview, ReviewRules
from assistant.services.notifier import Notifier
from assistant.services.organisers.effects import OrganiserEffects
from assistant.services.organisers.record import RecordWatch
from assistant.services.organisers.sessions import Sessions
from assistant.services.organisers.team import OrganiserService
from assistant.services.webhooks.overview import WebhookService
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import Content, make_content
from assistant.wiring.letters import make_answer_service, make_letter_review, make_letter_transitions
from assistant.wiring.stores import open_store
from assistant.wiring.webhooks import configured_endpoints
from conversations import broadcast_message
from conversations.organisers import notifications as organiser_notifications
from conversations.organisers.sentences import team as team_sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserServices:
    """Everything that organisers do and see, and what sends what they have written.

    `rates`: how many messages a second each account sends to many; 0: as fast as it goes.
    """

    store: Store
    overview: BroadcastOverview
    broadcast_service: BroadcastService
    organiser_service: OrganiserService
    answer_service: AnswerService
    letter_review: LetterReview
    record_watch: RecordWatch
    effects: OrganiserEffects
    broadcast_worker: BroadcastWorker
    progress_messages: ProgressMessages
    quiet_hours: QuietHours
    failure_guard: FailureGuard
    renderer: Renderer
    notifier: Notifier
    rates: Mapping[Account, float]
    sessions: Sessions
    webhook_service: WebhookService


def make_organiser_services(
    store: Store,
    content: Content,
    channels: Mapping[Account, Channel],
    clock: Clock,
    approvals: int,
    rules: ReviewRules | None = None,
    pages: str | None = None,
    webhooks: Sequence[str] = (),
) -> OrganiserServices:
    """`channels`: by their account; they need not be open.

    `approvals`: how many persons it takes to start a broadcast.
    `rules`: of the review of letters; None: those by default. `pages`: the address of the web pages.
    `webhooks`: the names of their endpoints.
    """
    notifier = Notifier(organiser_notifications, content.locales)
    renderer = Renderer(broadcast_message, content.cases, content.locales)
    rates = {account: channel.pace.bulk for account, channel in channels.items()}
    quiet_hours = QuietHours(
        {country: time_zones(country) for country in every_country()},
        {language: time_zones_of_language(language) for language in content.locales},
        OfficeZones(content.cases),
    )
    broadcast_service = BroadcastService(renderer, notifier, content.cases, clock, approvals)
    organiser_service = OrganiserService(broadcast_service, notifier, content.cases, rates, clock)
    progress_messages = ProgressMessages(store, channels, notifier)
    answer_service = make_answer_service(content, clock, notifier)
    letter_review = make_letter_review(content, clock, notifier, rules or ReviewRules())
    sessions = Sessions(store, notifier, clock, pages)
    webhook_service = WebhookService(store, webhooks, clock)
    return OrganiserServices(
        store=store,
        overview=BroadcastOverview(store),
        broadcast_service=broadcast_service,
        organiser_service=organiser_service,
        answer_service=answer_service,
        letter_review=letter_review,
        record_watch=RecordWatch(notifier, clock),
        effects=OrganiserEffects(
            broadcast_service,
            organiser_service,
            notifier,
            team_sentences,
            quiet_hours,
            answer_service,
            letter_review,
            sessions,
            TeamDecisions(make_letter_transitions(content), clock),
            webhook_service,
        ),
        broadcast_worker=BroadcastWorker(
            store, broadcast_service, renderer, notifier, progress_messages, quiet_hours, rates, clock
        ),
        progress_messages=progress_messages,
        quiet_hours=quiet_hours,
        failure_guard=FailureGuard(store, broadcast_service),
        renderer=renderer,
        notifier=notifier,
        rates=rates,
        sessions=sessions,
        webhook_service=webhook_service,
    )


@asynccontextmanager
async def open_organiser_services(
    settings: Settings, script: Script | None = None
) -> AsyncIterator[OrganiserServices]:
    """What organisers do, over the database. No channel is opened: notifications are sent by `assistant run`.

    `script`: None where neither cases nor channels matter. Then nothing that is wrong with them is in the
    way: what is to stop has to stop.
    """
    channels = configured_channels(settings, script) if script else []
    by_account = {channel.account: channel for channel in channels}
    async with open_store(settings) as store:
        clock, content = clock_of(settings, create=False), script or make_content(settings, {})
        yield make_organiser_services(
            store, content, by_account, clock, settings.approvals, pages=settings.web_url
        )


@asynccontextmanager
async def open_webhook_service(settings: Settings) -> AsyncIterator[tuple[Store, WebhookService]]:
    """What knows how endpoints are, and tests them."""
    names = [each.name for each in configured_endpoints(settings)]
    async with open_store(settings) as store:
        yield store, WebhookService(store, names, clock_of(settings, create=False))


def who_approves(team: Sequence[Organiser], number: int) -> str:
    """What to do next, so that somebody approves what the shell has drafted."""
    able = [f"{each.name} (organiser {each.number})" for each in team if each.role.may(Permission.APPROVE)]
    if not able:
        return (
            "Nobody can yet. `assistant organisers invite --role approver` makes a code for a second person; "
            "where there is only one, set ASSISTANT_APPROVALS=1."
        )
    return f"Any of these can, with /approve {number} in their chat: {', '.join(able)}."
