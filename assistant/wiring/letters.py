"""Settings become what carries letters, has them read, and takes in answers to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from assistant.carriers.base import Carrier
from assistant.content.countries import time_zones
from assistant.content.printer import Printer
from assistant.content.word_lists import make_reviewer
from assistant.domain.clock import Clock
from assistant.domain.errors import Misconfigured
from assistant.runtime import clock_of
from assistant.services.letters.answers import AnswerService
from assistant.services.letters.decisions import LetterDecisions
from assistant.services.letters.mail import MailReader
from assistant.services.letters.notices import WriterNotices
from assistant.services.letters.overview import LetterOverview
from assistant.services.letters.review import LetterReview, ReviewRules
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.metrics import Metrics
from assistant.services.notifier import Notifier
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.wiring.carriers import configured_carriers, open_carriers
from assistant.wiring.content import Content, make_content
from assistant.wiring.stores import open_store
from conversations.organisers import notifications as organiser_notifications
from conversations.supporters.sentences import receipts

if TYPE_CHECKING:
    from assistant.services.letters.print_runs import PrintRuns


def make_letter_transitions(content: Content, metrics: Metrics | None = None) -> LetterTransitions:
    """What writes down what becomes of letters."""
    return LetterTransitions(
        content.cases,
        content.locales,
        receipts.receipt,
        receipts.kept_waiting,
        receipts.office_gone,
        receipts.not_sent_in_time,
        receipts.confirm_new_text,
        time_zones,
        metrics,
    )


def make_answer_service(content: Content, clock: Clock, notifier: Notifier) -> AnswerService:
    """What takes in what offices answer, and passes it on."""
    notices = WriterNotices(content.locales, time_zones)
    return AnswerService(content.cases, notices, receipts.office_answered, notifier, clock)


def review_rules(settings: Settings) -> ReviewRules:
    """What the settings say of the review of letters."""
    return ReviewRules(newcomer_letters=settings.newcomer_letters, every_line=settings.read_every_line)


def make_letter_review(
    content: Content, clock: Clock, notifier: Notifier, rules: ReviewRules
) -> LetterReview:
    """What has letters read before they are sent."""
    transitions = make_letter_transitions(content)
    return LetterReview(content.cases, make_reviewer(), transitions, receipts, notifier, clock, rules)


def make_mail_reader(
    store: Store,
    content: Content,
    transitions: LetterTransitions,
    carriers: Mapping[str, Carrier],
    clock: Clock,
) -> MailReader:
    """What reads mail that comes to our addresses."""
    notifier = Notifier(organiser_notifications, content.locales)
    decisions = LetterDecisions(store, transitions, carriers, clock)
    return MailReader(store, decisions, make_answer_service(content, clock, notifier))


@asynccontextmanager
async def open_letter_overview(settings: Settings) -> AsyncIterator[LetterOverview]:
    """What reads letters. Carriers that are set wrongly keep nobody from it."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))

        def carriers() -> Mapping[str, Carrier]:
            try:
                made = configured_carriers(settings, store.secret("mail"))
            except Misconfigured:
                return {}
            for each in made.values():
                stack.push_async_callback(each.close)
            return made

        yield LetterOverview(store, carriers)


@asynccontextmanager
async def open_letter_decisions(settings: Settings) -> AsyncIterator[LetterDecisions]:
    """What carries out organisers' decisions, and reports of carriers; it needs no channel."""
    transitions = make_letter_transitions(make_content(settings))
    async with open_store(settings) as store, open_carriers(settings, store) as carriers:
        yield LetterDecisions(store, transitions, carriers, clock_of(settings, create=False))


@asynccontextmanager
async def open_mail_reader(settings: Settings) -> AsyncIterator[MailReader]:
    """What reads mail; it needs no channel."""
    content = make_content(settings)
    async with open_store(settings) as store, open_carriers(settings, store) as carriers:
        clock = clock_of(settings, create=False)
        yield make_mail_reader(store, content, make_letter_transitions(content), carriers, clock)


@asynccontextmanager
async def open_answers(settings: Settings) -> AsyncIterator[tuple[Store, AnswerService]]:
    """What offices have answered, and what passes it on."""
    content = make_content(settings)
    notifier = Notifier(organiser_notifications, content.locales)
    async with open_store(settings) as store:
        yield store, make_answer_service(content, clock_of(settings, create=False), notifier)


@asynccontextmanager
async def open_letter_review(settings: Settings) -> AsyncIterator[tuple[Store, LetterReview]]:
    """What decides about letters that wait to be read; it needs no channel."""
    content = make_content(settings)
    notifier = Notifier(organiser_notifications, content.locales)
    async with open_store(settings) as store:
        yield (
            store,
            make_letter_review(content, clock_of(settings, create=False), notifier, review_rules(settings)),
        )


@asynccontextmanager
async def open_print_runs(settings: Settings, content: Content) -> AsyncIterator["PrintRuns"]:
    """What prints letters for the post."""
    from assistant.services.letters.print_runs import PrintRuns  # typst takes its time

    printer = Printer(content.cases)
    async with open_store(settings) as store:
        try:
            yield PrintRuns(
                store, printer, make_letter_transitions(content), clock_of(settings, create=False)
            )
        finally:
            printer.close()
