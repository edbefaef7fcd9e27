"""What each column is, for privacy: a new column has to be thought about before anything is put into it.

Of a person's own, sealed; a keyed digest, which is of no use without the keyring; readable; or a count.
Readable are states, cases, languages, countries and days: what has to be counted and found by the program.
Nothing readable names a person, or is known to who has a phone, an office's mail or a carrier's log.
"""

from collections.abc import Mapping
from enum import StrEnum

from assistant.domain.privacy import Topic


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
    "steps": {"count": _N, **_clear("case_slug", "day", "step")},
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
        **_clear("version", "reminded", "review", "behind", "source"),
    },
    "letter_versions": _clear(
        "case_slug", "action_slug", "target_slug", "version", "status", "since", "update_slug", "text"
    ),
    "letters_of_newcomers": {
        **{f"likeness_{place}": _D for place in range(6)},
        **_clear("letter_id", "lane_id", "case_slug", "at", "passed"),
    },
    "action_counts": {"case_slug": _C, "action_slug": _C, "arrived": _N},
    "counter_leaves": {"leaf": _D, **_clear("case_slug", "day", "batch")},
    "counter_batches": {
        "count": _N,
        "total": _N,
        **_clear("case_slug", "number", "day", "root", "before", "signature"),
    },
    "letter_log": _clear("id", "letter_id", "at", "status", "reason"),
    "answers": {
        "identity": _D,
        "body": _S,
        "likeness": _D,
        **_clear("id", "letter_id", "received_at", "kind", "status", "settled_at", "told_at"),
    },
    "organisers": {"name": _S, "mac": _D, **_clear("id", "chat_id", "role")},
    "invitations": {"code": _D, "mac": _D, **_clear("role", "expires_at")},
    "sign_in_links": {"digest": _D, "mac": _D, **_clear("organiser", "expires_at")},
    "sessions": {"digest": _D, "mac": _D, **_clear("id", "organiser", "created_at", "seen_at", "expires_at")},
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
    "transcripts": {"body": _S, **_clear("id", "chat_id", "number", "theirs", "day", "seen")},
    "move_codes": {"code": _D, **_clear("chat_id", "expires_at")},
    "webhook_deliveries": {
        "attempts": _N,
        **_clear("id", "endpoint", "event", "type", "body", "made_at", "due_at", "outcome"),
    },
    "webhook_attempts": _clear("endpoint", "kind", "at", "outcome", "status"),
    "generation": _clear("number", "raised_at"),
    "vault": {"proof": _S},
}


def _about(topic: Topic, *names: str) -> dict[str, Topic]:
    return dict.fromkeys(names, topic)


ABOUT: Mapping[str, Mapping[str, Topic]] = {
    "chats": {
        **_about(Topic.ADDRESS, "address"),
        **_about(Topic.CODES, "lookup", "recent"),
        **_about(Topic.TALK, "state"),
        **_about(Topic.LANGUAGE, "language"),
        **_about(Topic.COUNTRY, "country", "careful"),
        **_about(Topic.DAYS, "created_on", "active_on", "written_before", "blocked_on", "asked_on"),
        **_about(Topic.CHANNEL, "account", "group_chat"),
        **_about(Topic.NUMBERS, "id", "key", "forgotten"),
    },
    "subscriptions": _about(Topic.NEWS, "chat_id", "case_slug", "since"),
    "copies": {
        **_about(Topic.NEWS, "broadcast_id", "chat_id", "due_at", "status", "reason"),
        **_about(Topic.CODES, "reference"),
        **_about(Topic.NUMBERS, "lane_id", "epoch", "attempts"),
    },
    "tombstones": {**_about(Topic.CODES, "digest", "since"), **_about(Topic.NUMBERS, "id")},
    "past_messages": _about(Topic.CODES, "digest", "until"),
    "past_letters": {
        **_about(Topic.CODES, "writer", "until"),
        **_about(Topic.WRITTEN, "case_slug", "action_slug", "target_slug"),
    },
    "letters": {
        **_about(Topic.CODES, "key", "reference"),
        **_about(Topic.LETTERS, "sealed_key", "body", "sealed_reference"),
        **_about(Topic.COUNTRY, "country"),
        **_about(Topic.LANGUAGE, "language"),
        **_about(Topic.WRITTEN, "chat_id", "case_slug", "action_slug", "target_slug", "route", "status"),
        **_about(Topic.WRITTEN, "created_at", "due_at", "look_at", "ended_at", "left_at", "asked_at"),
        **_about(Topic.WRITTEN, "restored_at", "review", "behind", "version", "print_run"),
        **_about(Topic.WRITTEN, "source"),
        **_about(Topic.NUMBERS, "id", "lane_id", "epoch", "attempts", "telling", "team_told", "told"),
        **_about(Topic.NUMBERS, "told_paused", "reminded"),
    },
    "letters_of_newcomers": {
        **_about(Topic.CODES, *(f"likeness_{place}" for place in range(6))),
        **_about(Topic.WRITTEN, "letter_id", "case_slug", "at"),
        **_about(Topic.NUMBERS, "lane_id", "passed"),
    },
    "counter_leaves": {**_about(Topic.CODES, "leaf", "day", "batch"), "case_slug": Topic.WRITTEN},
    "letter_log": {**_about(Topic.WRITTEN, "letter_id", "at", "status", "reason"), "id": Topic.NUMBERS},
    "answers": {
        **_about(Topic.CODES, "identity", "likeness"),
        **_about(Topic.ANSWERS, "body"),
        **_about(Topic.WRITTEN, "letter_id", "received_at", "kind", "status", "settled_at", "told_at"),
        **_about(Topic.NUMBERS, "id"),
    },
    "messages": {
        **_about(Topic.MESSAGES, "body", "sealed_reference"),
        **_about(Topic.CODES, "reference"),
        **_about(
            Topic.NUMBERS, "id", "chat_id", "lane_id", "status", "epoch", "due_at", "reason", "attempts"
        ),
        **_about(Topic.NUMBERS, "doubtful", "notice"),
    },
    "transcripts": {
        **_about(Topic.TRANSCRIPT, "body"),
        **_about(Topic.DAYS, "day"),
        **_about(Topic.NUMBERS, "id", "chat_id", "number", "theirs", "seen"),
    },
    "move_codes": {**_about(Topic.CODES, "code"), **_about(Topic.NUMBERS, "chat_id", "expires_at")},
    "organisers": {
        **_about(Topic.NAME_IN_TEAM, "name"),
        **_about(Topic.TEAM, "chat_id", "role"),
        **_about(Topic.CODES, "mac"),
        **_about(Topic.NUMBERS, "id"),
    },
    "watchers": _about(Topic.TEAM, "broadcast_id", "chat_id", "message_id"),
}
"""Of the tables that lead to a person: what each column tells about them."""

OF_NOBODY = {
    *("vault", "generation", "lanes", "processes", "pauses", "office_routes"),
    *("webhook_deliveries", "webhook_attempts"),
}
"""Tables of the program's own, about cases or offices."""

OF_THE_TEAM = {
    "audit",
    "requests",
    "invitations",
    "sign_in_links",
    "sessions",
    "broadcasts",
    "broadcast_texts",
}
"""Tables that tell what organisers do, by their numbers: `Topic.TEAM`."""

COUNTED = {"source_counts", "steps", "action_counts", "counter_batches", "tallies", "letter_versions"}
"""Tables that count, or say what is true of all letters of an action."""
