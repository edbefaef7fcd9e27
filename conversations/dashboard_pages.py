"""What the organisers' dashboard says."""

from collections.abc import Mapping, Sequence

from assistant.domain.actions import Action
from assistant.domain.answers import AnswerGroup, AnswerStatus
from assistant.domain.audit import Entry, Verified
from assistant.domain.broadcasts import (
    TEXT_MAX,
    Broadcast,
    CallToAction,
    Kind,
    Obstacle,
    Problem,
    Progress,
    Rule,
)
from assistant.domain.cases import Case, Update, target_of
from assistant.domain.figures import Figure, Stage
from assistant.domain.lanes import LaneState
from assistant.domain.letters import ActionRef, ExpectedActionDay, Letter
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.domain.organisers import REQUEST_LASTS, ApprovalRequest, Organiser
from assistant.domain.pauses import find
from assistant.domain.retention import KEEP_UNDECIDED
from assistant.domain.review import HeldLetter, RefusalReason, ReviewDecision
from assistant.domain.sessions import LINK_LASTS, SESSION_IDLE, Session
from assistant.domain.team import Team
from assistant.domain.texts import CaseDate, CountryName, LanguageName, Lines, Number, Sentence, Text, Values
from conversations.organisers import notifications
from conversations.organisers.formatting import (
    Shown,
    duration,
    lasting_for,
    moment,
    named,
    people,
    role_name,
)
from conversations.organisers.sentences import announcement, approving, charts, drafting, shared
from conversations.organisers.sentences import answers as answer_sentences
from conversations.organisers.sentences import review as review_sentences
from conversations.organisers.sentences import team as team_sentences

_ = Sentence

FRAME: Mapping[str, Text] = {
    "dashboard": _("Dashboard"),
    "skip_menu": _("Skip to the page"),
    "menu": _("Pages"),
    "home": _("Today"),
    "broadcasts": _("Updates and alerts"),
    "write_update": _("Write an update"),
    "write_alert": _("Write an alert"),
    "write_correction": _("Correct what was sent"),
    "cases": _("Cases"),
    "sessions": _("Where I am signed in"),
    "sign_out": _("Sign out"),
    "back": _("Back to the first page"),
    "signed_out": _("You are not signed in"),
    "how_to_sign_in": _("Write <b>/dashboard</b> in your chat with the assistant. It gives you a link."),
    "used_up": _("This link does not work any more"),
    "how_links_work": _(
        "A link works once, within {duration}. Write <b>/dashboard</b> in your chat to get another one.",
        {"duration": lasting_for(LINK_LASTS)},
    ),
    "overtaken": _("That was not done"),
    "not_done": _("That was not done"),
    "look_again": _("It may have changed in the meantime. Please go back and look at it again."),
    "failed": _("Something is wrong on our side"),
    "try_later": _("Nothing was done. Please try it again a little later."),
    "too_many": _("Too much was asked for at once"),
    "wait": _("Please wait a minute, and try it again."),
    "elsewhere": _("This came from another page, so nothing was done"),
    "use_buttons": _("Please use the buttons of the dashboard."),
    "nothing_here": _("There is nothing at this address"),
    "written": _("What you have written is here, so that you can copy it:"),
    "review": _("Letters to read"),
    "answers": _("Answers of offices"),
    "letters": _("Letters to decide about"),
    "team": _("The team"),
    "audit": _("The record"),
}
"""What stands on every page, by what it is."""

SIGNING_IN: Mapping[str, Text] = {
    "title": _("Sign in"),
    "ask": _("Do you want to sign in to the dashboard in this browser?"),
    "enter": _("Sign in"),
    "not_mine": _("If you have not asked for this link, close this page."),
    "end": _("Sign out there"),
    "this_one": _("This browser"),
    "sessions_help": _(
        "After {duration} without a click you are signed out by itself. When your role changes, too.",
        {"duration": lasting_for(SESSION_IDLE)},
    ),
    "done_ended": _("You are signed out there."),
}

HOME: Mapping[str, Text] = {
    "needed": _("What needs you"),
    "nothing_needed": _("Nothing waits for you now."),
    "under_way": _("Under way"),
    "nothing_under_way": _("Nothing is being written, waiting or being sent."),
    "halt_all": _("Halt all"),
    "halt_help": _("Stops every update and alert at once. Nothing is lost, and it can be resumed."),
    "trouble": _("What stands still"),
    "done_halted": _("Everything that was being sent is halted. To resume one, open it below."),
}

