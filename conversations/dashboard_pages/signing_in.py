"""The page of a sign-in link, and where somebody is signed in."""

from collections.abc import Mapping

from assistant.domain.sessions import SESSION_IDLE, Session
from assistant.domain.texts import Sentence, Text, Values
from conversations.organisers.formatting import (
    lasting_for,
    moment,
)

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("Sign in"),
    "ask": _("Do you want to sign in to the dashboard in this browser?"),
    "enter": _("Sign in"),
    "not_mine": _("If you have not asked for this link, close this page."),
    "end": _("Sign out there"),
    "this_one": _("This browser"),
    "sessions_help": _(
        "After {duration} without a click you are signed out by itself. When your role changes, too.",
        {"duration": lasting_for(SESSION_IDLE)},
    ),
    "done_ended": _("You are signed out there."),
}


def session_line(session: Session) -> Text:
    facts: Values = {"since": moment(session.created_at), "until": moment(session.expires_at)}
    return _("Since {since}, until {until} at most", facts)
