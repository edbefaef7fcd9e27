"""What organisers read in their conversations, marked for translation."""

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from assistant.dialogue.answers import PROSE_MAX, Option
from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    Progress,
    Timing,
    undo,
)
from assistant.domain.cases import Case, Update
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import (
    CODE_LASTS,
    REQUEST_LASTS,
    ApprovalRequest,
    Organiser,
    Permission,
    Role,
)
from assistant.domain.quiet_hours import SLEEPS, WAKES
from assistant.domain.team import Team
from assistant.domain.texts import (
    CountryName,
    LanguageName,
    Lines,
    Listed,
    Number,
    Paragraphs,
    Sentence,
    Text,
    Values,
    Written,
)
from conversations.organisers.formatting import (
    duration,
    hour_of_day,
    lasting_for,
    moment,
    named,
    people,
    role_name,
)
from conversations.organisers.notifications import describe_request as describe_request
from conversations.organisers.notifications import reach

_ = Sentence


def texts(written: Announcement) -> Iterable[Text]:
    """What it says, in each language."""
    for language in written.texts:
        text = Written({language: written.text_for(language) or Markup()})
        yield Lines((_("{language}:", {"language": LanguageName(language)}), text))


def facts(written: Announcement) -> Text:
    """To whom it goes and when, a line each."""
    instead = [
        _(
            "Readers of {language} get it in {other}",
            {"language": LanguageName(each), "other": LanguageName(other)},
        )
        for each, other in written.fallbacks.items()
    ]
    return Lines((*instead, *_to_whom(written.audience), *_when(written.timing), *_with_it(written)))


def _to_whom(audience: Audience) -> Iterable[Text]:
    if audience.received is not None:
        yield _("To: everyone who got number {number}", {"number": audience.received})
    elif audience.case is None:
        yield _("To: subscribers of any case")
    else:
        yield _("To: subscribers of {case}", {"case": audience.case})
    if audience.wrote is not None:
        yield (
            _("Only people who have written a letter")
            if audience.wrote
            else _("Only people who have not written a letter")
        )
    if audience.countries:
        names = Listed(tuple(CountryName(code) for code in audience.countries))
        yield _("Only in: {countries}", {"countries": names})
    if audience.languages:
        names = Listed(tuple(LanguageName(code) for code in audience.languages))
        yield _("Only in these languages: {languages}", {"languages": names})


def _when(timing: Timing) -> Iterable[Text]:
    if timing.at:
        yield _("Sent: {moment}", {"moment": moment(timing.at)})
    elif timing.day and timing.hour:
        there = f"{timing.day} {timing.hour:%H:%M}"
        yield _("Sent: {moment}, local time of each recipient", {"moment": there})
    else:
        yield _("Sent: as soon as it is approved")
    if timing.lasts is None:
        yield _("There is no time limit.")
    else:
        yield _("Sent for at most: {duration}", {"duration": duration(timing.lasts * 3600)})
    yield (
        _("Urgent: it is sent at night, too.")
        if timing.urgent
        else _("Where it is night, it waits until morning.")
    )


def _with_it(written: Announcement) -> Iterable[Text]:
    match written.call_to_action:
        case CallToAction.LETTER:
            yield _("Its button: {label}", {"label": _("Write a letter")})
        case CallToAction.READ:
            yield _("Its button: {label}", {"label": _("Read more")})
    if written.outcome:
        yield _("People who have written also read how many letters have arrived.")


SAVE = Option("save", _("Save it and send me the test"), _("yes, ok, keep, save, test"), agrees=True)
EDIT = Option("edit", _("Change something"), _("change, edit"))
DROP = Option("stop", _("Do not save it"), _("no, drop, throw away"))
SKIP = Option("skip", _("Not in this language"), _("skip, none, -"))
WRITE = Option("own", _("Something else: I write it"), _("other, write, own, something else"))
WRITE_IT = Option("write", _("No, I will write it"), _("no, write"))
NO_CASE = Option("none", _("No case in particular"), _("none, no case"))
EVERYWHERE = Option("all", _("All countries"), _("all, everywhere, every, skip"))
ALL_LANGUAGES = Option("all", _("All languages"), _("all, every, skip"))
FOREVER = Option("never", _("There is no time limit"), _("never, always, no end"))
WAIT = Option("wait", _("Wait until it is morning there"), _("wait, day, yes"))
URGENT = Option("urgent", _("It is urgent: at night, too"), _("urgent, night"))
STEP_LETTER = Option(CallToAction.LETTER, _("Write a letter"), _("letter"))
STEP_READ = Option(CallToAction.READ, _("Read more about the case"), _("read, more"))
STEP_NONE = Option(CallToAction.NONE, _("No button"), _("none, no"))
READERS = (
    Option("case", _("Subscribers of this case"), _("subscribers, its readers")),
    Option("wrote", _("Only people who have written"), _("wrote, written")),
    Option("unwritten", _("Only people who have not"), _("not written, unwritten")),
    Option("everyone", _("Subscribers of any case"), _("any, any case")),
)
WHEN = (
    Option("now", _("As soon as it is approved"), _("now, at once, approved")),
    Option("moment", _("On a certain day and time"), _("at, time, moment")),
    Option("local", _("At each recipient's local time"), _("local, there")),
)