BROADCASTS: Mapping[str, Text] = {
    "title": _("Updates and alerts"),
    "nothing": _("There are none yet."),
    "what_readers_get": _("What readers get"),
    "whom_and_when": _("To whom, and when"),
    "how_far": _("How far it is"),
    "what_now": _("What you can do now"),
    "nothing_now": _("There is nothing that you can do with it now."),
    "button": _("Button:"),
    "propose": _("Ask for approval"),
    "propose_help": _("The others are asked. Nothing is sent before one of them approves it."),
    "approve": _("Approve it"),
    "approve_help": _("It is sent a little later. Until then, and after it, it can be halted."),
    "read": _("I have read it in every language."),
    "urgent": _("It is urgent: it may wake people at night."),
    "number": _("The number of people whom it reaches"),
    "halt": _("Halt it"),
    "halt_help": _("Nobody else gets it, at once. It can be resumed."),
    "resume": _("Resume it"),
    "resume_help": _("It goes on to those who have not got it. Nobody gets it twice."),
    "discard": _("Discard it"),
    "discard_help": _("Nobody has got it, and nobody will."),
    "sure": _("Yes, discard it"),
    "read_first": _("Please say first that you have read it."),
    "urgent_first": _("Please say first that it is urgent."),
    "number_first": _("That is another number. Please type how many people it reaches."),
    "done_saved": _("It is kept. You get the test in your chat."),
    "edit": _("Change it"),
    "done_propose": _("The others are asked to approve it."),
    "done_approve": _("It is approved. You can still halt it."),
    "done_halt": _("It is halted. Nobody else gets it for now."),
    "done_resume": _("It is resumed."),
    "done_discard": _("It is discarded. Nobody will get it."),
}

_OBSTACLES: Mapping[Obstacle, Text] = {
    Obstacle.ROLE: _("This takes another role than yours."),
    Obstacle.STATUS: _("It has changed in the meantime: look at it again."),
    Obstacle.STARTED: _("It has been sent to some already. Halt it, and send a correction."),
    Obstacle.NOT_THE_AUTHOR: _("Only the person who wrote it can ask for its approval."),
    Obstacle.NOT_TESTED: _("It is still being counted and tested. Load this page again in a moment."),
    Obstacle.FORGED: _("Somebody has changed it in the database. It is not sent: write it anew."),
    Obstacle.OWN: _("You wrote it, so another person has to approve it."),
    Obstacle.HALTED_BY_ANOTHER: _(
        "Another person has halted it, and you wrote it. Another approver resumes it."
    ),
    Obstacle.PAUSED: _("Its case or action is paused. That has to be resumed first."),
    Obstacle.WORTHLESS: _("Its time is over. Give it another time first."),
}


def obstacle(against: Obstacle) -> Text:
    return _OBSTACLES[against]


def session_line(session: Session) -> Text:
    facts: Values = {"since": moment(session.created_at), "until": moment(session.expires_at)}
    return _("Since {since}, until {until} at most", facts)


def broadcast_title(broadcast: Broadcast) -> Text:
    return named(broadcast)


def broadcast_line(progress: Progress) -> Text:
    broadcast, shown = progress.broadcast, progress.shown
    facts: Values = {
        "broadcast": named(broadcast),
        "ended": Shown(shown.ended),
        "all": Shown(shown.whole),
    }
    match broadcast.status:
        case BroadcastStatus.CANCELLED:
            return _("{broadcast}: discarded", facts)
        case BroadcastStatus.EXPIRED:
            return _("{broadcast}: its time is over, {ended} of {all} people were reached in time", facts)
        case BroadcastStatus.DONE:
            return _("{broadcast}: sent, {ended} of {all} people are done", facts)
    return approving.line(progress)


def facts(broadcast: Broadcast, cases: Mapping[str, Case]) -> Text:
    return announcement.facts(broadcast.announcement, cases)


def reach(broadcast: Broadcast, rates: Mapping[Account, float]) -> Text:
    return notifications.reach(broadcast, rates)


