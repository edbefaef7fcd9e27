"""When Telegram refuses the bot itself: the rest goes on, and the operator is told, the token nowhere."""

import asyncio
from pathlib import Path

import pytest

from assistant.channels.telegram.errors import SECOND_READER, UNKNOWN_TOKEN
from assistant.web.health import NO_CHANNEL
from tests.support.channels.telegram_calls import calls_of
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, TIMEOUT
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import health, readiness_status, until_ready
from tests.support.processes.serving import by_webhook, end, telegram_installation

MEND = "telegram cannot be read until this is mended"


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_an_unknown_token_is_told_tried_again_and_works_once_telegram_knows_it(
    server: FakeTelegram, tmp_path: Path, webhook: bool
) -> None:
    await server.revoke()
    with reserved() as listen:
        settings = by_webhook(listen) if webhook else {"listen": listen}
        process = telegram_installation(tmp_path, server, **settings).start("run")
        try:
            assert await readiness_status(listen, {"database": "ok", "telegram": UNKNOWN_TOKEN}) == 503
            assert await health(listen) == (503, f"{NO_CHANNEL}\ntelegram: {UNKNOWN_TOKEN}\n")
            server.restore()
            await until_ready(listen, {"database": "ok", "telegram": "ok"})
            assert await health(listen) == (200, "ok\n")
        finally:
            done = await end(process)
    assert (done.code, done.out) == (0, "")
    [told] = [line for line in done.err.splitlines() if "[error" in line]
    assert MEND in told and UNKNOWN_TOKEN in told
    assert done.err.count("telegram works again after ") == 1


async def test_another_channel_goes_on_without_it(server: FakeTelegram, tmp_path: Path) -> None:
    await server.revoke()
    with reserved() as listen:
        async with FakeSignal() as signal:
            settings = {"signal_api_url": signal.url, "signal_number": signal.number, "listen": listen}
            installation = telegram_installation(tmp_path, server, **settings)
            process = installation.start("run")
            try:
                await server.until(lambda: len(calls_of(server, "deleteWebhook")) >= 2, TIMEOUT)
                await asyncio.wait_for(signal.listening(), TIMEOUT)
                rosa = signal.person("Rosa")
                await rosa.write("hello")
                await signal.until(lambda: bool(rosa.inbox), TIMEOUT)
                assert await health(listen) == (200, f"ok\ntelegram: {UNKNOWN_TOKEN}\n")
            finally:
                done = await end(process)
    assert (done.code, done.err.count(MEND)) == (0, 1)


async def test_a_second_reader_is_waited_out_and_told_of(
    server: FakeTelegram, anna: Person, tmp_path: Path
) -> None:
    for _ in range(2):
        server.fail_next("getUpdates", status=409)
    with reserved() as listen:
        process = telegram_installation(tmp_path, server, listen=listen).start("run")
        try:
            assert await readiness_status(listen, {"database": "ok", "telegram": SECOND_READER}) == 503
            await anna.write(f"/start {CASE}")
            await anna.receives(timeout=TIMEOUT)
            await until_ready(listen, {"database": "ok", "telegram": "ok"})
        finally:
            done = await end(process)
    assert (done.code, done.out) == (0, "")
    assert done.err.count(SECOND_READER) == 1 and MEND not in done.err
    assert "telegram works again after " in done.err


async def test_only_one_runs_in_a_folder(server: FakeTelegram, tmp_path: Path) -> None:
    installation = telegram_installation(tmp_path, server)
    first = installation.start("run")
    try:
        await server.until(lambda: bool(server.calls), 40)
        second = installation.start("run", "--until-idle")
        done = await end(second, by=None)
        assert done.code == 1
        assert str(installation.data) in done.sentence and "ASSISTANT_DATA_DIR" in done.sentence
    finally:
        assert (await end(first)).code == 0
