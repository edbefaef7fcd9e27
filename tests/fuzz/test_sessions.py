"""Servers that we call may answer anything, and break off at any time; and anything may lie in a Maildir."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.carriers.email.imap import Mailbox
from assistant.carriers.email.maildir import unread
from assistant.carriers.email.settings import Inbox
from assistant.carriers.hylafax.client import Session
from assistant.carriers.hylafax.settings import Server
from assistant.domain.errors import Failure

IMAP = [
    b"* OK ready\r\n",
    b"* BYE gone\r\n",
    b"* CAPABILITY IMAP4rev1 IDLE\r\n",
    b"a001 OK\r\n",
    b"AAAA1 OK done\r\n",
    b"* 3 EXISTS\r\n",
    b"* SEARCH 1 2 x\r\n",
    b"* 1 FETCH (BODY[] {9999999999999}\r\n",
    b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n",
    b"* LIST (((((\r\n",
    b"+ \r\n",
    b"\xff\x00",
    b"*",
]
FTP = [
    b"220 ready\r\n",
    b"230 in\r\n",
    b"331 password\r\n",
    b"200 ok\r\n",
    b"213 x\r\n",
    b"227 (127,0,0,1,0,1)\r\n",
    b"227 (999,,,)\r\n",
    b"229 (|||x|)\r\n",
    b"220-never\r\n",
    b"421 gone\r\n",
    b"999999 what\r\n",
    b"xyz\r\n",
    b"\xff\r\n",
    b"\r\n",
]
NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60
) | st.from_regex(r"[0-9]{1,60}\.[A-Za-z0-9]{1,20}:2,[A-Z]{0,9}", fullmatch=True)


@contextmanager
def answering(answers: list[bytes]) -> Iterator[int]:
    """A server on a port of ours that says that to whoever comes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            with suppress(OSError):
                peer, _ = server.accept()
                with peer:
                    peer.settimeout(10)
                    for each in answers:
                        peer.sendall(each)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(4096):
                        pass

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            with suppress(OSError), socket.create_connection(server.getsockname(), 1):
                pass  # nobody may have come
            serving.join()


@given(st.lists(st.sampled_from(IMAP) | st.binary(max_size=50), max_size=12))
def test_a_mailbox_that_answers_anything_is_a_failure_and_nothing_else(answers: list[bytes]) -> None:
    with answering(answers) as port:
        mailbox = Mailbox(Inbox.parse(f"imap://user:invented@127.0.0.1:{port}"))
        try:
            with suppress(Failure):
                mailbox.open()
                list(mailbox.unread())
        finally:
            mailbox.close()


@given(st.lists(st.sampled_from(FTP) | st.binary(max_size=50), max_size=12))
def test_a_fax_server_that_answers_anything_is_a_failure_and_nothing_else(answers: list[bytes]) -> None:
    with answering(answers) as port, suppress(Failure):
        server = Server.from_url(f"hylafax://user:invented@127.0.0.1:{port}")
        with Session(server, patience=5) as session:
            session.jobs()


@given(st.dictionaries(NAMES, st.binary(max_size=40), max_size=6))
def test_anything_may_lie_in_a_maildir(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        for name in ("new", "cur"):
            (Path(place) / name).mkdir()
        for name, content in files.items():
            with suppress(OSError):  # a name too long for the disk, or . itself
                (Path(place) / "new" / name).write_bytes(content)
        for each in unread(Path(place)):
            each.settle()
        assert [each for each in unread(Path(place)) if not each.path.name.startswith(".")] == []
