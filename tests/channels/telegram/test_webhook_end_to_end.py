"""The whole way by webhook: real processes that end and begin again, and go back to polling."""

import asyncio
from pathlib import Path

from tests.support.channels.telegram_calls import calls_of
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, LETTER, TIMEOUT
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import until_ready
from tests.support.processes.serving import by_webhook, serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

QUESTIONS = ["ready", "country", "name", "line", "verdict", "subscribe"]
FINE = {"database": "ok", "telegram": "ok"}


SECOND = 0.1  # seconds that one of Telegram's lasts: it drops a press that is not taken within 150


async def test_a_letter_is_written_while_we_start_anew_and_go_back_to_polling(tmp_path: Path) -> None:
    async with FakeTelegram(SECOND) as server:
        await written_while_we_start_anew(server, tmp_path)


async def written_while_we_start_anew(server: FakeTelegram, tmp_path: Path) -> None:
    with reserved() as listen:
        installation = telegram_installation(tmp_path, server, **by_webhook(listen))
        anna = Supporter(server, server.person("Anna", "en"), LETTER | {"name": "Anna Example"})
        server.duplicate_next(3)
        async with serving(installation):
            await anna.person.write(f"/start {CASE}")
            await anna.until("What shall stand")
            await until_ready(listen, FINE)
        assert server.webhook is not None, "what comes meanwhile waits"
        await anna.react()
        async with serving(installation):
            await anna.until("Shall we send it?")
        assert calls_of(server, "getUpdates") == []

        installation = telegram_installation(tmp_path, server)
        async with serving(installation):
            await anna.until("You will hear from us")
            await server.until(lambda: not server.updates, TIMEOUT)
        assert (await asyncio.to_thread(installation.run, "run", "--until-idle")).code == 0
    assert server.webhook is None
    assert anna.asked == QUESTIONS
    texts = [message.text for message in anna.person.inbox]
    assert len(texts) == len(set(texts)), "each update counted once"
    assert [facts["name"] for facts in installation.facts] == ["Anna Example"]
