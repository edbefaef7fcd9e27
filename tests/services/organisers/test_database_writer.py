"""Whoever can write to the database, but has no keyring, gets no role by that and sends nothing."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.domain.broadcasts import NOT_AS_APPROVED, Broadcast
from assistant.domain.errors import Failure, Refused
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.organisers import record
from assistant.services.organisers.record import CODE_SENT, FOUND_CHANGED
from assistant.store import chats as chat_store
from assistant.store import organisers as organiser_store
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from tests.support.harness import Harness
from tests.support.organisers import (
    add_subscribers,
    alert,
    approve,
    audit_entries,
    drafted,
    halt,
    in_transaction,
    join,
    pause_case,
    propose,
    resume,
)
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases

B = BroadcastStatus
READERS = ["ana", "ben"]


async def write(harness: Harness, *statements: str) -> None:
    """Change the database behind the assistant's back."""
    async with harness.store.write() as tx:
        for statement in statements:
            await tx.connection.execute(text(statement))


async def role_of(harness: Harness, person: str) -> Role | None:
    """What that person is trusted with in their chat."""
    member = (await harness.chat(person)).organiser
    return None if member is None else member.role


async def team(harness: Harness) -> dict[int, Role]:
    """Who is told what happens."""
    async with harness.store.read() as tx:
        return {seat.member.number: seat.member.role for seat in await organiser_store.listed(tx)}


async def found_by_verify(harness: Harness) -> str:
    """What `assistant audit verify` says is wrong; empty where nothing is."""
    try:
        await record.verify(harness.store, "")
    except Failure as failure:
        return failure.reason
    return ""


# Roles


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organisers SET role = 'owner' WHERE id = 1",
        "UPDATE organisers SET role = 'owner', mac = (SELECT mac FROM organisers WHERE id = 2) WHERE id = 1",
        "UPDATE organisers SET role = 'owner', mac = NULL WHERE id = 1",
        "UPDATE organisers SET role = 'owner', mac = '' WHERE id = 1",
    ],
)
async def test_who_makes_themselves_an_owner_is_nobody(harness: Harness, statement: str) -> None:
    await join(harness, "vera", Role.VIEWER)
    await join(harness, "olga", Role.OWNER)
    await write(harness, statement)
    assert await role_of(harness, "vera") is None
    assert await team(harness) == {2: Role.OWNER}
    await harness.receive("vera", "/invite viewer")
    assert "olga" not in harness.last_text_to("vera").casefold()
    assert "organiser 1" in await found_by_verify(harness)


