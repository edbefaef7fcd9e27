"""The jobs of a HylaFAX server for tests: their parameters, and how a call can end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBERS = {"MAXDIALS", "MAXTRIES", "VRES", "PAGEWIDTH", "PAGELENGTH", "SCHEDPRI"}
TEXTS = {"FROMUSER", "DIALSTRING", "EXTERNAL", "JOBINFO", "TOUSER", "NOTIFYADDR", "MODEM", "TSI"}
TIMES = {"LASTTIME": 6, "RETRYTIME": 4, "SENDTIME": 12}
_NOTIFY = {"NONE", "DONE", "REQUEUE", "DONE+REQUEUE"}


class Refused(Exception):
    """An answer of the server that is no success, such as `504 ...`."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: as HylaFAX 6.0.7 showed it on the line of tests/rig, dialling once."""

    state: str
    tries: int
    dials: int
    status: str


_DIALS = "; too many attempts to dial"
DONE = Ending("D", 1, 1, "")
# Told of gofaxip (issue 34), which speaks for HylaFAX to a SIP line.
DOUBTFUL = Ending("D", 0, 1, "The call dropped prematurely")
BUSY = Ending("F", 0, 1, "Busy signal detected" + _DIALS)
NO_ANSWER = Ending("F", 0, 1, "No answer from remote" + _DIALS)
NO_ROUTE = Ending("F", 0, 1, "No local dialtone" + _DIALS)
VOICE = Ending("F", 0, 1, "No carrier detected" + _DIALS)
CUT = Ending("F", 1, 1, "No response to PPS repeated 3 times." + _DIALS)
KILLED = Ending("F", 0, 0, "Job aborted by request")
KILLED_SENDING = Ending("F", 1, 1, "Job aborted by request")
BAD_PAGE = Ending("F", 0, 0, "Could not reopen converted document to verify format")
CRASHED = Ending("F", 0, 0, "Send program terminated abnormally with exit status 0x9")
NO_MODEM = Ending("F", 0, 0, "Kill time expired")
STRANGE = Ending("F", 0, 1, "Zoë Invented at +15550100 says no")


@dataclass(slots=True)
class FakeJob:
    """A job: `pages` is what would be faxed."""

    id: int
    owner: str
    parameters: dict[str, str] = field(default_factory=dict)
    pages: list[bytes] = field(default_factory=list)
    state: str = "?"  # not submitted: in no queue
    tries: int = 0
    dials: int = 0
    status: str = ""
    sending: bool = False

    @property
    def key(self) -> str:
        """The tag that its client gave it."""
        return self.parameters.get("JOBINFO", "")

    @property
    def ended(self) -> bool:
        """It is in the queue of what is over."""
        return self.state in "DF"

    def end(self, ending: Ending) -> None:
        """The call is over."""
        self.state, self.tries, self.dials = ending.state, ending.tries, ending.dials
        self.status, self.sending = ending.status, False

    def set(self, name: str, value: str, files: Mapping[str, bytes]) -> str:
        """JPARM. The server understands some parameters, checks little, and takes any text to dial."""
        text = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        if name == "DOCUMENT":
            if text not in files:
                raise Refused(f"550 {text}: No such file or directory.")
            self.pages.append(files[text])
            return f"200 Added document {text} as docq{text.removeprefix('/tmp')}.{self.id}."  # noqa: S108
        if name in NUMBERS and not text.isdigit():
            raise Refused(f"500 'JPARM {name} {text}': Syntax error, invalid number.")
        if name in TIMES and text != "NOW" and not re.fullmatch(rf"\d{{{TIMES[name]}}}", text):
            wanted = f"(expecting {TIMES[name]} digits)"
            raise Refused(f"500 'JPARM {name} {text}': Syntax error, bad time specification {wanted}.")
        if name == "NOTIFY" and text not in _NOTIFY:
            raise Refused(f"503 Unknown NOTIFY value {text}.")
        if name not in NUMBERS | TEXTS | TIMES.keys() | {"NOTIFY"}:
            raise Refused(f"500 JPARM {name}: Parameter not recognized.")
        self.parameters[name] = text
        return f'213 {name} set to "{text}".'

    def line(self, form: str) -> str:
        """How JOBFMT shows it."""
        shown = {
            "j": str(self.id),
            "a": self.state,
            "t": str(self.tries),
            "d": str(self.dials),
            "J": self.key,
            "s": self.status,
            "e": self.parameters.get("EXTERNAL", ""),
            "o": self.owner,
        }
        return re.sub(r"%-?[0-9.]*([A-Za-z])", lambda match: shown.get(match[1], ""), form)
