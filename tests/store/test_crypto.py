"""Sealed values open where they belong, with their own key, and nowhere else."""

import base64
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Address
from assistant.store import chats as chat_store
from assistant.store.crypto import Vault
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats
from tests.support.harness import NAME, Harness

pytestmark = pytest.mark.both_databases


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.load_or_create(KeyringFile(tmp_path / "other-keyring.json"))


def test_what_is_sealed_opens_again(vault: Vault) -> None:
    wrapped, sealer = vault.new_key(7)
    sealed = sealer.seal("letters.body", 3, "Invented Ω")
    assert vault.open_key(wrapped, 7).open("letters.body", 3, sealed) == "Invented Ω"
    assert b"Invented" not in sealed


def test_the_same_text_is_sealed_differently_each_time(vault: Vault) -> None:
    _, sealer = vault.new_key(7)
    assert sealer.seal("letters.body", 3, "Invented") != sealer.seal("letters.body", 3, "Invented")


@pytest.mark.parametrize(("column", "row"), [("letters.body", 4), ("chats.state", 3), ("letters.body3", 3)])
def test_a_value_moved_to_another_row_or_column_does_not_open(vault: Vault, column: str, row: int) -> None:
    _, sealer = vault.new_key(7)
    with pytest.raises(Failure, match="does not open"):
        sealer.open(column, row, sealer.seal("letters.body", 3, "Invented"))


def test_another_chats_key_opens_nothing(vault: Vault) -> None:
    _, first = vault.new_key(7)
    _, second = vault.new_key(8)
    with pytest.raises(Failure, match="does not open"):
        second.open("letters.body", 3, first.seal("letters.body", 3, "Invented"))


def test_a_wrapped_key_moved_to_another_chat_does_not_open(vault: Vault) -> None:
    wrapped, _ = vault.new_key(7)
    with pytest.raises(Failure, match=r"chats\.key does not open"):
        vault.open_key(wrapped, 8)


def test_a_key_of_a_keyring_that_is_gone_is_named(vault: Vault) -> None:
    wrapped, _ = vault.new_key(7)
    with pytest.raises(Misconfigured, match="lacks key 2"):
        vault.open_key(wrapped[:1] + (2).to_bytes(4, "big") + wrapped[5:], 7)


@pytest.mark.parametrize("length", range(60))
def test_a_truncated_value_is_refused_in_words(vault: Vault, length: int) -> None:
    wrapped, sealer = vault.new_key(7)
    sealed = sealer.seal("letters.body", 3, "Somebody invented, with a long enough line")
    with pytest.raises(Failure):
        sealer.open("letters.body", 3, sealed[:length])
    with pytest.raises(Failure):
        vault.open_key(wrapped[:length], 7)


@given(garbage=st.binary(max_size=80))
def test_garbage_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    vault = Vault.load_or_create(KeyringFile(tmp_path_factory.mktemp("keys") / "keyring.json"))
    _, sealer = vault.new_key(7)
    for value in (garbage, b"\x01" + garbage, b"\x01\x00\x00\x00\x01" + garbage):
        with pytest.raises(Failure):
            sealer.open("letters.body", 3, value)
        with pytest.raises(Failure):
            vault.open_key(value, 7)
        with suppress(Misconfigured):  # it names a key that the keyring lacks
            assert not vault.belongs(value)


def test_one_changed_bit_is_noticed_wherever_it_is(vault: Vault) -> None:
    _, sealer = vault.new_key(7)
    sealed = sealer.seal("letters.body", 3, "Invented")
    for place in (0, *range(5, len(sealed))):  # 1 to 4 name the key, which the chat's own is without
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Failure):
            sealer.open("letters.body", 3, bytes(changed))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"keys": {}, "lookup": "", "active": 1}',
        b'{"keys": {"1": "AAAA"}, "lookup": "AAAA", "active": 1}',
        b'{"keys": {"one": "AAAA"}, "lookup": "AAAA", "active": 1}',
        b'{"keys": {"1": 5}, "lookup": "AAAA", "active": 1}',
        b'{"keys": [], "lookup": "AAAA", "active": 1}',
    ],
)
def test_a_damaged_keyring_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keyring.json").write_bytes(content)
    with pytest.raises(Misconfigured, match="is damaged"):
        Vault(KeyringFile(tmp_path / "keyring.json"))


def test_a_keyring_with_a_key_of_the_wrong_length_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    Vault.load_or_create(KeyringFile(path))
    stored = json.loads(path.read_text("utf-8"))
    stored["lookup"] = base64.b64encode(b"x" * 65).decode()
    path.write_text(json.dumps(stored), "utf-8")
    with pytest.raises(Misconfigured, match="is damaged"):
        Vault(KeyringFile(path)).lookup(Address(Account("memory", "1"), "ana"))


def test_a_chat_is_found_by_a_digest_that_the_key_is_needed_for(vault: Vault, tmp_path: Path) -> None:
    other = Vault.load_or_create(KeyringFile(tmp_path / "another.json"))
    ana = Address(Account("memory", "1"), "ana")
    assert vault.lookup(ana) == vault.lookup(ana) != other.lookup(ana)
    assert vault.lookup(ana) != vault.lookup(Address(Account("memory", "2"), "ana"))


async def test_a_state_swapped_between_two_rows_of_the_database_does_not_open(harness: Harness) -> None:
    for person in ("ana", "ben"):
        await harness.receive_all(person, ["hello", "English", "go", "Finland"])
    first, second = await harness.rows(select(chats).order_by(chats.c.id))
    async with harness.store.write() as tx:
        stolen = update(chats).where(chats.c.id == second["id"])
        await tx.connection.execute(stolen.values(state=first["state"], key=first["key"]))
    with pytest.raises(Failure, match="does not open"):
        await harness.receive("ben", NAME)
    await harness.receive("ana", NAME)
    assert "a sentence of your own" in harness.last_text_to("ana")


async def test_a_value_swapped_between_two_columns_of_a_row_does_not_open(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English"])
    (row,) = await harness.rows(select(chats))
    async with harness.store.write() as tx:
        await tx.connection.execute(update(chats).values(state=row["address"]))
    with pytest.raises(Failure, match="does not open"):
        async with harness.store.write() as tx:
            await chat_store.open_chats(tx, [harness.channel.address("ana")], harness.clock().date())
