"""One login on a HylaFAX server: FTP with more verbs (hfaxd(8C)). Blocking: for a thread.

Nothing that the server says, and nothing that we tell it, gets into a Failure: both can hold numbers.
"""

import contextlib
import ftplib
import io
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from assistant.carriers.hylafax.settings import SETTING, Server
from assistant.domain.errors import Down, Failure, Misconfigured

CONNECT = 10.0  # seconds
ANSWER = 60.0  # seconds; the scheduler answers a JSUBM in less than one, unless it hangs
_DIES = 10.0  # seconds in which a killed job is dead, measured: 0.4
_LOOK = 0.25  # seconds between looks at one

_FORMAT = "%j|%a|%t|%d|%J|%s"
_JOB = re.compile(r"\s*(\d+)\|(.)\|\s*(\d+)\|\s*(\d+)\|([A-Za-z0-9._-]+)\|(.*)")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,200}")
_FILE = re.compile(r"FILE: (/?[A-Za-z0-9._/-]+)")
_NEW = re.compile(r"jobid: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A fax in a queue. `state`: one letter of hfaxd's; `tries`: calls that were answered by a fax machine.

    `dials`: calls at all. Both are brought up to date only when a call ends. `key`: the letter's. `status`:
    what went wrong, empty where nothing did.
    """

    id: str
    state: str
    tries: int
    dials: int
    key: str
    status: str

    @property
    def done(self) -> bool:
        """It was sent."""
        return self.state == "D" and not self.doubtful

    @property
    def doubtful(self) -> bool:
        """It is called done, although no fax machine answered and an error is told."""
        return self.state == "D" and not self.tries and bool(self.status)

    @property
    def failed(self) -> bool:
        """It ended without being sent, or it is doubtful that it was."""
        return self.state == "F" or self.doubtful

    @property
    def on_the_line(self) -> bool:
        """It is being dialled or sent, or is the next one in the same call."""
        return self.state == "R"


class Session:
    """`with Session(server) as session:` logs in. Raises Down, Misconfigured."""

    def __init__(self, server: Server, patience: float | None = None) -> None:
        """`patience`: seconds that the server has for each answer; None: as long as a fax is worth."""
        self._server = server
        self._patience = ANSWER if patience is None else patience
        # Latin-1: other people's jobs may hold any bytes, and those are no reason to fail.
        self._ftp = ftplib.FTP(encoding="latin-1")  # noqa: S321  HylaFAX has no other protocol

    def __enter__(self) -> Self:
        try:
            with self._told("the login"):
                self._ftp.connect(self._server.host, self._server.port, min(CONNECT, self._patience))
                self._wait(self._patience)
                self._login()
                self._ftp.voidcmd("TZONE GMT")
        except Failure:
            self._ftp.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with contextlib.suppress(*ftplib.all_errors):  # all that we wanted is done
                self._wait(CONNECT)
                self._ftp.quit()
        self._ftp.close()

    def jobs(self) -> dict[str, list[Job]]:
        """Ours and other people's jobs, by key, in the order in which they were made. Raises Down."""
        listed: dict[str, Job] = {}
        with self._told("JOBFMT"):
            self._ftp.voidcmd(f'JOBFMT "{_FORMAT}"')
        # In this order: a job that moves on while we look is in at least one of them, and its end counts.
        for queue in ("sendq", "doneq"):
            lines: list[str] = []
            with self._told(f"LIST {queue}"):
                self._ftp.retrlines(f"LIST {queue}", lines.append)
            found = (_JOB.fullmatch(line) for line in lines)
            listed.update((match[1], _job(match)) for match in found if match)
        by_key: dict[str, list[Job]] = {}
        for job in sorted(listed.values(), key=lambda job: int(job.id)):
            by_key.setdefault(job.key, []).append(job)
        return by_key

    def store(self, pdf: bytes) -> str:
        """Upload the page; its name there. Raises Down, Failure, also where it did not arrive as it was."""
        with self._told("STOT"):
            self._ftp.voidcmd("FORM PDF")
            # `storbinary` says TYPE I first. A LIST before it left TYPE A, in which a PDF loses bytes, and
            # what is left of it is faxed as a blank page and reported as done.
            stored = _FILE.search(self._ftp.storbinary("STOT", io.BytesIO(pdf)))
        if stored is None:
            raise Down("The HylaFAX server did not name the file that it stored: is it hfaxd 6 or newer?")
        with self._told("SIZE"):
            size = self._ftp.size(stored[1])
        if size != len(pdf):
            raise Failure(
                f"The HylaFAX server stored {size} of the page's {len(pdf)} bytes: see the disk of its spool."
            )
        return stored[1]

    def submit(self, key: str, document: str, parameters: Mapping[str, str]) -> str:
        """A new job with that page; its id.

        Raises Down, Misconfigured, Failure; `uncertain` where it may be faxed all the same.
        """
        if not _KEY.fullmatch(key):
            raise Failure("A letter's key is none that HylaFAX can keep.", permanent=True)
        with self._told("JNEW"):
            job = _NEW.search(self._ftp.voidcmd("JNEW"))
        if job is None:
            raise Down("The HylaFAX server did not name the job that it made: is it hfaxd 6 or newer?")
        for name, value in {**parameters, "JOBINFO": key, "DOCUMENT": document}.items():
            with self._told(f"JPARM {name}"):
                self._ftp.voidcmd(f'JPARM {name} "{value}"' if name in _TEXTS else f"JPARM {name} {value}")
        try:
            self._ftp.voidcmd("JSUBM")
        except ftplib.error_perm as error:
            self._take_back(job[1], key)
            raise Misconfigured(
                f"HylaFAX refuses faxes ({_code(error)} to JSUBM): see hfaxd's log."
            ) from None
        except ftplib.Error as error:
            self._take_back(job[1], key)
            raise Down(f"HylaFAX did not take a fax ({_code(error)} to JSUBM): is faxq running?") from None
        except (OSError, EOFError):
            raise Failure(
                "The connection to HylaFAX broke while it took a fax: see its queue before it is sent again.",
                uncertain=True,
            ) from None
        return job[1]

    def kill(self, job: Job) -> bool:
        """Call a job back that waits in the queue. Raises Failure where it is not ours or ends by itself.

        True where it is dead, and no fax machine was ever reached.
        """
        with self._told("JKILL"):
            self._ftp.voidcmd(f"JKILL {job.id}")
        gives_up = time.monotonic() + _DIES
        while time.monotonic() < gives_up:
            now = next((each for each in self.jobs().get(job.key, ()) if each.id == job.id), None)
            if now and (now.failed or now.done):
                return now.failed and not now.doubtful and now.tries == 0
            time.sleep(_LOOK)
        return False

    def _login(self) -> None:
        try:
            if self._ftp.sendcmd(f"USER {self._server.user}").startswith("3"):
                self._ftp.voidcmd(f"PASS {self._server.password or '-'}")
        except ftplib.error_perm as error:
            raise Misconfigured(
                f"The HylaFAX server refused our login ({_code(error)}): see {SETTING} and its hosts.hfaxd."
            ) from None

    def _take_back(self, job: str, key: str) -> None:
        """After a refused JSUBM: the job stays visible, and is submitted by nobody, until it is deleted.

        Raises Failure, `uncertain`, where it is not certain that it is gone.
        """
        with contextlib.suppress(*ftplib.all_errors):  # mostly because the scheduler has deleted it
            self._ftp.sendcmd(f"JDELE {job}")
        try:
            gone = job not in {each.id for each in self.jobs().get(key, ())}
        except Failure:
            gone = False
        if not gone:
            raise Failure("HylaFAX refused a fax and has it all the same: see its queue.", uncertain=True)

    def _wait(self, seconds: float) -> None:
        self._ftp.timeout = seconds
        if self._ftp.sock:
            self._ftp.sock.settimeout(seconds)

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What ftplib raises, in our terms. `what`: the verb, without its values."""
        try:
            yield
        except ftplib.error_perm as error:
            raise Misconfigured(
                f"The HylaFAX server refused {what} ({_code(error)}): see {SETTING} and the log of hfaxd."
            ) from None
        except ftplib.Error as error:  # 4xx: not now; or no answer of this protocol at all
            raise Down(f"The HylaFAX server cannot do {what} now ({_code(error)}): see its log.") from None
        except (OSError, EOFError, UnicodeError):  # UnicodeError: the host is no name
            raise Down(f"The HylaFAX server cannot be reached, at {what}: see {SETTING}.") from None


_TEXTS = {"FROMUSER", "DIALSTRING", "EXTERNAL", "JOBINFO", "NOTIFY"}


def _job(match: re.Match[str]) -> Job:
    return Job(
        id=match[1],
        state=match[2],
        tries=int(match[3]),
        dials=int(match[4]),
        key=match[5],
        status=match[6].strip(),
    )


def _code(error: ftplib.Error) -> str:
    """The three digits of an answer. The words behind them can hold a number or a name."""
    found = re.match(r"\d{3}", str(error))
    return found[0] if found else "no code"
