"""The whole way over Signal: real processes, the fake API, and people who write, edit, quote and react."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.fakes.signal.people import Person
from tests.support.fakes.signal.server import FakeSignal
from tests.support.processes.installation import TIMEOUT, Installation
from tests.support.processes.serving import end
from tests.support.processes.signal_supporters import Supporter

WEEK = 604_800


def files(person: Person) -> list[tuple[str, str]]:
    """The kind and the name of each file that the person got."""
    return [(kind, name) for message in person.inbox for kind, name, _ in message.attachments]


@asynccontextmanager
async def serving(installation: Installation, server: FakeSignal) -> AsyncIterator[None]:
    """A process that listens; at its end everything is stored, and nobody is named in what it wrote."""
    process = installation.start("run")
    try:
        await server.until(lambda: bool(server.listeners), TIMEOUT)
        yield
        done = await end(process)
        assert (done.code, done.out) == (0, "")
        names = [name for person in server.people for name in (person.name, person.uuid, person.number)]
        assert not any(name in done.err for name in [*names, server.number] if name)
    finally:
        process.kill()
        with process:
            pass


@pytest.mark.parametrize("version", ["0.100", "0.101"])
async def test_a_supporter_writes_a_letter_while_we_start_anew_and_lose_our_connection(
    tmp_path: Path, version: str
) -> None:
    async with FakeSignal(version) as server:
        url, number = server.url, server.number
        installation = Installation(tmp_path, signal_api_url=url, signal_number=number, listen="none")
        anna = server.person("Anna", "+15550111")
        supporter = Supporter(server, anna)
        async with serving(installation, server):
            await anna.write("hello")
            await supporter.hears("1. English")
            await anna.write("1")
            ready = await supporter.hears("1. Write the letter")
        async with serving(installation, server):
            await anna.write("1", quoting=ready)
            await supporter.hears("Which country")
            await anna.write("Spain")
            await supporter.hears("1. A supporter in Spain")
            named = await anna.write("Ana Example")
            await supporter.hears("1. Skip")
            await anna.edit(named, "Anna Example")
            await supporter.hears("1. Skip")
            await server.drop()
            await server.listening()
            await anna.send_photo()
            await supporter.hears("We can only read text")
            await anna.write("*Please* act ~now~ | C:\\")
            preview = await supporter.hears("> *Please* act ~now~ | C:\\")
            assert "4. Show the printed page" in preview.text
            await anna.write("4")
            paper = await supporter.hears("as it will be printed")
            preview = await supporter.hears("Shall we send it?")
        async with serving(installation, server):
            await anna.react(preview)
            await supporter.hears("Shall we write to you")
            await anna.write("yes")
            await supporter.hears("You will hear from us")
            await supporter.hears("pass this on")
            await anna.write("mydata")
            await supporter.hears("what we keep about you")
            await server.until(lambda: len(files(anna)) == 2, TIMEOUT)
        await asyncio.to_thread(installation.run, "run", "--until-idle")
        [letter] = installation.facts
    assert (letter["name"], letter["country"]) == ("Anna Example", "ES")
    assert letter["line"] == "*Please* act ~now~ | C:\\"
    assert [kind for kind, _, _ in paper.attachments] == ["application/pdf"]
    assert files(anna)[1] == ("application/json", "my-data.json")
    assert anna.expiries == [WEEK] and {message.expiry for message in anna.inbox} == {WEEK}
    assert not any(message.is_text_file for message in anna.inbox)
    assert len(anna.receipts) >= 7