def not_trusted() -> Text:
    return _(
        "Your role in the team does not include this, so nothing has changed. "
        "An owner of the team can change your role."
    )


def nothing_to_edit() -> Text:
    return _(
        "There is nothing that you can change. What is already being sent can be halted with "
        "<b>/halt</b>, or corrected with <b>/correct</b>."
    )


def dropped() -> Text:
    return _("What you have just written was not saved. Nothing else has changed.")


def saved() -> Text:
    return _(
        "It is saved as a draft, and nobody gets it yet. In a moment you get the test, and the number "
        "of people that it would reach."
    )


# What it says


def ask_about() -> Text:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def ask_news() -> Text:
    return Paragraphs(
        (
            _("Which news is it? These are in the case folder and have not been sent."),
            _("You read all of it before anybody gets it."),
        )
    )


def update_option(update: Update) -> Option:
    """By its date and what its file is called, such as `2011-09-conviction`."""
    called = re.sub(r"^[\d-]+", "", update.slug).replace("-", " ") or update.slug
    return Option(update.slug, _("{date}: {name}", {"date": update.date, "name": called}))


def ask_text(language: str) -> Text:
    return Paragraphs(
        (
            _("Please write the text in {language}.", {"language": LanguageName(language)}),
            _(
                "Please use at most {limit} characters. We add the case, the date and how to unsubscribe.",
                {"limit": PROSE_MAX},
            ),
        )
    )


def ask_instead(language: str) -> Text:
    facts: Values = {"language": LanguageName(language)}
    return _("There is no text in {language}. What shall readers of that language get?", facts)


def instead_option(language: str, other: str) -> Option:  # noqa: ARG001  the question names it
    facts: Values = {"other": LanguageName(other)}
    return Option(other, _("They get it in {other}", facts), LanguageName(other))


def nothing_to_correct() -> Text:
    return _("Nothing has been sent yet that could be corrected.")


def sent_option(broadcast: Broadcast) -> Option:
    return Option(str(broadcast.id), named(broadcast), word=str(broadcast.id))


def ask_corrected() -> Text:
    return Paragraphs(
        (
            _("Which one do you want to correct?"),
            _("Only people who got it will get the correction. People who have unsubscribed get nothing."),
        )
    )


def ask_step() -> Text:
    return _("Which button shall we put below it? Readers can press it.")


# To whom


def ask_readers(case: Case) -> Text:
    return _("Who shall get it? It is about {title}.", {"title": case.title})


def ask_countries() -> Text:
    return Paragraphs(
        (
            _("Shall we send it only to some countries?"),
            _("Please write the countries, separated by commas, or choose all."),
            _("We only know where people live if they have written a letter. The others would not get it."),
        )
    )


def ask_languages() -> Text:
    return _("Shall we send it only to readers of one language?")


def language_option(code: str) -> Option:
    return Option(code, LanguageName(code))


# When


def ask_when() -> Text:
    return _("When shall we send it? Nothing is sent before it is approved.")


def ask_moment(case: Case | None) -> Text:
    if case is None:
        return _(
            "Please write the day and the time in UTC (as in London in winter), like this: 2012-01-23 09:00"
        )
    values: Values = {"place": case.target.place}
    return _("Please write the day and the time in {place}, like this: 2012-01-23 09:00", values)


def ask_local() -> Text:
    return Paragraphs(
        (
            _("Please write the day and the time, like this: 2012-01-23 10:00"),
            _("Everyone gets it at that time in the place where they live, or a little later."),
        )
    )


def ask_lasts() -> Text:
    return _("For how long shall we send it? After that, nobody gets it any more.")


