"""Everything that people read, said once of an invented case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from assistant.dialogue.answers import Fault
from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.answers import AnswerText
from assistant.domain.letters import (
    NAMELESS,
    ExpectedActionDay,
    ExpectedDeparture,
    LetterOutcome,
    Route,
    WrittenLetter,
)
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import ChatLink, SaferChat
from assistant.domain.organisation import Organisation
from assistant.domain.retention import Retention
from assistant.domain.review import RefusalReason
from assistant.domain.texts import CaseDate, Text
from assistant.domain.validation import Refusal
from conversations import cards, commands
from conversations.supporters.sentences import (
    account,
    letter,
    moving,
    navigation,
    receipts,
    shared,
    subscriptions,
    written_letters,
)
from tests.support.invented_cases import closed, invented_cases, ref_of, the_action
from tests.support.published import code

DAY = date(2012, 1, 23)
MOMENT = datetime(2012, 1, 23, 15, 12, tzinfo=UTC)
_FAULT = Fault(part="<", length=301, limit=300)
_CARRIERS = ("email", "fax", "post", "tray", "pigeon")
RECEIPTS = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED)


def all_supporter_sentences(script: Script) -> dict[str, Text]:
    case = invented_cases(script)["norma-cruz"]
    cases = list(invented_cases(script).values())
    action, office, ref = the_action(case), case.main, ref_of(case)
    others = [office, *(each.main for each in cases if each is not case)]
    today, another_day = (ExpectedDeparture(DAY, today=today) for today in (True, False))
    waits, has_left = WrittenLetter(ref=ref, has_left=False), WrittenLetter(ref=ref)
    return {
        "ask_language": account.ask_language(),
        "language_set": account.language_set("es"),
        "ask_ready": letter.ask_ready(),
        "ask_which_case": shared.ask_which_case(),
        "see_you_later": letter.see_you_later(),
        "already_written": written_letters.already_written(case.title, has_left=True),
        "already_written, in the queue": written_letters.already_written(case.title, has_left=False),
        "hands": shared.hands("tray"),
        "governments": shared.governments(["GT", "PE"]),
        "take_care": letter.take_care(
            own_office=False, safer=SaferChat("Signal", ChatLink("https://s.test/x"))
        ),
        "take_care, living there": letter.take_care(own_office=True, safer=None),
        "who_reads": letter.who_reads(frozenset({office.country}), ("fax", "email", "post"), "Telegram"),
        "who_reads, of several governments": letter.who_reads(frozenset({"GT", "PE"}), ("tray",), None),
        "ask_name": letter.ask_name("CF", careful=False),
        "ask_name, where care is due": letter.ask_name("CF", careful=True),
        "sign_nameless": letter._signed_nameless("CF"),
        "ask_again, nameless": letter.ask_again(NAMELESS, "CF"),
        "not_shared_here": letter.not_shared_here(),
        "nobody_to_write_to": letter.nobody_to_write_to(),
        "printed": letter.printed(),
        "not in": letter.not_in("es"),
        "ask_country": letter.ask_country(),
        "your_country": letter.your_country("CF"),
        "ask_personal_line": letter.ask_personal_line(),
        "ask_field": letter.ask_field(),
        "ask_which_action": letter.ask_which_action([replace(action, asks=each.title) for each in cases[:2]]),
        "ask_which_action, nothing more to say of them": letter.ask_which_action([action]),
        "not_open, over": letter.not_open(action, over=True),
        "not_open, not yet": letter.not_open(replace(action, opens=CaseDate(2012, 1, 23)), over=False),
        "nothing_open": letter.nothing_open(case),
        "recipients": letter.recipients(others),
        "recipients by other ways": letter.recipients(
            [replace(others[1], routes=(Route(way),)) for way in ("fax", "email", "post", "pigeon")]
        ),
        "ask_targets": letter.ask_targets(others),
        "queued": written_letters.queued([(office, None)]),
        "queued for today": written_letters.queued([(office, today)]),
        "queued for another day": written_letters.queued([(office, another_day)]),
        "queued, one today": written_letters.queued([(others[1], None), (others[2], today)]),
        "until_sent": written_letters.until_sent(1),
        "until_sent, several": written_letters.until_sent(2),
        "where it is: its text has changed": written_letters.where_it_is(
            office, replace(waits, outdated=True), None
        ),
        "queued, two letters": written_letters.queued([(each, another_day) for each in others[:2]]),
        "nothing_written": written_letters.nothing_written(),
        "nothing_written, under way": written_letters.nothing_written(under_way=True),
        "nothing_sent_yet": written_letters.nothing_sent_yet(),
        "goes_back": written_letters.goes_back(),
        "signing": letter.signing(),
        "paused": letter.paused(case),
        "ask_send": letter.ask_send(),
        "ask_send, two letters": letter.ask_send(2),
        "nothing_to_write": letter.nothing_to_write(),
        "ask_other": letter.ask_other(),
        "how_it_ended": letter.how_it_ended(closed(case)),
        "share_the_end": letter.share_the_end(
            closed(case),
            ChatLink("https://t.me/example_bot", "https://t.me/example_bot?start={case}_{source}"),
        ),
        "share_the_end without a link": letter.share_the_end(closed(case), None),
        "has_left, of an office that is gone": written_letters.has_left(None),
        "has_left, put back": written_letters.has_left(office, restored=True),
        "where it is: put back": written_letters.where_it_is(
            office, WrittenLetter(ref=ref, status=LetterStatus.HELD, restored=True), None
        ),
        "cannot_change": written_letters.cannot_change(),
        "earlier_letter": written_letters.earlier_letter("norma-cruz"),
        "until_sent, where it cannot be changed": written_letters.until_sent(1, fixed=True),
        "until_sent, where they cannot be changed": written_letters.until_sent(2, fixed=True),
        "ask_withdraw, of an office that is gone": written_letters.ask_withdraw([(None, None)]),
        "office_gone": receipts.office_gone(),
        **{
            f"where it is, of an office that is gone: {status} {has_left}": written_letters.where_it_is(
                None, WrittenLetter(ref=ref, status=status, has_left=has_left), None
            )
            for status in LetterStatus
            for has_left in (True, False)
        },
        **{
            f"receipt, of an office that is gone: {status}": receipts.receipt(
                None, LetterOutcome(carrier="fax", status=status, at=MOMENT, arrived=4312, code=code(1))
            )
            for status in RECEIPTS
        },
        "where it is: it is held": written_letters.where_it_is(
            office, replace(waits, status=LetterStatus.HELD), None
        ),
        "waiting": written_letters.waiting(office, None),
        "the letter failed": written_letters.failed({"office": office.office}),
        "ask_meant": account.ask_meant(),
        "what_happens": account.what_happens(),
        "how_to_move": moving.how_to_move(),
        "moving: offered": moving.offered("K7QM-4TXA", [("Telegram", "https://t.me/example_bot")]),
        "moving: nowhere else": moving.offered("K7QM-4TXA", []),
        "moving: ask_take": moving.ask_take(),
        "moving: left_there": moving.left_there(),
        "moving: looking_for_it": moving.looking_for_it(),
        "moving: wrong_code": moving.wrong_code(),
        "moving: too_many_wrong_codes": moving.too_many_wrong_codes(),
        "moving: team_stays": moving.team_stays(),
        "moving: this_chat": moving.this_chat(),
        "moving: moved_away": moving.moved_away(),
        "chat_has_moved": commands.chat_has_moved(),
        "stays_on_your_phone": account.stays_on_your_phone(),
        "welcome": commands.welcome(),
        "cannot_answer": commands.cannot_answer(),
        "overtaken": commands.overtaken(),
        "take_your_time": navigation.take_your_time(),
        "has_left": written_letters.has_left(office),
        "ask_which_letter": written_letters.ask_which_letter(),
        "left_as_it_was": written_letters.left_as_it_was([office]),
        "left_as_it_was, two letters": written_letters.left_as_it_was(others[:2]),
        "ask_withdraw": written_letters.ask_withdraw([(office, None)]),
        "ask_withdraw, today": written_letters.ask_withdraw([(office, today)]),
        "ask_withdraw, another day": written_letters.ask_withdraw([(office, another_day)]),
        "ask_withdraw, two letters": written_letters.ask_withdraw([(each, None) for each in others[:2]]),
        "where it is: somebody reads it first": written_letters.where_it_is(
            office, replace(waits, status=LetterStatus.HELD, in_review=True), None
        ),
        "where it is: it waits": written_letters.where_it_is(office, waits, None),
        **{
            f"where it is: {status}": written_letters.where_it_is(
                office, replace(has_left, status=status), None
            )
            for status in LetterStatus
        },
        "withdrawn": written_letters.withdrawn(),
        "withdrawn, two letters": written_letters.withdrawn(2),
        **{
            f"receipt {way} {status} {arrived} {shown}": receipts.receipt(
                office,
                LetterOutcome(
                    carrier=way, status=status, at=MOMENT, arrived=arrived, detour=True, code=shown
                ),
            )
            for way in ("fax", "email", "post", "tray", "pigeon")
            for status in RECEIPTS
            for arrived in (3, 4312)
            for shown in ("", code(1))
        },
        "not_sent": letter.not_sent(),
        "share": letter.share(
            case, ChatLink("https://t.me/example_bot", "https://t.me/example_bot?start={case}_{source}")
        ),
        "share without a link": letter.share(case, None),
        "ask_again": letter.ask_again("Ana Example", "GT"),
        "greeting": letter.greeting(),
        "queued for an action day": written_letters.queued(
            [(office, replace(another_day, action_day=ExpectedActionDay(case.title, MOMENT, ref.of)))]
        ),
        "kept_waiting": receipts.kept_waiting(office),
        "confirm_new_text": receipts.confirm_new_text(case, ref.of, None).said,
        "like_many_others": receipts.like_many_others(),
        "is_read_first": written_letters.is_read_first([office]),
        "is_read_first, two letters": written_letters.is_read_first(others[:2]),
        "may_take_longer": receipts.may_take_longer(office),
        "line_left_out": receipts.line_left_out(office),
        **{f"refused: {reason}": receipts.refused(office, reason) for reason in RefusalReason},
        "waited_too_long": receipts.waited_too_long(office),
        "waited_too_long, of an office that is gone": receipts.waited_too_long(None),
        "where it is, without its text: uncertain": written_letters.where_it_is(
            office, WrittenLetter(ref=ref, status=LetterStatus.UNCERTAIN), None
        ),
        "not_sent_in_time": receipts.not_sent_in_time(office),
        "office_answered": receipts.office_answered(case, office, AnswerText(text="No.", files=1)),
        "office_answered without a text": receipts.office_answered(
            case, office, AnswerText(text="", files=2)
        ),
        "files": receipts.files(AnswerText(text="", files=2)),
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
                letters=(replace(has_left, answers=(("name", "Ana Example"), ("country", "GT"))),),
            ),
            [case],
        ),
        "your_data, little": account.your_data(Person(letters=(has_left,)), [case]),
        "ask_forget": account.ask_forget(None),
        "ask_forget, where our messages can be deleted": account.ask_forget(timedelta(hours=48)),
        "still_there": account.still_there(CaseDate(2012, 2, 13)),
        "forgotten": account.forgotten(CaseDate(2012, 2, 13), wrote=True)[0],
        "forgotten, nothing written": account.forgotten(CaseDate(2012, 2, 13), wrote=False)[0],
        "forgotten, where an operator keeps the keys": account.forgotten(None, wrote=True)[0],
        "forgotten, with our messages": account.forgotten(None, timedelta(hours=48), wrote=False)[1],
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
        "flooded": commands.flooded(),
        "unknown_command": commands.unknown_command(),
        "unknown_case": commands.unknown_case(),
        "failed": commands.failed(),
        **{
            f"privacy {number}": each
            for number, each in enumerate(account.privacy(_CARRIERS, "Telegram", Retention()), 1)
        },
        **{f"refused: {reason}": commands.refused(reason, _FAULT) for reason in Refusal},
        "card: about an action": cards.about(case, action),
        "card: delivered": cards.delivered(4312),
        "card: one delivered": cards.delivered(1),
        "card: invitation": cards.invitation(case, action),
        "card: invitation, nothing open": cards.invitation(case, None),
        "card: invitation, closed": cards.invitation(closed(case), None),
        "card: scan": cards.scan(),
        "card: code": cards.code("letters.example/norma-cruz"),
        "refused, and nothing to point at": commands.refused(Refusal.UNPRINTABLE, Fault()),
    }
