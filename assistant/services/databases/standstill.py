"""After a database was put back to an earlier moment, nothing that has left since leaves again.

What could is held until people have looked: see decision 0040. The owners are told when it next runs.
"""

from collections.abc import Iterable
from datetime import datetime

from assistant.domain.organisers import Permission
from assistant.services.letters import stranded
from assistant.services.notifier import Notifier
from assistant.store import audit, broadcasts, forgetting, lanes, restored
from assistant.store.database import Tx
from assistant.store.restored import Standstill

_UNKNOWN = "an earlier moment"


def moment_of(since: datetime | None) -> str:
    """As people read it."""
    return f"{since:%Y-%m-%d %H:%M} UTC" if since else _UNKNOWN


async def stand_still(
    tx: Tx, notifier: Notifier, since: datetime | None, tombstones: Iterable[bytes], now: datetime
) -> Standstill:
    """Hold what could be sent again, and tell the owners. `since`: of which moment the database is.
    `tombstones`: of who was forgotten since, who are forgotten again.

    Letters that wait are held, as are those that are being handed over; broadcasts that are under way or
    approved are halted, what waits for approval is a draft again; replies and notices are not sent again.
    """
    of = f"the database was put back to {moment_of(since)}"
    await audit.lock(tx)
    await restored.take_lanes(tx)
    held = await restored.hold_letters(tx, of, [stranded.REASON], now)
    stopped = await restored.stop_messages(tx, of)
    halted, drafts = await restored.halt_broadcasts(tx, f"{of}: it may have been sent since")
    await audit.add(tx, now, audit.ASSISTANT, "put back", "database", moment_of(since))
    for number in halted:
        await audit.add(tx, now, audit.ASSISTANT, "halted", f"broadcast {number}", of)
    told = notifier.team_messages.restored(moment_of(since), held, len(halted))
    await notifier.tell(tx, now, told, may=Permission.MANAGE)
    await lanes.wake_kind(tx, lanes.LETTERS, now)
    forgotten, ends = await forgetting.replay(tx, tombstones, now)
    await broadcasts.count_copies(tx, ends)
    return Standstill(letters=held, messages=stopped, broadcasts=halted, drafts=drafts, forgotten=forgotten)
