"""What keeps an account of ours from sending, for operators who see to it."""

from collections.abc import Sequence
from datetime import datetime

from assistant.domain.lanes import Pause
from assistant.domain.messages import Account
from assistant.store import lanes
from assistant.store.database import Store


async def pauses(store: Store, account: Account, now: datetime) -> Sequence[Pause]:
    """What is stopped over that account now, and until when."""
    async with store.read() as tx:
        return await lanes.pauses(tx, str(account), now)


async def end_pauses(store: Store, account: Account, now: datetime) -> None:
    """The platform lets the account send again: what waited is sent at once."""
    async with store.write() as tx:
        await lanes.resume(tx, str(account), now)
