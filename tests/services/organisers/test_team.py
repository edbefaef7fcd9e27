"""The team of organisers: who gets into it, what takes two of them, and what is kept of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from assistant.domain.errors import Failure, Refused, Unreachable
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.organisers.team import CODE_LENGTH
from assistant.store import authenticity, pauses
from assistant.store import organisers as organiser_store
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import invitations, organisers, requests, tallies
from tests.support.harness import NAME, PERSONAL_LINE, Harness
from tests.support.organisers import audit_entries, halt, in_transaction, join, pause_case
from tests.support.publishing import CASE

PERSON = "9055512349876"  # invented


async def invite(harness: Harness, role: Role = Role.DRAFTER) -> str:
    """A code that is given out."""
    async with harness.store.write() as tx:
        return await harness.news.organiser_service.invite(tx, SHELL, role)


async def members(harness: Harness) -> list[Organiser]:
    """Who is in the team."""
    async with harness.store.read() as tx:
        return [seat.member for seat in await organiser_store.listed(tx)]


async def ask(harness: Harness, actor: Actor, what: RequestKind, subject: object, value: str = "") -> bool:
    """Have that organiser want something; whether it is done at once."""
    async with harness.store.write() as tx:
        wish = ApprovalRequest(id=0, what=what, subject=str(subject), value=value, author=actor.number)
        return await harness.news.organiser_service.ask(tx, actor, wish)


async def agree(harness: Harness, actor: Actor, agreed: bool = True) -> None:
    """Have that organiser agree to what somebody wants, or refuse it."""
    async with harness.store.read() as tx:
        (wish,) = await organiser_store.open_requests(tx, harness.clock())
    await in_transaction(
        harness, lambda tx: harness.news.organiser_service.agree(tx, actor, wish.id, agreed=agreed)
    )


async def actions(harness: Harness, count: int) -> list[tuple[str, str, str]]:
    """The last entries of the audit."""
    return [(each.actor, each.action, each.subject) for each in (await audit_entries(harness))[-count:]]


# Joining


async def test_a_code_makes_its_writer_an_organiser(harness: Harness) -> None:
    await join(harness, "olga", Role.APPROVER)
    assert await members(harness) == [Organiser(1, Role.APPROVER, "Olga")]
    assert await actions(harness, 2) == [
        ("shell", "invited", "approver"),
        ("organiser 1", "joined", "approver"),
    ]


async def test_it_does_so_once(harness: Harness) -> None:
    code = await invite(harness)
    for person in ("olga", "abel"):
        await harness.receive(person, f"/organiser {code}", language="en")
        await harness.receive(person, person.capitalize())
    assert [each.name for each in await members(harness)] == ["Olga"]


async def guess(harness: Harness, person: str, code: str) -> str:
    """Somebody writes a code; what they read."""
    await harness.receive(person, f"/organiser {code}", language="en")
    await harness.receive(person, "Nobody")
    return harness.last_text_to(person)


async def test_after_five_wrong_codes_none_is_tried_and_owners_are_told_once_and_not_who_it_is(
    harness: Harness,
) -> None:
    await join(harness, "olga", Role.OWNER)
    await join(harness, "abel", Role.APPROVER)
    code = await invite(harness)
    for number in range(5):
        assert "That code does not work" in await guess(harness, PERSON, f"WRONG{number}")
    harness.channel.sent["abel"].clear()
    right = await guess(harness, PERSON, code)
    assert (
        "too many wrong codes, so this one was not tried. Please write your code again in 10 minutes" in right
    )
    await harness.engine().run_until_idle()
    told = [each for each in harness.texts_to("olga") if "5 wrong codes" in each]
    assert len(told) == 1
    assert harness.texts_to("abel") == []
    entries = [each for each in await audit_entries(harness) if each.action == "wrong codes"]
    assert [(each.actor, each.subject, each.detail) for each in entries] == [("assistant", "one chat", "5")]
    assert PERSON not in str(entries)
    assert len(await members(harness)) == 2
    assert await guess(harness, "vera", code) != right  # others can join meanwhile
    assert len(await members(harness)) == 3


async def test_after_ten_minutes_a_code_is_tried_again(harness: Harness) -> None:
    for number in range(6):
        await guess(harness, "olga", f"WRONG{number}")
    harness.clock.advance(minutes=10)
    await guess(harness, "olga", await invite(harness))
    assert len(await members(harness)) == 1


@pytest.mark.parametrize(("minutes", "joined"), [(9, 1), (10, 0)])
async def test_within_ten_minutes(harness: Harness, minutes: int, joined: int) -> None:
    code = await invite(harness)
    harness.clock.advance(minutes=minutes)
    await harness.receive("olga", f"/organiser {code}", language="en")
    await harness.receive("olga", "Olga")
    assert len(await members(harness)) == joined


async def test_codes_are_not_stored_and_do_not_repeat(harness: Harness) -> None:
    codes = {await invite(harness) for _ in range(20)}
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert len(codes) == 20
    stored = [row["code"] for row in await harness.rows(select(invitations))]
    assert {len(code) for code in stored} == {16}
    shown = repr(await harness.rows(select(invitations))) + repr(await audit_entries(harness))
    assert not [code for code in codes if code in shown or code.encode().hex() in shown]


async def test_codes_of_the_past_are_swept(harness: Harness) -> None:
    await invite(harness)
    harness.clock.advance(minutes=10)
    await harness.run_retention()
    assert await harness.rows(select(invitations)) == []


@pytest.fixture
async def other(harness: Harness, database_url: str, tmp_path: Path) -> AsyncIterator[Harness]:
    """Another process, with connections of its own."""
    store = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield await Harness.open(store, harness.script, harness.channel, harness.clock)
    await store.close()


async def test_of_two_who_write_it_at_the_same_moment_one_gets_in(harness: Harness, other: Harness) -> None:
    code = await invite(harness)
    for person in ("olga", "abel"):
        await harness.receive(person, f"/organiser {code}", language="en")
    await asyncio.gather(harness.receive("olga", "Olga"), other.receive("abel", "Abel"))
    assert len(await members(harness)) == 1


# What takes two


@pytest.fixture
async def owners(harness: Harness) -> list[Actor]:
    """Two owners; besides there are an approver (3) and a viewer (4)."""
    found = [await join(harness, person) for person in ("olga", "omar")]
    await join(harness, "abel", Role.APPROVER)
    await join(harness, "vera", Role.VIEWER)
    return found


@pytest.mark.parametrize(
    ("what", "subject", "value"),
    [
        (RequestKind.ROLE, 4, "approver"),
        (RequestKind.ROLE, 4, "owner"),
        (RequestKind.ROLE, 3, "viewer"),
        (RequestKind.REMOVE, 3, ""),
        (RequestKind.REMOVE, 2, ""),
        (RequestKind.RESUME, CASE, ""),
    ],
)
async def test_who_may_start_broadcasts_and_that_a_case_goes_on_is_for_two(
    harness: Harness, owners: list[Actor], what: RequestKind, subject: object, value: str
) -> None:
    await pause_case(harness, CASE)
    before = await members(harness)
    assert not await ask(harness, owners[0], what, subject, value)
    with pytest.raises(Refused, match="another person"):
        await agree(harness, owners[0])
    assert await members(harness) == before
    await agree(harness, owners[1])
    async with harness.store.read() as tx:
        assert (await members(harness), await pauses.is_paused(tx, CASE)) != (before, True)
        assert await organiser_store.open_requests(tx, harness.clock()) == []
    named = f"{subject} {value}".strip()
    assert await actions(harness, 2) == [
        ("organiser 1", f"wants {what}", named),
        ("organiser 2", "resumed" if what is RequestKind.RESUME else what.value, named),
    ]


@pytest.mark.parametrize(("what", "value"), [(RequestKind.ROLE, "drafter"), (RequestKind.REMOVE, "")])
async def test_anything_else_is_for_one_owner(
    harness: Harness, owners: list[Actor], what: RequestKind, value: str
) -> None:
    assert await ask(harness, owners[0], what, 4, value)
    roles = [each.role for each in await members(harness) if each.number == 4]
    assert roles == ([Role.DRAFTER] if value else [])


async def test_one_who_is_alone_needs_nobody_else(harness: Harness) -> None:
    alone = await Harness.open(harness.store, harness.script, harness.channel, harness.clock, approvals=1)
    olga = await join(alone, "olga")
    await join(alone, "vera", Role.VIEWER)
    assert await ask(alone, olga, RequestKind.ROLE, 2, "owner")


@pytest.mark.parametrize("what", [RequestKind.ROLE, RequestKind.REMOVE])
async def test_others_than_owners_change_nothing(
    harness: Harness, owners: list[Actor], what: RequestKind
) -> None:
    before = await members(harness)
    with pytest.raises(Refused, match="another role"):
        await ask(harness, Actor(3, Role.APPROVER), what, 4, "drafter")
    await ask(harness, owners[0], what, 3, "viewer")
    with pytest.raises(Refused, match="another role"):
        await agree(harness, Actor(3, Role.APPROVER))
    assert await members(harness) == before


async def test_a_request_stored_by_the_name_it_had_before_is_carried_out(
    harness: Harness, owners: list[Actor]
) -> None:
    await pause_case(harness, CASE)
    await ask(harness, owners[0], RequestKind.RESUME, CASE)
    async with harness.store.write() as tx:
        await tx.connection.execute(update(requests).values(what="lift"))
        await authenticity.sign_all(tx.connection, tx.vault)  # as for all that earlier versions stored
    await agree(harness, owners[1])
    async with harness.store.read() as tx:
        assert not await pauses.is_paused(tx, CASE)


async def test_approvers_may_let_a_case_go_on(harness: Harness, owners: list[Actor]) -> None:
    await pause_case(harness, CASE)
    await ask(harness, Actor(3, Role.APPROVER), RequestKind.RESUME, CASE)
    with pytest.raises(Refused, match="another role"):
        await agree(harness, Actor(4, Role.VIEWER))
    await agree(harness, owners[0])
    async with harness.store.read() as tx:
        assert not await pauses.is_paused(tx, CASE)


async def test_what_is_refused_or_a_day_old_is_not_done_and_can_be_asked_for_again(
    harness: Harness, owners: list[Actor]
) -> None:
    before = await members(harness)
    await ask(harness, owners[0], RequestKind.REMOVE, 2)
    await agree(harness, owners[1], agreed=False)
    await ask(harness, owners[0], RequestKind.REMOVE, 2)
    async with harness.store.read() as tx:
        (wish,) = await organiser_store.open_requests(tx, harness.clock())
    harness.clock.advance(days=1)
    with pytest.raises(Refused, match="There is no request"):
        await in_transaction(
            harness, lambda tx: harness.news.organiser_service.agree(tx, owners[1], wish.id, agreed=True)
        )
    assert await members(harness) == before
    assert not await ask(harness, owners[0], RequestKind.REMOVE, 2)
    await agree(harness, owners[1])
    assert len(await members(harness)) == len(before) - 1


async def test_two_who_agree_at_the_same_moment_do_it_once(
    harness: Harness, other: Harness, owners: list[Actor]
) -> None:
    await ask(harness, owners[0], RequestKind.ROLE, 4, "owner")
    abel = await join(harness, "oona")
    results = await asyncio.gather(agree(harness, owners[1]), agree(other, abel), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "Refused"]
    assert [each.action for each in await audit_entries(harness)].count("role") == 1


# Leaving


async def test_who_is_forgotten_is_in_the_team_no_more_and_the_others_are_told(
    harness: Harness, owners: list[Actor]
) -> None:
    await harness.receive_all("olga", ["/forget", "yes"])
    await harness.engine().run_until_idle()
    assert [each.name for each in await members(harness)] == ["Omar", "Abel", "Vera"]
    assert "Olga is not in the team any more" in harness.last_text_to("omar")
    assert await actions(harness, 1) == [("organiser 1", "left", "")]
    assert len(await harness.rows(select(organisers))) == 3


async def test_numbers_are_never_given_twice(harness: Harness, owners: list[Actor]) -> None:
    await harness.receive_all("vera", ["/forget", "yes"])
    assert (await join(harness, "vera", Role.VIEWER)).number == 5


# What is kept


async def test_nothing_of_supporters_is_in_the_audit_in_logs_and_in_what_is_told(harness: Harness) -> None:
    await harness.receive_all(
        PERSON, ["hello", "English", "go", "Finland", NAME, PERSONAL_LINE, "send", "yes"]
    )
    olga = await join(harness, "olga")
    harness.channel.faults[PERSON] += [Failure("the platform is upset"), Unreachable("they shut us out")]
    with capture_logs() as logs:
        await harness.publish()
        for _ in range(2):
            await harness.engine().run_until_idle()
            harness.clock.advance(minutes=5)
        with pytest.raises(Refused) as refused:
            await halt(harness, olga, number=99)
        await pause_case(harness, CASE)
        await harness.engine().run_until_idle()
    told, reasons = harness.channel.sent["olga"], await harness.rows(select(tallies.c.reason))
    written = repr([await audit_entries(harness), str(refused.value), told, logs, reasons])
    assert "they shut us out" in written
    assert not [secret for secret in (PERSON, NAME, PERSONAL_LINE) if secret in written]


# The words that a platform offers


async def test_who_asks_for_the_team_has_its_words_in_their_menu(harness: Harness) -> None:
    await join(harness, "olga", Role.APPROVER)
    await harness.receive("olga", "/team")
    words = [word for word, _meaning in harness.channel.sent["olga"][-1].menu or ()]
    assert {"halt", "approve", "letter"} <= set(words) and "invite" not in words
    await harness.receive("olga", "help")
    assert harness.channel.sent["olga"][-1].menu is None


async def test_no_words_of_the_team_stay_with_who_leaves_it(harness: Harness) -> None:
    owners = [await join(harness, name, Role.OWNER) for name in ("olga", "abel", "pilar")]
    assert len(owners) == 3
    await harness.receive_all("pilar", ["/team", "forget", "yes"])
    assert harness.channel.sent["pilar"][-1].menu == ()
    async with harness.store.write() as tx:
        await harness.news.organiser_service.remove(tx, SHELL, 2)
    await harness.engine().run_until_idle()
    assert harness.channel.sent["abel"][-1].menu == ()
    assert "not in the team any more" in harness.channel.sent["abel"][-1].html


async def test_with_another_role_or_language_the_usual_words_come_back(
    harness: Harness,
) -> None:
    olga, abel = [await join(harness, name, Role.OWNER) for name in ("olga", "abel")]
    await ask(harness, olga, RequestKind.ROLE, abel.number, Role.VIEWER)
    await agree(harness, abel)
    await harness.engine().run_until_idle()
    assert harness.channel.sent["abel"][-1].menu == ()
    await harness.receive_all("olga", ["language", "es"])
    assert harness.channel.sent["olga"][-1].menu == ()
