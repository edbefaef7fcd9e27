"""Updates and alerts: the list of them, and each by itself."""

from collections.abc import Mapping, Sequence

from assistant.domain.broadcasts import (
    Broadcast,
    Progress,
)
from assistant.domain.cases import Case
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.domain.organisers import Organiser
from assistant.domain.texts import LanguageName, Lines, Sentence, Text, Values
from conversations.dashboard_pages.frame import obstacle as obstacle
from conversations.organisers import notifications
from conversations.organisers.formatting import (
    Shown,
    member_name,
    named,
)
from conversations.organisers.sentences import announcement, approving

_ = Sentence

SENTENCES: Mapping[str, Text] = {
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
    lines: list[Text] = [_("Written by: {name}", {"name": member_name(broadcast.author, members)})]
    if broadcast.approver is not None or broadcast.started_at is not None:
        lines.append(_("Approved by: {name}", {"name": member_name(broadcast.approver, members)}))
    if broadcast.is_halted:
        lines.append(_("Halted by: {name}", {"name": member_name(broadcast.halted_by, members)}))
    return Lines(tuple(lines))


def figures(progress: Progress) -> Text:
    return Lines(tuple(notifications.figures_of_progress(progress)))


def to_approve(broadcast: Broadcast) -> Text:
    return _("{broadcast} waits for your approval", {"broadcast": named(broadcast)})


def to_propose(broadcast: Broadcast) -> Text:
    return _("{broadcast} is ready: ask for its approval", {"broadcast": named(broadcast)})