def readers(language: str, *, wrote: bool) -> Text:
    said: Values = {"language": LanguageName(language)}
    return (
        _("Readers of {language} who have written a letter", said)
        if wrote
        else _("Readers of {language}", said)
    )


def hands(broadcast: Broadcast, members: Sequence[Organiser]) -> Text:
    lines: list[Text] = [_("Written by: {name}", {"name": _called(broadcast.author, members)})]
    if broadcast.approver is not None or broadcast.started_at is not None:
        lines.append(_("Approved by: {name}", {"name": _called(broadcast.approver, members)}))
    if broadcast.is_halted:
        lines.append(_("Halted by: {name}", {"name": _called(broadcast.halted_by, members)}))
    return Lines(tuple(lines))


def _called(number: int | None, members: Sequence[Organiser]) -> Text | str:
    if number is None:
        return _("The server's operator")
    return next((each.name for each in members if each.number == number), _("Somebody who has left the team"))


def figures(progress: Progress) -> Text:
    return Lines(tuple(notifications.figures_of_progress(progress)))


def to_approve(broadcast: Broadcast) -> Text:
    return _("{broadcast} waits for your approval", {"broadcast": named(broadcast)})


def to_propose(broadcast: Broadcast) -> Text:
    return _("{broadcast} is ready: ask for its approval", {"broadcast": named(broadcast)})


def held_letters(count: int) -> Text:
    return Sentence(
        "{count} letter waits until you have read it",
        {"count": Number(count)},
        "{count} letters wait until you have read them",
        count,
    )


def answers(count: int) -> Text:
    return Sentence(
        "{count} answer of an office waits",
        {"count": Number(count)},
        "{count} answers of offices wait",
        count,
    )


def uncertain_letters(count: int) -> Text:
    return Sentence(
        "{count} letter may have arrived: somebody has to find out",
        {"count": Number(count)},
        "{count} letters may have arrived: somebody has to find out",
        count,
    )


def request_line(request: ApprovalRequest, members: Sequence[Organiser]) -> Text:
    wish: Values = {"wish": notifications.describe_request(request, members)}
    return _("A second person is needed: {wish}", wish)


def undecided(count: int) -> Text:
    return Sentence(
        "The text of {count} letter has changed: does it matter?",
        {"count": Number(count)},
        "The texts of {count} letters have changed: does it matter?",
        count,
    )


def in_trouble(lane: LaneState) -> Text:
    return _(
        "{name} stands still until {moment}", {"name": lane.lane.name, "moment": moment(lane.paused_until)}
    )


def paused(subject: str, cases: Mapping[str, Case]) -> Text:
    found = find(cases, subject)
    return _("{title} is paused", {"title": found.title if found else subject})


COMPOSE: Mapping[str, Text] = {
    "about": _("The case"),
    "no_case": _("No case in particular"),
    "news": _("The news"),
    "own_words": _("I write it here"),
    "from_folder": _("Its text stands in the case folder, in every language."),
    "which": _("Which one is wrong?"),
    "texts": _("What it says"),
    "texts_help": _("Plain text. The case, the date and how to stop are added."),
    "no_instead": _("Its own text"),
    "whom": _("Who gets it"),
    "countries": _("Only in these countries"),
    "countries_help": _("Names with commas between them. Empty: everywhere."),
    "only_language": _("Only readers of"),
    "every_language": _("every language"),
    "about_action": _("About the action"),
    "no_action": _("None in particular"),
    "when": _("When it is sent"),
    "at": _("Day and time"),
    "lasts": _("Worth reading for"),
    "no_end": _("no time limit"),
    "at_night": _("It is urgent: at night, too."),
    "leads_to": _("Its button"),
    "letters_wait": _("Letters with an older text wait until their writers agree to the new one."),
    "more": _("More choices"),
    "look": _("Show how it looks"),
    "save": _("Keep it, and send me the test"),
    "save_help": _("Only you get the test. Nobody else gets anything before another person has approved it."),
    "looks": _("What readers get"),
    "nothing_yet": _("Write a text, then you see here how it looks."),
    "wrong": _("Please look at this first:"),
}

_KINDS: Mapping[Kind, Text] = {
    Kind.UPDATE: _("Write an update"),
    Kind.ALERT: _("Write an alert"),
    Kind.CORRECTION: _("Correct what was sent"),
}

