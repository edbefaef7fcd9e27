"""Everything that organisers read, and what they choose from, said once of an invented team."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from markupsafe import Markup

from assistant.content.countries import every_country
from assistant.dialogue.script import Script
from assistant.domain.answers import (
    AnswerCount,
    AnswerGroup,
    AnswerKind,
    AnswerStatus,
    AnswerText,
    OfficeAnswer,
)
from assistant.domain.audit import Entry, Verified
from assistant.domain.broadcasts import (
    NOT_AS_APPROVED,
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    CopyStatus,
    Count,
    Kind,
    Obstacle,
    Problem,
    Progress,
    Rule,
    Tally,
    Timing,
)
from assistant.domain.case_parts import Part
from assistant.domain.cases import Case
from assistant.domain.effects import Forget, QueueLetter, ShowData, Subscribe, Unsubscribe, Withdraw
from assistant.domain.figures import NO_LETTERS, ActionFigures, CaseFigures, Origins, Stage, figure
from assistant.domain.guessing import Guessing
from assistant.domain.letters import ExpectedActionDay, Letter, LetterRef, Route
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.messages import Account, ChannelRest
from assistant.domain.notifications import Notification
from assistant.domain.office_pace import Portion
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from assistant.domain.review import Finding, Found, HeldLetter, ReviewDecision
from assistant.domain.sessions import SESSION_LASTS, Session
from assistant.domain.steps import Step
from assistant.domain.team import Team
from assistant.domain.texts import CaseDate, Paragraphs, Text
from assistant.domain.webhooks import Attempt, EndpointState, Outcome
from conversations import broadcast_message, dashboard_pages
from conversations.organisers import formatting, notifications
from conversations.organisers.sentences import (
    announcement,
    answers,
    approving,
    charts,
    drafting,
    review,
    shared,
)
from conversations.organisers.sentences import team as team_sentences
from tests.support.invented_cases import invented_cases, ref_of, the_action

NOW = datetime(2012, 1, 24, 15, 0, tzinfo=UTC)
TEXTS = {"en": "Please write today."}
PLAIN = Announcement(
    kind=Kind.ALERT,
    texts=TEXTS,
    dated=CaseDate(2012, 1, 24),
    case="norma-cruz",
    update=None,
    fallbacks={"es": "en"},
)
FULL = replace(
    PLAIN,
    kind=Kind.UPDATE,
    audience=Audience(case="norma-cruz", countries=("DE", "JP"), languages=("en",), wrote=True),
    timing=Timing(day=date(2012, 1, 25), hour=time(10), lasts=24, urgent=True),
    call_to_action=CallToAction.LETTER,
    outcome=True,
)
CORRECTION = replace(
    PLAIN,
    kind=Kind.CORRECTION,
    audience=Audience(received=1),
    timing=Timing(at=NOW),
    call_to_action=CallToAction.READ,
)
BOT = Account("telegram", "1")
COUNTS = (Count(BOT, "en", 4312), Count(BOT, "es", 1), Count(Account("signal", "+1"), None, 7))
ORGANISERS = tuple(Organiser(number, role, f"{role} Testperson") for number, role in enumerate(Role, 1))
UNDER_WAY = ("draft", "proposed", "approved", "sending", "halted")
CASE = "norma-cruz"
HELD = HeldLetter(
    number=4312,
    ref=LetterRef(CASE, "letter", "office"),
    found=(*map(Found, Finding), Found(Finding.SLUR, in_name=True)),
    line="An invented line.",
    restored=True,
)
ENTRY = Entry(id=1, at=NOW, actor="shell", action="invited", subject="owner", detail="")
LETTER = Letter(
    id=4312,
    ref=HELD.ref,
    status=LetterStatus.HELD,
    country="FI",
    language="en",
    route=Route("fax", "+50255500001"),
    attempts=1,
    created_at=NOW,
    due_at=None,
    reference=None,
    print_run=None,
    key="0f",
    chat_id=1,
    lane_id=1,
    told=True,
)
ANSWER_COUNT = AnswerCount(genuine=312, automatic=1, waiting=12)
ANSWERS = AnswerGroup(
    example=OfficeAnswer(
        id=3,
        letter=7,
        ref=LetterRef(CASE, "letter", "office"),
        kind=AnswerKind.GENUINE,
        status=AnswerStatus.NEW,
        received_at=NOW,
        content=AnswerText(text="We have read it.", sender="Office <office@example.org>", files=1),
    ),
    last=300,
    count=290,
)
TO_SEVERAL = replace(
    ANSWERS, count=1, example=replace(ANSWERS.example, content=AnswerText(text="No.", people=3))
)
TEXT = Markup("Please write <b>today</b>.")
APPROVAL_REQUESTS = (
    ApprovalRequest(id=1, what=RequestKind.ROLE, subject="2", value="approver", author=4),
    ApprovalRequest(id=2, what=RequestKind.REMOVE, subject="3", author=4),
    ApprovalRequest(id=3, what=RequestKind.RESUME, subject="norma-cruz", author=None),
    ApprovalRequest(id=4, what=RequestKind.ROUTES, subject="norma-cruz/office", value="0f", author=None),
)


def broadcast(status: BroadcastStatus, written: Announcement = PLAIN, note: str | None = None) -> Broadcast:
    """Alert 12 where it stands there."""
    return Broadcast(
        id=12,
        status=status,
        digest="0f",
        announcement=written,
        author=1,
        approver=2,
        starts_at=NOW,
        started_at=NOW,
        expires_at=None,
        counts=COUNTS,
        recipients=4320,
        note=note,
    )


def progress(status: BroadcastStatus, *, rate: float = 0.0) -> Progress:
    """Alert 12, of which every kind of end has been seen."""
    tallies = tuple(Tally(each, "a reason", 10) for each in CopyStatus)
    return Progress(broadcast(status), tallies, rate, 100.0 if rate else None)


def team_of(role: Role, approvals: int = 2) -> Team:
    """The team as somebody with that role sees it, while a broadcast stands everywhere it can."""
    everywhere = {number: broadcast(BroadcastStatus(each)) for number, each in enumerate(UNDER_WAY)}
    everywhere[99] = replace(broadcast(BroadcastStatus.DRAFT), counts=None)
    me = next(each for each in ORGANISERS if each.role is role)
    return Team(me=me, now=NOW, approvals=approvals, members=ORGANISERS, broadcasts=everywhere)


def all_organiser_sentences(script: Script) -> dict[str, Text]:
    """What fits into a short message."""
    case = invented_cases(script)["norma-cruz"]
    alert, member = broadcast(BroadcastStatus.APPROVED), ORGANISERS[0]
    return {
        **{f"dashboard: {name}": said for name, said in dashboard_sentences(case).items()},
        "not_trusted": shared.not_trusted(),
        "link_made": team_sentences.link_made(),
        "dashboard_link": team_sentences.dashboard_link(f"https://example.org/dashboard/sign-in/{'0' * 40}"),
        "no_dashboard": team_sentences.no_dashboard(),
        "signed_out": team_sentences.signed_out(),
        "review: nothing_waits": review.nothing_waits(),
        "review: still_wait": review.still_wait(),
        **{
            f"review: {name} {count}": said
            for count in (1, 2)
            for name, said in (
                ("ask_which", review.ask_which(count)),
                ("ask_decide", review.ask_decide([HELD] * count)),
                ("ask_why", review.ask_why(count)),
                *((f"done {each}", review.done(each, count, more=True)) for each in ReviewDecision),
            )
        },
        "nothing_to_edit": drafting.nothing_to_edit(),
        "dropped": drafting.dropped(),
        "saved": drafting.saved(),
        "ask_news": drafting.ask_news(),
        "ask_text": drafting.ask_text("es"),
        "ask_instead": drafting.ask_instead("es"),
        "other_words": notifications.other_words().said,
        "removed": notifications.removed().said,
        "call_for": drafting.call_for(ExpectedActionDay(case.title, NOW, ref_of(case).of)),
        "nothing_to_correct": drafting.nothing_to_correct(),
        "ask_corrected": drafting.ask_corrected(),
        "ask_step": drafting.ask_step(),
        "ask_action": drafting.ask_action(),
        "ask_waiting": drafting.ask_waiting(),
        "ask_readers": drafting.ask_readers(case),
        "ask_countries": drafting.ask_countries(),
        "ask_languages": drafting.ask_languages(),
        "ask_when": drafting.ask_when(),
        "ask_moment": drafting.ask_moment(case),
        "ask_moment without a case": drafting.ask_moment(None),
        "ask_local": drafting.ask_local(),
        "ask_lasts": drafting.ask_lasts(),
        "ask_night": drafting.ask_night(),
        "ask_field": drafting.ask_field(),
        "no broadcasts": approving.under_way(replace(team_of(Role.OWNER), broadcasts={})),
        "nothing_to_propose": approving.nothing_to_propose(),
        "not_tested_yet": approving.not_tested_yet(),
        "too_late": approving.too_late(),
        "needs_another_to_resume": approving.needs_another_to_resume(),
        "is_forged": approving.is_forged(),
        "proposed": approving.proposed(alone=False),
        "proposed, alone": approving.proposed(alone=True),
        "nobody_to_ask": approving.nobody_to_ask(),
        "nothing_to_approve": approving.nothing_to_approve(),
        "needs another": approving.needs_another(),
        "is_paused": approving.is_paused(),
        "ask_urgent": approving.ask_urgent(),
        "not_urgent": approving.not_urgent(),
        "ask_number": approving.ask_number(alert),
        "not_approved": approving.not_approved(),
        "approved": approving.approved(2),
        "approved, alone": approving.approved(1),
        "nothing_to_discard": approving.nothing_to_discard(),
        "ask_discard": approving.ask_discard(alert),
        "kept": approving.kept(),
        "discarded": approving.discarded(),
        "all_halted": approving.all_halted([alert]),
        "nothing to halt": approving.all_halted([]),
        "halting": approving.halting(alert),
        "resumed": approving.resumed(alert),
        "nothing_to_resume": approving.nothing_to_resume(named=False),
        "nothing to resume by that name": approving.nothing_to_resume(named=True),
        "ask_what_to_resume": approving.ask_what_to_resume(),
        "ask_resume": approving.ask_resume(alert),
        "still_halted": approving.still_halted(),
        "ask_code": team_sentences.ask_code(),
        "ask_called": team_sentences.ask_called(),
        "thank_you": team_sentences.thank_you("Vera"),
        "welcome": team_sentences.welcome(member),
        "wrong_code": team_sentences.wrong_code(),
        "too_many_wrong_codes": team_sentences.too_many_wrong_codes(),
        "members": team_sentences.members(team_of(Role.OWNER)),
        "ask_member": team_sentences.ask_member(),
        "ask_role": team_sentences.ask_role(member),
        "team_unchanged": team_sentences.team_unchanged(),
        "done": team_sentences.done(),
        "no answers": answers.nothing_waits({CASE: CaseFigures(answers=ANSWER_COUNT)}, named=False),
        "no answer of that number": answers.nothing_waits({}, named=True),
        "counted": answers.counted({CASE: case}, {CASE: CaseFigures(answers=ANSWER_COUNT)}),
        "counted, nothing": answers.counted({CASE: case}, {}),
        "ask_which answer": answers.ask_which([ANSWERS]),
        "ask_settle": answers.ask_settle(ANSWERS),
        "ask_settle, one": answers.ask_settle(replace(ANSWERS, count=1)),
        "ask_one": answers.ask_one(),
        "ask_read": answers.ask_read(),
        "still_waits": answers.still_waits(),
        **{
            f"settled: {status}": answers.settled(status, count, more=True)
            for status in (AnswerStatus.PASSED, AnswerStatus.SET_ASIDE)
            for count in (1, 290)
        },
        **{
            f"answer of {count}, {place}": each
            for count in (1, 290)
            for place, each in enumerate(answers.shown(replace(ANSWERS, count=count), {CASE: case}))
        },
        **{
            f"answer to several people, {place}": each
            for place, each in enumerate(answers.shown(TO_SEVERAL, {CASE: case}))
        },
        "no_case": team_sentences.no_case(),
        "goal": charts.goal(
            replace(the_action(case), goal=500),
            replace(NO_LETTERS, stages=dict.fromkeys(Stage, figure(156))),
        ),
        "how far": charts.how_far(CaseFigures(steps=dict.fromkeys(Step, 4312))),
        **{f"countries, {count}": _countries(count) for count in (1, 8, 9, 20)},
        "ask_which_wish": team_sentences.ask_which_wish(),
        "no_wish": team_sentences.no_wish(),
        "agreed": team_sentences.agreed(),
        "refused_wish": team_sentences.refused_wish(),
        "ask_which_broadcast": team_sentences.ask_which_broadcast(),
        "ask_which_case": shared.ask_which_case(),
        "paused": team_sentences.paused(case),
        "nothing_to_pause": team_sentences.nothing_to_pause(),
        "ask_which_action": team_sentences.ask_which_action(),
        "ask_matters": team_sentences.ask_matters(the_action(case)),
        "reworded": team_sentences.reworded(matters=True),
        "reworded, only the spelling": team_sentences.reworded(matters=False),
        "nothing_reworded": team_sentences.nothing_reworded(),
        **{
            f"needs another {wish.what}": team_sentences.request_needs_another(wish)
            for wish in APPROVAL_REQUESTS
        },
        **{f"agree {wish.what}": team_sentences.ask_agree(wish, ORGANISERS) for wish in APPROVAL_REQUESTS},
        **{f"outcome {arrived}": broadcast_message.outcome(arrived, 4312) for arrived in (0, 1, 3980)},
        "moment": formatting.moment(None),
        **{
            f"told {name}": each.said for name, each in all_notifications(script).items() if name != "preview"
        },
    }


def dashboard_sentences(case: Case) -> dict[str, Text]:
    """What the dashboard says."""
    return {name: said for name, said in _dashboard_sentences(case).items() if said is not None}


def _dashboard_sentences(case: Case) -> dict[str, Text | None]:
    pages = (
        dashboard_pages.frame.SENTENCES,
        dashboard_pages.signing_in.SENTENCES,
        dashboard_pages.home.SENTENCES,
        dashboard_pages.broadcasts.SENTENCES,
        dashboard_pages.compose.SENTENCES,
        dashboard_pages.case_figures.SENTENCES,
        dashboard_pages.case_texts.SENTENCES,
        dashboard_pages.walk.SENTENCES,
        dashboard_pages.plan.SENTENCES,
        dashboard_pages.review.SENTENCES,
        dashboard_pages.answers.SENTENCES,
        dashboard_pages.letters.SENTENCES,
        dashboard_pages.team.SENTENCES,
        dashboard_pages.audit.SENTENCES,
        dashboard_pages.webhooks.SENTENCES,
    )
    drafted, action = broadcast(BroadcastStatus.DRAFT), the_action(case)
    letter = replace(LETTER, ref=ref_of(case))
    since = Session(id=1, organiser=1, created_at=NOW, seen_at=NOW, expires_at=NOW + SESSION_LASTS)
    return {
        **{f"{place} {name}": said for place, page in enumerate(pages) for name, said in page.items()},
        **{f"obstacle {each}": dashboard_pages.frame.obstacle(each) for each in Obstacle},
        **{
            f"line {each}": dashboard_pages.broadcasts.broadcast_line(progress(each))
            for each in BroadcastStatus
        },
        "line, not counted": dashboard_pages.broadcasts.broadcast_line(
            Progress(replace(drafted, counts=None), ())
        ),
        "title": dashboard_pages.broadcasts.broadcast_title(drafted),
        **{f"kind {each}": dashboard_pages.compose.kind(each) for each in Kind},
        **{
            f"problem {rule} {language}": dashboard_pages.compose.problem(Problem(rule, language))
            for rule in Rule
            for language in (None, "es")
        },
        **{f"stage {each}": dashboard_pages.case_figures.stage(each) for each in Stage},
        **{
            f"step {each}": dashboard_pages.case_figures.step(each)
            for each in (*Step, "left", "arrived", "answered")
        },
        "unknown country": dashboard_pages.compose.unknown_country("Mordor"),
        "unclear time": dashboard_pages.compose.unclear_time(),
        "reach": dashboard_pages.compose.reach_of(figure(4312)),
        "text in": dashboard_pages.compose.text_in("es"),
        "instead": dashboard_pages.compose.instead_of("es"),
        "zone": dashboard_pages.compose.zone("America/Guatemala"),
        "hands": dashboard_pages.broadcasts.hands(
            replace(broadcast(BroadcastStatus.HALTED), author=None), ORGANISERS
        ),
        "figures": dashboard_pages.broadcasts.figures(progress(BroadcastStatus.SENDING)),
        "readers": dashboard_pages.broadcasts.readers("es", wrote=False),
        "readers who wrote": dashboard_pages.broadcasts.readers("es", wrote=True),
        "session": dashboard_pages.signing_in.session_line(since),
        "to approve": dashboard_pages.broadcasts.to_approve(drafted),
        "to propose": dashboard_pages.broadcasts.to_propose(drafted),
        "recorded at": dashboard_pages.audit.recorded_at(ENTRY),
        "verified, one": dashboard_pages.audit.verified(Verified(1, "0f")),
        "verified": dashboard_pages.audit.verified(Verified(4312, "0f")),
        **{
            f"webhook {name} {outcome}": say(Attempt(at=NOW, outcome=outcome, status=503))
            for outcome in Outcome
            for name, say in (
                ("tested", dashboard_pages.webhooks.tested),
                ("failed", dashboard_pages.webhooks.failed),
            )
        },
        "webhook delivered": dashboard_pages.webhooks.delivered(
            Attempt(at=NOW, outcome=Outcome.DELIVERED, status=204)
        ),
        "webhook gone": dashboard_pages.webhooks.gone(Attempt(at=NOW, outcome=Outcome.GONE, status=410)),
        "webhook, one waits": dashboard_pages.webhooks.waiting(EndpointState(name="a", waiting=1)),
        "webhook, many wait": dashboard_pages.webhooks.waiting(EndpointState(name="a", waiting=4312)),
        "member": dashboard_pages.team.member_line(ORGANISERS[0]),
        **{
            f"asked of {role}: {wish.what}": dashboard_pages.team.asked(wish, team_of(role))
            for role in (Role.VIEWER, Role.APPROVER, Role.OWNER)
            for wish in APPROVAL_REQUESTS
        },
        **{
            f"letter by {route.carrier}": dashboard_pages.letters.letter_line(
                replace(LETTER, route=route), {case.slug: case}
            )
            for route in (Route("tray"), Route("fax", "+50255550100"), Route("courier", "door 7"))
        },
        "held": dashboard_pages.letters.why_held(letter, {case.slug: case}),
        "held, without an office": dashboard_pages.letters.why_held(letter, {}),
        "held, asked": dashboard_pages.letters.why_held(replace(letter, asked_at=NOW), {case.slug: case}),
        "held, restored": dashboard_pages.letters.why_held(
            replace(letter, restored_at=NOW), {case.slug: case}
        ),
        **{
            f"changed for {count}": dashboard_pages.letters.changed_for([case.main] * count)
            for count in (1, 2, 4312)
        },
        "matters?": dashboard_pages.letters.ask_matters(ref_of(case).of, {case.slug: case}),
        "matters, of a case that is gone?": dashboard_pages.letters.ask_matters(ref_of(case).of, {}),
        "answer facts": dashboard_pages.answers.answer_facts(ANSWERS, {case.slug: case}),
        "request": dashboard_pages.home.request_line(APPROVAL_REQUESTS[0], ORGANISERS),
        **{f"part {part}": dashboard_pages.case_texts.heading(part) for part in Part},
        **{
            f"update {slug}": dashboard_pages.case_texts.update_heading(each)
            for slug, each in case.updates.items()
        },
        "update, outcome": dashboard_pages.case_texts.update_note(
            replace(next(iter(case.updates.values())), outcome=True, replaces_letter=True)
        ),
        "action day": dashboard_pages.case_texts.day_heading(action.action_days[0]),
        "action day begins": dashboard_pages.plan.begins(
            ExpectedActionDay(case.title, NOW, ref_of(case).of), case.main
        ),
        **{f"room for {count}": dashboard_pages.plan.room(count) for count in (None, 1, 4312)},
        **{
            f"portion of {count}": dashboard_pages.plan.portion(
                Portion(NOW.date(), NOW, NOW, count), figure(count), case.main
            )
            for count in (1, 4312)
        },
        "channel in trouble": dashboard_pages.home.channel_in_trouble("Telegram"),
        "carrier in trouble": dashboard_pages.home.carrier_in_trouble("fax"),
        "letter to": dashboard_pages.case_texts.letter_heading([case.main]),
        **{f"letter, {others} more": dashboard_pages.case_texts.letter_note(others) for others in (1, 4312)},
        **{
            f"would be done {type(effect).__name__}": dashboard_pages.walk.would_be_done(
                [effect], {case.slug: case}
            )
            for effect in (
                QueueLetter(action.draft(case.main, name="Ana", country="FI", personal_line=None)),
                Withdraw(ref_of(case).of),
                Subscribe(case.slug),
                Unsubscribe(),
                Forget(),
                ShowData(),
            )
        },
        **{
            f"rests, replies: {replies}": dashboard_pages.home.channel_rests(
                ChannelRest("Telegram", NOW, replies)
            )
            for replies in (True, False)
        },
        "program rests": dashboard_pages.home.program_rests("hooks.example.org-1a2b3c4d", NOW),
        "paused": dashboard_pages.team.paused(case.slug, {case.slug: case}),
        **{
            f"{name} {count}": said(count)
            for count in (1, 4312)
            for name, said in (
                ("held", dashboard_pages.home.held_letters),
                ("answers", dashboard_pages.home.answers),
                ("uncertain", dashboard_pages.home.uncertain_letters),
                ("undecided", dashboard_pages.home.undecided),
                ("letters shown", dashboard_pages.review.letters_shown),
            )
        },
    }


def _countries(count: int) -> Text:
    """Letters of so many countries."""
    found = dict.fromkeys(sorted(every_country())[:count], 4312)
    said = charts.countries(
        CaseFigures(
            actions={"": ActionFigures(letters={LetterStatus.DELIVERED: 4312 * count})},
            arrived=Origins(found),
        )
    )
    assert said is not None
    return said


def all_notifications(script: Script) -> dict[str, Notification]:
    """What comes to them unasked, with its buttons."""
    case = invented_cases(script)["norma-cruz"]
    alert, halted = broadcast(BroadcastStatus.PROPOSED), broadcast(BroadcastStatus.HALTED)
    alarmed = replace(halted, note="HTTP 500")
    told = {
        "preview": notifications.preview(broadcast(BroadcastStatus.DRAFT, FULL), {BOT: 30.0}),
        "version": notifications.version("es", wrote=False),
        "version of who wrote": notifications.version("es", wrote=True),
        "proposed": notifications.proposed(alert, "Olga"),
        "approved": notifications.approved(alert, "Abel"),
        "changed": notifications.changed(alert, "Olga"),
        "discarded": notifications.discarded(alert, None),
        "halted": notifications.halted(halted, "Vera"),
        "halted by itself": notifications.halted(alarmed, None),
        "halted, because it was changed": notifications.halted(
            broadcast(BroadcastStatus.HALTED, note=NOT_AS_APPROVED), None
        ),
        "routes_changed": notifications.routes_changed(case, case.main, case.main.routes),
        "record_code": notifications.record_code(41, "0f" * 32),
        "found_changed": notifications.found_changed("broadcast 12, organiser 3"),
        "resumed": notifications.resumed(halted, "Abel"),
        "ended": notifications.ended(progress(BroadcastStatus.DONE)),
        "expired": notifications.ended(progress(BroadcastStatus.EXPIRED)),
        "paused_told": notifications.paused(case, "Vera"),
        "paused_told, an action": notifications.paused(the_action(case), "Vera"),
        "case_broken": notifications.case_broken("norma-cruz", f"case.toml: {'long ' * 50}", goes_on=True),
        "case_broken, left out": notifications.case_broken("norma-cruz", "case.toml: bad", goes_on=False),
        "case_mended": notifications.case_mended("norma-cruz"),
        "letters_stranded": notifications.letters_stranded("norma-cruz", 1, has_folder=False),
        "letters_stranded, many": notifications.letters_stranded("norma-cruz", 4312, has_folder=True),
        "guessing": notifications.guessing(Guessing(5, everywhere=False)),
        "guessing, everywhere": notifications.guessing(Guessing(100, everywhere=True)),
        "letters_uncertain": notifications.letters_uncertain(1),
        "letters_uncertain, many": notifications.letters_uncertain(4312),
        "restored": notifications.restored("2012-01-23 15:00 UTC", 4312, 1),
        "restored, several broadcasts": notifications.restored("an earlier moment", 1, 3),
        "case_back": notifications.case_back("norma-cruz", 4312),
        "answered": notifications.answered(12),
        "letters_to_read": notifications.letters_to_read(),
        "letters_still_to_read": notifications.letters_still_to_read(12),
        "text_changed": notifications.text_changed(case, the_action(case), 1),
        "signed_in": notifications.signed_in(),
        "joined": notifications.joined(ORGANISERS[0]),
        "left": notifications.left("Vera"),
    }
    told |= {f"letters_held {count}": notifications.letters_held(case, count) for count in (0, 1, 4312)}
    told |= {f"progress {each}": notifications.progress(progress(each)) for each in BroadcastStatus}
    told |= {
        f"at {rate} a second": notifications.progress(progress(BroadcastStatus.SENDING, rate=rate))
        for rate in (0.2, 30.0)
    }
    told |= {f"wanted {wish.what}": notifications.wanted(wish, ORGANISERS) for wish in APPROVAL_REQUESTS}
    told |= {f"unwanted {wish.what}": notifications.unwanted(wish, ORGANISERS) for wish in APPROVAL_REQUESTS}
    return told | {
        f"granted {wish.what}": notifications.granted(wish, ORGANISERS) for wish in APPROVAL_REQUESTS
    }


def _message(written: Announcement, case: Case | None) -> Text:
    """All that readers get of it."""
    return Paragraphs((broadcast_message.body(written, case, TEXT), broadcast_message.footer()))


def long_sentences(script: Script) -> dict[str, Text]:
    """What holds a text of theirs, a list, or all that is to be known before something leaves."""
    case = invented_cases(script)["norma-cruz"]
    alert = broadcast(BroadcastStatus.PROPOSED, FULL)
    return {
        "review: shown": review.shown([HELD], {CASE: case}),
        "check": drafting.check(FULL, {}),
        "check a correction": drafting.check(CORRECTION, {}),
        "facts of a plain one": announcement.facts(replace(PLAIN, audience=Audience(wrote=False)), {}),
        "ask_approve": approving.ask_approve(alert, team_of(Role.OWNER), {}),
        "ask_approve, letters would wait": approving.ask_approve(
            replace(alert, announcement=replace(alert.announcement, replaces_letter=True)),
            replace(team_of(Role.OWNER), outdated={alert.announcement.case or "": 2}),
            {},
        ),
        "ask_approve, no letter would wait": approving.ask_approve(
            replace(alert, announcement=replace(alert.announcement, replaces_letter=True)),
            team_of(Role.OWNER),
            {},
        ),
        "ask_approve, alone": approving.ask_approve(alert, team_of(Role.OWNER, 1), {}),
        "under_way": approving.under_way(team_of(Role.OWNER)),
        "preview": all_notifications(script)["preview"].said,
        "preview of nobody": notifications.preview(replace(alert, counts=()), {}).said,
        **{f"page {each.kind}": _message(each, case) for each in (PLAIN, CORRECTION)},
        "page without a case": _message(PLAIN, None),
        **{f"words {role}": team_sentences.words(team_of(role)) for role in Role},
    }
