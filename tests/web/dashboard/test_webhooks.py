"""Webhooks in the dashboard: owners see how endpoints are, and test them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from assistant.dialogue.script import Script
from assistant.domain.organisers import Role
from assistant.store.database import Store
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.fakes.webhook_receiver import PATH, SECRET, Receiver, receiving
from tests.support.organisers import audit_entries
from tests.support.webhooks import Webhooks, webhooks_of

PAGE = "/dashboard/webhooks"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def team(store: Store, script: Script, clock: FakeClock, receiver: Receiver) -> AsyncIterator[Team]:
    names = [receiver.endpoint.name]
    async with open_dashboard(store, script, clock, webhooks=names) as opened:
        yield opened


@pytest.fixture
async def hooks(team: Team, receiver: Receiver) -> AsyncIterator[Webhooks]:
    made = webhooks_of(team.harness, [receiver])
    yield made
    await made.client.close()


async def test_an_owner_sends_a_test_and_reads_that_it_arrived(
    team: Team, hooks: Webhooks, receiver: Receiver
) -> None:
    async with team.signed_in("olga") as browser:
        await browser.follow("Webhooks")
        assert receiver.endpoint.name in browser.said and "Nothing has been sent yet." in browser.said
        said = await browser.press("Send a test event")
        assert "A test event is sent, once." in said and "is on its way" in said
        await hooks.run()
        said = await browser.open(PAGE)
        assert "Last test: Tuesday, January 24, 2012" in said and "It arrived." in said
        assert "is on its way" not in said
        assert PATH not in browser.source and SECRET not in browser.source
    assert (receiver.types, receiver.came[0].data) == (["test"], {})
    entry = (await audit_entries(team.harness))[-1]
    assert (entry.action, entry.subject) == ("tested webhook", receiver.endpoint.name)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "It refused the event (401). Have its address and its secret compared."),
        (308, "It leads elsewhere (308). Have the new address set."),
        (500, "It has a problem of its own (500)."),
        (410, "It wants no more events (410)."),
    ],
)
async def test_what_did_not_arrive_is_told_with_what_to_do(
    team: Team, hooks: Webhooks, receiver: Receiver, status: int, said: str
) -> None:
    receiver.answers.append(web.Response(status=status))
    async with team.signed_in("olga") as browser:
        await browser.open(PAGE)
        await browser.press("Send a test event")
        await hooks.run()
        assert f"It did not arrive. {said}" in await browser.open(PAGE)


async def test_what_waits_is_told(team: Team, hooks: Webhooks, receiver: Receiver) -> None:
    receiver.always = 503
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/team")
        await browser.press("Pause it now", subject="norma-cruz")
        await hooks.run()
        said = await browser.open(PAGE)
    assert "1 event waits to be sent." in said and "It is too busy now (503)." in said


async def test_who_is_gone_is_told_until_a_test_arrives(
    team: Team, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers.append(web.Response(status=410))
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/team")
        await browser.press("Pause it now", subject="norma-cruz")
        await hooks.run()
        said = await browser.open(PAGE)
        assert "It wants no events, and is sent none (Tuesday, January 24, 2012" in said
        assert "Have its address taken out of the settings." in said and "1 event waits" not in said
        await browser.press("Send a test event")
        await hooks.run()
        assert "is sent none" not in await browser.open(PAGE)


async def test_it_is_for_owners(team: Team, hooks: Webhooks, receiver: Receiver) -> None:
    async with team.signed_in("abel", Role.APPROVER) as browser:
        assert "Webhooks" not in browser.links
        await browser.open(PAGE)
        assert browser.status == 404
        await browser.post(f"{PAGE}/test", {"endpoint": receiver.endpoint.name})
        assert browser.status == 409
    assert await hooks.waiting() == []


async def test_another_site_nobody_and_an_old_page_test_nothing(
    team: Team, hooks: Webhooks, receiver: Receiver
) -> None:
    name = receiver.endpoint.name
    async with team.browser() as stranger, team.signed_in("olga") as browser:
        await stranger.post(f"{PAGE}/test", {"endpoint": name})
        assert stranger.status == 401
        await browser.post(f"{PAGE}/test", {"endpoint": name}, Sec_Fetch_Site="cross-site")
        assert browser.status == 403
        for gone in ("hooks.example.org-00000000", ""):
            await browser.post(f"{PAGE}/test", {"endpoint": gone})
            assert browser.status == 409
    assert await hooks.waiting() == []


async def test_where_nobody_is_told_the_page_says_so(store: Store, script: Script, clock: FakeClock) -> None:
    async with open_dashboard(store, script, clock) as opened, opened.signed_in("olga") as browser:
        assert "No program is told of anything." in await browser.open(PAGE)
