"""What organisers read about broadcasts between their draft and their end."""

from collections.abc import Sequence

from assistant.dialogue.answers import Option
from assistant.domain.broadcasts import Broadcast, Progress
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.speech import Lines, Number, Paragraphs, Sentence, Speech, Values
from assistant.domain.team import Team
from conversations.composing_sentences import not_trusted as not_trusted  # the same words
from conversations.figures import moment, named, people
from conversations.summary_sentences import facts, texts
from conversations.team_voice import reach

_ = Sentence

APPROVE = Option("yes", _("Approve it"), _("approve, ok"))  # in words: a thumbs-up may mean "I have seen it"
NOT_NOW = Option("no", _("Not now"), _("no, later"))
URGENT = Option("yes", _("Yes, it is urgent"), _("urgent, ok"))
NOT_URGENT = Option("no", _("No, it can wait for the day"), _("wait, no"))
DISCARD = Option("yes", _("Throw it away"), _("throw away, drop, discard, ok"))
KEEP = Option("no", _("Keep it"), _("keep"))
GO_ON = Option("yes", _("Let it go on"), _("go on, continue, ok"))
NOT_YET = Option("no", _("Not yet"), _("wait, no"))


def under_way(team: Team) -> Speech:
    if not team.broadcasts:
        return _("Nothing is being written, waits or leaves.")
    return Lines(tuple(_line(each, team) for each in team.broadcasts.values()))


def _line(broadcast: Broadcast, team: Team) -> Speech:
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.reach)}
    match broadcast.status:
        case BroadcastStatus.PROPOSED:
            return _("{broadcast}: waits for approval, to {people}", values)
        case BroadcastStatus.APPROVED:
            return _(
                "{broadcast}: approved, begins on {moment}", {**values, "moment": moment(broadcast.starts_at)}
            )
        case BroadcastStatus.SENDING | BroadcastStatus.HALTED:
            progress = Progress(broadcast, team.tallies.get(broadcast.id, ()))
            counted: Values = {"ended": Number(progress.ended), "all": Number(broadcast.recipients), **values}
            if broadcast.is_halted:
                return _("{broadcast}: halted, {ended} of {all} copies are done", counted)
            return _("{broadcast}: leaves, {ended} of {all} copies are done", counted)
    if broadcast.counts is None:
        return _("{broadcast}: being counted and tested", values)
    return _("{broadcast}: draft, to {people}", values)


def nothing_to_propose() -> Speech:
    return _("You have no draft that could be approved. Write <b>/broadcasts</b> to see what there is.")


def not_tested_yet() -> Speech:
    return _("It is still being counted and tested. Please write <b>/propose</b> again in a moment.")


def too_late() -> Speech:
    return _("Its time is over, so it cannot leave. Write <b>/edit</b> to give it another time.")


def proposed(*, alone: bool) -> Speech:
    if alone:
        return _("One person is enough here. Please read it once more. Nothing leaves before you approve it.")
    return _("The others were asked. Nothing leaves before one of them has approved it.")


def nobody_to_ask() -> Speech:
    return _(
        "It waits for approval, but nobody else in the team can give it. "
        "The server's operator can, or an owner changes the team."
    )


def nothing_to_approve() -> Speech:
    return _(
        "That does not wait for approval, or has changed since. Nothing was approved. "
        "Write <b>/broadcasts</b> to see what there is."
    )


def needs_another() -> Speech:
    return _("You wrote this one, so another person has to approve it. Nothing was approved.")


def case_is_stopped() -> Speech:
    return _("Its case is stopped, so it cannot leave. That has to be lifted first: write <b>/lift</b>.")


def ask_approve(broadcast: Broadcast, team: Team) -> Speech:
    written = broadcast.announcement
    return Paragraphs(
        (
            named(broadcast),
            *texts(written),
            facts(written),
            reach(broadcast, team.rates),
            _("Shall it leave? After that, it can be halted for two minutes before anybody gets it.")
            if team.approvals > 1
            else _("Shall it leave? After that, it can be halted for ten minutes before anybody gets it."),
        )
    )


def ask_urgent() -> Speech:
    return _("It would also wake people at night. Is it as urgent as that?")


def not_urgent() -> Speech:
    return _("It is not approved. With <b>/edit</b> it can be changed so that it waits for the day.")


def ask_number(broadcast: Broadcast) -> Speech:
    return _(
        "It goes to {people}. Please type that number: this is the last question before it is approved.",
        {"people": people(broadcast.reach)},
    )


def not_approved() -> Speech:
    return _("It is not approved, and still waits. Write <b>/approve</b> to come back to it.")


def approved(*, alone: bool) -> Speech:
    if alone:
        return _("You have approved it. Nothing leaves in the next ten minutes. <b>/halt</b> stops it.")
    return _("You have approved it. Nothing leaves in the next two minutes. <b>/halt</b> stops it.")


def nothing_to_discard() -> Speech:
    return _(
        "There is nothing that can be thrown away. What has begun to leave can be stopped with <b>/halt</b>, "
        "or corrected with <b>/correct</b>."
    )


def ask_discard(broadcast: Broadcast) -> Speech:
    return _(
        "Shall we throw {broadcast} away? Nobody has got it, and nobody will.",
        {"broadcast": named(broadcast)},
    )


def kept() -> Speech:
    return _("It is kept. Nothing has changed.")


def discarded() -> Speech:
    return _("It is thrown away. Nobody gets it.")


def all_halted(leaving: Sequence[Broadcast]) -> Speech:
    if not leaving:
        return _("Nothing is leaving now, so there is nothing to halt.")
    return _("Everything that was leaving is halted. Nothing goes on before somebody writes <b>/resume</b>.")


def halting(broadcast: Broadcast) -> Speech:
    return _(
        "{broadcast} is halted. It does not go on before somebody writes <b>/resume</b>.",
        {"broadcast": named(broadcast)},
    )


def going_on(broadcast: Broadcast) -> Speech:
    return _("{broadcast} goes on. Nobody gets it twice.", {"broadcast": named(broadcast)})


def nothing_halted() -> Speech:
    return _("Nothing is halted, so nothing can go on.")


def ask_unhalt(broadcast: Broadcast) -> Speech:
    values: Values = {"broadcast": named(broadcast), "people": people(broadcast.reach)}
    return _("Shall {broadcast} go on? It is for {people}. Who has had it does not get it again.", values)


def still_halted() -> Speech:
    return _("It stays halted. Nothing of it leaves.")
