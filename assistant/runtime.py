"""What one process needs to be a good neighbour: its lock, its clock, its memory, its files."""

import asyncio
import ctypes
import gc
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.domain.cases import Case
from assistant.domain.clock import Clock, moved_clock, system_clock
from assistant.domain.errors import Misconfigured
from assistant.files import check_readable, write_whole
from assistant.settings import Settings


def make_data_dir(settings: Settings) -> None:
    """The folder for everything stored. Raises Misconfigured where it cannot be made, or is not for us."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"The folder {settings.data_dir} cannot be made: {error.strerror}. See ASSISTANT_DATA_DIR."
        ) from error
    check_readable(settings.data_dir)


def clock_of(settings: Settings, *, create: bool = True) -> Clock:
    """The clock that this process goes by. Raises Misconfigured where a rehearsal's cannot be stored.

    A moved clock begins when the first process with that setting starts, and goes on for those after it.
    `create`: its folder is made where it is missing.
    """
    if settings.clock is None:
        return system_clock
    if create:
        make_data_dir(settings)
    try:
        return moved_clock(settings.clock, _rehearsing_since(settings.rehearsal, settings.clock))
    except OSError as error:
        raise Misconfigured(f"{settings.rehearsal} cannot be written: {error.strerror}.") from error


def _rehearsing_since(file: Path, clock: str) -> datetime:
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        stored = json.loads(file.read_text("utf-8"))
        if stored["clock"] == clock:
            return datetime.fromisoformat(stored["since"]).astimezone(UTC)
    since = system_clock()
    if file.parent.is_dir():
        write_whole(file, json.dumps({"clock": clock, "since": since.isoformat()}).encode())
    return since


@asynccontextmanager
async def only_one(settings: Settings, patience: float) -> AsyncIterator[None]:
    """Hold the folder's lock. Raises Misconfigured where another process keeps it for `patience` seconds."""
    lock = FileLock(settings.lock, thread_local=False)
    try:
        await asyncio.to_thread(lock.acquire, timeout=patience)
    except Timeout as error:
        raise Misconfigured(
            f"Another assistant is at work in {settings.data_dir}. End it, or name another folder "
            "in ASSISTANT_DATA_DIR."
        ) from error
    except OSError as error:
        raise Misconfigured(f"{settings.lock} cannot be written: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def is_at_work(settings: Settings) -> bool:
    """Whether a process holds the folder's lock now. One that begins just then waits for us a moment."""
    if not settings.lock.is_file():
        return False
    lock = FileLock(settings.lock)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def warm_up(cases: Iterable[Case]) -> None:
    """Read fonts and calendars in a thread: who needs them first need not wait for a second."""
    from assistant.content import typefaces

    def read() -> None:
        typefaces.missing("\u00e9")
        for case in cases:
            case.main.hours.next_open(system_clock())
        give_back_memory()

    beside(read, "warm-up")


def beside(work: Callable[[], None], name: str) -> None:
    """Do it in a thread for which nobody waits, not even the end of the process."""
    threading.Thread(target=work, name=name, daemon=True).start()


def give_back_memory() -> None:
    """Let the system have what was needed to start only: fonts, catalogues and tables as they are read.

    Measured: 8 MiB of 157. Where the C library is not glibc it has no such call, and nothing happens.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def calm_collector() -> None:
    """Keep the garbage collector off what was made at start, and let it look less often at the rest.

    Measured: a tenth more turns a second (docs/performance.md).
    """
    gc.collect()
    give_back_memory()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
