"""Everything that people read, said once of an invented case."""

from datetime import UTC, date, datetime

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.model import Arrival, Leaving, Posted
from assistant.domain.names import Refusal
from assistant.domain.speech import Speech
from conversations import after_sending as after
from conversations import phrases
from conversations import sentences as say
from tests.dialogue.invented import invented_cases

DAY = date(2012, 1, 23)
MOMENT = datetime(2012, 1, 23, 15, 12, tzinfo=UTC)
RECEIPTS = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED)


def everything_said(script: Script) -> dict[str, Speech]:
    case = invented_cases(script)["norma-cruz"]
    cases = list(invented_cases(script).values())
    return {
        "ask_language": say.ask_language(),
        "language_set": say.language_set("es"),
        "ask_ready": say.ask_ready(),
        "ask_which_case": say.ask_which_case(),
        "see_you_later": say.see_you_later(),
        "already_written": after.already_written(case, Posted()),
        "already_written, in the queue": after.already_written(case, Posted(())),
        "ask_name": say.ask_name(case),
        "printed": say.printed(),
        "ask_country": say.ask_country(),
        "ask_line": say.ask_line("CF"),
        "ask_field": say.ask_field(),
        "queued": after.queued(case, None),
        "queued for today": after.queued(case, Leaving(DAY, today=True)),
        "queued for another day": after.queued(case, Leaving(DAY, today=False)),
        "nothing_written": after.nothing_written(),
        "has_left": after.has_left(case),
        "ask_which_letter": after.ask_which_letter(),
        "left_as_it_was": after.left_as_it_was(case),
        "ask_withdraw": after.ask_withdraw(case),
        "withdrawn": after.withdrawn(),
        **{
            f"receipt {way} {status}": after.receipt(case, Arrival(way, status, MOMENT, 4312, detour=True))
            for way in ("fax", "email", "post", "tray", "pigeon")
            for status in RECEIPTS
        },
        "not_sent": say.not_sent(),
        "share": say.share(case),
        "follow": say.follow(case.follow["en"]),
        "ask_subscribe": say.ask_subscribe(case),
        "subscribed": say.subscribed(case),
        "already_subscribed": say.already_subscribed(case),
        "not_subscribed": say.not_subscribed(),
        "unsubscribed": say.unsubscribed(),
        "no subscriptions": say.subscriptions([]),
        "subscriptions": say.subscriptions(cases),
        "about": say.about(),
        "cancelled": say.cancelled(has_written=False),
        "cancelled after a letter": say.cancelled(has_written=True),
        "your_data": say.your_data(),
        "ask_forget": say.ask_forget(),
        "forgotten": say.forgotten(),
        "kept": say.kept(),
        "ask_resume": say.ask_resume(case, case),
        "ask_resume without a case": say.ask_resume(None, None),
        "ask_resume for another case": say.ask_resume(*cases[:2]),
        "did_you_mean": phrases.did_you_mean(),
        "stale": phrases.stale(),
        "corrected": phrases.corrected(),
        "at_the_start": phrases.at_the_start(),
        "unreadable": phrases.unreadable("photo"),
        "unreadable contact": phrases.unreadable("contact"),
        "private_only": phrases.private_only(),
        "unknown_command": phrases.unknown_command(),
        "unknown_case": phrases.unknown_case(),
        "failed": phrases.failed(),
        **{f"privacy {number}": each for number, each in enumerate(say.privacy(), 1)},
        **{f"refused: {reason}": phrases.refused(reason, 300) for reason in Refusal},
    }
