"""The team of organisers: who gets into it, what takes two of them, and what is kept of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from assistant.domain.errors import Failure, Refused, Unreachable
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.organisers.team import CODE_LENGTH
from assistant.store import organisers as organiser_store
from assistant.store.database import Store
from assistant.store.tables import invitations, organisers, tallies
from tests.support.harness import LINE, NAME, House
from tests.support.organisers import do, entries, halt, join, pause_case
from tests.support.publishing import CASE

PERSON = "9055512349876"  # invented


async def invite(house: House, role: Role = Role.DRAFTER) -> str:
    """A code that is given out."""
    async with house.store.write() as tx:
        return await house.news.organiser_service.invite(tx, SHELL, role)


async def members(house: House) -> list[Organiser]:
    """Who is in the team."""
    async with house.store.read() as tx:
        return [seat.member for seat in await organiser_store.listed(tx)]


async def ask(house: House, actor: Actor, what: RequestKind, subject: object, value: str = "") -> bool:
    """Have that organiser want something; whether it is done at once."""
    async with house.store.write() as tx:
        wish = ApprovalRequest(0, what, str(subject), value, actor.number)
        return await house.news.organiser_service.ask(tx, actor, wish)


async def agree(house: House, actor: Actor, agreed: bool = True) -> None:
    """Have that organiser agree to what somebody wants, or refuse it."""
    async with house.store.read() as tx:
        (wish,) = await organiser_store.open_requests(tx, house.clock())
    await do(house, lambda tx: house.news.organiser_service.agree(tx, actor, wish.id, agreed=agreed))


async def actions(house: House, count: int) -> list[tuple[str, str, str]]:
    """The last entries of the audit."""
    return [(each.actor, each.action, each.subject) for each in (await entries(house))[-count:]]


# Joining


async def test_a_code_makes_its_writer_an_organiser(house: House) -> None:
    await join(house, "olga", Role.APPROVER)
    assert await members(house) == [Organiser(1, Role.APPROVER, "Olga")]
    assert await actions(house, 2) == [
        ("shell", "invited", "approver"),
        ("organiser 1", "joined", "approver"),
    ]


async def test_it_does_so_once(house: House) -> None:
    code = await invite(house)
    for person in ("olga", "abel"):
        await house.hear(person, f"/organiser {code}", language="en")
        await house.hear(person, person.capitalize())
    assert [each.name for each in await members(house)] == ["Olga"]


@pytest.mark.parametrize(("minutes", "joined"), [(9, 1), (10, 0)])
async def test_within_ten_minutes(house: House, minutes: int, joined: int) -> None:
    code = await invite(house)
    house.clock.pass_by(minutes=minutes)
    await house.hear("olga", f"/organiser {code}", language="en")
    await house.hear("olga", "Olga")
    assert len(await members(house)) == joined


async def test_codes_are_not_stored_and_do_not_repeat(house: House) -> None:
    codes = {await invite(house) for _ in range(20)}
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert len(codes) == 20
    stored = [row["code"] for row in await house.rows(select(invitations))]
    assert {len(code) for code in stored} == {16}
    shown = repr(await house.rows(select(invitations))) + repr(await entries(house))
    assert not [code for code in codes if code in shown or code.encode().hex() in shown]


async def test_codes_of_the_past_are_swept(house: House) -> None:
    await invite(house)
    house.clock.pass_by(minutes=10)
    await house.sweep()
    assert await house.rows(select(invitations)) == []


@pytest.fixture
async def other(house: House, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Another process, with connections of its own."""
    store = await Store.open(database_url, tmp_path / "keyring.json")
    yield await House.open(store, house.script, house.channel, house.clock)
    await store.close()


async def test_of_two_who_write_it_at_the_same_moment_one_gets_in(house: House, other: House) -> None:
    code = await invite(house)
    for person in ("olga", "abel"):
        await house.hear(person, f"/organiser {code}", language="en")
    await asyncio.gather(house.hear("olga", "Olga"), other.hear("abel", "Abel"))
    assert len(await members(house)) == 1


# What takes two


@pytest.fixture
async def owners(house: House) -> list[Actor]:
    """Two owners; besides there are an approver (3) and a viewer (4)."""
    found = [await join(house, person) for person in ("olga", "omar")]
    await join(house, "abel", Role.APPROVER)
    await join(house, "vera", Role.VIEWER)
    return found


@pytest.mark.parametrize(
    ("what", "subject", "value"),
    [
        (RequestKind.ROLE, 4, "approver"),
        (RequestKind.ROLE, 4, "owner"),
        (RequestKind.ROLE, 3, "viewer"),
        (RequestKind.REMOVE, 3, ""),
        (RequestKind.REMOVE, 2, ""),
        (RequestKind.LIFT, CASE, ""),
    ],
)
async def test_who_may_start_broadcasts_and_that_a_case_goes_on_is_for_two(
    house: House, owners: list[Actor], what: RequestKind, subject: object, value: str
) -> None:
    await pause_case(house, CASE)
    before = await members(house)
    assert not await ask(house, owners[0], what, subject, value)
    with pytest.raises(Refused, match="another person"):
        await agree(house, owners[0])
    assert await members(house) == before
    await agree(house, owners[1])
    async with house.store.read() as tx:
        assert (await members(house), await organiser_store.is_paused(tx, CASE)) != (before, True)
        assert await organiser_store.open_requests(tx, house.clock()) == []
    named = f"{subject} {value}".strip()
    assert await actions(house, 2) == [
        ("organiser 1", f"wants {what}", named),
        ("organiser 2", what.value, named),
    ]


