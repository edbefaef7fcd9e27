"""What organisers read about a broadcast that is written: propose, approve, discard, halt, resume."""

from collections.abc import Mapping, Sequence

from assistant.dialogue.options import Option
from assistant.domain.broadcasts import (
    Broadcast,
    Progress,
    undo,
)
from assistant.domain.cases import Case
from assistant.domain.figures import figure
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.team import Team
from assistant.domain.texts import (
    Lines,
    Listed,
    Number,
    Paragraphs,
    Sentence,
    Text,
    Values,
)
from conversations.organisers.formatting import (
    Shown,
    lasting_for,
    named,
    people,
    starting,
)
from conversations.organisers.notifications import describe_request as describe_request
from conversations.organisers.notifications import reach
from conversations.organisers.sentences.announcement import facts, texts

_ = Sentence


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
    found = [Progress(each, team.tallies.get(each.id, ())) for each in team.broadcasts.values()]
    return Lines(tuple(map(line, found)))


def line(progress: Progress) -> Text:
    """What a broadcast that is not over is, and how far."""
    broadcast = progress.broadcast
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.shown_reach)}
    match broadcast.status:
        case BroadcastStatus.PROPOSED:
            return _("{broadcast}: waiting for approval, to {people}", values)
        case BroadcastStatus.APPROVED:
            return _(
                "{broadcast}: approved, will be sent from {moment}",
                {**values, "moment": starting(broadcast)},
            )
        case BroadcastStatus.SENDING | BroadcastStatus.HALTED:
            shown = progress.shown
            counted: Values = {"ended": Shown(shown.ended), "all": Shown(shown.whole), **values}
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


def needs_another_to_resume() -> Text:
    return _("You wrote this one, and another person has halted it. Another approver has to resume it.")


def is_forged() -> Text:
    return _("Somebody has changed this one in the database, so it is not sent. Write it anew.")


def is_paused() -> Text:
    return _("Its case or action is paused, so it cannot be sent. Please <b>/resume</b> that first.")


def ask_approve(broadcast: Broadcast, team: Team, cases: Mapping[str, Case]) -> Text:
    written = broadcast.announcement
    return Paragraphs(
        (
            named(broadcast),
            *texts(written),
            facts(written, cases),
            _letters_that_wait(team.outdated.get(written.case or "", 0)) if written.replaces_letter else "",
            reach(broadcast, team.rates),
            _(
                "Shall we send it? For the first {duration} nobody gets it, and you can still halt it.",
                {"duration": lasting_for(undo(team.approvals))},
            ),
        )
    )


def _letters_that_wait(outdated: int) -> Text:
    """`outdated`: how many stand on another text than the case folder has now."""
    if not outdated:
        return _(
            "No letter that waits stands on an older text. To change the letter, have its file in the case "
            "folder changed first."
        )
    return Sentence(
        "{count} letter stands on an older text and would wait for its writer.",
        {"count": Number(outdated)},
        "{count} letters stand on an older text and would wait for their writers.",
        outdated,
    )


def ask_urgent() -> Text:
    return _("It would also wake people at night. Do you agree that it is urgent?")


def not_urgent() -> Text:
    return _("It is not approved. With <b>/edit</b> you can change it so that it waits until morning.")


def ask_number(broadcast: Broadcast) -> Text:
    return _(
        "It goes to {people}. This is the last question before it is approved: please type that number.",
        {"people": people(figure(broadcast.reach))},
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
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.shown_reach)}
    return _("Shall we resume {broadcast}? It is for {people}. Nobody gets it twice.", values)


def still_halted() -> Text:
    return _("It stays halted. Nobody else gets it for now.")
