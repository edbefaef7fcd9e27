"""What each column is, for privacy: a new column has to be thought about before anything is put into it.

Of a person's own, sealed; a keyed digest, which is of no use without the keyring; readable; or a count.
Readable are states, cases, languages, countries and days: what has to be counted and found by the program.
Nothing readable names a person, or is known to who has a phone, an office's mail or a carrier's log.
"""

from collections.abc import Mapping
from enum import StrEnum


class Privacy(StrEnum):
    """What a column is."""

    SEALED = "sealed"
    DIGEST = "digest"
    CLEAR = "clear"
    COUNT = "count"


_S, _D, _C, _N = Privacy.SEALED, Privacy.DIGEST, Privacy.CLEAR, Privacy.COUNT


def _clear(*names: str) -> dict[str, Privacy]:
    return dict.fromkeys(names, _C)


COLUMNS: Mapping[str, Mapping[str, Privacy]] = {
    "chats": {
        "lookup": _D,
        "key": _S,
        "address": _S,
        "state": _S,
        "recent": _D,
        **_clear("id", "account", "language", "country", "careful", "created_on", "active_on", "forgotten"),
        **_clear("group_chat", "written_before", "blocked_on", "asked_on"),
    },
    "subscriptions": _clear("chat_id", "case_slug", "since"),
    "source_counts": {"source": _C, "day": _C, "chats": _N},
    "tombstones": {"digest": _D, **_clear("id", "since")},
    "past_messages": {"digest": _D, "until": _C},
    "past_letters": {"writer": _D, **_clear("case_slug", "action_slug", "target_slug", "until")},
    "lanes": _clear(
        *("id", "kind", "name", "epoch", "next_at", "paused_until", "note", "held_by", "held_until", "slot")
    ),
    "processes": _clear(
        *("id", "name", "place", "pid", "role", "engine", "version", "started_at", "seen_at", "newest_key"),
        "active_key",
    ),
    "letters": {
        "key": _D,
        "sealed_key": _S,
        "body": _S,
        "reference": _D,
        "sealed_reference": _S,
        "attempts": _N,
        # Their moments become days when it is over.
        **_clear("created_at", "due_at", "look_at", "ended_at", "left_at", "asked_at", "restored_at"),
        **_clear(
            "id", "chat_id", "lane_id", "case_slug", "action_slug", "target_slug", "country", "language"
        ),
        **_clear("route", "status", "epoch", "print_run", "telling", "team_told", "told", "told_paused"),
        **_clear("version", "reminded", "review", "behind"),
    },
    "letter_versions": _clear(
        "case_slug", "action_slug", "target_slug", "version", "status", "since", "update_slug"
    ),
    "letters_of_newcomers": {
        **{f"likeness_{place}": _D for place in range(6)},
        **_clear("letter_id", "lane_id", "case_slug", "at", "passed"),
    },
    "action_counts": {"case_slug": _C, "action_slug": _C, "arrived": _N},
    "letter_log": _clear("id", "letter_id", "at", "status", "reason"),
    "answers": {
        "identity": _D,
        "body": _S,
        "likeness": _D,
        **_clear("id", "letter_id", "received_at", "kind", "status", "settled_at", "told_at"),
    },
    "organisers": {"name": _S, "mac": _D, **_clear("id", "chat_id", "role")},
    "invitations": {"code": _D, "mac": _D, **_clear("role", "expires_at")},
    "requests": {"mac": _D, **_clear("id", "what", "subject", "value", "author", "expires_at")},
    "office_routes": {"mac": _D, **_clear("case_slug", "target_slug", "routes", "told")},
    "pauses": _clear("subject", "paused_at"),
    "audit": {"mac": _D, **_clear("id", "at", "actor", "action", "subject", "detail")},
    "broadcasts": {
        "mac": _D,
        "recipients": _N,
        "counts": _N,
        **_clear(
            "id", "case_slug", "action_slug", "update_slug", "created_at", "expires_at", "kind", "status"
        ),
        **_clear("urgent", "announcement", "digest", "author", "approver", "starts_at", "started_at"),
        **_clear("ended_at", "counted", "reached", "note", "halted_by"),
    },
    "broadcast_texts": {
        "mac": _D,
        **_clear("broadcast_id", "language", "body", "footer", "outcome", "button"),
    },
    "tallies": {"count": _N, **_clear("broadcast_id", "lane_id", "outcome", "reason")},
    "watchers": _clear("broadcast_id", "chat_id", "message_id"),
    "messages": {
        "body": _S,
        "reference": _D,
        "sealed_reference": _S,
        "attempts": _N,
        **_clear("id", "chat_id", "lane_id", "status", "epoch", "due_at", "reason", "doubtful", "notice"),
    },
    "copies": {
        "reference": _D,
        "attempts": _N,
        **_clear("broadcast_id", "chat_id", "lane_id", "due_at", "epoch", "status", "reason"),
    },
    "generation": _clear("number", "raised_at"),
    "vault": {"proof": _S},
}