_PROBLEMS: Mapping[Rule, Text] = {
    Rule.CASE_NEEDED: _("An update is about a case. Please choose one."),
    Rule.CASE_KNOWN: _("There is no such case."),
    Rule.AS_IN_FOLDER: _("The case folder has another text by now. Please choose the news again."),
    Rule.BUTTON_NEEDED: _("An update needs a button. Please choose where it leads."),
    Rule.END_NEEDED: _("An alert needs an end. Please choose how long it is worth reading."),
    Rule.BUTTON_NEEDS_CASE: _("A button leads to a case. Please choose one, or no button."),
    Rule.WRITERS_NEED_CASE: _("Who has written for what? Please choose a case."),
    Rule.SENT_BEFORE: _("Nobody has got what it corrects."),
    Rule.NOT_NARROWED: _("A correction goes to everyone who got it. Please choose no readers."),
    Rule.ONE_START: _("Please choose one time at which it is sent."),
    Rule.START_AHEAD: _("That time has passed already."),
    Rule.START_IN_REACH: _("Please choose an earlier time at which it is sent."),
    Rule.END_IN_REACH: _("Please choose an earlier end."),
}


def kind(kind: Kind) -> Text:
    return _KINDS[kind]


def problem(problem: Problem) -> Text:
    if problem.language is None:
        return _PROBLEMS.get(problem.rule, _("Please write what it says, in one language at least."))
    values: Values = {"language": LanguageName(problem.language), "count": Number(TEXT_MAX)}
    match problem.rule:
        case Rule.TEXT_SHORT:
            return _("{language}: the text is too long. At most {count} characters fit.", values)
        case Rule.LANGUAGE_NEEDED:
            return _("{language}: write a text, or choose which text its readers get.", values)
        case Rule.TEXT_NEEDED:
            return _("{language}: there is no text.", values)
    return _("{language}: the text has signs that cannot be sent.", values)


def unknown_country(name: str) -> Text:
    return _("We do not know a country called {value}.", {"value": name})


def unclear_time() -> Text:
    return _("Please say on which day and at what time it is sent.")


def reach_of(whole: Figure) -> Text:
    return _("It would reach {people} now.", {"people": people(whole)})


def call_for(day: ExpectedActionDay) -> Text:
    return drafting.call_for(day)


def case_title(case: Case) -> Text:
    return case.title


def update_title(update: Update) -> Text | str:
    return drafting.update_option(update).label


def sent_title(team: Team, number: int) -> Text:
    return named(team.sent[number])


def language_name(language: str) -> Text:
    return LanguageName(language)


def text_in(language: str) -> Text:
    return _("Text in {language}", {"language": LanguageName(language)})


def instead_of(language: str) -> Text:
    return _("Readers of {language} get", {"language": LanguageName(language)})


def readers_option(readers: str) -> Text | str:
    return next(each.label for each in drafting.READERS if each.value == readers)


def when_option(when: str) -> Text | str:
    return next(each.label for each in drafting.WHEN if each.value == when)


def hours_option(hours: int) -> Text:
    return duration(hours * 3600)


def button_option(button: CallToAction) -> Text | str:
    options = (drafting.STEP_LETTER, drafting.STEP_READ, drafting.STEP_NONE)
    return next(each.label for each in options if each.value == button)


def zone(name: str) -> Text:
    return _("As clocks show it in {zone}.", {"zone": name.rpartition("/")[2].replace("_", " ")})


# Letters that wait to be read

REVIEW: Mapping[str, Text] = {
    "title": _("Letters to read"),
    "nothing": review_sentences.nothing_waits(),
    "not_trusted": shared.not_trusted(),
    "help": _("Tick the letters that you have read. Who wrote them is not shown."),
    "no_line": review_sentences.no_line(),
    "decide": _("What shall become of them?"),
    "release": _("Let them go as they are"),
    "without-line": _("Let them go without the sentence: their writers are told"),
    "refuse": _("Refuse them: their writers are told kindly, and can write again"),
    "why": _("If you refuse them, why?"),
    "ticked": _("Do it with those that are ticked"),
    "none_ticked": _("Please tick a letter first."),
    "decide_first": _("Please say first what shall become of them."),
    "why_first": _("Please say first why you refuse them."),
    "cannot_lose_line": _("The sentence of one of these cannot be left out. Please let it go, or refuse it."),
    "moved_on": _("One of these has been decided about meanwhile, so nothing was done. Please look again."),
}

