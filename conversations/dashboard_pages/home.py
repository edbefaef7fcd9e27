"""The first page: what needs somebody, what stands still, what is under way."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assistant.domain.messages import ChannelRest
from assistant.domain.organisers import ApprovalRequest, Organiser
from assistant.domain.texts import Number, Sentence, Text, Values
from conversations.dashboard_pages.broadcasts import broadcast_line as broadcast_line
from conversations.dashboard_pages.broadcasts import to_approve as to_approve
from conversations.dashboard_pages.broadcasts import to_propose as to_propose
from conversations.dashboard_pages.team import paused as paused
from conversations.organisers import notifications
from conversations.organisers.formatting import (
    moment,
)
from conversations.ways import way

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "needed": _("What needs you"),
    "nothing_needed": _("Nothing waits for you now."),
    "under_way": _("Under way"),
    "nothing_under_way": _("Nothing is being written, waiting or being sent."),
    "halt_all": _("Halt all"),
    "halt_help": _("Stops every update and alert at once. Nothing is lost, and it can be resumed."),
    "trouble": _("What stands still"),
    "for_operator": _("What to tell the person who looks after the server"),
    "done_halted": _("Everything that was being sent is halted. To resume one, open it below."),
}


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


def channel_rests(rest: ChannelRest) -> Text:
    facts: Values = {"channel": rest.channel, "moment": moment(rest.until)}
    if rest.replies:
        return _("Replies by {channel} wait until {moment}", facts)
    return _("Updates and alerts by {channel} wait until {moment}", facts)


def program_rests(program: str, until: datetime) -> Text:
    facts: Values = {"program": program, "moment": moment(until)}
    return _("What {program} is told by a webhook waits until {moment}: it asks for that", facts)


def carrier_in_trouble(carrier: str) -> Text:
    return _("No letters are sent {way} now: they wait, and nothing is lost", {"way": way(carrier)})


def channel_in_trouble(channel: str) -> Text:
    return _("Messages by {channel} do not come and go as they should", {"channel": channel})