async def test_two_chats_cannot_change_places(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await harness.subscribe("ana")
    olga, ana = (await harness.chat("olga")).id, (await harness.chat("ana")).id
    await write(
        harness,
        f"CREATE TABLE kept AS SELECT id, lookup FROM chats WHERE id IN ({olga}, {ana})",  # noqa: S608
        f"DELETE FROM subscriptions WHERE chat_id = {ana}",  # noqa: S608
        f"DELETE FROM chats WHERE id = {ana}",  # noqa: S608
        f"UPDATE chats SET lookup = (SELECT lookup FROM kept WHERE id = {ana}) WHERE id = {olga}",  # noqa: S608
    )
    assert (await harness.chat("ana")).id == olga
    assert await role_of(harness, "ana") is None
    assert await team(harness) == {}


async def test_a_role_moved_to_another_chat_is_no_role(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await harness.subscribe("ana")
    await write(harness, f"UPDATE organisers SET chat_id = {(await harness.chat('ana')).id}")  # noqa: S608
    assert await role_of(harness, "ana") is None
    assert "organiser 1" in await found_by_verify(harness)


async def test_who_has_another_address_keeps_their_role(harness: Harness) -> None:
    await join(harness, "olga", Role.APPROVER)
    number = (await harness.chat("olga")).id
    await in_transaction(harness, lambda tx: chat_store.move(tx, number, harness.channel.address("o2")))
    assert await role_of(harness, "o2") is Role.APPROVER
    assert await team(harness) == {1: Role.APPROVER}
    assert await found_by_verify(harness) == ""


async def test_a_forged_role_is_not_signed_when_its_chat_moves_or_somebody_changes_it(
    harness: Harness,
) -> None:
    await join(harness, "vera", Role.VIEWER)
    await write(harness, "UPDATE organisers SET role = 'owner'")
    number = (await harness.chat("vera")).id
    await in_transaction(harness, lambda tx: chat_store.move(tx, number, harness.channel.address("v2")))
    with pytest.raises(Refused):
        await in_transaction(harness, lambda tx: organiser_store.change(tx, 1, Role.APPROVER))
    assert await role_of(harness, "v2") is None


async def test_who_is_invited_anew_has_a_role_again(harness: Harness) -> None:
    await join(harness, "vera", Role.VIEWER)
    await write(harness, "UPDATE organisers SET role = 'owner'")
    await join(harness, "vera", Role.DRAFTER)
    assert await role_of(harness, "vera") is Role.DRAFTER
    assert await found_by_verify(harness) == ""


@pytest.mark.parametrize("change", ["role = 'owner'", "expires_at = expires_at + 86400000", "mac = NULL"])
async def test_an_invitation_that_was_changed_is_none(harness: Harness, change: str) -> None:
    async with harness.store.write() as tx:
        code = await harness.news.organiser_service.invite(tx, SHELL, Role.VIEWER)
    await write(harness, f"UPDATE invitations SET {change}")  # noqa: S608
    assert "an invitation" in await found_by_verify(harness)
    await harness.receive_all("vera", [f"/organiser {code}", "Vera"])
    assert await team(harness) == {}


@pytest.mark.parametrize("change", ["value = 'owner'", "subject = '3'", "author = 9", "mac = NULL"])
async def test_a_request_that_nobody_made_can_be_agreed_to_by_nobody(harness: Harness, change: str) -> None:
    owners = [await join(harness, person, Role.OWNER) for person in ("olga", "omar")]
    for person in ("vera", "vito"):
        await join(harness, person, Role.VIEWER)
    wish = ApprovalRequest(id=0, what=RequestKind.ROLE, subject="4", value="approver", author=1)
    await in_transaction(harness, lambda tx: harness.news.organiser_service.ask(tx, owners[0], wish))
    await write(harness, f"UPDATE requests SET {change}")  # noqa: S608
    assert "request 1" in await found_by_verify(harness)
    async with harness.store.read() as tx:
        assert await organiser_store.open_requests(tx, harness.clock()) == []
    with pytest.raises(Refused, match="no request 1"):
        await in_transaction(
            harness, lambda tx: harness.news.organiser_service.agree(tx, owners[1], 1, agreed=True)
        )
    assert (await team(harness))[4] is Role.VIEWER


async def test_codes_are_not_made_anew_by_taking_them_away(
    harness: Harness, database_url: str, tmp_path: Path
) -> None:
    await join(harness, "vera", Role.VIEWER)
    await write(harness, "UPDATE organisers SET role = 'owner', mac = NULL")
    again = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    async with again.read() as tx:
        assert await organiser_store.listed(tx) == []
    await again.close()


# Broadcasts


@pytest.fixture
async def authors(harness: Harness) -> Sequence[Actor]:
    """An author and an approver, an owner, and readers."""
    await add_subscribers(harness, READERS, language="en")
    people = (("dora", Role.APPROVER), ("abel", Role.APPROVER), ("olga", Role.OWNER))
    return [await join(harness, person, role) for person, role in people]


async def sent(harness: Harness) -> list[str]:
    """What readers get of it in the next hours."""
    for _ in range(2):
        await harness.news.broadcast_worker.open()
        await harness.engine().run_until_idle()
        harness.clock.advance(hours=1)
    return [each for person in READERS for each in harness.texts_to(person)]


async def approved(harness: Harness, authors: Sequence[Actor]) -> Broadcast:
    """An alert that two persons want sent, in two minutes."""
    found = await drafted(harness, authors[0], alert(harness))
    await propose(harness, authors[0], found)
    await approve(harness, authors[1], found)
    return await harness.broadcast(found.id)


async def test_what_was_approved_is_sent_and_found_in_order(
    harness: Harness, authors: Sequence[Actor]
) -> None:
    await approved(harness, authors)
    assert len(await sent(harness)) == len(READERS)
    assert await found_by_verify(harness) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE broadcasts SET status = 'sending', digest = 'x', reached = 0, started_at = created_at",
        "UPDATE broadcasts SET status = 'sending', reached = 0, started_at = created_at, approver = 2",
        "UPDATE broadcasts SET status = 'approved', starts_at = created_at, approver = 2",
    ],
)
async def test_a_draft_that_nobody_approved_is_not_sent(
    harness: Harness, authors: Sequence[Actor], statement: str
) -> None:
    await drafted(harness, authors[0], alert(harness))
    await write(harness, statement)
    assert "broadcast 1" in await found_by_verify(harness)
    assert await sent(harness) == []
    found = await harness.broadcast()
    assert (found.status, found.note) == (B.HALTED, NOT_AS_APPROVED)
    assert any("it is not what was approved" in each for each in harness.texts_to("olga"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE broadcast_texts SET body = 'Please stay at home' WHERE language = 'en'",
        "UPDATE broadcast_texts SET footer = 'Please stay at home' WHERE language = 'es'",
        "UPDATE broadcast_texts SET outcome = 'Please stay at home'",
        """UPDATE broadcast_texts SET button = '["a", "b", "c"]'""",
        "UPDATE broadcast_texts SET language = 'fr' WHERE language = 'es'",
        "UPDATE broadcasts SET announcement = replace(announcement, 'today', 'never')",
        "UPDATE broadcasts SET expires_at = expires_at + 86400000",
        "UPDATE broadcasts SET starts_at = starts_at - 60000",
        "UPDATE broadcasts SET case_slug = ''",
        "UPDATE broadcasts SET action_slug = 'fax-2012'",
        "UPDATE broadcasts SET urgent = NOT urgent",
        "UPDATE broadcasts SET kind = 'update'",
        "UPDATE broadcasts SET author = 9",
        "UPDATE broadcasts SET approver = 9",
        "UPDATE broadcasts SET digest = 'x'",
    ],
)
async def test_what_was_changed_after_its_approval_is_not_sent(
    harness: Harness, authors: Sequence[Actor], statement: str
) -> None:
    await approved(harness, authors)
    await write(harness, statement)
    assert "broadcast 1" in await found_by_verify(harness)
    assert await sent(harness) == []
    assert (await harness.broadcast()).status is B.HALTED
    with pytest.raises(Refused, match="in the database"):
        await resume(harness, authors[1])
    assert (await audit_entries(harness))[-1].action == "halted"


