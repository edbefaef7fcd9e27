"""The team: who is in it, what is asked for, what is paused."""

from collections.abc import Mapping

from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.organisers import REQUEST_LASTS, ApprovalRequest, Organiser
from assistant.domain.pauses import find
from assistant.domain.team import Team
from assistant.domain.texts import Sentence, Text, Values
from conversations.organisers import notifications
from conversations.organisers.formatting import (
    lasting_for,
    member_name,
    role_name,
)
from conversations.organisers.sentences import shared
from conversations.organisers.sentences import team as team_sentences

_ = Sentence


def paused(subject: str, cases: Mapping[str, Case]) -> Text:
    found = find(cases, subject)
    return _("{title} is paused", {"title": found.title if found else subject})


SENTENCES: Mapping[str, Text] = {
    "title": _("The team"),
    "requests": _("What waits for a second person"),
    "agree": _("Yes, I agree"),
    "refuse": _("No, close the request"),
    "members": _("Who is in it"),
    "members_help": _("To change a role, write <b>/role</b> in your chat with the assistant."),
    "paused": _("What is paused"),
    "nothing_paused": _("Nothing is paused."),
    "resume": _("Resume it"),
    "which": _("What shall be paused?"),
    "pause": _("Pause it now"),
    "pause_help": _("None of its letters, updates or alerts are sent, at once. It takes two to resume it."),
    "done_agree": _("It is done."),
    "done_refuse": team_sentences.refused_wish(),
    "done_pause": _("It is paused. What was sent before cannot be called back."),
    "done_resume": _("It is resumed."),
    "done_asked": _(
        "The other approvers are asked. One of them has to agree within {duration}.",
        {"duration": lasting_for(REQUEST_LASTS)},
    ),
    "done_nobody": team_sentences.nobody_to_agree(),
}


def member_line(member: Organiser) -> Text:
    return _("{name}: {role}", {"name": member.name, "role": role_name(member.role)})


def asked(request: ApprovalRequest, seen: Team) -> Text:
    facts: Values = {
        "who": member_name(request.author, seen.members),
        "wish": notifications.describe_request(request, seen.members),
    }
    if request.author == seen.me.number:
        return _("You ask for this: {wish}. Another person has to agree.", facts)
    if seen.may(request.needs):
        return team_sentences.ask_agree(request, seen.members)
    return _("{who} asks for this: {wish}.", facts)


def pausing(subject: str, found: Case | Action) -> Text | str:
    return shared.pause_option(subject, found).label
