"""Nothing personal stands readable in the database; what was forgotten does not stand there at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.services.broadcasts.approval import SHELL
from assistant.store.tables import chats, letters
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases

PERSON = "9055512349876"
NAME = "Xylophonia Quetzalworth"
LINE = "My grandmother Bombazine kept forty-one invented geese."
STATED = "Ziggurat Halfwritten"
SECRETS = [PERSON, NAME, LINE, STATED, "Xylophonia", "Bombazine", "geese"]


async def _bytes(harness: Harness, tmp_path: Path) -> bytes:
    """All that the database holds, as it lies there."""
    async with harness.store.read() as tx:
        if tx.dialect == "sqlite":
            return _sqlite_files(tmp_path)
        query = text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        columns = (await tx.connection.execute(query)).all()
        found = b""
        for table, column, kind in columns:
            shown = f"encode({column}, 'escape')" if kind == "bytea" else f"CAST({column} AS text)"
            values = await tx.connection.scalars(text(f"SELECT {shown} FROM {table}"))  # noqa: S608
            found += "\n".join(str(value) for value in values).encode()
        return found


def _sqlite_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("assistant.sqlite*"))


def _forms(secret: str) -> Iterator[bytes]:
    """A text as it could stand somewhere."""
    yield from (secret.encode(), secret.upper().encode(), secret.lower().encode())
    yield from (secret.encode("utf-16-le"), secret.encode().hex().encode())


async def _write(harness: Harness) -> None:
    talk = ["hello", "English", "go", "Finland", NAME, LINE, "send", "yes", "mydata"]
    await harness.receive_all(PERSON, talk)
    await harness.receive_all("another", ["hello", "English", "go", STATED])


async def test_no_name_line_or_address_is_readable(harness: Harness, tmp_path: Path) -> None:
    await _write(harness)
    stored = await _bytes(harness, tmp_path)
    assert b"norma-cruz" in stored, "what is not personal is readable, so we do read the right bytes"
    for secret in SECRETS:
        assert not [form for form in _forms(secret) if form in stored]


async def test_not_while_letters_leave_nor_in_their_log(harness: Harness, tmp_path: Path) -> None:
    await _write(harness)
    letter_worker = harness.letter_worker(tmp_path / "tray")
    await harness.engine(letter_worker).run_until_idle()
    assert await harness.letter_statuses() == [LetterStatus.SENT]
    stored = await _bytes(harness, tmp_path)
    for secret in SECRETS:
        assert not [form for form in _forms(secret) if form in stored]


async def test_neither_the_name_of_an_organiser_nor_the_code_they_came_with(
    harness: Harness, tmp_path: Path
) -> None:
    async with harness.store.write() as tx:
        codes = [await harness.news.organiser_service.invite(tx, SHELL, Role.OWNER) for _ in range(2)]
    await harness.receive(PERSON, f"/organiser {codes[0]}", language="en")
    await harness.receive(PERSON, NAME)
    assert NAME in harness.last_text_to(PERSON)
    stored = await _bytes(harness, tmp_path)
    assert b"joined" in stored, "the audit is readable"
    for secret in (*SECRETS, *codes):
        assert not [form for form in _forms(secret) if form in stored]


async def test_after_forgetting_neither_the_key_nor_what_it_sealed_is_left(
    harness: Harness, tmp_path: Path
) -> None:
    await _write(harness)
    (old, _) = await harness.rows(select(chats.c.key, chats.c.address).order_by(chats.c.id))
    (body,) = await harness.rows(select(letters.c.body))
    await harness.receive_all(PERSON, ["forget", "yes"])
    async with harness.store.write() as tx:
        sqlite = tx.dialect == "sqlite"
    if sqlite:
        await _checkpoint(tmp_path)
    stored = await _bytes(harness, tmp_path)
    for value in (old["key"], old["address"], body["body"]):
        assert value not in stored
        assert _as_escaped(value) not in stored


async def _checkpoint(tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "assistant.sqlite")
    connection.execute("PRAGMA secure_delete = ON")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    assert not busy


def _as_escaped(value: bytes) -> bytes:
    """Bytes as PostgreSQL's encode(..., 'escape') writes them."""
    return b"".join(
        b"\\\\" if byte == 0x5C else bytes([byte]) if 0 < byte < 0x80 else f"\\{byte:03o}".encode()
        for byte in value
    )
