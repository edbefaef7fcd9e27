"""When Telegram refuses the bot itself: one sentence for the operator, exit code 1, the token nowhere."""

from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.process.serving import end, telegram_installation


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "Telegram does not know this token: see ASSISTANT_TELEGRAM_TOKEN."),
        (409, "Telegram: another program reads this bot's messages. End it, or use another bot's token."),
    ],
)
async def test_the_run_ends_with_one_sentence(
    server: FakeTelegram, tmp_path: Path, status: int, sentence: str
) -> None:
    server.fail_next("getUpdates", status=status)
    process = telegram_installation(tmp_path, server).start("run")
    done = await end(process, by=None)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == f"assistant: {sentence}"
    assert not [line for line in done.err.splitlines() if "error" in line]


async def test_only_one_runs_in_a_folder(server: FakeTelegram, tmp_path: Path) -> None:
    here = telegram_installation(tmp_path, server)
    first = here.start("run")
    try:
        await server.until(lambda: bool(server.calls), 40)
        second = here.start("run", "--until-idle")
        done = await end(second, by=None)
        assert done.code == 1
        assert str(here.data) in done.sentence and "ASSISTANT_DATA_DIR" in done.sentence
    finally:
        assert (await end(first)).code == 0
