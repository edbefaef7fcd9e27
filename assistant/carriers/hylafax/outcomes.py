"""What became of a fax, from the state of its job: in our words, as HylaFAX's can hold a number or a name.

HylaFAX counts a try when a fax machine answers (FaxSend.c++), and writes it when the call ends. So a job
that failed without a try reached nobody, and can be sent again. After a try the office may hold the page, as
it did each time when we cut the line, and a person has to decide.
"""

from collections.abc import Sequence
from datetime import timedelta

from assistant.carriers.base import Outcome, Ref
from assistant.carriers.hylafax.client import Job
from assistant.domain.errors import Busy, Failure
from assistant.domain.lifecycle import LetterStatus

LOOK_IN = timedelta(seconds=15)

_MINUTE = 60.0
# How the status of a job begins (E001 to E012 in HylaFAX's README.errorcodes), what we say, seconds to wait.
_LINE = (
    ("Busy signal", "The office's line was busy.", 5 * _MINUTE),
    ("No answer", "Nobody answered at the office.", 15 * _MINUTE),
    ("Ringback detected", "Nobody answered at the office.", 15 * _MINUTE),
    ("No local dialtone", "Our own line has no dial tone or no route: check it and the modem.", 5 * _MINUTE),
    ("Glare", "A call came in on our own line.", _MINUTE),
    ("Can not lock modem", "Our own modem was in use.", 5 * _MINUTE),
    ("Kill time expired", "Our own modem was not free for an hour: see faxstat.", 15 * _MINUTE),
)
# A person, or another number's machine: it is no fault of the line, so it uses up tries.
_NO_FAX = ("No carrier", "Carrier established", "Data connection")
_KILLED = ("Job aborted by request", "Call aborted by user", "Job interrupted")
_CRASHED = ("Send program", "JOB ", "Could not fork to start")


def best(jobs: Sequence[Job]) -> Job | None:
    """Of the jobs of one letter, what counts: the one that was sent, else one under way, else the last."""
    for wanted in (lambda job: job.done, lambda job: not job.failed):
        if found := [job for job in jobs if wanted(job)]:
            return found[-1]
    return jobs[-1] if jobs else None


def outcome(job: Job | None) -> Outcome:
    """What to tell of a job; None is one that is in no queue any more."""
    if job is None:
        return Failure("The fax is in no queue of HylaFAX any more: see its log xferfaxlog.", uncertain=True)
    if job.done:
        return Ref(LetterStatus.DELIVERED, job.id, reason="taken by the office's fax machine")
    if not job.failed:
        return Ref(LetterStatus.SUBMITTED, job.id, LOOK_IN)
    if job.doubtful:
        return Failure(
            "HylaFAX calls the fax done, but no fax machine answered: see its log of this job.",
            uncertain=True,
        )
    if job.tries:
        return Failure("The line was cut while sending: the office may have the page.", uncertain=True)
    return _never_connected(job)


def _never_connected(job: Job) -> Failure:
    if job.status.startswith(_CRASHED):
        # It did not come to writing down whether it had been connected.
        return Failure("HylaFAX's send program broke off: the office may have the page.", uncertain=True)
    if job.status.startswith(_KILLED):
        return Failure("The fax was killed on the HylaFAX server before it was sent.")
    if job.status.startswith(_NO_FAX):
        return Failure(
            "Whoever answered is no fax machine, perhaps a person: check the number of this office.",
            retry_after=60 * _MINUTE,
        )
    for beginning, reason, wait in _LINE:
        if job.status.startswith(beginning):
            return Busy(reason, retry_after=wait)
    if job.dials:
        return Busy("The call did not come about: see the session log of HylaFAX.", retry_after=15 * _MINUTE)
    return Failure("HylaFAX could not prepare the fax and did not dial: see its log of this job.")
