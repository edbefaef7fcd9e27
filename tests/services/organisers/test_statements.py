"""How many SQL statements a turn takes: an organiser's is to cost hardly more than a supporter's."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.store.database import Store
from tests.support.harness import Harness
from tests.support.organisers import alert, deliver_replies, drafted, join
from tests.support.publishing import CASE

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The statements that are run meanwhile; several rows written by one of them count once."""
    run: list[str] = []

    def note(_c: object, _k: object, sql: str, *_more: object) -> None:
        run.append(sql)

    event.listen(store._engine.sync_engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(store._engine.sync_engine, "before_cursor_execute", note)


async def turn(harness: Harness, person: str, content: str) -> list[str]:
    """The statements of that turn, without those that send its replies."""
    await deliver_replies(harness)
    with statements(harness.store) as run:
        await harness.turns.handle(harness.incoming(person, content))
        turned = list(run)
    await harness.outbox.settle()
    return turned


@ON_SQLITE
async def test_help_takes_an_organiser_no_more_than_a_supporter(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await harness.subscribe("ana")
    supporter, organiser = await turn(harness, "ana", "help"), await turn(harness, "olga", "help")
    assert "/halt" in harness.last_text_to("olga")
    assert (len(supporter), len(organiser)) == (6, 6)


@ON_SQLITE
async def test_from_the_draft_to_its_approval_each_turn_takes_few(harness: Harness) -> None:
    author, approver = await join(harness, "dora", Role.DRAFTER), await join(harness, "abel", Role.APPROVER)
    found = await drafted(harness, author, alert(harness))
    proposing = await turn(harness, "dora", "/propose")
    assert (await harness.broadcast(found.id)).status is BroadcastStatus.PROPOSED
    asking = await turn(harness, "abel", "/approve")
    await turn(harness, "abel", "approve")
    approving = await turn(harness, "abel", "urgent")
    assert (await harness.broadcast(found.id)).approver == approver.number
    assert len(proposing) <= 18
    assert len(asking) <= 7
    assert len(approving) <= 17


@ON_SQLITE
async def test_a_larger_team_takes_no_more(harness: Harness) -> None:
    author = await join(harness, "dora", Role.APPROVER)
    taken = []
    for person in ("abel", "olga", "vera"):
        await join(harness, person, Role.APPROVER)
        found = await drafted(harness, author, alert(harness, f"Please write, {person}!"))
        await turn(harness, "dora", "/propose")
        await turn(harness, "abel", f"/approve {found.id}")
        await turn(harness, "abel", "approve")
        taken.append(len(await turn(harness, "abel", "urgent")))
        assert (await harness.broadcast(found.id)).status is BroadcastStatus.APPROVED
    assert len(set(taken)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_audit_is_locked_once_and_before_it_is_looked_up_who_acts(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    halting = await turn(harness, "olga", f"/pause {CASE}")
    locking = [place for place, sql in enumerate(halting) if "pg_advisory_xact_lock" in sql]
    reading = [
        place for place, sql in enumerate(halting) if "FROM organisers JOIN chats" in " ".join(sql.split())
    ]
    assert len(locking) == len(reading) == 1
    assert locking < reading
