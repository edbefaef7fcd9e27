"""Fax: letters become calls of a HylaFAX server."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar, TypeVarTuple

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.carriers.hylafax.blank_page import has_ink
from assistant.carriers.hylafax.client import Session
from assistant.carriers.hylafax.outcomes import LOOK_IN, best, outcome
from assistant.carriers.hylafax.settings import Server
from assistant.carriers.phone_numbers import refusal_of_impossible_number
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

# One call a job: a second one is the mailroom's to make, in the office's hours, and nothing goes out twice by
# itself. LASTTIME is DDHHMM: a job that found no free modem for an hour ends, instead of calling at night.
# The sizes are an A4 page in mm, in fine resolution. NOTIFY: no mail to anybody.
_ALWAYS = {
    "MAXDIALS": "1",
    "MAXTRIES": "1",
    "SENDTIME": "NOW",
    "LASTTIME": "000100",
    "SCHEDPRI": "127",
    "VRES": "196",
    "PAGEWIDTH": "209",
    "PAGELENGTH": "296",
    "NOTIFY": "NONE",
}

AT_ONCE = 8  # logins; whoever comes later waits
PROBE = 5.0  # seconds for each answer to a login that nothing depends on


_Given = TypeVarTuple("_Given")
_Result = TypeVar("_Result")


class HylaFax:
    """The carrier of routes `fax:+50255550100`. Each call is a login of its own, in a thread.

    The threads are its own: a server that hangs leaves those of the disk (`asyncio.to_thread`) alone.

    HylaFAX keeps our key in the job (JOBINFO), so that a letter is found again after a crash. It tidies its
    queue of ended jobs about once a week: who asks later learns nothing, and the letter is `uncertain`.
    """

    name = "fax"
    real = True
    per_minute = 1
    in_flight = 1

    def __init__(self, server: Server) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hylafax")

    @classmethod
    def from_url(cls, url: str) -> Self:
        """From ASSISTANT_FAX_URL. Raises Misconfigured."""
        return cls(Server.from_url(url))

    def refuses(self, to: str) -> str | None:
        return refusal_of_impossible_number(to)

    def reference_of(self, key: str) -> str | None:  # noqa: ARG002
        return None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:  # noqa: ARG002
        """Nothing is sent where the letter has a job that is under way or done. Raises Failure."""
        dialled = self._server.dialled(parcel.to)
        if not has_ink(parcel.pdf):
            raise Failure("The letter's page is blank or broken: see content/letterhead.typ.", permanent=True)
        return await self._in_thread(self._submit, parcel, dialled)

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:  # noqa: ARG002
        """None also where all its calls reached nobody, as then it can be sent. Raises Failure."""
        return await self._in_thread(self._lookup, key)

    def evidence(self, key: str, reference: str | None) -> str:
        job = f"job {reference}" if reference else "a job"
        return (
            f"Look for {job} with JOBINFO {key} in the fax server's journal (etc/xferfaxlog): a page may "
            "have arrived where it has a call that was answered. Or ask the office."
        )

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        return await self._in_thread(self._poll, submitted) if submitted else {}

    async def cancel(self, key: str, reference: str) -> bool:  # noqa: ARG002  the key finds it
        """A fax on the line is left to end: it cannot be told whether it is being dialled or half sent."""
        try:
            return await self._in_thread(self._cancel, key)
        except Failure:
            return False  # it may have arrived, or may still

    async def probe(self) -> None:
        """Log in; no job is made."""
        await self._in_thread(self._log_in)

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":  # noqa: ARG002
        return ()

    async def close(self) -> None:
        """Nobody is waited for."""
        self._threads.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[*_Given], _Result], *given: *_Given) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _log_in(self) -> None:
        with Session(self._server, PROBE):
            pass

    def _submit(self, parcel: Parcel, dialled: str) -> Ref:
        with Session(self._server) as session:
            job = best(session.jobs().get(parcel.key, ()))
            if job and not job.failed:
                known = outcome(job)
                assert isinstance(known, Ref)  # noqa: S101  only what failed is none
                return known
            document = session.store(parcel.pdf)
            wanted = {"FROMUSER": self._server.sender, "DIALSTRING": dialled, "EXTERNAL": dialled}
            reference = session.submit(parcel.key, document, {**wanted, **_ALWAYS})
        return Ref(LetterStatus.SUBMITTED, reference, LOOK_IN)

    def _lookup(self, key: str) -> Ref | None:
        with Session(self._server) as session:
            jobs = session.jobs().get(key, ())
        job = best(jobs)
        if job is None:
            return None
        found = outcome(job)
        if isinstance(found, Ref):
            return found
        if found.uncertain:
            raise found
        return None

    def _poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        with Session(self._server) as session:
            jobs = session.jobs()
        return {
            key: outcome(next((job for job in jobs.get(key, ()) if job.id == reference), None))
            for key, reference in submitted.items()
        }

    def _cancel(self, key: str) -> bool:
        with Session(self._server) as session:
            jobs = session.jobs().get(key, ())
            if not jobs or any(job.done or job.tries or job.on_the_line for job in jobs):
                return False
            if any(isinstance(gone := outcome(job), Failure) and gone.uncertain for job in jobs):
                return False
            return all(session.kill(job) for job in jobs if not job.failed)
