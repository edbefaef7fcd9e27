"""The search for canaries finds them however they are written, and nothing else."""

import base64
import json
import quopri
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.canary import CORE, Canaries, Searched, files

NAME, NUMBER = f"Ana{CORE}", 7_345_678_901_234
IDENTITY = "5c1f9d2e-77aa-4b0c-9d11-0c3b6e5f7a21"
CODE = "QWER-TZ29"
WAYS: list[Callable[[str], bytes]] = [
    str.encode,
    lambda text: text.upper().encode(),
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("utf-16-be"),
    lambda text: text.encode().hex().encode(),
    lambda text: text.encode().hex().upper().encode(),
    lambda text: json.dumps({"ñ": text}).encode(),
    lambda text: quote(text).encode(),
    lambda text: quopri.encodestring(("ñ" * 23 + text).encode()),
    *(lambda text, n=before: base64.encodebytes(b"y" * n + text.encode() + b"yy") for before in range(70)),
]


def _canaries() -> Canaries:
    canaries = Canaries({"name": NAME})
    canaries.number("number", NUMBER)
    canaries.identity("identity", IDENTITY)
    canaries.code("code", CODE)
    return canaries


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_name_is_found_however_it_is_written(way: int) -> None:
    found = _canaries().among(b"\0\1" + WAYS[way](NAME) + b"\xff")
    assert len(found) == 1
    assert "name" in next(iter(found)) or CORE in next(iter(found))


@pytest.mark.parametrize("length", [6, 8])
@pytest.mark.parametrize("order", ["big", "little"])
def test_a_number_is_found_as_databases_store_it(length: int, order: "str") -> None:
    raw = NUMBER.to_bytes(length, "big" if order == "big" else "little")
    assert _canaries().among(b"\1" + raw + b"\2") == {"number"}


def test_a_number_is_found_in_a_real_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("CREATE TABLE t (a INTEGER)")
        database.execute("INSERT INTO t VALUES (?)", [NUMBER])
        database.commit()
    assert _canaries().among((tmp_path / "a.sqlite").read_bytes()) == {"number"}


def test_an_identity_and_a_code_are_found() -> None:
    canaries = _canaries()
    assert canaries.among(bytes.fromhex(IDENTITY.replace("-", ""))) == {"identity"}
    assert canaries.among(IDENTITY.upper().encode()) == {"identity"}
    assert canaries.among(CODE.lower().encode()) == {"code"}


def test_nothing_is_found_where_nothing_is() -> None:
    noise = random.Random(4711).randbytes(3_000_000)  # noqa: S311  no secret
    assert _canaries().among(noise) == set()


def test_files_are_searched_and_their_names_too(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / f"{NAME}.txt").write_bytes(b"")
    (tmp_path / "b").write_bytes(NAME.encode())
    (tmp_path / "c").write_bytes(b"none")
    searched = Searched()
    for place, content in files(tmp_path):
        searched.look(_canaries(), place, content)
    assert searched.hits == {f"folder/{NAME}.txt": {"name"}, "b": {"name"}}
    assert searched.places == 4