@pytest.mark.parametrize(("what", "value"), [(RequestKind.ROLE, "drafter"), (RequestKind.REMOVE, "")])
async def test_anything_else_is_for_one_owner(
    house: House, owners: list[Actor], what: RequestKind, value: str
) -> None:
    assert await ask(house, owners[0], what, 4, value)
    roles = [each.role for each in await members(house) if each.number == 4]
    assert roles == ([Role.DRAFTER] if value else [])


async def test_one_who_is_alone_needs_nobody_else(house: House) -> None:
    alone = await House.open(house.store, house.script, house.channel, house.clock, approvals=1)
    olga = await join(alone, "olga")
    await join(alone, "vera", Role.VIEWER)
    assert await ask(alone, olga, RequestKind.ROLE, 2, "owner")


@pytest.mark.parametrize("what", [RequestKind.ROLE, RequestKind.REMOVE])
async def test_others_than_owners_change_nothing(
    house: House, owners: list[Actor], what: RequestKind
) -> None:
    before = await members(house)
    with pytest.raises(Refused, match="another role"):
        await ask(house, Actor(3, Role.APPROVER), what, 4, "drafter")
    await ask(house, owners[0], what, 3, "viewer")
    with pytest.raises(Refused, match="another role"):
        await agree(house, Actor(3, Role.APPROVER))
    assert await members(house) == before


async def test_approvers_may_let_a_case_go_on(house: House, owners: list[Actor]) -> None:
    await pause_case(house, CASE)
    await ask(house, Actor(3, Role.APPROVER), RequestKind.LIFT, CASE)
    with pytest.raises(Refused, match="another role"):
        await agree(house, Actor(4, Role.VIEWER))
    await agree(house, owners[0])
    async with house.store.read() as tx:
        assert not await organiser_store.is_paused(tx, CASE)


async def test_what_is_refused_or_a_day_old_is_not_done_and_can_be_asked_for_again(
    house: House, owners: list[Actor]
) -> None:
    before = await members(house)
    await ask(house, owners[0], RequestKind.REMOVE, 2)
    await agree(house, owners[1], agreed=False)
    await ask(house, owners[0], RequestKind.REMOVE, 2)
    async with house.store.read() as tx:
        (wish,) = await organiser_store.open_requests(tx, house.clock())
    house.clock.pass_by(days=1)
    with pytest.raises(Refused, match="There is no request"):
        await do(house, lambda tx: house.news.organiser_service.agree(tx, owners[1], wish.id, agreed=True))
    assert await members(house) == before
    assert not await ask(house, owners[0], RequestKind.REMOVE, 2)
    await agree(house, owners[1])
    assert len(await members(house)) == len(before) - 1


async def test_two_who_agree_at_the_same_moment_do_it_once(
    house: House, other: House, owners: list[Actor]
) -> None:
    await ask(house, owners[0], RequestKind.ROLE, 4, "owner")
    abel = await join(house, "oona")
    results = await asyncio.gather(agree(house, owners[1]), agree(other, abel), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "Refused"]
    assert [each.action for each in await entries(house)].count("role") == 1


# Leaving


async def test_who_is_forgotten_is_in_the_team_no_more_and_the_others_are_told(
    house: House, owners: list[Actor]
) -> None:
    await house.hear_all("olga", ["/forget", "yes"])
    await house.engine().run_until_idle()
    assert [each.name for each in await members(house)] == ["Omar", "Abel", "Vera"]
    assert "Olga is in the team no more" in house.last("omar")
    assert await actions(house, 1) == [("organiser 1", "left", "")]
    assert len(await house.rows(select(organisers))) == 3


async def test_numbers_are_never_given_twice(house: House, owners: list[Actor]) -> None:
    await house.hear_all("vera", ["/forget", "yes"])
    assert (await join(house, "vera", Role.VIEWER)).number == 5


# What is kept


async def test_nothing_of_supporters_is_in_the_audit_in_logs_and_in_what_is_told(house: House) -> None:
    await house.hear_all(PERSON, ["hello", "English", "go", NAME, "Finland", LINE, "send", "yes"])
    olga = await join(house, "olga")
    house.channel.faults[PERSON] += [Failure("the platform is upset"), Unreachable("they shut us out")]
    with capture_logs() as logs:
        await house.publish()
        for _ in range(2):
            await house.engine().run_until_idle()
            house.clock.pass_by(minutes=5)
        with pytest.raises(Refused) as refused:
            await halt(house, olga, number=99)
        await pause_case(house, CASE)
        await house.engine().run_until_idle()
    told, reasons = house.channel.sent["olga"], await house.rows(select(tallies.c.reason))
    written = repr([await entries(house), str(refused.value), told, logs, reasons])
    assert "they shut us out" in written
    assert not [secret for secret in (PERSON, NAME, LINE) if secret in written]
