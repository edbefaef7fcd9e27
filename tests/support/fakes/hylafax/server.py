"""A HylaFAX server for tests: hfaxd's protocol on a free local port, and a line that obeys the test.

Its answers, and what it takes and refuses, are those of hfaxd 6.0.7 as tests/rig shows it, with its traps: a
file that is stored in TYPE A loses bytes, a job that was not submitted is in no list and goes with its
session, and one whose submission was refused stays in the list until then.
"""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Self

from tests.support.fakes.hylafax.connection import Connection, close, listen, say, transfer
from tests.support.fakes.hylafax.jobs import KILLED, Ending, FakeJob, Refused

_OPEN = {"USER", "PASS", "QUIT", "TZONE", "NOOP", "HELP", "SYST"}  # without a login
_FORMS = {"PS": ".ps", "PDF": ".pdf", "TIFF": ".tif"}


@dataclass(slots=True)
class _Fault:
    answer: str | None = None  # said instead of doing it
    drop: bool = False
    after: bool = False  # it takes effect, and nobody is told
    slow: float = 0


class FakeHfaxd:
    """`async with FakeHfaxd() as server:` listens. `users`: passwords by name; empty is none."""

    def __init__(self, users: dict[str, str] | None = None) -> None:
        self.users = {"campaign": ""} if users is None else users
        self.port = 0
        self.jobs: list[FakeJob] = []
        self.commands: list[str] = []
        self.scheduler = True  # faxq runs
        self.dies: Ending = KILLED  # how a job ends that is killed
        self.loses = 0  # bytes that a full disk takes off each file
        self._faults: defaultdict[str, list[_Fault]] = defaultdict(list)
        self._made = self._stored = 0
        self._logins: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for login in list(self._logins):
            login.cancel()
        await asyncio.gather(*self._logins, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """For ASSISTANT_FAX_URL."""
        return f"hylafax://campaign@127.0.0.1:{self.port}"

    # What a test can do

    def fail_next(
        self,
        command: str,
        *,
        answer: str | None = None,
        drop: bool = False,
        after: bool = False,
        slow: float = 0,
    ) -> None:
        """The next time that `command` comes: wait `slow` seconds, then say `answer` or break off.

        Nothing is done then, unless `after`. "HELLO" is the greeting.
        """
        self._faults[command].append(_Fault(answer, drop, after, slow))

    def job(self, key: str) -> FakeJob:
        """The newest job with that tag."""
        return [each for each in self.jobs if each.key == key][-1]

    def ends(self, key: str, ending: Ending) -> None:
        """The call of that job ends so."""
        self.job(key).end(ending)

    def dials(self, key: str, *, sending: bool = False) -> None:
        """That job gets the line; `sending`: the office has answered. Lists do not tell the two apart."""
        job = self.job(key)
        job.state, job.sending = "R", sending

    def tidy(self) -> None:
        """What faxqclean does once a week."""
        self.jobs = [job for job in self.jobs if not job.ended]

    def of(self, *verbs: str) -> list[str]:
        """Which of these commands came, in order."""
        return [each for each in self.commands if each.split(" ")[0] in verbs]

    # The protocol

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._logins.add(task)
        login = Connection(reader, writer)
        try:
            await self._converse(login)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            if login.data:
                login.data.close()
            self.jobs = [job for job in self.jobs if job not in login.blank]
            await close(writer)
            self._logins.discard(task)

    async def _converse(self, login: Connection) -> None:
        going = await self._answer(login, "HELLO", "")
        while going and (line := await login.reader.readline()):
            verb, _, rest = line.decode("latin-1").rstrip("\r\n").partition(" ")
            self.commands.append(f"{verb} {rest}".strip() if verb != "PASS" else "PASS")
            going = await self._answer(login, verb.upper(), rest)

    async def _answer(self, login: Connection, verb: str, rest: str) -> bool:
        """Whether the connection stays open."""
        fault = self._faults[verb].pop(0) if self._faults[verb] else _Fault()
        await asyncio.sleep(fault.slow)
        if fault.answer or (fault.drop and not fault.after):
            reply = fault.answer
        else:
            try:
                reply = await self._do(login, verb, rest)
            except Refused as refused:
                reply = str(refused)
        if reply is None or fault.drop:
            return False
        await say(login, reply)
        return verb != "QUIT"

    async def _do(self, login: Connection, verb: str, rest: str) -> str:
        if verb == "HELLO":
            return "220 localhost server (HylaFAX (tm) Version 6.0.7) ready."
        act = getattr(self, f"_{verb.lower()}", None)
        if act is None:
            raise Refused(f"500 {verb}: Command not recognized.")
        if verb not in _OPEN and not login.trusted:
            raise Refused("530 Please login with USER and PASS.")
        answer = act(login, rest)
        said = await answer if asyncio.iscoroutine(answer) else answer
        assert isinstance(said, str)
        return said

    def _user(self, login: Connection, name: str) -> str:
        login.user, login.trusted = name, self.users.get(name) == ""
        return f"230 User {name} logged in." if login.trusted else f"331 Password required for {name}."

    def _pass(self, login: Connection, password: str) -> str:
        if not password or self.users.get(login.user) != password:
            raise Refused("530 Login incorrect.")
        login.trusted = True
        return f"230 User {login.user} logged in."

    def _quit(self, login: Connection, rest: str) -> str:
        return "221 Goodbye."

    def _tzone(self, login: Connection, zone: str) -> str:
        return "200 Using time values in GMT."

    def _type(self, login: Connection, kind: str) -> str:
        login.type = kind
        return f"200 Type set to {'ASCII' if kind == 'A' else 'Image'}."

    def _form(self, login: Connection, form: str) -> str:
        if form not in _FORMS:
            raise Refused(f"504 Unknown format {form}.")
        login.form = form
        return f"200 Format set to {form}."

    def _jobfmt(self, login: Connection, form: str) -> str:
        login.jobfmt = form.strip('"')
        return "200 JOBFMT command successful."

    # Transfers

    def _pasv(self, login: Connection, rest: str) -> str:
        port = listen(login)
        return f"227 Entering passive mode (127,0,0,1,{port >> 8},{port & 255})"

    def _epsv(self, login: Connection, rest: str) -> str:
        return f"229 Entering Extended Passive Mode (|||{listen(login)}|)"

    async def _list(self, login: Connection, queue: str) -> str:
        jobs = [job for job in self.jobs if job.ended == (queue == "doneq")]
        lines = "".join(job.line(login.jobfmt) + "\r\n" for job in jobs)
        async with transfer(login) as (_, writer):
            await say(login, f'150 Opening new data connection for "{queue}".')
            writer.write(lines.encode("latin-1"))
        return "226 Transfer complete."

    async def _stot(self, login: Connection, rest: str) -> str:
        self._stored += 1
        name = f"/tmp/doc{self._stored}{_FORMS[login.form]}"  # noqa: S108
        async with transfer(login) as (reader, _):
            await say(login, f"150 FILE: {name} (Opening new data connection).")
            content = await reader.read()
        if login.type == "A":  # measured: a CR takes the next byte with it, and goes where that is a LF
            content = re.sub(
                rb"\r(.)", lambda pair: b"\n" if pair[1] == b"\n" else pair[0], content, flags=re.DOTALL
            )
        login.files[name] = content[: len(content) - self.loses]
        return f"226 Transfer complete (FILE: {name})."

    def _size(self, login: Connection, name: str) -> str:
        if name not in login.files:
            raise Refused(f"550 {name}: not a plain file.")
        return f"213 {len(login.files[name])}"

    # Jobs

    def _jnew(self, login: Connection, rest: str) -> str:
        self._made += 1
        number = self._made
        login.job = FakeJob(number, login.user)
        return f"200 New job created: jobid: {number} groupid: {number}."

    def _jparm(self, login: Connection, rest: str) -> str:
        if login.job is None:
            raise Refused("503 Permission denied: no job.")
        name, _, value = rest.partition(" ")
        return login.job.set(name, value, login.files)

    def _jsubm(self, login: Connection, rest: str) -> str:
        job = login.job
        if job is None:
            raise Refused("504 Cannot submit default job.")
        if not job.parameters.get("DIALSTRING"):
            raise Refused(f"504 Cannot submit job {job.id}; null or missing DIALSTRING parameter.")
        if not job.pages:
            raise Refused(f"460 Failed to submit job {job.id}: Unspecified reason (scheduler NAK'd request).")
        job.state = "T"
        self.jobs.append(job)
        if not self.scheduler:
            login.blank.append(job)
            raise Refused(
                f"460 Failed to submit job {job.id}: Unable to open scheduler FIFO: No such device."
            )
        return f"200 Job {job.id} submitted."

    def _jdele(self, login: Connection, number: str) -> str:
        job = self._mine(login, number, "delete")
        self.jobs.remove(job)
        return f"200 Job {number} deleted; current job: (default)."

    async def _jkill(self, login: Connection, number: str) -> str:
        job = self._mine(login, number, "kill")
        if job.ended:
            raise Refused(f"504 Job {number} not killed; already done.")
        if job.sending or not self.scheduler:
            raise Refused(f"460 Failed to kill job {number}: Unspecified reason (scheduler NAK'd request).")
        asyncio.get_running_loop().call_later(0.02, job.end, self.dies)  # it answers before the job is dead
        return f"200 Job {number} killed."

    def _mine(self, login: Connection, number: str, what: str) -> FakeJob:
        job = next((job for job in self.jobs if str(job.id) == number), None)
        if job is None:
            raise Refused(f"500 Cannot {what} job {number}; job does not exist (No such file or directory).")
        if job.owner != login.user:
            raise Refused(f"504 Cannot {what} job: Operation not permitted.")
        return job
