"""All that people read of a case."""

from collections.abc import Mapping, Sequence

from assistant.domain.actions import ActionDay
from assistant.domain.case_parts import Part
from assistant.domain.cases import Update
from assistant.domain.targets import Target
from assistant.domain.texts import Lines, Number, Sentence, Text
from conversations.dashboard_pages import walk

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("All its texts"),
    "help": _(
        "This is all that people read. The letters are those of an invented person. To change a text, change "
        "the case folder."
    ),
    "walk": walk.SENTENCES["title"],
    "findings": _("What the check of the case folder says"),
    "broken": _("The folder has mistakes. Until they are mended, its last good version is used:"),
    "to_look_at": _("It can be used. Please look at these:"),
    "all_well": _("Nothing is wrong with it."),
    "no_folder": _("Its folder is not there, so it cannot be checked."),
    "is_sent": _("this one is sent"),
    "addressees": _("Who gets the letters"),
    "office": _("Office"),
    "salutation": _("Salutation"),
    "reads": _("Language"),
    "routes": _("How they are sent"),
    "printed": _("On paper"),
    "pdf": _("PDF"),
    "later": _("News, and what is passed on"),
}

_HEADINGS: Mapping[Part, Text] = {
    Part.TITLE: _("Title"),
    Part.BRIEFING: _("Briefing"),
    Part.ASKS: _("What is asked"),
    Part.ACTION_BRIEFING: _("Briefing of this action"),
    Part.ACTION_DAY: _("Action day"),
    Part.LETTER: _("Letter"),
    Part.SUBJECTS: _("Subjects of emails"),
    Part.SHARE: _("To pass on"),
    Part.FOLLOW: _("Links to the campaign"),
    Part.UPDATE: _("Update"),
    Part.CLOSED: _("How it ended"),
    Part.QUESTIONS: _("Questions, and below each the words by which they are recognised"),
}


def heading(part: Part) -> Text:
    return _HEADINGS[part]


def update_heading(update: Update) -> Text:
    return _("Update {slug}", {"slug": update.slug})


def update_note(update: Update) -> Text | None:
    said: list[Text] = []
    if update.outcome:
        said.append(_("It tells what the letters did."))
    if update.replaces_letter:
        said.append(_("Letters written before it are not true any more."))
    return Lines(tuple(said)) if said else None


def day_heading(day: ActionDay) -> Text:
    return _("Action day: {day}", {"day": day.date})


def letter_heading(targets: Sequence[Target]) -> Text:
    return _("Letter to {office}", {"office": targets[0].office})


def letter_note(others: int) -> Text | None:
    if not others:
        return None
    return Sentence(
        "{count} more office gets it, with its own salutation.",
        {"count": Number(others)},
        "{count} more offices get it, each with its own salutation.",
        others,
    )
