"""Letters that wait for a decision."""

from collections.abc import Mapping, Sequence

from assistant.domain.actions import Action
from assistant.domain.cases import Case, target_of
from assistant.domain.letters import ActionRef, Letter
from assistant.domain.pauses import find
from assistant.domain.retention import KEEP_UNDECIDED
from assistant.domain.targets import Target
from assistant.domain.texts import CaseDate, Lines, Number, Sentence, Text, Values
from conversations.organisers.formatting import (
    lasting_for,
)
from conversations.organisers.sentences import shared
from conversations.organisers.sentences import team as team_sentences
from conversations.ways import way

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "printed": _("The page that its office gets, with an invented name"),
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
    "arrived": _("The office has it"),
    "arrived_help": _("Choose this if you found out that it arrived. Its writer is told so."),
    "send-again": _("Send it once more"),
    "send-again_help": _("If the office has it already, it gets it twice. This cannot be undone."),
    "send-again_sure": _("Yes, send it once more"),
    "had-left": _("It was sent before: do not send it again"),
    "had-left_help": _("It then counts as sent. Whether it arrived stays unknown."),
    "release": _("Send it"),
    "release_help": _("It is sent at the next time that its office can take it."),
    "release_restored_help": _("Choose this only if it was not sent before. Else the office gets it twice."),
    "texts": _("Texts that have changed"),
    "read_text": _("Read the letter as it is now"),
    "compared": _("The letter of an invented person. Crossed out: the old words. Underlined: the new ones."),
    "removed": _("Removed:"),
    "added": _("New:"),
    "old_unknown": _("The old text is not kept: it is from before this page could compare them."),
    "reads_alike": _(
        "The letter of an invented person reads as before. What has changed is only in some letters."
    ),
    "matters": _("Yes, ask the writers first"),
    "spelling": _("No, only the spelling"),
    "done_arrived": _("It counts as arrived. Its writer is told."),
    "done_send-again": _("It is sent once more."),
    "done_had-left": _("It counts as sent. It is not sent again."),
    "done_release": _("It is sent at the next time that its office can take it."),
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
        "way": way(letter.route.carrier),
        "address": letter.route.address,
    }
    sent = _("Written on {day}. How it is sent: {way}", facts)
    if letter.route.address:
        sent = _("Written on {day}. How it is sent: {way}, {address}", facts)
    return Lines((_("<b>Letter {number}</b>: {title}, letter to {office}", facts), sent))


def why_held(letter: Letter, cases: Mapping[str, Case]) -> Text:
    if target_of(cases, letter.ref) is None:
        return _("Its office is not in the case folder any more. Whoever runs the server can put it back.")
    if letter.asked_at is not None:
        return _("Its writer is asked to agree to a new text. It is sent when they have.")
    if letter.restored_at is not None:
        return _("It may have been sent already: the database was put back since.")
    return _("It waits until somebody decides to send it.")


def changed_for(targets: Sequence[Target]) -> Text:
    facts: Values = {"office": targets[0].office, "count": Number(len(targets) - 1)}
    if len(targets) == 1:
        return _("What has changed in the letter to {office}", facts)
    return Sentence(
        "What has changed in the letters to {office} and {count} more office",
        facts,
        "What has changed in the letters to {office} and {count} more offices",
        len(targets) - 1,
    )


def ask_matters(action: ActionRef, cases: Mapping[str, Case]) -> Text:
    found = find(cases, str(action))
    if isinstance(found, Action):
        return team_sentences.ask_matters(found)
    return _("The letter of {action} reads otherwise. Does the change matter?", {"action": str(action)})