async def test_it_is_not_gone_on_with_either(harness: Harness, authors: Sequence[Actor]) -> None:
    await approved(harness, authors)
    harness.clock.advance(minutes=3)
    await harness.address()
    assert (await harness.broadcast()).status is B.SENDING
    await write(harness, "UPDATE broadcast_texts SET body = 'Please stay at home'")
    for _ in range(2):
        await harness.work_once("bulk")
    assert [each for person in READERS for each in harness.texts_to(person)] == []
    assert await sent(harness) == []


async def test_what_is_halted_is_not_resumed_in_the_database(
    harness: Harness, authors: Sequence[Actor]
) -> None:
    await approved(harness, authors)
    await halt(harness, authors[2])
    await write(harness, "UPDATE broadcasts SET status = 'approved'")
    assert await sent(harness) == []
    assert (await harness.broadcast()).status is B.HALTED


async def test_a_draft_cannot_be_made_one_that_was_halted_and_is_then_resumed(
    harness: Harness, authors: Sequence[Actor]
) -> None:
    await drafted(harness, authors[0], alert(harness))
    await write(harness, "UPDATE broadcasts SET status = 'halted', approver = 2, halted_by = 1")
    for actor in authors:
        with pytest.raises(Refused, match="in the database"):
            await resume(harness, actor)


