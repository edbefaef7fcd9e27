"""Everything that organisers read, and what they choose from, said once of an invented team."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from markupsafe import Markup

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    Broadcast,
    Count,
    Kind,
    Outcome,
    Progress,
    Step,
    Tally,
    Timing,
)
from assistant.domain.doors import Told
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.model import CaseDate
from assistant.domain.roles import Role
from assistant.domain.speech import Speech
from assistant.domain.team import Member, Request, Team, Wish
from conversations import approving_sentences as approving
from conversations import broadcasting, figures, summary_sentences, team_voice
from conversations import composing_sentences as composing
from conversations import team_sentences as team
from tests.dialogue.invented import invented_cases

NOW = datetime(2012, 1, 24, 15, 0, tzinfo=UTC)
TEXTS = {"en": "Please write today."}
PLAIN = Announcement(Kind.ALERT, TEXTS, CaseDate(2012, 1, 24), "norma-cruz", None, {"es": "en"})
FULL = replace(
    PLAIN,
    kind=Kind.UPDATE,
    audience=Audience("norma-cruz", ("DE", "JP"), ("en",), wrote=True),
    timing=Timing(day=date(2012, 1, 25), hour=time(10), lasts=24, urgent=True),
    step=Step.LETTER,
    outcome=True,
)
CORRECTION = replace(
    PLAIN, kind=Kind.CORRECTION, audience=Audience(received=1), timing=Timing(at=NOW), step=Step.READ
)
COUNTS = (Count("telegram:1", "en", 4312), Count("telegram:1", "es", 1), Count("signal:+1", None, 7))
MEMBERS = tuple(Member(number, role, f"{role} Testperson") for number, role in enumerate(Role, 1))
UNDER_WAY = ("draft", "proposed", "approved", "sending", "halted")
TEXT = Markup("Please write <b>today</b>.")
WISHES = (
    Request(1, Wish.ROLE, "2", "approver", 4),
    Request(2, Wish.REMOVE, "3", author=4),
    Request(3, Wish.LIFT, "norma-cruz", author=None),
)


def broadcast(status: BroadcastStatus, written: Announcement = PLAIN, note: str | None = None) -> Broadcast:
    """Alert 12 where it stands there."""
    return Broadcast(12, status, "0f", written, 1, 2, NOW, NOW, None, COUNTS, 4320, note)


def progress(status: BroadcastStatus, *, rate: float = 0.0) -> Progress:
    """Alert 12, of which every kind of end has been seen."""
    tallies = tuple(Tally(each, "a reason", 10) for each in Outcome)
    return Progress(broadcast(status), tallies, rate, 100.0 if rate else None)


def team_of(role: Role, approvals: int = 2) -> Team:
    """The team as somebody with that role sees it, while a broadcast stands everywhere it can."""
    everywhere = {number: broadcast(BroadcastStatus(each)) for number, each in enumerate(UNDER_WAY)}
    everywhere[99] = replace(broadcast(BroadcastStatus.DRAFT), counts=None)
    me = next(each for each in MEMBERS if each.role is role)
    return Team(me, NOW, approvals, MEMBERS, everywhere)


def said_to_organisers(script: Script) -> dict[str, Speech]:
    """What fits into a short message."""
    case = invented_cases(script)["norma-cruz"]
    alert, member = broadcast(BroadcastStatus.APPROVED), MEMBERS[0]
    return {
        "not_trusted": composing.not_trusted(),
        "nothing_to_edit": composing.nothing_to_edit(),
        "dropped": composing.dropped(),
        "saved": composing.saved(),
        "ask_about": composing.ask_about(),
        "ask_news": composing.ask_news(),
        "ask_text": composing.ask_text("es"),
        "ask_instead": composing.ask_instead("es"),
        "nothing_to_correct": composing.nothing_to_correct(),
        "ask_corrected": composing.ask_corrected(),
        "ask_step": composing.ask_step(),
        "ask_readers": composing.ask_readers(case),
        "ask_countries": composing.ask_countries(),
        "ask_languages": composing.ask_languages(),
        "ask_when": composing.ask_when(),
        "ask_moment": composing.ask_moment(case),
        "ask_moment without a case": composing.ask_moment(None),
        "ask_local": composing.ask_local(),
        "ask_lasts": composing.ask_lasts(),
        "ask_night": composing.ask_night(),
        "ask_field": composing.ask_field(),
        "no broadcasts": approving.under_way(replace(team_of(Role.OWNER), broadcasts={})),
        "nothing_to_propose": approving.nothing_to_propose(),
        "not_tested_yet": approving.not_tested_yet(),
        "too_late": approving.too_late(),
        "proposed": approving.proposed(alone=False),
        "proposed, alone": approving.proposed(alone=True),
        "nobody_to_ask": approving.nobody_to_ask(),
        "nothing_to_approve": approving.nothing_to_approve(),
        "needs another": approving.needs_another(),
        "case_is_stopped": approving.case_is_stopped(),
        "ask_urgent": approving.ask_urgent(),
        "not_urgent": approving.not_urgent(),
        "ask_number": approving.ask_number(alert),
        "not_approved": approving.not_approved(),
        "approved": approving.approved(alone=False),
        "approved, alone": approving.approved(alone=True),
        "nothing_to_discard": approving.nothing_to_discard(),
        "ask_discard": approving.ask_discard(alert),
        "kept": approving.kept(),
        "discarded": approving.discarded(),
        "all_halted": approving.all_halted([alert]),
        "nothing to halt": approving.all_halted([]),
        "halting": approving.halting(alert),
        "going_on": approving.going_on(alert),
        "nothing_halted": approving.nothing_halted(),
        "ask_unhalt": approving.ask_unhalt(alert),
        "still_halted": approving.still_halted(),
        "ask_code": team.ask_code(),
        "ask_called": team.ask_called(),
        "thank_you": team.thank_you("Vera"),
        "welcome": team.welcome(member),
        "wrong_code": team.wrong_code(),
        "members": team.members(team_of(Role.OWNER)),
        "ask_member": team.ask_member(),
        "ask_role": team.ask_role(member),
        "team_unchanged": team.team_unchanged(),
        "done": team.done(),
        "ask_which_wish": team.ask_which_wish(),
        "no_wish": team.no_wish(),
        "agreed": team.agreed(),
        "refused_wish": team.refused_wish(),
        "ask_which_broadcast": team.ask_which_broadcast(),
        "ask_which_case": team.ask_which_case(),
        "paused": team.paused(case),
        "nothing_to_pause": team.nothing_to_pause(),
        "nothing_to_lift": team.nothing_to_lift(),
        **{f"needs another {wish.what}": team.needs_another(wish) for wish in WISHES},
        **{f"agree {wish.what}": team.ask_agree(wish, MEMBERS) for wish in WISHES},
        **{f"outcome {arrived}": broadcasting.outcome(arrived, 4312) for arrived in (0, 1, 3980)},
        "moment": figures.moment(None),
        **{
            f"told {name}": each.said
            for name, each in told_to_organisers(script).items()
            if name != "preview"
        },
    }


def told_to_organisers(script: Script) -> dict[str, Told]:
    """What comes to them unasked, with its buttons."""
    case = invented_cases(script)["norma-cruz"]
    alert, halted = broadcast(BroadcastStatus.PROPOSED), broadcast(BroadcastStatus.HALTED)
    alarmed = replace(halted, note="HTTP 500")
    told = {
        "preview": team_voice.preview(broadcast(BroadcastStatus.DRAFT, FULL), {"telegram:1": 30.0}),
        "version": team_voice.version("es", wrote=False),
        "version of who wrote": team_voice.version("es", wrote=True),
        "proposed": team_voice.proposed(alert, "Olga"),
        "approved": team_voice.approved(alert, "Abel"),
        "changed": team_voice.changed(alert, "Olga"),
        "discarded": team_voice.discarded(alert, None),
        "halted": team_voice.halted(halted, "Vera"),
        "halted by itself": team_voice.halted(alarmed, None),
        "continued": team_voice.continued(halted, "Abel"),
        "ended": team_voice.ended(progress(BroadcastStatus.DONE)),
        "expired": team_voice.ended(progress(BroadcastStatus.EXPIRED)),
        "case_paused": team_voice.case_paused(case, "Vera"),
        "joined": team_voice.joined(MEMBERS[0]),
        "left": team_voice.left("Vera"),
    }
    told |= {f"progress {each}": team_voice.progress(progress(each)) for each in BroadcastStatus}
    told |= {
        f"at {rate} a second": team_voice.progress(progress(BroadcastStatus.SENDING, rate=rate))
        for rate in (0.2, 30.0)
    }
    told |= {f"wanted {wish.what}": team_voice.wanted(wish, MEMBERS) for wish in WISHES}
    told |= {f"unwanted {wish.what}": team_voice.unwanted(wish, MEMBERS) for wish in WISHES}
    return told | {f"granted {wish.what}": team_voice.granted(wish, MEMBERS) for wish in WISHES}


def said_at_length(script: Script) -> dict[str, Speech]:
    """What holds a text of theirs, a list, or all that is to be known before something leaves."""
    case = invented_cases(script)["norma-cruz"]
    alert = broadcast(BroadcastStatus.PROPOSED, FULL)
    return {
        "check": composing.check(FULL),
        "check a correction": composing.check(CORRECTION),
        "facts of a plain one": summary_sentences.facts(replace(PLAIN, audience=Audience(wrote=False))),
        "ask_approve": approving.ask_approve(alert, team_of(Role.OWNER)),
        "ask_approve, alone": approving.ask_approve(alert, team_of(Role.OWNER, 1)),
        "under_way": approving.under_way(team_of(Role.OWNER)),
        "preview": told_to_organisers(script)["preview"].said,
        "preview of nobody": team_voice.preview(replace(alert, counts=()), {}).said,
        **{f"page {each.kind}": broadcasting.page(each, case, TEXT) for each in (PLAIN, CORRECTION)},
        "page without a case": broadcasting.page(PLAIN, None, TEXT),
        **{f"words {role}": team.words(team_of(role)) for role in Role},
    }
