"""`assistant status`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import typer

from assistant.cli.output import Json, dump, stamp, table
from assistant.cli.webhooks import facts as webhook_facts
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lanes import LaneState
from assistant.outages import span
from assistant.settings import Settings
from assistant.status import Status, status_of

_MIB = 1024**2  # bytes


def status(as_json: Json = False) -> None:
    """Show how everything stands: on one screen, or with --json for programs.

    Whether a process is at work, channels and their pauses, what waits and since when, letters by state,
    broadcasts that are not over, lanes, the keyring's file, room on the disk, and versions. It works beside a
    running assistant and without one. Nothing personal is shown. What is wrong with anything, and what to do
    about it, is told by `assistant doctor`.
    """
    found = _facts(asyncio.run(status_of(Settings.load())))
    if as_json:
        dump(found)
    else:
        _show(found)


def _facts(found: Status) -> dict[str, Any]:  # Any: JSON
    return {
        "at_work": found.at_work,
        "unready": found.unready,
        "processes": [
            {
                "name": each.name,
                "role": each.role,
                "version": each.version,
                "started_at": stamp(each.started_at),
                "silent_seconds": round(silent, 1),
            }
            for each, silent in found.stored.processes
        ],
        "channels": list(found.channels),
        "channel_problem": found.channel_problem,
        "paused": [_pause(each) for each in found.stored.paused],
        "queues": [
            {"kind": each.kind, "waiting": each.waiting, "overdue_seconds": _overdue(each.oldest, found.now)}
            for each in found.stored.queues
        ],
        "letters": {status.value: count for status, count in found.stored.letters.items()},
        "broadcasts": [
            {
                "number": each.broadcast.id,
                "status": each.broadcast.status.value,
                "recipients": each.shown.whole.value if each.broadcast.started_at else 0,
                "sent": each.shown.count(CopyStatus.SENT).value if each.broadcast.started_at else 0,
            }
            for each in found.stored.broadcasts
        ],
        "lanes": [
            {
                "kind": each.kind,
                "lanes": each.lanes,
                "due": each.due,
                "overdue": each.overdue,
                "held": dict(each.held),
            }
            for each in found.stored.lanes
        ],
        "webhooks": [webhook_facts(each) for each in found.webhooks],
        "keyring": {"file": str(found.keyring), "private": found.keyring_is_private},
        "disk_free_bytes": found.disk_free,
        "versions": {
            "assistant": found.versions.assistant,
            "tables": found.versions.tables,
            "python": found.versions.python,
            "database": found.versions.database,
        },
    }


def _pause(state: LaneState) -> dict[str, str | None]:
    return {"account": state.lane.name, "kind": state.lane.kind, "until": stamp(state.paused_until)}


def _overdue(oldest: datetime | None, now: datetime) -> int:
    return max(0, round((now - oldest).total_seconds())) if oldest else 0


def _show(found: dict[str, Any]) -> None:  # Any: JSON
    versions = found["versions"]
    typer.echo(
        f"Letters assistant {versions['assistant']}, tables {versions['tables']}, "
        f"Python {versions['python']}, {versions['database']}"
    )
    typer.echo(_at_work(found))
    for part, said in (found["unready"] or {}).items():
        typer.echo(f"  {part}: {said}")
    processes = [list(each.values()) for each in found["processes"]]
    _table(["process", "role", "version", "since (UTC)", "silent for (s)"], processes)
    typer.echo(f"\nChannels: {', '.join(found['channels']) or found['channel_problem'] or 'none is set'}")
    _table(["account", "kind", "paused until (UTC)"], [list(each.values()) for each in found["paused"]])
    queues = [[each["kind"], each["waiting"], _since(each["overdue_seconds"])] for each in found["queues"]]
    _table(["queue", "waiting", "oldest is overdue"], queues)
    _table(["letters", "count"], list(found["letters"].items()))
    _table(["broadcast", "status", "people", "sent"], [list(each.values()) for each in found["broadcasts"]])
    lanes = [[*list(each.values())[:-1], _holders(each["held"])] for each in found["lanes"]]
    _table(["webhook", "waiting", "how it is"], [_webhook(each) for each in found["webhooks"]])
    _table(["lanes of", "lanes", "due", "for a minute", "held by"], lanes)
    alone = "" if found["keyring"]["private"] else " (OTHER USERS MAY READ IT: chmod 600)"
    typer.echo(f"\nKeyring: {found['keyring']['file']}{alone}")
    typer.echo(f"Room on the disk: {found['disk_free_bytes'] // _MIB:,} MiB")


def _at_work(found: dict[str, Any]) -> str:  # Any: JSON
    if not found["at_work"] and found["unready"] is None:
        return "Nobody is at work: what waits is sent once `assistant run` is started."
    if found["unready"] is None:
        return "A process is at work; where it listens, nobody answers."
    return "A process is at work." if not found["unready"] else "A process is at work, and this is not well:"


def _webhook(facts: dict[str, Any]) -> list[object]:  # Any: JSON
    failed = facts["failed"]
    how = "delivers" if facts["delivered"] else ""
    if facts["gone"]:
        how = "wants no more events, and gets none: see `assistant webhooks list`"
    elif facts["fails"]:
        how = f"fails: {failed['outcome']}"
    return [facts["name"], facts["waiting"], how]


def _holders(held: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in held.items())


def _since(seconds: int) -> str:
    return span(seconds) if seconds else ""


def _table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """With an empty line before it; nothing where there is nothing to tell."""
    if rows:
        typer.echo()
        table(heading, rows)