async def test_nobody_approves_their_own_by_changing_who_wrote_it(
    harness: Harness, authors: Sequence[Actor]
) -> None:
    found = await drafted(harness, authors[0], alert(harness))
    await propose(harness, authors[0], found)
    await write(harness, "UPDATE broadcasts SET author = 3")
    with pytest.raises(Refused, match="in the database"):
        await approve(harness, authors[0], found)


async def test_texts_of_an_earlier_draft_are_not_sent_in_place_of_those_approved(
    harness: Harness, authors: Sequence[Actor]
) -> None:
    before = await drafted(harness, authors[0], alert(harness, "Please stay at home"))
    await write(harness, "CREATE TABLE kept AS SELECT * FROM broadcast_texts")
    found = await drafted(harness, authors[0], alert(harness), replaces=before.id)
    await propose(harness, authors[0], found)
    await approve(harness, authors[1], found)
    await write(
        harness,
        "DELETE FROM broadcast_texts",
        "INSERT INTO broadcast_texts SELECT * FROM kept",
        "DROP TABLE kept",
    )
    assert await sent(harness) == []


async def test_news_that_nobody_approved_are_not_handed_to_who_subscribes(harness: Harness) -> None:
    await harness.publish()
    await harness.engine().run_until_idle()
    await harness.address()
    await write(harness, "UPDATE broadcast_texts SET body = 'Please stay at home'")
    await harness.subscribe("ana")
    assert not any("Please stay at home" in each for each in harness.texts_to("ana"))


async def test_it_can_be_written_anew(harness: Harness, authors: Sequence[Actor]) -> None:
    before = await drafted(harness, authors[0], alert(harness))
    await write(harness, "UPDATE broadcasts SET digest = 'x'")
    await drafted(harness, authors[0], alert(harness, "Please write now!"), replaces=before.id)
    found = await harness.broadcast()
    await propose(harness, authors[0], found)
    await approve(harness, authors[1], found)
    assert len(await sent(harness)) == len(READERS)
    assert await found_by_verify(harness) == ""


# What is put back as it once was has its code: the record tells


