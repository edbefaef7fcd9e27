"""The mailbox of what comes back: each message is read until it is settled, and stays there."""

import mailbox
import os
from pathlib import Path
from typing import Literal

import pytest

from assistant.carriers.email.bounces import read_bounce
from assistant.carriers.email.incoming import LARGEST
from assistant.carriers.email.maildir import Arrived, unread
from assistant.domain.errors import Misconfigured
from tests.support.carriers.email_bounces import EXIM, POSTFIX, VACATION


@pytest.fixture
def box(tmp_path: Path) -> mailbox.Maildir:
    """An empty Maildir, as mail servers fill it."""
    return mailbox.Maildir(tmp_path / "bounces", create=True)


@pytest.fixture
def folder(tmp_path: Path, box: mailbox.Maildir) -> Path:
    """Where it is."""
    return tmp_path / "bounces"


def put(box: mailbox.Maildir, text: str, place: Literal["new", "cur"] = "new", flags: str = "") -> None:
    """A message comes in."""
    message = mailbox.MaildirMessage(text.encode())
    message.set_subdir(place)
    message.set_flags(flags)
    box.add(message)


def test_what_is_new_is_read_until_it_is_settled(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    put(box, VACATION, "cur", "F")
    put(box, EXIM, "cur", "S")
    found = list(unread(folder))
    assert [each.raw.decode() for each in found] == [POSTFIX, VACATION]
    assert [each.raw for each in unread(folder)] == [
        each.raw for each in found
    ]  # a crash: nothing was settled
    found[0].settle()
    assert [each.raw.decode() for each in unread(folder)] == [VACATION]
    found[1].settle()
    assert list(unread(folder)) == []
    assert {(message.get_subdir(), message.get_flags()) for message in box} == {("cur", "S"), ("cur", "FS")}
    assert len(box) == 3


def test_what_no_mail_server_puts_there_is_passed_over(box: mailbox.Maildir, folder: Path) -> None:
    (folder.parent / "keyring.json").write_text("an invented key")
    (folder / "new" / "1.link").symlink_to(folder.parent / "keyring.json")
    os.mkfifo(folder / "new" / "2.pipe")
    (folder / "new" / "3.folder").mkdir()
    put(box, POSTFIX)
    assert [each.raw.decode() for each in unread(folder)] == [POSTFIX]


def test_the_oldest_comes_first_however_long_its_name_is(folder: Path) -> None:
    names = ["1327420800.M51P7Q1.host", "1327420800.M123P7Q2.host", "1327420801.M4P7Q3.host"]
    for name in reversed(names):
        (folder / "new" / name).write_text(name, "utf-8")
    assert [each.raw.decode() for each in unread(folder)] == names


def test_what_is_flagged_stays_unread_until_a_person_has_read_it(box: mailbox.Maildir, folder: Path) -> None:
    put(box, VACATION)
    [one] = unread(folder)
    assert not one.flagged
    one.flag()
    [again] = unread(folder)
    assert again.flagged
    again.flag()
    assert {(message.get_subdir(), message.get_flags()) for message in box} == {("cur", "F")}
    [again] = unread(folder)
    again.settle()
    assert list(unread(folder)) == []


def test_settling_twice_does_no_harm(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    [one] = unread(folder)
    [same] = unread(folder)
    one.settle()
    one.settle()
    same.settle()
    assert len(box) == 1


def test_a_message_that_another_program_takes_away_is_left_out(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX)
    put(box, EXIM)
    reading = unread(folder)
    first = next(reading)
    for path in (folder / "new").iterdir():
        path.unlink()
    assert list(reading) == []
    first.settle()


def test_of_a_huge_message_no_more_is_read_than_counts(box: mailbox.Maildir, folder: Path) -> None:
    put(box, POSTFIX + "x" * LARGEST)
    [one] = unread(folder)
    assert len(one.raw) == LARGEST
    assert read_bounce(one.raw) is not None


def test_what_is_no_message_is_left_alone(box: mailbox.Maildir, folder: Path) -> None:
    (folder / "new" / ".hidden").write_bytes(b"x")
    (folder / "new" / "folder").mkdir()
    assert list(unread(folder)) == []


def test_what_is_no_maildir_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no Maildir"):
        list(unread(tmp_path))
    (tmp_path / "new").write_bytes(b"")
    with pytest.raises(Misconfigured, match=str(tmp_path)):
        list(unread(tmp_path))


def test_a_mailbox_that_may_not_be_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.x").write_bytes(b"x")
    (tmp_path / "cur").write_bytes(b"")  # no folder
    with pytest.raises(Misconfigured, match="cannot be read or changed"):
        Arrived(tmp_path / "new" / "1.x", b"x").settle()
