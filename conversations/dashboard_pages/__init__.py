"""What the organisers' dashboard says: a module for each of its pages, with its `SENTENCES`."""

from conversations.dashboard_pages import (
    answers,
    audit,
    broadcasts,
    case_figures,
    case_texts,
    compose,
    frame,
    home,
    letters,
    plan,
    review,
    signing_in,
    team,
    walk,
    webhooks,
)

__all__ = [
    "answers",
    "audit",
    "broadcasts",
    "case_figures",
    "case_texts",
    "compose",
    "frame",
    "home",
    "letters",
    "plan",
    "review",
    "signing_in",
    "team",
    "walk",
    "webhooks",
]
