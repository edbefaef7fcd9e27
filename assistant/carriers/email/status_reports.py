"""Delivery status reports (RFC 3464), also where they are not quite right."""

import re

from assistant.carriers.email.verdicts import Fate, Verdict, came_back

_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_FIELD = re.compile(rb"^([a-z-]+)[ \t]*:[ \t]*(.*(?:\r?\n[ \t]+\S.*)*)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_REFUSAL = re.compile(r"(?<![\w.])5(?:[0-5]\d(?![\w.])|\.\d{1,3}\.\d{1,3}(?![.\d]))")
_ADDRESS = re.compile(r"[^\s<>;\"']+")

# The words of RFC 3464, section 2.3.3, and others that mail servers write instead of them.
_ACTIONS = (
    ("deliver", Fate.DELIVERED),
    ("fail", Fate.FAILED),
    ("expire", Fate.FAILED),
    ("delay", Fate.ON_ITS_WAY),
    ("defer", Fate.ON_ITS_WAY),
    ("relay", Fate.ON_ITS_WAY),
    ("expand", Fate.ON_ITS_WAY),
)
_CLASSES = {"2": Fate.ON_ITS_WAY, "4": Fate.UNCLEAR, "5": Fate.FAILED}  # of a status, without a known action
_FIRST = (Fate.DELIVERED, Fate.FAILED, Fate.UNCLEAR, Fate.ON_ITS_WAY)


def read_status(status: bytes) -> Verdict | None:
    """What a report says of all recipients; None where it says nothing.

    An office's address may stand for several mailboxes. Where one of them has the letter, the office has it.
    """
    told = [verdict for block in _BLANK.split(status) if (verdict := _of_recipient(block))]
    for fate in _FIRST:
        if same := [verdict for verdict in told if verdict.fate is fate]:
            nameless = any(not verdict.recipients for verdict in same)
            named = frozenset().union(*(verdict.recipients for verdict in same))
            return Verdict(fate, frozenset() if nameless else named, same[-1].reason)
    return None


def _of_recipient(block: bytes) -> Verdict | None:
    fields = {name.decode().lower(): _unfolded(value) for name, value in _FIELD.findall(block)}
    found = _STATUS.match(fields.get("status", ""))
    status, diagnostic = found[0] if found else "", fields.get("diagnostic-code", "")
    fate = _fate(fields.get("action", "").lower(), status, diagnostic)
    if fate is None:
        return None
    return Verdict(fate, _named(fields), came_back(status, diagnostic))


def _fate(action: str, status: str, diagnostic: str) -> Fate | None:
    known = next((fate for word, fate in _ACTIONS if action.startswith(word)), None)
    if known is not None:
        return known
    if _REFUSAL.search(diagnostic):
        return Fate.FAILED
    return _CLASSES.get(status[:1], Fate.UNCLEAR if action else None)


def _named(fields: dict[str, str]) -> frozenset[str]:
    """Whose mailbox it is: sendmail tells under another name where an alias led."""
    named = ("x-actual-recipient", "final-recipient", "original-recipient")
    addresses = [address for name in named if (address := _address(fields.get(name, "")))]
    return frozenset(addresses[:1])


def _address(value: str) -> str:
    kind, typed, address = value.rpartition(";")
    found = _ADDRESS.search(address)
    if not found or (typed and "@" not in address and "rfc822" not in kind.lower()):
        return ""  # of a kind that is no address of mail
    return found[0]


def _unfolded(value: bytes) -> str:
    return " ".join(value.decode("utf-8", "replace").split())