def lasting(*, must_end: bool) -> Sequence[Option]:
    hours = [Option(f"h{each}", duration(each * 3600)) for each in (6, 24, 72)]
    return hours if must_end else [FOREVER, *hours]


def ask_night() -> Text:
    return Paragraphs(
        (
            _(
                "Shall it wait where it is night, from {start} to {end}?",
                {"start": hour_of_day(SLEEPS), "end": hour_of_day(WAKES)},
            ),
            _("If you choose urgent, the person who approves it has to agree that it is urgent."),
        )
    )


# All of it


def check(written: Announcement) -> Text:
    return Paragraphs(
        (
            _("This is what you have written:"),
            *texts(written),
            facts(written),
            _("Is this right? Only you get the test. Nobody else gets anything yet."),
        )
    )


def ask_field() -> Text:
    return _("What would you like to change?")


def fields(asked: Iterable[str]) -> list[Option]:
    """The questions that were asked, by what they are about."""
    return [Option(each, label) for each in asked if (label := _field(each)) is not None]


def _field(name: str) -> Text | None:
    word, _hyphen, language = name.partition("-")
    match word:
        case "text":
            return _("The text in {language}", {"language": LanguageName(language)})
        case "instead":
            return _("What readers of {language} get", {"language": LanguageName(language)})
    return _FIELDS.get(name)


_FIELDS: dict[str, Text] = {
    "about": _("The case"),
    "news": _("Which news it is"),
    "broadcast": _("Which broadcast it corrects"),
    "readers": _("Who gets it"),
    "countries": _("The countries"),
    "languages": _("The languages"),
    "when": _("When it is sent"),
    "moment": _("The day and time"),
    "local": _("The day and time"),
    "lasts": _("For how long it is sent"),
    "night": _("Whether it waits until morning"),
    "step": _("The button"),
}

APPROVE = Option("yes", _("Approve it"), _("approve, ok"))  # in words: a thumbs-up may mean "I have seen it"
NOT_NOW = Option("no", _("Not now"), _("no, later"))
CONFIRM_URGENT = Option("yes", _("Yes, it is urgent"), _("urgent, ok"))
NOT_URGENT = Option("no", _("No, it can wait until morning"), _("wait, no"))
DISCARD = Option("yes", _("Discard it"), _("throw away, drop, discard, ok"))
KEEP_BROADCAST = Option("no", _("Keep it"), _("keep"))
RESUME = Option("yes", _("Resume it"), _("go on, continue, resume, ok"))
NOT_YET = Option("no", _("Not yet"), _("wait, no"))


def under_way(team: Team) -> Text:
    if not team.broadcasts:
        return _("Nothing is being written, waiting or being sent.")
    return Lines(tuple(_line(each, team) for each in team.broadcasts.values()))


def _line(broadcast: Broadcast, team: Team) -> Text:
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.reach)}
    match broadcast.status:
        case BroadcastStatus.PROPOSED:
            return _("{broadcast}: waiting for approval, to {people}", values)
        case BroadcastStatus.APPROVED:
            return _(
                "{broadcast}: approved, will be sent from {moment}",
                {**values, "moment": moment(broadcast.starts_at)},
            )
        case BroadcastStatus.SENDING | BroadcastStatus.HALTED:
            progress = Progress(broadcast, team.tallies.get(broadcast.id, ()))
            counted: Values = {"ended": Number(progress.ended), "all": Number(broadcast.recipients), **values}
            if broadcast.is_halted:
                return _("{broadcast}: halted, {ended} of {all} people are done", counted)
            return _("{broadcast}: being sent, {ended} of {all} people are done", counted)
    if broadcast.counts is None:
        return _("{broadcast}: being counted and tested", values)
    return _("{broadcast}: draft, to {people}", values)


def nothing_to_propose() -> Text:
    return _("You have no draft to propose. Write <b>/broadcasts</b> to see what there is.")


def not_tested_yet() -> Text:
    return _("It is still being counted and tested. Please write <b>/propose</b> again in a moment.")


def too_late() -> Text:
    return _("Its time is over, so it cannot be sent. Write <b>/edit</b> to give it another time.")


def proposed(*, alone: bool) -> Text:
    if alone:
        return _("Here one person is enough. Please read it once more. Nothing is sent until you approve it.")
    return _("We have asked the others. Nothing is sent until one of them approves it.")


def nobody_to_ask() -> Text:
    return _(
        "It is waiting for approval, but nobody else in the team can approve it. The server's operator "
        "can do that."
    )


