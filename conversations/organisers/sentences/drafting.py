"""What organisers read while they write an update, an alert or a correction."""

import re
from collections.abc import Iterable, Mapping, Sequence

from assistant.dialogue.answers import PROSE_MAX
from assistant.dialogue.options import Option
from assistant.domain.actions import Action
from assistant.domain.broadcasts import (
    Announcement,
    Broadcast,
    CallToAction,
)
from assistant.domain.cases import Case, Update
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.quiet_hours import SLEEPS, WAKES
from assistant.domain.texts import (
    LanguageName,
    Paragraphs,
    Sentence,
    Text,
    Values,
)
from conversations.organisers.formatting import (
    duration,
    hour_of_day,
    named,
)
from conversations.organisers.notifications import describe_request as describe_request
from conversations.organisers.sentences.announcement import facts, texts

_ = Sentence


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


def action_option(action: Action) -> Option:
    return Option(action.slug, action.title)


NO_ACTION = Option("none", _("The whole case"), _("none, no, all, all of them, the case"))


def ask_action() -> Text:
    return _("Which action is it about?")


LETTERS_LEAVE = Option("leave", _("They are sent as they are"), _("no, leave, send, as they are"))
LETTERS_WAIT = Option("hold", _("They wait for their writers"), _("yes, hold, wait, ask"))


def ask_waiting() -> Text:
    return Paragraphs(
        (
            _("Does this news change what the letter says?"),
            _(
                "If it does, letters that stand on the old text wait. Their writers see the new letter and "
                "agree to it first."
            ),
        )
    )


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


def call_for(action_day: ExpectedActionDay) -> Text:
    """What an alert says of an action day, where its author writes nothing else."""
    return _(
        "{title}: many letters on the same day are harder to ignore. Please write yours now.",
        {"title": action_day.title},
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
            "Please write the day and the time in UTC (as in London in winter). For example: Monday 9:00"
        )
    values: Values = {"place": case.main.place}
    return _("Please write the day and the time in {place}. For example: Monday 9:00", values)


def ask_local() -> Text:
    return Paragraphs(
        (
            _("Please write the day and the time. For example: Monday 10:00"),
            _("Everyone gets it at that time in the place where they live, or a little later."),
        )
    )


def ask_lasts() -> Text:
    return _("For how long shall we send it? After that, nobody gets it any more.")


def lasting(*, must_end: bool) -> Sequence[Option]:
    hours = [_hours(6), ONE_DAY, _hours(72)]
    return hours if must_end else [FOREVER, *hours]


def _hours(count: int) -> Option:
    return Option(f"h{count}", duration(count * 3600))


ONE_DAY = _hours(24)


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


def check(written: Announcement, cases: Mapping[str, Case]) -> Text:
    return Paragraphs(
        (
            _("This is what it says:"),
            *texts(written),
            facts(written, cases),
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
    "action": _("The action"),
    "readers": _("Who gets it"),
    "countries": _("The countries"),
    "languages": _("The languages"),
    "when": _("When it is sent"),
    "moment": _("The day and time"),
    "local": _("The day and time"),
    "lasts": _("For how long it is sent"),
    "night": _("Whether it waits until morning"),
    "step": _("The button"),
    "waiting": _("Letters that wait"),
}
