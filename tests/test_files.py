"""Files are whole or not there, also where several processes write them at the same moment."""

import multiprocessing
from pathlib import Path

from assistant.files import write_whole

WRITERS, TIMES = 4, 50
SIZE = 100_000  # bytes


def write_again_and_again(path: Path, letter: bytes) -> None:
    for _ in range(TIMES):
        write_whole(path, letter * SIZE)


def test_writers_at_the_same_moment_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.json"
    context = multiprocessing.get_context("spawn")
    letters = [bytes([ord("a") + number]) for number in range(WRITERS)]
    writers = [context.Process(target=write_again_and_again, args=(path, each)) for each in letters]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    assert [each.exitcode for each in writers] == [0] * WRITERS
    content = path.read_bytes()
    assert content in [letter * SIZE for letter in letters]
    assert [each.name for each in tmp_path.iterdir()] == ["shared.json"]