REFUSAL_REASONS: Mapping[RefusalReason, Text | str] = {
    RefusalReason(each.value): each.label for each in review_sentences.REASONS
}


def held_letter(letter: HeldLetter, cases: Mapping[str, Case]) -> Text:
    return review_sentences.facts(letter, cases)


def letters_decided(decision: ReviewDecision, count: int) -> Text:
    return review_sentences.decided(decision, count)


def letters_shown(shown: int) -> Text:
    return Sentence(
        "Do it with {count} letter that is shown",
        {"count": Number(shown)},
        "Do it with all {count} letters that are shown",
        shown,
    )


# Answers of offices

ANSWERS: Mapping[str, Text] = {
    "title": _("Answers of offices"),
    "nothing": answer_sentences.nothing_waits({}, named=False),
    "not_trusted": shared.not_trusted(),
    "no_text": answer_sentences.no_text(),
    "whole": _("Show all of it"),
    "only_this": _("Only this one"),
}


def answer_facts(group: AnswerGroup, cases: Mapping[str, Case]) -> Text:
    return answer_sentences.facts(group, cases)


def ask_settle(group: AnswerGroup) -> Text:
    return answer_sentences.ask_settle(group)


def settling(status: AnswerStatus, count: int) -> Text | str:
    passing, aside = answer_sentences.decisions(count)
    return (passing if status is AnswerStatus.PASSED else aside).label


def answers_settled(status: AnswerStatus, count: int) -> Text:
    return answer_sentences.settled(status, count, more=False)


# Letters that wait for a decision

LETTERS: Mapping[str, Text] = {
    "title": _("Letters to decide about"),
    "nothing": _("No letter waits for a decision."),
    "not_trusted": shared.not_trusted(),
    "uncertain": _("They may have arrived"),
    "uncertain_help": _("Nothing is sent twice by itself. Please find out first whether it has arrived."),
    "where": _("Where to look:"),
    "held": _("They are held"),
    "held_help": _(
        "After {duration} without a decision, each is cancelled, and its text is deleted.",
        {"duration": lasting_for(KEEP_UNDECIDED)},
    ),
    "more": _("There are more of them. They are shown when these are decided."),
    "arrived": _("It has arrived"),
    "send-again": _("Send it once more"),
    "had-left": _("It had been sent"),
    "release": _("Let it go"),
    "texts": _("Texts that have changed"),
    "matters": _("Yes, ask the writers first"),
    "spelling": _("No, only the spelling"),
    "done_arrived": _("It counts as arrived. Its writer is told."),
    "done_send-again": _("It is sent once more."),
    "done_had-left": _("It counts as sent."),
    "done_release": _("It is let go."),
    "done_matters": team_sentences.reworded(matters=True),
    "done_spelling": team_sentences.reworded(matters=False),
}


def letter_line(letter: Letter, cases: Mapping[str, Case]) -> Text:
    case, target, day = cases.get(letter.case), target_of(cases, letter.ref), letter.created_at.date()
    facts: Values = {
        "number": str(letter.id),
        "title": case.title if case else letter.case,
        "office": target.office if target else letter.ref.target,
        "day": CaseDate(day.year, day.month, day.day),
        "route": str(letter.route),
    }
    return Lines(
        (
            _("<b>Letter {number}</b>: {title}, letter to {office}", facts),
            _("Written on {day}. How it is sent: {route}", facts),
        )
    )


def why_held(letter: Letter, cases: Mapping[str, Case]) -> Text:
    if target_of(cases, letter.ref) is None:
        return _("Its office is not in the case folder any more. Whoever runs the server can put it back.")
    if letter.asked_at is not None:
        return _("Its writer is asked to agree to a new text. It is sent when they have.")
    if letter.restored_at is not None:
        return _("It may have been sent already: the database was put back since.")
    return _("It waits until somebody lets it go.")


def ask_matters(action: ActionRef, cases: Mapping[str, Case]) -> Text:
    found = find(cases, str(action))
    if isinstance(found, Action):
        return team_sentences.ask_matters(found)
    return _("The letter of {action} reads otherwise. Does the change matter?", {"action": str(action)})


