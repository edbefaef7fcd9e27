"""Many strangers' rows, as they stand after years: what is deleted by then is not there."""

from datetime import timedelta

from sqlalchemy import text

from assistant.store.database import Tx
from tests.support.fakes.channel import FakeClock, MemoryChannel

PEOPLE = 20_000
CASES = 500  # with forty subscribers each
BROADCASTS = 200  # the last two have left this week, and a third one is halted
ENTRIES = 4_000  # of the audit
GROWING = {
    "chats",
    "messages",
    "letters",
    "letter_log",
    "answers",
    "subscriptions",
    "broadcasts",
    "broadcast_texts",
    "tallies",
    "watchers",
    "audit",
}
FIRST = 1_000_000  # number of the strangers' rows, above all others


async def insert_many_chats(tx: Tx, channel: MemoryChannel, clock: FakeClock) -> None:
    """Write all those rows; the case's first lanes and people are there already."""
    sql = tx.dialect == "postgresql"
    now = round(clock().timestamp() * 1000)
    given = {
        "line": str(channel.account),
        "now": now,
        "lately": now - 3_600_000,
        "today": clock().date() if sql else clock().date().isoformat(),
        "before": _day(clock, sql),
        "bytes": b"sealed",
    }
    for statement in _statements("convert_to(CAST(i AS text), 'UTF8')" if sql else "CAST(i AS BLOB)"):
        wanted = {name: value for name, value in given.items() if f":{name}" in statement}
        await tx.connection.execute(text(statement), wanted)
    if sql:
        await tx.connection.execute(text("ANALYZE"))


def _day(clock: FakeClock, sql: bool) -> object:
    day = clock().date() - timedelta(days=400)
    return day if sql else day.isoformat()


def _statements(digest: str) -> list[str]:
    """In the words that both databases have in common."""
    bulk = "(SELECT id FROM lanes WHERE kind = 'bulk' AND name = :line)"
    replies = "(SELECT id FROM lanes WHERE kind = 'replies' AND name = :line)"
    office = "(SELECT id FROM lanes WHERE kind = 'letters' LIMIT 1)"
    copy = "(chat_id, lane_id, broadcast_id, status, epoch, attempts, due_at)"
    return [
        _many(
            PEOPLE,
            "chats (id, lookup, key, line, address, language, country, recent, created_on, active_on,"
            " forgotten)",
            f"{FIRST} + i, {digest}, :bytes, :line, :bytes, CASE i % 3 WHEN 0 THEN 'es' ELSE 'en' END, "
            "CASE i % 4 WHEN 0 THEN 'GT' WHEN 1 THEN 'FI' END, CASE i % 9 WHEN 0 THEN 'm1' ELSE '' END, "
            ":before, CASE i % 9 WHEN 0 THEN :today ELSE :before END, false",
        ),
        _many(
            PEOPLE,
            "subscriptions (chat_id, case_slug, since)",
            f"{FIRST} + i, CASE i % {CASES} WHEN 0 THEN 'norma-cruz' ELSE 'case-' || (i % {CASES}) END,"
            " :before",
        ),
        _many(
            CASES,
            "lanes (id, kind, name, epoch)",
            f"{FIRST} + i, 'letters', 'case-' || i, 0",
            first=0,
        ),
        _many(
            PEOPLE // 2,
            "letters (id, key, chat_id, lane_id, case_slug, country, language, route, status, epoch,"
            " attempts, created_at, ended_at, left_at)",
            f"{FIRST} + i, 'key-' || i, {FIRST} + i, "
            f"CASE i % {CASES} WHEN 0 THEN {office} ELSE {FIRST} + i % {CASES} END, "
            f"'case-' || (i % {CASES}), 'GT', 'es', 'tray', 'sent', 1, 1, :now, :now, :now",
        ),
        _many(
            PEOPLE // 2,
            "letter_log (letter_id, at, status, reason)",
            f"{FIRST} + i, :now, 'sent', 'handed over'",
        ),
        _many(
            PEOPLE,
            "counter_leaves (leaf, case_slug, batch)",
            f"{digest}, CASE i % {CASES} WHEN 0 THEN 'norma-cruz' ELSE 'case-' || (i % {CASES}) END,"
            " 2 + i % 4",
        ),
        _many(
            CASES,
            "counter_batches (case_slug, number, day, count, total, root, before, signature)",
            "'case-' || i, 1, :before, 40, 40, '', '', ''",
        ),
        _many(
            PEOPLE // 2,
            "answers (letter_id, identity, received_at, kind, status, settled_at, body, likeness)",
            f"{FIRST} + i, {digest}, :now, 'genuine', CASE i % 10 WHEN 0 THEN 'new' ELSE 'passed' END, :now,"
            f" :bytes, {digest}",
        ),
        _many(
            BROADCASTS,
            "broadcasts (id, case_slug, update_slug, created_at, kind, status, digest, starts_at, started_at,"
            " ended_at, recipients)",
            f"{FIRST} + i, 'case-' || (i % {CASES}), 'update-' || i, :now - {BROADCASTS} + i, 'update', "
            f"CASE i WHEN {BROADCASTS} THEN 'halted' ELSE 'done' END, 'd', :now, :now - {BROADCASTS} + i, "
            f"CASE WHEN i = {BROADCASTS} THEN NULL WHEN i > {BROADCASTS - 3} THEN :lately ELSE 0 END, 100",
        ),
        _many(
            BROADCASTS, "broadcast_texts (broadcast_id, language, body)", f"{FIRST} + i, 'en', 'Invented.'"
        ),
        _many(
            BROADCASTS * 2,
            "tallies (broadcast_id, lane_id, outcome, reason, count)",
            f"{FIRST} + 1 + i / 2, 1, CASE i % 2 WHEN 0 THEN 'sent' ELSE 'failed' END, '', 50",
            first=0,
        ),
        _many(
            BROADCASTS * 5,
            "watchers (broadcast_id, chat_id, message_id)",
            f"{FIRST} + 1 + i / 5, {FIRST} + 1 + i, {FIRST} + i",
            first=0,
        ),
        *(
            _many(
                PEOPLE,
                f"copies {copy}",
                f"{FIRST} + i, {bulk}, {FIRST + BROADCASTS - before}, 'sent', 1, 0, :now",
            )
            for before in (2, 1)
        ),
        _many(
            PEOPLE // 4,
            f"copies {copy}",
            f"{FIRST} + i, {bulk}, {FIRST + BROADCASTS}, 'queued', 0, 0, :now - i",
        ),
        _many(
            PEOPLE // 2,
            "messages (chat_id, lane_id, body, status, epoch, attempts, due_at, reference)",
            f"{FIRST} + i, {replies}, :bytes, 'sent', 1, 0, :now, CAST(i AS VARCHAR)",
        ),
        _many(
            ENTRIES,
            "audit (id, at, actor, action, subject, detail, mac)",
            "(SELECT max(id) FROM audit) + i, :now, 'shell', 'approved', 'broadcast 1', '', :bytes",
        ),
    ]


def _many(rows: int, into: str, values: str, first: int = 1) -> str:
    return (
        f"WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM numbers "  # noqa: S608
        f"WHERE i < {rows + first - 1}) INSERT INTO {into} SELECT {values} FROM numbers"
    )
