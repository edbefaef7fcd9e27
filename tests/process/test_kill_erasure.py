"""Killed while it deletes our messages from a forgotten person's chat: the next process deletes them."""

import asyncio
from pathlib import Path

from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.store.tables import chats, messages
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import LETTER, TIMEOUT
from tests.support.processes.serving import serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter


async def test_messages_are_deleted_by_whoever_comes_after(
    tmp_path: Path, database_url: str, script: Script
) -> None:
    async with FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server, database_url)
        anna = Supporter(server, server.person("Anna", "en"), LETTER)
        process = installation.start("run")
        try:
            await anna.person.write("hello")
            await anna.until("You will hear from us")
            await anna.person.write("forget")
            await anna.until("We can also delete")
            server.fail_next("deleteMessages", hang=float("inf"))
            await anna.person.press("Yes, and our messages here")
            await server.until(lambda: "deleteMessages" in {method for method, _ in server.calls}, TIMEOUT)
            assert anna.person.deleted == []
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)
            with process:
                pass
        async with serving(installation):
            await server.until(lambda: bool(anna.person.deleted), TIMEOUT)
        last = anna.person.inbox[-1]
        assert "We now delete our messages" in last.text
        received = {message.id for message in anna.person.inbox if message.text != last.text}
        assert set(anna.person.deleted) == received
        async with installation.harness(script) as harness:
            assert await harness.rows(select(chats)) == []
            assert await harness.rows(select(messages)) == []
