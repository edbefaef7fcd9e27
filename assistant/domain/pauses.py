"""Pauses: nothing is sent for a case, or for one action of it, until two organisers resume it.

What is paused is written as in links: `norma-cruz`, or `norma-cruz--fax-2012`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from assistant.domain.actions import Action
from assistant.domain.cases import Case, find_action
from assistant.domain.letters import ActionRef

TOLD_AFTER = timedelta(days=1)
"""So long a letter waits for what is paused before its writer is told. A pause by mistake is over by then."""


def is_paused(action: ActionRef, paused: Collection[str]) -> bool:
    """Whether it is the action that is paused, or its whole case."""
    return action.case in paused or str(action) in paused


def find(cases: Mapping[str, Case], subject: str) -> Case | Action | None:
    """The case or action that is written so; None where there is none."""
    slug, action = find_action(cases, subject)
    case = cases.get(slug)
    if case is None or action is None:
        return case
    return case.actions.get(action)


def pausable(cases: Mapping[str, Case], paused: Collection[str], now: datetime) -> dict[str, Case | Action]:
    """What can be paused: each case, and its open actions where it has several."""
    found: dict[str, Case | Action] = {}
    for slug, case in cases.items():
        if slug in paused:
            continue
        found[slug] = case
        actions = case.open_actions(now)
        if len(actions) > 1:
            found |= {str(each.ref): each for each in actions if str(each.ref) not in paused}
    return found