async def test_a_role_that_was_taken_away_and_put_back_is_found(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await join(harness, "vera", Role.DRAFTER)
    await write(harness, "CREATE TABLE kept AS SELECT * FROM organisers")
    await join(harness, "vera", Role.VIEWER)
    assert await found_by_verify(harness) == ""
    await write(
        harness,
        "DELETE FROM organisers WHERE id = 2",
        "INSERT INTO organisers SELECT * FROM kept WHERE id = 2",
        "DROP TABLE kept",
    )
    assert await found_by_verify(harness) == ("Organiser 2 has the role drafter, and the audit says viewer.")


async def test_somebody_who_was_put_out_of_the_team_and_is_back_is_found(harness: Harness) -> None:
    await join(harness, "vera", Role.DRAFTER)
    await write(harness, "CREATE TABLE kept AS SELECT * FROM organisers")
    await in_transaction(harness, lambda tx: harness.news.organiser_service.remove(tx, SHELL, 1))
    await write(harness, "INSERT INTO organisers SELECT * FROM kept", "DROP TABLE kept")
    assert "the audit says that they left it" in await found_by_verify(harness)


async def test_a_pause_that_was_deleted_is_found(harness: Harness) -> None:
    await pause_case(harness, CASE)
    assert await found_by_verify(harness) == ""
    await write(harness, "DELETE FROM pauses")
    assert f"{CASE} is not paused" in await found_by_verify(harness)


async def test_a_halt_that_was_taken_back_is_found(harness: Harness, authors: Sequence[Actor]) -> None:
    await approved(harness, authors)
    await write(harness, "CREATE TABLE kept AS SELECT * FROM broadcasts")
    await halt(harness, authors[2])
    columns = "status = 'approved', halted_by = NULL, mac = (SELECT mac FROM kept)"
    await write(harness, f"UPDATE broadcasts SET {columns}", "DROP TABLE kept")  # noqa: S608
    assert await found_by_verify(harness) == "Broadcast 1 is approved, and the audit says: halted."


async def test_a_record_that_was_emptied_is_missed_by_who_is_in_the_team(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await write(harness, "DELETE FROM audit")
    assert "no entry that they joined" in await found_by_verify(harness)


# What owners are told


async def read_by_olga(harness: Harness) -> list[str]:
    """What she is told next."""
    before = len(harness.texts_to("olga"))
    await harness.run_retention()
    await harness.engine().run_until_idle()
    return harness.texts_to("olga")[before:]


async def test_owners_get_the_newest_code_once_a_day_where_there_is_something_new(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await join(harness, "vera", Role.VIEWER)
    await harness.engine().run_until_idle()
    (said,) = await read_by_olga(harness)
    entries = await audit_entries(harness)
    assert (entries[-1].action, entries[-1].subject) == (CODE_SENT, "entry 4")
    assert f"assistant audit verify --code {entries[-1].detail}" in said
    assert not any("verify" in each for each in harness.texts_to("vera"))
    harness.clock.advance(days=2)
    assert await read_by_olga(harness) == []
    await pause_case(harness, CASE)
    await harness.engine().run_until_idle()
    (said,) = await read_by_olga(harness)
    await halt_nothing(harness)
    assert "up to entry 6" in said
    assert await read_by_olga(harness) == []
    harness.clock.advance(days=1)
    assert len(await read_by_olga(harness)) == 1


async def halt_nothing(harness: Harness) -> None:
    """Something new is written into the record."""
    await in_transaction(harness, lambda tx: harness.news.organiser_service.invite(tx, SHELL, Role.VIEWER))


async def test_with_that_code_a_cut_end_is_found(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await read_by_olga(harness)
    code = (await audit_entries(harness))[-1].detail
    await record.verify(harness.store, code)
    await pause_case(harness, CASE)
    await record.verify(harness.store, code)
    await write(harness, "DELETE FROM audit WHERE id > 1", "DELETE FROM pauses", "DELETE FROM organisers")
    assert await found_by_verify(harness) == ""
    with pytest.raises(Failure, match="newest entries are missing"):
        await record.verify(harness.store, code)


async def test_without_owners_nobody_gets_a_code(harness: Harness) -> None:
    await join(harness, "vera", Role.APPROVER)
    await harness.run_retention()
    assert CODE_SENT not in [each.action for each in await audit_entries(harness)]


async def test_owners_are_told_daily_what_was_changed(harness: Harness) -> None:
    await join(harness, "olga", Role.OWNER)
    await join(harness, "vera", Role.VIEWER)
    await write(harness, "UPDATE organisers SET role = 'owner' WHERE id = 2")
    told = [each for each in await read_by_olga(harness) if "has changed the database" in each]
    assert len(told) == 1
    assert "organiser 2" in told[0]
    noted = [each for each in await audit_entries(harness) if each.action == FOUND_CHANGED]
    assert [each.detail for each in noted] == ["organiser 2"]
    harness.clock.advance(hours=23)
    assert not [each for each in await read_by_olga(harness) if "has changed the database" in each]
    harness.clock.now += timedelta(hours=2)
    assert [each for each in await read_by_olga(harness) if "has changed the database" in each]
