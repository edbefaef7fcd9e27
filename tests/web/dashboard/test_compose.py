"""Writing an update, an alert or a correction on one page."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from assistant.domain.broadcasts import Audience, CallToAction, Kind
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from tests.support.dashboard import Browser, Team
from tests.support.organisers import (
    add_subscribers,
    alert,
    approve,
    audit_entries,
    deliver_replies,
    drafted,
    propose,
)

WRITE = "/dashboard/write"
TEXTS = {"text_en": "Please write today.", "text_es": "Escribe hoy, por favor."}


async def open_form(browser: Browser, kind: str = "alert") -> str:
    return await browser.open(f"{WRITE}?kind={kind}&case=norma-cruz")


async def test_an_update_takes_four_presses_and_two(team: Team) -> None:
    """Who writes: *Write an update*, *Keep it*, *Ask for approval*; the other one: open it, approve it."""
    harness = team.harness
    await add_subscribers(harness, [f"reader {number}" for number in range(12)])
    async with team.signed_in("olga", Role.DRAFTER) as one, team.signed_in("pedro", Role.APPROVER) as two:
        await one.follow("Write an update")
        assert "Its text stands in the case folder" in one.said
        assert "Readers of" in one.said and "It would reach 10+ people now." in one.said
        assert "It is kept. You get the test in your chat." in await one.send(WRITE, do="save")
        await harness.address()
        await one.open("/dashboard/broadcasts/1")
        await one.press("Ask for approval")
        await two.open()
        await two.follow("Update 1 waits for your approval")
        await two.press("Approve it", read="yes")
        assert "It is approved." in two.said
    found = await harness.broadcast()
    assert found.status is BroadcastStatus.APPROVED
    assert (found.announcement.kind, found.announcement.call_to_action) == (Kind.UPDATE, CallToAction.LETTER)
    assert found.announcement.audience == Audience(case="norma-cruz")
    await deliver_replies(harness)
    assert any("has been sent only to you" in said for said in harness.texts_to("olga"))


async def test_an_alert_says_what_it_lacks_and_loses_nothing(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        await browser.send(
            WRITE, do="save", text_en="Please write today.", lasts="", countries="Finland, Mordor"
        )
        assert browser.status == 422
        for said in (
            "We do not know a country called Mordor",
            "An alert needs an end.",
            "Spanish: write a text, or choose which text its readers get.",
        ):
            assert said in browser.said.replace("\u2068", "").replace("\u2069", "")
        form = next(each for each in browser.forms if each.action == WRITE)
        assert form.fields["text-en"] == "Please write today."
        assert form.fields["countries"] == "Finland, Mordor"
        await browser.send(WRITE, do="save", lasts="6", countries="Finland, Suomi; France", instead_es="en")
        assert browser.path == "/dashboard/broadcasts/1", browser.said
    written = (await team.harness.broadcast()).announcement
    assert written.fallbacks == {"es": "en"} and written.timing.lasts == 6
    assert written.audience.countries == ("FI", "FR")
    assert written.audience.wrote is False


async def test_how_it_looks_is_shown_before_anything_is_kept(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        await browser.send(WRITE, do="look", **TEXTS)
        assert browser.status == 200
        assert browser.said.count("Escribe hoy, por favor.") == 2  # as it was typed, and as it is read
        assert 'hx-select="#seen"' in browser.source
        await browser.open("/dashboard/broadcasts")
        assert "There are none yet." in browser.said


async def test_times_are_those_of_the_office(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        assert "As clocks show it in" in browser.said
        await browser.send(WRITE, do="save", **TEXTS, when="moment", at="")
        assert "Please say on which day and at what time" in browser.said
        await browser.send(WRITE, do="save", when="moment", at="2012-01-01T09:00")
        assert "That time has passed already." in browser.said
        await browser.send(WRITE, do="save", when="moment", at="2012-01-30T09:00")
    timing = (await team.harness.broadcast()).announcement.timing
    assert timing.at == datetime(2012, 1, 30, 15, 0, tzinfo=UTC) and timing.zone == "America/Guatemala"


async def test_what_was_written_is_changed_and_has_to_be_approved_anew(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    found = await drafted(harness, olga, replace(alert(harness), audience=Audience(case="norma-cruz")))
    await propose(harness, olga, found)
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/broadcasts/1")
        await browser.follow("Change it")
        form = next(each for each in browser.forms if each.action == WRITE)
        assert form.fields["text-es"] == "Please write today! (es)" and form.fields["lasts"] == "24"
        await browser.send(WRITE, do="save", text_en="Another text")
    after = await harness.broadcast()
    assert after.status is BroadcastStatus.DRAFT and after.digest != found.digest
    assert after.announcement.texts["en"] == "Another text"
    assert after.announcement.timing.urgent
    async with team.signed_in("pedro", Role.APPROVER) as other:
        await other.post(
            "/dashboard/broadcasts/1/approve", {"digest": found.digest, "read": "yes", "urgent": "yes"}
        )
        assert other.status == 409


async def test_a_correction_goes_to_who_got_it(team: Team) -> None:
    harness = team.harness
    await add_subscribers(harness, ["ana", "ben"])
    await harness.send(alert(harness))
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await browser.open(f"{WRITE}?kind=correction")
        await browser.send(WRITE, do="save", **TEXTS)
        assert browser.path == "/dashboard/broadcasts/2", browser.said
    assert (await harness.broadcast(2)).announcement.audience == Audience(received=1)


async def test_an_old_form_does_not_undo_what_somebody_else_has_written(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    await drafted(harness, olga, alert(harness))
    async with team.signed_in("dan", Role.DRAFTER) as browser:
        await browser.open(f"{WRITE}?edit=1")
        newer = await drafted(harness, olga, alert(harness, "A better text"), replaces=1)
        await propose(harness, olga, newer)
        text = "What Dan has written meanwhile, all of it."
        assert text in await browser.send(WRITE, do="save", text_en=text)
        assert browser.status == 409
    found = await harness.broadcast()
    assert (found.status, found.digest) == (BroadcastStatus.PROPOSED, newer.digest)


async def test_numbers_and_times_out_of_reach_are_refused(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        for when in ("moment", "local"):
            for at in ("9999-12-31T23:59", "0001-01-01T00:00", "2014-01-01T00:00"):
                await browser.send(WRITE, do="save", **TEXTS, when=when, at=at)
                assert browser.status == 422, (when, at)
        for number in ("9" * 30, "9" * 5000, "-1", "²"):
            await browser.send(WRITE, do="look", replaces=number)
            assert browser.status == 200, number
            await browser.send(WRITE, do="save", **TEXTS, when="now", replaces=number)
            assert browser.status == 409, number
            await open_form(browser)
            await browser.open(f"{WRITE}?edit={number}")
            assert browser.status == 404, number
            await open_form(browser)
        await browser.send(WRITE, do="save", **TEXTS, language="xx")
    assert (await team.harness.broadcast()).announcement.audience.languages == ()


async def test_a_viewer_writes_nothing(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "Write an update" not in browser.said
        await browser.open(WRITE)
        assert browser.status == 404
        await browser.post(
            WRITE, {"kind": "alert", "do": "save", "text-en": "Please write today.", "instead-es": "en"}
        )
        assert browser.status == 409


async def test_a_text_is_given_back_where_the_session_is_over(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        await team.harness.receive("olga", "/signout")
        text = "Please write today, all of you, wherever you are."
        assert text in await browser.send(WRITE, do="save", text_en=text)
        assert browser.status == 401


async def test_hostile_fields_are_text_and_nonsense_is_refused(team: Team) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        for name in (
            "text-en",
            "countries",
            "at",
            "kind",
            "case",
            "replaces",
            "received",
            "update",
            "action",
        ):
            fields = {"kind": "alert", "do": "save", "text-en": "a", name: hostile, "when": "moment"}
            await browser.post(WRITE, fields)
            assert browser.status in (200, 404, 409, 422), f"{name}: {browser.status}"
            assert "<script>alert" not in browser.source
        for query in ("edit=99", "edit=x", "edit=²", "kind=x&case=y", "received=x&kind=correction"):
            await browser.open(f"{WRITE}?{query}")
            assert browser.status in (200, 404), query


async def test_what_was_approved_is_not_changed_by_who_may_not(team: Team) -> None:
    harness = team.harness
    olga, pedro = await team.join("olga", Role.DRAFTER), await team.join("pedro", Role.APPROVER)
    found = await drafted(harness, olga, alert(harness))
    await propose(harness, olga, found)
    await approve(harness, pedro, await harness.broadcast())
    harness.clock.now += harness.news.broadcast_service.undo
    await harness.address()
    async with team.signed_in("olga") as browser:
        await browser.open(f"{WRITE}?edit=1")
        assert browser.status == 404
        await browser.post(
            WRITE,
            {
                "kind": "alert",
                "do": "save",
                "replaces": "1",
                "lasts": "6",
                "text-en": "a",
                "instead-es": "en",
            },
        )
        assert browser.status == 409


async def test_the_same_form_sent_twice_at_once_makes_one_draft(team: Team) -> None:
    async with team.signed_in("olga", Role.DRAFTER) as browser:
        await open_form(browser)
        form = next(each for each in browser.forms if each.action == WRITE)
        written = {"do": "save", "text-en": "Please write today.", "lasts": "6", "instead-es": "en"}
        fields = {**form.fields, **written}

        async def send() -> str:
            async with browser.client.post(WRITE, data=fields) as answer:
                return answer.url.path

        assert {*await asyncio.gather(send(), send(), send())} == {"/dashboard/broadcasts/1"}
        assert [each.action for each in await audit_entries(team.harness)].count("drafted") == 1
        fields["text-en"] = "Please write tomorrow."
        assert await send() == "/dashboard/broadcasts/2", "another text is another draft"
