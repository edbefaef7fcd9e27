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
from conversations.supporters.sentences import account, letter, navigation, receipts, shared, subscriptions
from tests.support.invented_cases import invented_cases

DAY = date(2012, 1, 23)
MOMENT = datetime(2012, 1, 23, 15, 12, tzinfo=UTC)
_FAULT = Fault(part="<", length=301, limit=300)
RECEIPTS = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED)


def all_supporter_sentences(script: Script) -> dict[str, Text]:
    case = invented_cases(script)["norma-cruz"]
    cases = list(invented_cases(script).values())
    return {
        "ask_language": account.ask_language(),
        "language_set": account.language_set("es"),
        "ask_ready": letter.ask_ready(),
        "ask_which_case": shared.ask_which_case(),
        "see_you_later": letter.see_you_later(),
        "already_written": letter.already_written(case, WrittenLetter()),
        "already_written, in the queue": letter.already_written(case, WrittenLetter((), has_left=False)),
        "ask_name": letter.ask_name(case),
        "printed": letter.printed(),
        "ask_country": letter.ask_country(),
        "your_country": letter.your_country("CF"),
        "ask_personal_line": letter.ask_personal_line("CF", case),
        "ask_personal_line, living there": letter.ask_personal_line(case.target.country, case),
        "ask_field": letter.ask_field(),
        "queued": letter.queued(case, None),
        "queued for today": letter.queued(case, ExpectedDeparture(DAY, today=True)),
        "queued for another day": letter.queued(case, ExpectedDeparture(DAY, today=False)),
        "nothing_written": letter.nothing_written(),
        "nothing_written, under way": letter.nothing_written(under_way=True),
        "nothing_sent_yet": letter.nothing_sent_yet(),
        "goes_back": letter.goes_back(),
        "signing": letter.signing(),
        "case_paused": letter.case_paused(case),
        "ask_send": letter.ask_send(),
        "waiting": letter.waiting(case, None),
        "the letter failed": letter.failed({"office": case.target.office}),
        "ask_meant": account.ask_meant(),
        "what_happens": account.what_happens(),
        "stays_on_your_phone": account.stays_on_your_phone(),
        "welcome": commands.welcome(),
        "cannot_answer": commands.cannot_answer(),
        "overtaken": commands.overtaken(),
        "take_your_time": navigation.take_your_time(),
        "has_left": letter.has_left(case),
        "ask_which_letter": letter.ask_which_letter(),
        "left_as_it_was": letter.left_as_it_was(case),
        "ask_withdraw": letter.ask_withdraw(case, None),
        "ask_withdraw, today": letter.ask_withdraw(case, ExpectedDeparture(DAY, today=True)),
        "ask_withdraw, another day": letter.ask_withdraw(case, ExpectedDeparture(DAY, today=False)),
        "where it is: it waits": letter.where_it_is(case, WrittenLetter((), has_left=False), None),
        **{
            f"where it is: {status}": letter.where_it_is(case, WrittenLetter(None, status), None)
            for status in LetterStatus
        },
        "withdrawn": letter.withdrawn(),
        **{
            f"receipt {way} {status}": receipts.receipt(
                case, LetterOutcome(carrier=way, status=status, at=MOMENT, arrived=4312, detour=True)
            )
            for way in ("fax", "email", "post", "tray", "pigeon")
            for status in RECEIPTS
        },
        "not_sent": letter.not_sent(),
        "share": letter.share(case, ChatLink("https://t.me/example_bot", starts=True)),
        "share without a link": letter.share(case, None),
        "ask_again": letter.ask_again("Ana Example", "GT"),
        "greeting": letter.greeting(),
        "queued for an action day": letter.queued(
            case,
            ExpectedDeparture(DAY, today=False, action_day=ExpectedActionDay(case.title, MOMENT)),
        ),
        "kept_waiting": receipts.kept_waiting(case),
        "follow": letter.follow(case.follow["en"]),
        "ask_subscribe": subscriptions.ask_subscribe(case),
        "subscribed": subscriptions.subscribed(case),
        "already_subscribed": subscriptions.already_subscribed(case),
        "not_subscribed": subscriptions.not_subscribed(),
        "ask_stop": subscriptions.ask_stop(),
        "ask_which_news": subscriptions.ask_which_news(),
        "ask_only": subscriptions.ask_only(),
        "unsubscribed": subscriptions.unsubscribed(),
        "no subscriptions": subscriptions.subscriptions([]),
        "subscriptions": subscriptions.subscriptions(cases),
        "about": account.about(
            Organisation("Letters for Example", "https://example.org", "a@example.org"), []
        ),
        "about without a name": account.about(None, ["https://example.org"]),
        "cancelled": navigation.cancelled(has_written=False),
        "cancelled after a letter": navigation.cancelled(has_written=True),
        "your_data": account.your_data(
            Person(
                language="en",
                subscriptions=frozenset({case.slug}),
                letters={case.slug: WrittenLetter((("name", "Ana Example"), ("country", "GT")))},
            ),
            [case],
        ),
        "your_data, little": account.your_data(Person(letters={case.slug: WrittenLetter()}), [case]),
        "ask_forget": account.ask_forget(),
        "forgotten": account.forgotten(),
        "kept": account.kept(),
        "ask_come_back": navigation.ask_come_back(case, case),
        "ask_come_back without a case": navigation.ask_come_back(None, None),
        "ask_come_back for another case": navigation.ask_come_back(*cases[:2]),
        "did_you_mean": commands.did_you_mean(("CD", "CG")),
        "did_you_mean, one country": commands.did_you_mean(("CF",)),
        "several_fit": commands.several_fit(),
        "is_your_name": commands.is_your_name("Ana Example"),
        "is_your_sentence": commands.is_your_sentence("Not sure"),
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
            for number, each in enumerate(account.privacy(["email", "fax", "post", "tray", "pigeon"]), 1)
        },
        **{f"refused: {reason}": commands.refused(reason, _FAULT) for reason in Refusal},
        "refused, and nothing to point at": commands.refused(Refusal.UNPRINTABLE, Fault()),
    }
