"""`assistant run` watches a mailbox: from a mail that comes in to the list of answers."""

import asyncio
import json
from pathlib import Path

from assistant.settings import Settings
from assistant.wiring.content import make_script
from tests.support.answers import SAID, answer, mailed, token_of
from tests.support.fakes.imap_server import PASSWORD, ImapServer
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import Installation
from tests.support.processes.serving import end, telegram_installation


async def _listed(installation: Installation) -> list[dict[str, object]]:
    done = await asyncio.to_thread(installation.run, "answers", "list", "--json")
    found: list[dict[str, object]] = json.loads(done.out)
    return found


async def test_an_answer_that_comes_to_the_mailbox_is_kept(tmp_path: Path) -> None:
    async with ImapServer() as mailbox, FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server, mail_inbox=mailbox.url)
        async with installation.harness(make_script(Settings(_env_file=None))) as harness:
            await mailed(harness, "ana")
        await mailbox.put(answer(number=1))
        with installation.start("run") as process:
            await mailbox.until_flags({"Seen"})
            await mailbox.put(answer(number=2))
            await mailbox.until_flags({"Seen"}, {"Seen"})
            done = await end(process)
        assert (done.code, done.out) == (0, "")
        assert all(word not in done.err for word in (SAID, PASSWORD, token_of(1), "office@example.org"))
        assert [row["status"] for row in await _listed(installation)] == ["new", "new"]
        await mailbox.until(lambda: mailbox.connected == 0)


async def test_a_mailbox_that_is_written_wrongly_is_told_at_the_start(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server, mail_inbox="imaps://user:secret@")
        done = await asyncio.to_thread(installation.run, "run")
    assert done.code == 1
    assert "ASSISTANT_MAIL_INBOX is not imaps://user:password@host/folder" in done.sentence
    assert "secret" not in done.err
