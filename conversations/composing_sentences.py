"""What organisers read while they write an update, an alert or a correction."""

import re
from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Option
from assistant.dialogue.planning import PROSE_MAX
from assistant.domain.broadcasts import Announcement, Broadcast, Step
from assistant.domain.model import Case, Update
from assistant.domain.speech import LanguageName, Paragraphs, Sentence, Speech, Values
from conversations.figures import duration, named
from conversations.summary_sentences import facts, texts

_ = Sentence

SAVE = Option("save", _("Keep it and send me the test"), _("yes, ok, keep, save, test"), agrees=True)
EDIT = Option("edit", _("Change something"), _("change, edit"))
DROP = Option("stop", _("Do not keep it"), _("no, drop, throw away"))
SKIP = Option("skip", _("Not in this language"), _("skip, none, -"))
WRITE = Option("own", _("Something else: I write it"), _("other, write, own, something else"))
WRITE_IT = Option("write", _("No, I will write it"), _("no, write"))
NO_CASE = Option("none", _("No case in particular"), _("none, no case"))
EVERYWHERE = Option("all", _("All countries"), _("all, everywhere, every, skip"))
ALL_LANGUAGES = Option("all", _("All languages"), _("all, every, skip"))
FOREVER = Option("never", _("It stays worth reading"), _("never, always, no end"))
WAIT = Option("wait", _("Wait until it is day there"), _("wait, day, yes"))
URGENT = Option("urgent", _("It is urgent: at night, too"), _("urgent, night"))
STEP_LETTER = Option(Step.LETTER, _("Write a letter"), _("letter"))
STEP_READ = Option(Step.READ, _("Read more about the case"), _("read, more"))
STEP_NONE = Option(Step.NONE, _("No button"), _("none, no"))
READERS = (
    Option("case", _("Those who get its news"), _("subscribers, its readers")),
    Option("wrote", _("Only those who have written"), _("wrote, written")),
    Option("unwritten", _("Only those yet to write"), _("not written, unwritten")),
    Option("everyone", _("Subscribers of any case"), _("any, any case")),
)
WHEN = (
    Option("now", _("As soon as it is approved"), _("now, at once, approved")),
    Option("moment", _("On a certain day and time"), _("at, time, moment")),
    Option("local", _("At each reader's own time"), _("local, there")),
)


def not_trusted() -> Speech:
    return _(
        "Your role in the team does not include this, so nothing has changed. "
        "An owner of the team can change your role."
    )


def nothing_to_edit() -> Speech:
    return _(
        "There is nothing that can be changed. What has begun to leave can be stopped with <b>/halt</b>, "
        "or corrected with <b>/correct</b>."
    )


def dropped() -> Speech:
    return _("What you have just written was not kept. Nothing else has changed.")


def saved() -> Speech:
    return _(
        "It is kept as a draft, and nobody gets it yet. In a moment you get the test, "
        "and how many people it would reach."
    )


# What it says


def ask_about() -> Speech:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def ask_news() -> Speech:
    return Paragraphs(
        (
            _("Which news is it? These lie in the case folder and have not been sent."),
            _("You read all of it before anybody gets it."),
        )
    )


def update_option(update: Update) -> Option:
    """By its date and what its file is called, such as `2011-09-conviction`."""
    called = re.sub(r"^[\d-]+", "", update.slug).replace("-", " ") or update.slug
    return Option(update.slug, _("{date}: {name}", {"date": update.date, "name": called}))


def ask_text(language: str) -> Speech:
    return Paragraphs(
        (
            _("Please write the text in {language}.", {"language": LanguageName(language)}),
            _(
                "At most {limit} characters. The case, the date and how to stop are added by themselves.",
                {"limit": PROSE_MAX},
            ),
        )
    )


def ask_instead(language: str) -> Speech:
    facts: Values = {"language": LanguageName(language)}
    return _("There is no text in {language}. What shall its readers get?", facts)


def instead_option(language: str, other: str) -> Option:  # noqa: ARG001  the question names it
    facts: Values = {"other": LanguageName(other)}
    return Option(other, _("They get it in {other}", facts), LanguageName(other))


def nothing_to_correct() -> Speech:
    return _("Nothing has been sent yet that could be corrected.")


def sent_option(broadcast: Broadcast) -> Option:
    return Option(str(broadcast.id), named(broadcast), word=str(broadcast.id))


def ask_corrected() -> Speech:
    return Paragraphs(
        (
            _("Which one do you want to correct?"),
            _("The correction goes only to those who got it. Who has unsubscribed since gets nothing."),
        )
    )


def ask_step() -> Speech:
    return _("Which button shall stand under it? It is the one thing that readers can press.")


# To whom


def ask_readers(case: Case) -> Speech:
    return _("Who shall get it? It is about {title}.", {"title": case.title})


def ask_countries() -> Speech:
    return Paragraphs(
        (
            _("Shall only people in some countries get it?"),
            _("Please write the countries with commas between, or choose all."),
            _("We know where people live only if they have written a letter. The others would not get it."),
        )
    )


def ask_languages() -> Speech:
    return _("Shall only readers of one language get it?")


def language_option(code: str) -> Option:
    return Option(code, LanguageName(code))


# When


def ask_when() -> Speech:
    return _("When shall it leave? Nothing leaves before it is approved.")


def ask_moment(case: Case | None) -> Speech:
    if case is None:
        return _("Please write the day and the time in UTC (London in winter), like this: 2012-01-23 09:00")
    values: Values = {"place": case.target.place}
    return _("Please write the day and the time in {place}, like this: 2012-01-23 09:00", values)


def ask_local() -> Speech:
    return Paragraphs(
        (
            _("Please write the day and the time, like this: 2012-01-23 10:00"),
            _("Each reader gets it at that time where they live, or a little later."),
        )
    )


def ask_lasts() -> Speech:
    return _("How long is it worth reading? After that, nobody gets it any more.")


def lasting(*, must_end: bool) -> Sequence[Option]:
    hours = [Option(f"h{each}", duration(each * 3600)) for each in (6, 24, 72)]
    return hours if must_end else [FOREVER, *hours]


def ask_night() -> Speech:
    return Paragraphs(
        (
            _("Where it is night, from nine in the evening to eight in the morning: shall it wait?"),
            _("If you choose urgent, whoever approves it has to find it urgent, too."),
        )
    )


# All of it


def check(written: Announcement) -> Speech:
    return Paragraphs(
        (
            _("This is what you have written:"),
            *texts(written),
            facts(written),
            _("Is it right? Only you get the test. Nobody else gets anything yet."),
        )
    )


def ask_field() -> Speech:
    return _("What would you like to change?")


def fields(asked: Iterable[str]) -> list[Option]:
    """The questions that were asked, by what they are about."""
    return [Option(each, label) for each in asked if (label := _field(each)) is not None]


def _field(name: str) -> Speech | None:
    word, _hyphen, language = name.partition("-")
    match word:
        case "text":
            return _("The text in {language}", {"language": LanguageName(language)})
        case "instead":
            return _("What readers of {language} get", {"language": LanguageName(language)})
    return _FIELDS.get(name)


_FIELDS: dict[str, Speech] = {
    "about": _("The case"),
    "news": _("Which news it is"),
    "broadcast": _("Which broadcast it corrects"),
    "readers": _("Who gets it"),
    "countries": _("The countries"),
    "languages": _("The languages"),
    "when": _("When it leaves"),
    "moment": _("The day and time"),
    "local": _("The day and time"),
    "lasts": _("How long it is worth reading"),
    "night": _("Whether it waits for the day"),
    "step": _("The button"),
}