def nothing_to_approve() -> Text:
    return _(
        "That is not waiting for approval, or it has changed. Nothing was approved. Write "
        "<b>/broadcasts</b> to see what there is."
    )


def needs_another() -> Text:
    return _("You wrote this one, so another person has to approve it. Nothing was approved.")


def case_is_paused() -> Text:
    return _("Its case is paused, so it cannot be sent. Please resume the case first, with <b>/resume</b>.")


def ask_approve(broadcast: Broadcast, team: Team) -> Text:
    written = broadcast.announcement
    return Paragraphs(
        (
            named(broadcast),
            *texts(written),
            facts(written),
            reach(broadcast, team.rates),
            _(
                "Shall we send it? For the first {duration} nobody gets it, and you can still halt it.",
                {"duration": lasting_for(undo(team.approvals))},
            ),
        )
    )


def ask_urgent() -> Text:
    return _("It would also wake people at night. Do you agree that it is urgent?")


def not_urgent() -> Text:
    return _("It is not approved. With <b>/edit</b> you can change it so that it waits until morning.")


def ask_number(broadcast: Broadcast) -> Text:
    return _(
        "It goes to {people}. This is the last question before it is approved: please type that number.",
        {"people": people(broadcast.reach)},
    )


def not_approved() -> Text:
    return _("It is not approved and is still waiting. Write <b>/approve</b> to come back to it.")


def approved(approvals: int) -> Text:
    return _(
        "You have approved it. Nothing is sent for {duration}. Write <b>/halt</b> to halt it.",
        {"duration": lasting_for(undo(approvals))},
    )


def nothing_to_discard() -> Text:
    return _(
        "There is nothing that you can discard. What is already being sent can be halted with "
        "<b>/halt</b>, or corrected with <b>/correct</b>."
    )


def ask_discard(broadcast: Broadcast) -> Text:
    return _(
        "Shall we discard {broadcast}? Nobody has got it, and nobody will.",
        {"broadcast": named(broadcast)},
    )


def kept() -> Text:
    return _("It is kept. Nothing has changed.")


def discarded() -> Text:
    return _("It is discarded. Nobody will get it.")


def all_halted(leaving: Sequence[Broadcast]) -> Text:
    if not leaving:
        return _("Nothing is being sent now, so there is nothing to halt.")
    return _(
        "Everything that was being sent is halted. It stays halted until somebody writes <b>/resume</b>."
    )


HALT_ALL = Option("yes", _("Halt everything"), agrees=True)
GO_ON_SENDING = Option("no", _("Let it go on"))


def ask_halt_sent(leaving: Sequence[Broadcast]) -> Text:
    names = Listed(tuple(map(named, leaving)))
    return Paragraphs(
        (_("This is being sent: {broadcasts}", {"broadcasts": names}), _("Shall we halt everything?"))
    )


def ask_halt_all(number: int, leaving: Sequence[Broadcast]) -> Text:
    return Paragraphs((_("Number {number} is not being sent.", {"number": number}), ask_halt_sent(leaving)))


def still_sent() -> Text:
    return _("Nothing was halted.")


def halting(broadcast: Broadcast) -> Text:
    return _(
        "{broadcast} is halted. It stays halted until somebody writes <b>/resume</b>.",
        {"broadcast": named(broadcast)},
    )


def resumed(broadcast: Broadcast) -> Text:
    return _("{broadcast} is resumed. Nobody gets it twice.", {"broadcast": named(broadcast)})


def nothing_to_resume(*, named: bool) -> Text:
    if named:
        return _(
            "There is nothing halted or paused by that name or number. "
            "Write <b>/resume</b> to see what there is."
        )
    return _("Nothing is halted or paused, so there is nothing to resume.")


def ask_what_to_resume() -> Text:
    return _("What do you want to resume? Please write its number or its name.")


def ask_resume(broadcast: Broadcast) -> Text:
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.reach)}
    return _("Shall we resume {broadcast}? It is for {people}. Nobody gets it twice.", values)


def still_halted() -> Text:
    return _("It stays halted. Nobody else gets it for now.")


DONE = Option("done", _("Change nothing"), _("no, nothing, done"), word="done")
REMOVE = Option("remove", _("Take them out of the team"), _("remove, out"))
KEEP_ORGANISER = Option("keep", _("Leave it as it is"), _("no, keep, nothing"))
AGREE = Option("yes", _("Yes, I agree"), _("agree, ok"))
REFUSE = Option("no", _("No"), _("refuse"))


# Joining


