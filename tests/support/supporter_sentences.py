"""Everything that people read, said once of an invented case."""

from datetime import UTC, date, datetime

from assistant.dialogue.answers import Fault
from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.letters import ExpectedActionDay, ExpectedDeparture, LetterOutcome, WrittenLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import ChatLink
from assistant.domain.organisation import Organisation
from assistant.domain.texts import Text
from assistant.domain.validation import Refusal
from conversations import commands
from conversations.supporters import sentences as after
from tests.support.invented_cases import invented_cases

DAY = date(2012, 1, 23)
MOMENT = datetime(2012, 1, 23, 15, 12, tzinfo=UTC)
_FAULT = Fault(part="<", length=301, limit=300)
RECEIPTS = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED)


def all_supporter_sentences(script: Script) -> dict[str, Text]:
    case = invented_cases(script)["norma-cruz"]
    cases = list(invented_cases(script).values())
    return {
        "ask_language": after.ask_language(),
        "language_set": after.language_set("es"),
        "ask_ready": after.ask_ready(),
        "ask_which_case": after.ask_which_case(),
        "see_you_later": after.see_you_later(),
        "already_written": after.already_written(case, WrittenLetter()),
        "already_written, in the queue": after.already_written(case, WrittenLetter((), has_left=False)),
        "ask_name": after.ask_name(case),
        "printed": after.printed(),
        "ask_country": after.ask_country(),
        "your_country": after.your_country("CF"),
        "ask_personal_line": after.ask_personal_line("CF", case),
        "ask_personal_line, living there": after.ask_personal_line(case.target.country, case),
        "ask_field": after.ask_field(),
        "queued": after.queued(case, None),
        "queued for today": after.queued(case, ExpectedDeparture(DAY, today=True)),
        "queued for another day": after.queued(case, ExpectedDeparture(DAY, today=False)),
        "nothing_written": after.nothing_written(),
        "has_left": after.has_left(case),
        "ask_which_letter": after.ask_which_letter(),
        "left_as_it_was": after.left_as_it_was(case),
        "ask_withdraw": after.ask_withdraw(case, None),
        "ask_withdraw, today": after.ask_withdraw(case, ExpectedDeparture(DAY, today=True)),
        "ask_withdraw, another day": after.ask_withdraw(case, ExpectedDeparture(DAY, today=False)),
        "where it is: it waits": after.where_it_is(case, WrittenLetter((), has_left=False), None),
        **{
            f"where it is: {status}": after.where_it_is(case, WrittenLetter(None, status), None)
            for status in LetterStatus
        },
        "withdrawn": after.withdrawn(),
        **{
            f"receipt {way} {status}": after.receipt(
                case, LetterOutcome(carrier=way, status=status, at=MOMENT, arrived=4312, detour=True)
            )
            for way in ("fax", "email", "post", "tray", "pigeon")
            for status in RECEIPTS
        },
        "not_sent": after.not_sent(),
        "share": after.share(case, ChatLink("https://t.me/example_bot", starts=True)),
        "share without a link": after.share(case, None),
        "ask_again": after.ask_again("Ana Example", "GT"),
        "greeting": after.greeting(),
        "queued for an action day": after.queued(
            case,
            ExpectedDeparture(DAY, today=False, action_day=ExpectedActionDay(case.title, MOMENT)),
        ),
        "kept_waiting": after.kept_waiting(case),
        "follow": after.follow(case.follow["en"]),
        "ask_subscribe": after.ask_subscribe(case),
        "subscribed": after.subscribed(case),
        "already_subscribed": after.already_subscribed(case),
        "not_subscribed": after.not_subscribed(),
        "ask_stop": after.ask_stop(),
        "ask_only": after.ask_only(),
        "unsubscribed": after.unsubscribed(),
        "no subscriptions": after.subscriptions([]),
        "subscriptions": after.subscriptions(cases),
        "about": after.about(Organisation("Letters for Example", "https://example.org", "a@example.org"), []),
        "about without a name": after.about(None, ["https://example.org"]),
        "cancelled": after.cancelled(has_written=False),
        "cancelled after a letter": after.cancelled(has_written=True),
        "your_data": after.your_data(
            Person(
                language="en",
                subscriptions=frozenset({case.slug}),
                letters={case.slug: WrittenLetter((("name", "Ana Example"), ("country", "GT")))},
            ),
            [case],
        ),
        "your_data, little": after.your_data(Person(letters={case.slug: WrittenLetter()}), [case]),
        "ask_forget": after.ask_forget(),
        "forgotten": after.forgotten(),
        "kept": after.kept(),
        "ask_come_back": after.ask_come_back(case, case),
        "ask_come_back without a case": after.ask_come_back(None, None),
        "ask_come_back for another case": after.ask_come_back(*cases[:2]),
        "did_you_mean": commands.did_you_mean(("CD", "CG")),
        "did_you_mean, one country": commands.did_you_mean(("CF",)),
        "several_fit": commands.several_fit(),
        "can_be_searched": commands.can_be_searched(),
        "stale": commands.stale(),
        "corrected": commands.corrected(),
        "at_the_start": commands.at_the_start(),
        "unreadable": commands.unreadable("photo"),
        "unreadable contact": commands.unreadable("contact"),
        "private_only": commands.private_only(),
        "unknown_command": commands.unknown_command(),
        "unknown_case": commands.unknown_case(),
        "failed": commands.failed(),
        **{
            f"privacy {number}": each
            for number, each in enumerate(after.privacy(["email", "fax", "post", "tray", "pigeon"]), 1)
        },
        **{f"refused: {reason}": commands.refused(reason, _FAULT) for reason in Refusal},
        "refused, and nothing to point at": commands.refused(Refusal.UNPRINTABLE, Fault()),
    }
