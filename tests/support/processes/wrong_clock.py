"""`assistant` in a process whose clock is wrong by as much as a file says, from one moment to the next.

`python -m tests.support.processes.wrong_clock FILE ARGUMENTS...`

The system's own clock cannot be set for one process, and every process of a test reads that one. `FILE` holds
seconds. What passes in truth (`time.monotonic`) is as it is. A clock that was wrong is trusted again sooner.
"""

import runpy
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any

from assistant.services import clock_watch
from tests.support.processes.preloaded import import_everything

LOOK, TRUSTED_AFTER = 0.5, 3.0  # seconds: the real numbers are 5 and 600


def program(file: Path) -> Sequence[str]:
    """What the interpreter runs instead of `-m assistant`."""
    return ("-m", __name__, str(file))


class _WrongByFile(type):
    """In all but `now` it is the class that it stands for."""

    file: Path

    def __getattr__(cls, name: str) -> Any:  # Any: whatever that class has
        return getattr(datetime, name)

    def __call__(cls, *given: Any, **named: Any) -> datetime:  # Any: as above
        return datetime(*given, **named)  # noqa: DTZ001  as it was asked for

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)

    def now(cls, timezone: tzinfo | None = None) -> datetime:
        return datetime.now(timezone) + timedelta(seconds=float(cls.file.read_text()))


class WrongDatetime(metaclass=_WrongByFile):
    """Stands for `datetime` in our modules."""


def set_wrong(module: ModuleType) -> None:
    """Have the module read that clock."""
    for name, value in list(vars(module).items()):
        if value is datetime:
            setattr(module, name, WrongDatetime)


def main() -> None:
    WrongDatetime.file = Path(sys.argv[1])
    clock_watch.EVERY, clock_watch.TRUSTED_AFTER = LOOK, TRUSTED_AFTER
    import_everything()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "assistant":
            set_wrong(module)
    sys.argv = ["assistant", *sys.argv[2:]]
    runpy.run_module("assistant", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