def ask_code() -> Text:
    return _(
        "Please write the code that you were given. It works once, for {duration}.",
        {"duration": lasting_for(CODE_LASTS)},
    )


def ask_called() -> Text:
    return Paragraphs(
        (
            _("What shall the team call you? It need not be your name."),
            _("Everyone in the team can read it. It is stored encrypted."),
        )
    )


def thank_you(name: str) -> Text:
    return _("Thank you, {name}.", {"name": name})


def welcome(member: Organiser) -> Text:
    return Paragraphs(
        (
            _("You are in the team, {name}: {role}.", {"name": member.name, "role": role_name(member.role)}),
            _("Write <b>/team</b> to see what you can do."),
        )
    )


def wrong_code() -> Text:
    return _(
        "That code does not work, so nothing has changed. A code works once, for {duration}. Please "
        "ask for a new one.",
        {"duration": lasting_for(CODE_LASTS)},
    )


# The team


def members(team: Team) -> Text:
    lines = [_("{name}: {role}", {"name": each.name, "role": role_name(each.role)}) for each in team.members]
    return Lines((_("The team:"), *lines))


def member_option(member: Organiser) -> Option:
    number = str(member.number)
    return Option(number, member.name, word=number)


def ask_member() -> Text:
    return _("Whose role do you want to change?")


def ask_role(member: Organiser) -> Text:
    return _("What shall {name} be?", {"name": member.name})


def role_option(role: Role) -> Option:
    return Option(role.value, role_name(role))


def team_unchanged() -> Text:
    return _("The team has not changed.")


def request_needs_another(request: ApprovalRequest) -> Text:
    values: Values = {"duration": lasting_for(REQUEST_LASTS)}
    if request.needs is Permission.APPROVE:
        return _(
            "This needs two people, so nothing has changed yet. We have asked the other approvers. One "
            "of them has to agree within {duration}.",
            values,
        )
    return _(
        "This needs two people, so nothing has changed yet. We have asked the other owners. One of "
        "them has to agree within {duration}.",
        values,
    )


def done() -> Text:
    return _("We have changed that.")


def words(team: Team) -> Text:
    """What this organiser can write."""
    lines = [
        _("<b>/halt</b> halts everything that is being sent, at once."),
        _("<b>/pause</b> pauses a case: its letters, updates and alerts."),
        _("<b>/broadcasts</b> shows what is being written, waiting or being sent."),
    ]
    if team.may(Permission.DRAFT):
        lines += [
            _("<b>/update</b> sends news of a case."),
            _("<b>/alert</b> calls people to act."),
            _("<b>/correct</b> corrects what was sent."),
            _("<b>/edit</b> changes what is not being sent yet, <b>/discard</b> discards it."),
            _("<b>/propose</b> asks the others to approve what you have written."),
        ]
    if team.may(Permission.APPROVE):
        lines += [
            _("<b>/approve</b> approves what somebody else has written."),
            _("<b>/resume</b> resumes a broadcast that was halted, or a case that was paused."),
            _("<b>/agree</b> answers a request that needs a second person."),
        ]
    return Lines((_("As an organiser you can write:"), *lines))


def ask_which_wish() -> Text:
    return _("What is it about?")


def ask_agree(request: ApprovalRequest, members: Sequence[Organiser]) -> Text:
    who = next((each.name for each in members if each.number == request.author), _("The server's operator"))
    facts: Values = {"who": who, "wish": describe_request(request, members)}
    return _("{who} asks for this: {wish}. Do you agree? If you do, it is done at once.", facts)


def no_wish() -> Text:
    return _("No request is waiting for your answer, so nothing has changed.")


def agreed() -> Text:
    return _("Thank you.")


def refused_wish() -> Text:
    return _("Nothing has changed, and the request is closed.")


# Broadcasts and cases


def ask_which_broadcast() -> Text:
    return _("Which one? Please write its number.")


def ask_which_case() -> Text:
    return _("Which case is it about?")


def paused(case: Case) -> Text:
    return Paragraphs(
        (
            _(
                "The case {title} is paused. None of its letters, updates or alerts are sent now.",
                {"title": case.title},
            ),
            _("What was sent before cannot be called back. To resume the case later, write <b>/resume</b>."),
        )
    )


def paused_already(case: Case) -> Text:
    return _(
        "The case {title} is paused already. None of its letters, updates or alerts are sent.",
        {"title": case.title},
    )


def nothing_to_pause() -> Text:
    return _("Every case is paused already. Nothing is sent for any of them.")