# The team

TEAM: Mapping[str, Text] = {
    "title": _("The team"),
    "requests": _("What waits for a second person"),
    "agree": _("Yes, I agree"),
    "refuse": _("No, close the request"),
    "members": _("Who is in it"),
    "members_help": _("To change a role, write <b>/role</b> in your chat with the assistant."),
    "paused": _("What is paused"),
    "nothing_paused": _("Nothing is paused."),
    "resume": _("Resume it"),
    "which": _("Which case is it about?"),
    "pause": _("Pause it now"),
    "pause_help": _("None of its letters, updates or alerts are sent, at once. It takes two to resume it."),
    "done_agree": _("It is done."),
    "done_refuse": team_sentences.refused_wish(),
    "done_pause": _("It is paused. What was sent before cannot be called back."),
    "done_resume": _("It is resumed."),
    "done_asked": _(
        "The other approvers are asked. One of them has to agree within {duration}.",
        {"duration": lasting_for(REQUEST_LASTS)},
    ),
    "done_nobody": team_sentences.nobody_to_agree(),
}


def member_line(member: Organiser) -> Text:
    return _("{name}: {role}", {"name": member.name, "role": role_name(member.role)})


def asked(request: ApprovalRequest, seen: Team) -> Text:
    facts: Values = {
        "who": _called(request.author, seen.members),
        "wish": notifications.describe_request(request, seen.members),
    }
    if request.author == seen.me.number:
        return _("You ask for this: {wish}. Another person has to agree.", facts)
    if seen.may(request.needs):
        return team_sentences.ask_agree(request, seen.members)
    return _("{who} asks for this: {wish}.", facts)


def pausing(subject: str, found: Case | Action) -> Text | str:
    return shared.pause_option(subject, found).label


# The record

AUDIT: Mapping[str, Text] = {
    "title": _("The record of what the team did"),
    "nothing": _("Nothing has been done yet."),
    "number": _("Number"),
    "at": _("When"),
    "who": _("Who"),
    "what": _("What"),
    "older": _("What was done before"),
    "verify": _("Check the record"),
    "verify_help": _(
        "This shows whether somebody has changed an entry, a role, an approval or a pause in the database."
    ),
    "code": _("The code that was noted last time, if there is one"),
    "changed": _("Somebody has changed something. Please show this to whoever runs the server:"),
    "noted": _("The entry with the code that was noted is there."),
    "newest": _("The code of the newest entry:"),
    "keep": _("Please keep it elsewhere. Given next time, it shows whether the newest entries are missing."),
}


def recorded_at(entry: Entry) -> Text:
    return moment(entry.at)


def recorded_by(entry: Entry, members: Sequence[Organiser]) -> Text | str:
    if entry.actor == "shell":
        return _called(None, members)
    return next((each.name for each in members if f"organiser {each.number}" == entry.actor), entry.actor)


def verified(found: Verified) -> Text:
    return Sentence(
        "{count} entry was read, and it is as it was written.",
        {"count": Number(found.entries)},
        "{count} entries were read, and all are as they were written.",
        found.entries,
    )


CASE_FIGURES: Mapping[str, Text] = {
    "title_cases": _("Cases"),
    "how_far": _("How far people come"),
    "how_far_help": _("Up to the letter it is people who are counted, then letters. Nobody is followed."),
    "goals": _("Goals"),
    "where": _("Where letters are"),
    "written": _("Written"),
    "countries": _("Where letters come from"),
    "elsewhere": _("Elsewhere"),
    "sources": _("Links that brought letters"),
    "few": _("Counts under ten are not shown, nor what would tell them."),
    "fresh": _("They may be a moment old."),
    "no_letters": _("There are no letters yet that can be counted."),
}

_STAGES: Mapping[Stage, Text] = {
    Stage.WAITING: _("Waiting"),
    Stage.SENT: _("Sent"),
    Stage.ARRIVED: _("Arrived"),
    Stage.FAILED: _("Failed"),
}

funnel, places, reached, step = charts.funnel, charts.places, charts.reached, charts.step


def stage(stage: Stage) -> Text:
    return _STAGES[stage]


def country(code: str) -> Text:
    return CountryName(code)


def count(figure: Figure) -> Text:
    return Shown(figure)
