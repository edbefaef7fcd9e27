"""docs/privacy.md and docs/gdpr.md: each time in them is the code's, and none of the code is missing."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.channels.signal.channel import Signal
from assistant.channels.telegram.outgoing import DELETES_WITHIN
from assistant.domain import retention
from assistant.domain.likeness import KEPT
from assistant.domain.retention import KEEP_ASKED, KEEP_KEY, USE_KEY, Days, Retention
from assistant.domain.sessions import SESSION_LASTS
from assistant.settings import PREFIX, Settings
from assistant.store import audit

DOCS = Path(__file__).parents[2] / "docs"
PAGE = " ".join((DOCS / "privacy.md").read_text("utf-8").split())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES: Mapping[str, int] = {  # days
    name: kept.usual if isinstance(kept, Days) else kept // DAY
    for name, kept in vars(retention).items()
    if isinstance(kept, Days | timedelta)
}
BY_KEYS = f"{KEEP_KEY // DAY} to {(KEEP_KEY + USE_KEY) // DAY} days later"
SAID: Mapping[str, str] = {  # each constant of `domain.retention`; {}: its days
    "KEEP_TOMBSTONES": "you are deleted again before anything is sent | {} days |",
    "KEEP_PAST_LETTERS": "nobody writes the same letter twice | {} days |",
    "KEEP_ASKED": "and {} days more)",
    "USE_KEY": f"and in every backup: {BY_KEYS}, when the key",
    "KEEP_KEY": f"and in backups: after {BY_KEYS.removesuffix(' later')})",
    "EXACT": "becomes the day, {} day after it was over",
    "KEEP_IDS": "so that none counts twice | {} days |",
    "KEEP_SENT": "what we wrote to you in the chat | encrypted | {} days |",
    "KEEP_SEEN": "by you and by us | encrypted | {} days;",
    "KEEP_UNSEEN": "{} days where you have not come back to see it |",
    "KEEP_COPIES": "which update or alert you got | readable | {} days after it was sent to all;",
    "KEEP_CAREFUL": "what was said on the web page go after {} day.",
    "KEEP_UNDECIDED": "{} days where somebody has to decide about it and nobody does.",
    "AWAIT_REPORT": "If its carrier says nothing for {} days, a person has to decide |",
    "KEEP_ANSWERS": "{} days after an organiser decided about it;",
    "KEEP_UNREAD": "{} days where nobody looked |",
    "KEEP_LETTERS": "| {} days (`ASSISTANT_KEEP_LETTERS`) |",
    "KEEP_FAILED": "| {} days (`ASSISTANT_KEEP_FAILED`) |",
    "KEEP_DRAFTS": "| {} days after your last message (`ASSISTANT_KEEP_DRAFTS`) |",
    "KEEP_INACTIVE": "(`ASSISTANT_KEEP_INACTIVE` is {} days,",
    "KEEP_BLOCKED": "the chat goes after {} days (`ASSISTANT_KEEP_BLOCKED`)",
}


def test_no_time_is_missing() -> None:
    assert SAID.keys() == TIMES.keys()


@pytest.mark.parametrize("name", SAID)
def test_each_time_is_the_one_that_holds(name: str) -> None:
    assert SAID[name].format(TIMES[name]) in PAGE


def test_so_are_times_from_elsewhere() -> None:
    expiry = timedelta(seconds=Settings.model_fields["signal_expiry"].default)
    said = [
        f"or {Retention().silent // DAY} days after your last message",
        f"the last {DELETES_WITHIN // HOUR} hours on Telegram",
        f"the last {Signal.deletion.within // HOUR} hours on Signal",
        f"one sentence from many new accounts | {KEPT // HOUR} hours |",
        f"nobody can change it unnoticed | {audit.KEEP // DAY} days |",
        f"codes only | {SESSION_LASTS // HOUR} hours at most |",
        f"vanish {expiry // DAY} days after they were read (`ASSISTANT_SIGNAL_EXPIRY`)",
    ]
    assert [each for each in said if each not in PAGE] == []


def test_every_time_that_can_be_set_is_named_by_its_setting() -> None:
    names = [name for name in Settings.model_fields if name.startswith("keep_")]
    assert len(names) == sum(isinstance(kept, Days) for kept in vars(retention).values())
    assert [name for name in names if f"`{PREFIX}{name.upper()}`" not in PAGE] == []


def test_the_record_of_processing_has_the_times_that_are_usual() -> None:
    page = (DOCS / "gdpr.md").read_text("utf-8")
    for name in SAID:
        if isinstance(kept := getattr(retention, name), Days):
            more = f", and {KEEP_ASKED // DAY} days more" if name == "KEEP_INACTIVE" else ""
            assert f"| `{PREFIX}{name}`{more} | {kept.usual} | [...] |" in page
    assert f"| backups | can be read for {BY_KEYS.removesuffix(' later')} |" in page
