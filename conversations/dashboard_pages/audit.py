"""The record of what organisers did."""

from collections.abc import Mapping, Sequence

from assistant.domain.audit import Entry, Verified
from assistant.domain.organisers import Organiser
from assistant.domain.texts import Number, Sentence, Text
from conversations.organisers.formatting import (
    member_name,
    moment,
)

_ = Sentence

SENTENCES: Mapping[str, Text] = {
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
        return member_name(None, members)
    return next((each.name for each in members if f"organiser {each.number}" == entry.actor), entry.actor)


def verified(found: Verified) -> Text:
    return Sentence(
        "{count} entry was read, and it is as it was written.",
        {"count": Number(found.entries)},
        "{count} entries were read, and all are as they were written.",
        found.entries,
    )
