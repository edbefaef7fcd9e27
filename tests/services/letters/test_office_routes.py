"""Letters go to no new address of an office before two people have confirmed it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from assistant.domain.errors import Refused
from assistant.domain.letters import Route
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.domain.targets import takes_two
from assistant.domain.texts import CaseDate
from assistant.services.broadcasts.approval import SHELL
from assistant.services.organisers import record
from assistant.store import organisers as organiser_store
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.invented_cases import with_action
from tests.support.organisers import audit_entries, deliver_replies, join
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases

OLD, NEW = "fax:+50255500001", "fax:+50255500002"
QUEUED = LetterStatus.QUEUED


async def delivered(house: Harness) -> list[LetterStatus]:
    """Where letters are after a day."""
    fax = FakeCarrier()
    for _ in range(4):
        await house.deliver_letters(fax)
        house.clock.advance(hours=6)
    return await house.letter_statuses()


async def moved(harness: Harness, *routes: str) -> Harness:
    """The office has had the old address, a letter waits, and now it has these."""
    before = await harness.with_office(routes=[OLD])
    await before.queue_letters("ana")
    return await before.with_office(routes=routes)


async def ask(house: Harness) -> bool:
    """Whoever has the server's shell confirms the addresses; whether that was enough."""
    async with house.store.write() as tx:
        return await house.news.organiser_service.confirm_addresses(tx, SHELL, CASE)


async def test_letters_wait_from_when_an_address_is_new_until_an_approver_agrees(harness: Harness) -> None:
    await join(harness, "abel", Role.APPROVER)
    house = await moved(harness, NEW)
    await house.queue_letters("ben")
    assert await delivered(house) == [QUEUED, QUEUED]
    assert not await ask(house)
    assert await delivered(house) == [QUEUED, QUEUED]
    await ask(house)
    await deliver_replies(house)
    await house.receive_all("abel", ["/agree", "yes"])
    assert QUEUED not in await delivered(house)
    assert (await audit_entries(house))[-1].action == "routes"
    assert not any("has changed" in each for each in (await record_of(house)))


async def record_of(house: Harness) -> list[str]:
    """What the record has no complaint about."""
    await record.verify(house.store, "")
    return []


async def test_approvers_are_told_once_and_what_it_was_before(harness: Harness) -> None:
    await join(harness, "abel", Role.APPROVER)
    await join(harness, "dora", Role.DRAFTER)
    house = await moved(harness, NEW)
    again = await house.with_office(routes=[NEW])
    await again.engine().run_until_idle()
    told = [each for each in again.texts_to("abel") if "address of" in each]
    assert len(told) == 1
    assert OLD in told[0] and NEW in told[0] and f"assistant cases confirm {CASE}" in told[0]
    assert not [each for each in again.texts_to("dora") if "address of" in each]


async def test_an_approver_who_does_not_agree_changes_nothing(harness: Harness) -> None:
    await join(harness, "abel", Role.APPROVER)
    house = await moved(harness, NEW)
    await ask(house)
    await deliver_replies(house)
    await house.receive_all("abel", ["/agree", "no"])
    assert await delivered(house) == [QUEUED]


async def test_nobody_agrees_alone_and_no_drafter_does(harness: Harness) -> None:
    drafter = await join(harness, "dora", Role.DRAFTER)
    house = await moved(harness, NEW)
    await ask(house)
    async with house.store.read() as tx:
        (wish,) = await organiser_store.open_requests(tx, house.clock())
    for actor in (SHELL, drafter):
        with pytest.raises(Refused):
            async with house.store.write() as tx:
                await house.news.organiser_service.agree(tx, actor, wish.id, agreed=True)
    assert await delivered(house) == [QUEUED]


async def test_what_was_changed_again_meanwhile_is_not_confirmed(harness: Harness) -> None:
    approver = await join(harness, "abel", Role.APPROVER)
    house = await moved(harness, NEW)
    await ask(house)
    later = await house.with_office(routes=["fax:+50255500003"])
    with pytest.raises(Refused, match="have changed since"):
        async with later.store.write() as tx:
            await later.news.organiser_service.agree(tx, approver, 1, agreed=True)
    assert await delivered(later) == [QUEUED]


async def test_the_old_address_goes_on_at_once_when_it_is_put_back(harness: Harness) -> None:
    house = await moved(harness, NEW)
    assert await delivered(house) == [QUEUED]
    back = await house.with_office(routes=[OLD])
    assert QUEUED not in await delivered(back)


async def test_where_one_person_is_enough_the_shell_confirms_alone(harness: Harness) -> None:
    house = await moved(harness, NEW)
    alone = await Harness.open(house.store, house.script, house.channel, house.clock, approvals=1)
    alone.printer = house.printer
    assert await ask(alone)
    assert QUEUED not in await delivered(alone)


async def test_an_address_that_was_written_into_the_database_is_none(harness: Harness) -> None:
    house = await moved(harness, NEW)
    async with house.store.write() as tx:
        await tx.connection.execute(text(f"""UPDATE office_routes SET routes = '["{NEW}"]'"""))  # noqa: S608
    assert await delivered(house) == [QUEUED]
    with pytest.raises(Exception, match="the addresses of norma-cruz"):
        await record.verify(house.store, "")


async def test_before_the_action_opens_addresses_change_freely(harness: Harness) -> None:
    before = await harness.with_office(routes=[OLD])
    ahead = with_action(before.script.cases[CASE], opens=CaseDate(2012, 6, 1))
    closed = await before.with_case(ahead)
    target = ahead.main
    changed = replace(target, routes=(Route.parse(NEW),))
    assert takes_two(target.routes, changed.routes)
    house = await closed.with_case(with_action(ahead, targets=(changed,), opens=CaseDate(2012, 6, 1)))
    async with house.store.read() as tx:
        assert await house.news.organiser_service.unconfirmed(tx, CASE) == []


@pytest.mark.parametrize(
    ("known", "new", "two"),
    [
        (["tray"], [NEW], False),
        ([OLD], ["tray"], False),
        ([OLD, NEW], [NEW, OLD], False),
        ([OLD, NEW], [NEW], False),
        ([OLD], [OLD, "email:office@example.org"], True),
        ([OLD], [NEW], True),
        (["email:office@example.org"], ["email:office@example.com"], True),
    ],
)
def test_only_an_address_that_was_not_there_takes_two(known: list[str], new: list[str], two: bool) -> None:
    assert takes_two(map(Route.parse, known), map(Route.parse, new)) is two
