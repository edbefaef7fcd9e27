"""What is left of who wrote on the web page: in files, in logs, after their time, and where things break."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.retention import KEEP_CAREFUL, KEEP_SEEN
from assistant.store.database import Store
from assistant.store.tables import transcripts
from tests.support.database_faults import database_unwritable
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME, PERSONAL_LINE
from tests.support.visitor import Pages, Visitor, open_site

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


async def write_up_to_the_end(visitor: Visitor, country: str = "Finland") -> None:
    """Everything but to send the letter."""
    await visitor.open()
    await visitor.press("Write the letter")
    for said in (country, NAME, PERSONAL_LINE):
        await visitor.write(said)
        assert visitor.status == 200
    assert NAME in visitor.source and PERSONAL_LINE in visitor.source


async def bodies(site: Pages) -> list[bytes]:
    """What is stored of what was said."""
    return [row["body"] for row in await site.harness.rows(select(transcripts.c.body))]


def files(folder: Path) -> Iterator[bytes]:
    """What is in the database's files."""
    for each in sorted(folder.glob("assistant.sqlite*")):
        yield each.read_bytes()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_right_after_forget_no_file_holds_a_word_of_the_transcript(site: Pages, tmp_path: Path) -> None:
    async with site.visitor() as visitor:
        await write_up_to_the_end(visitor)
        said = await bodies(site)
        there = [each for each in said if any(each[:200] in content for content in files(tmp_path))]
        assert len(said) > 8 and len(there) == len(said), "we do look there"
        await visitor.write("forget")
        said += (await bodies(site))[len(said) :]
        await visitor.press("Yes")
        assert "It is deleted" in visitor.source
        assert await bodies(site) == []
        left = [each for each in said if any(each[:200] in content for content in files(tmp_path))]
        assert left == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_statistics_of_the_server_hold_what_was_said(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_up_to_the_end(visitor)
        async with site.harness.store._engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.execute(text("ANALYZE"))
            query = "SELECT attname FROM pg_stats WHERE tablename = 'transcripts'"
            columns = {row[0] for row in await outside.execute(text(query))}
    assert "theirs" in columns, "there are statistics"
    assert "body" not in columns


@pytest.mark.both_databases
@pytest.mark.parametrize(("country", "kept"), [("Guatemala", KEEP_CAREFUL), ("Finland", KEEP_SEEN)])
async def test_what_was_said_goes_after_its_time(site: Pages, country: str, kept: timedelta) -> None:
    async with site.visitor() as visitor:
        await write_up_to_the_end(visitor, country)
        await visitor.open("/chat")
        site.harness.clock.advance(days=kept / timedelta(days=1))
        await site.harness.run_retention()
        assert await bodies(site)
        site.harness.clock.advance(days=1)
        await site.harness.run_retention()
        assert await bodies(site) == []
        assert NAME not in await visitor.open("/chat")


async def test_what_goes_wrong_is_told_without_a_word_of_who_wrote(
    site: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    async def broken(*_: object) -> None:
        raise Failure("The disk is full.")

    with capture_logs() as logs:
        async with site.visitor() as visitor:
            await write_up_to_the_end(visitor)
            token = next(each.value for each in visitor.client.cookie_jar if each.key == "chat")
            await visitor.press("Show the printed page")
            link = visitor.page.links["Open the letter as a PDF"]
            with monkeypatch.context() as patch:
                patch.setattr(site.harness.printer, "pdf", broken)
                await visitor.open(link)
                assert visitor.status == 503 and NAME not in visitor.source
            page = visitor.page = (await visitor.open("/chat"), visitor.page)[1]
            async with database_unwritable(site.harness.store):
                await visitor.write(f"my name is {NAME}")
                assert visitor.status == 503 and visitor.page.typed == f"my name is {NAME}"
                assert "Nothing is lost" in visitor.page.note
            with monkeypatch.context() as patch:
                patch.setattr(site.chat._transcripts, "read", broken)
                visitor.page = page
                await visitor.write(f"my name is {NAME}")
                assert visitor.status == 503 and visitor.page.typed == f"my name is {NAME}"
                await visitor.open("/chat")
                assert visitor.status == 503
            await visitor.open("/chat")
            assert sum(f"my name is {NAME}" in each for each in visitor.page.entries) == 0, "nothing of it"
    assert any(each["log_level"] == "warning" for each in logs), "it is told"
    servers = [each.getMessage() for each in caplog.records if each.name.startswith("aiohttp")]
    for secret in (NAME, PERSONAL_LINE, token, "Finland"):
        assert secret not in f"{logs}{servers}"


async def test_a_code_to_move_stands_in_no_log_and_no_address_and_looking_uses_it_not(site: Pages) -> None:
    with capture_logs() as logs:
        async with site.visitor() as visitor, site.visitor() as elsewhere:
            await write_up_to_the_end(visitor)
            await visitor.write("move")
            (code,) = set(CODE.findall(visitor.source))
            assert code not in visitor.url
            for path in (
                f"/chat?move={code}",
                f"/chat?text=/move%20{code}",
                f"/chat?case={code}",
                f"/{code}",
            ):
                async with site.visitor() as preview:
                    await preview.open(path)
                    assert NAME not in preview.source
            await elsewhere.open("/chat?lang=en")
            await elsewhere.write(f"/move {code}")
            assert code not in elsewhere.url
            await elsewhere.press("Yes")
            assert "Your chat is here now" in elsewhere.source
            assert code not in elsewhere.url
            async with site.visitor() as late:
                await late.open("/chat?lang=en")
                await late.write(f"/move {code}")
                await late.press("Yes")
                assert "That code does not work" in late.source
            before = await visitor.open("/chat")
            assert PERSONAL_LINE not in before, "the browser that was left shows nothing of it"
    assert code not in str(logs)
