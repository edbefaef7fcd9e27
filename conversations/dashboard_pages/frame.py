"""What every page of the dashboard says."""

from collections.abc import Mapping

from assistant.domain.broadcasts import (
    Obstacle,
)
from assistant.domain.sessions import LINK_LASTS
from assistant.domain.texts import Sentence, Text
from conversations.organisers.formatting import (
    lasting_for,
)

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "dashboard": _("Dashboard"),
    "skip_menu": _("Skip to the page"),
    "menu": _("Pages"),
    "more_pages": _("More"),
    "home": _("Today"),
    "broadcasts": _("Updates and alerts"),
    "write_update": _("Write an update"),
    "write_alert": _("Write an alert"),
    "write_correction": _("Correct what was sent"),
    "cases": _("Cases"),
    "sessions": _("Where I am signed in"),
    "sign_out": _("Sign out"),
    "back": _("Back to the first page"),
    "signed_out": _("You are not signed in"),
    "how_to_sign_in": _("Write <b>/dashboard</b> in your chat with the assistant. It gives you a link."),
    "used_up": _("This link does not work any more"),
    "how_links_work": _(
        "A link works once, within {duration}. Write <b>/dashboard</b> in your chat to get another one.",
        {"duration": lasting_for(LINK_LASTS)},
    ),
    "overtaken": _("That was not done"),
    "not_done": _("That was not done"),
    "look_again": _("It may have changed in the meantime. Please go back and look at it again."),
    "failed": _("Something is wrong on our side"),
    "try_later": _("Nothing was done. Please try it again a little later."),
    "too_long": _("That was too long to be sent"),
    "make_shorter": _(
        "Go back in your browser: what you wrote is still there. Make it shorter, and try again."
    ),
    "too_many": _("Too much was asked for at once"),
    "wait": _("Please wait a minute, and try it again."),
    "elsewhere": _("This came from another page, so nothing was done"),
    "use_buttons": _("Please use the buttons of the dashboard."),
    "nothing_here": _("There is nothing at this address"),
    "written": _("What you have written is here, so that you can copy it:"),
    "review": _("Letters to read"),
    "answers": _("Answers of offices"),
    "letters": _("Letters to decide about"),
    "team": _("The team"),
    "audit": _("The record"),
    "webhooks": _("Webhooks"),
}


_OBSTACLES: Mapping[Obstacle, Text] = {
    Obstacle.ROLE: _("This takes another role than yours."),
    Obstacle.STATUS: _("It has changed in the meantime: look at it again."),
    Obstacle.STARTED: _("It has been sent to some already. Halt it, and send a correction."),
    Obstacle.NOT_THE_AUTHOR: _("Only the person who wrote it can ask for its approval."),
    Obstacle.NOT_TESTED: _("It is still being counted and tested. Load this page again in a moment."),
    Obstacle.FORGED: _("Somebody has changed it in the database. It is not sent: write it anew."),
    Obstacle.OWN: _("You wrote it, so another person has to approve it."),
    Obstacle.HALTED_BY_ANOTHER: _(
        "Another person has halted it, and you wrote it. Another approver resumes it."
    ),
    Obstacle.PAUSED: _("Its case or action is paused. That has to be resumed first."),
    Obstacle.WORTHLESS: _("Its time is over. Give it another time first."),
}


def obstacle(against: Obstacle) -> Text:
    return _OBSTACLES[against]
