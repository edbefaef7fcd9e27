"""What the organisers' dashboard says: a module for each of its pages, with its `SENTENCES`."""

from conversations.dashboard_pages import (
    answers,
    audit,
    broadcasts,
    case_figures,
    compose,
    frame,
    home,
    letters,
    review,
    signing_in,
    team,
)

__all__ = [
    "answers",
    "audit",
    "broadcasts",
    "case_figures",
    "compose",
    "frame",
    "home",
    "letters",
    "review",
    "signing_in",
    "team",
]
