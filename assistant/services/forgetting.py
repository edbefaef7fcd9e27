"""Somebody asks by mail, or by phone, to be forgotten: an operator does it for them."""

from collections.abc import Callable
from datetime import datetime

from assistant.domain.errors import Refused
from assistant.domain.messages import Account, Address
from assistant.services.broadcasts.approval import SHELL
from assistant.store import audit, broadcasts, chats, forgetting
from assistant.store.database import Store


async def forget_person(store: Store, channel: str, person: str, clock: Callable[[], datetime]) -> int:
    """Forget the chats at that address, as if they had asked for it there. Returns how many there were.

    `person`: the address as the platform writes it, without our account. Raises Refused where it is an
    organiser, and Failure.
    """
    async with store.write() as tx:
        await audit.lock(tx)
        accounts = [each for each in map(Account.parse, await chats.accounts(tx)) if each.channel == channel]
        found = await chats.find(tx, [Address(account, person) for account in accounts])
        if organiser := next((each.organiser for each in found if each.organiser), None):
            raise Refused(
                "They are in the team: let them leave it first, by `assistant organisers remove "
                f"{organiser}`. Nothing was deleted."
            )
        if found:
            ends = await forgetting.erase(tx, [each.id for each in found], clock())
            await broadcasts.count_copies(tx, ends)
            await audit.add(tx, clock(), SHELL.label, "forgot", channel)
    return len(found)
