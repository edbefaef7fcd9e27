"""A worker of letters, to be killed.

`python -m tests.support.processes.crashing_letter_worker DATABASE KEYRING ROUTE PLACE`

Everything is imported once. Each line of input forks a process of its own, which hands over every
letter that is due. Its number is written when it begins, and how it ended (a signal below zero) when it has.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path
from typing import NoReturn

from assistant.carriers.base import Carrier
from assistant.carriers.email.carrier import Email
from assistant.carriers.tray import Tray
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.clock import system_clock
from assistant.domain.office_hours import Hours, Pace
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.worker import LetterWorker
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.lanes import StoredLanes
from assistant.wiring import make_letter_transitions, make_script
from tests.support.processes.installation import CASE

FROM = "Letters <letters@example.org>"
ALWAYS = Hours("UTC", time.min, time.max, frozenset(range(1, 8)))


@dataclass(frozen=True)
class LetterSetup:
    """One that takes any number of letters at any time. `place`: a tray's folder, or a mail server."""

    database: str
    keyring: Path
    route: str
    place: str

    def case(self, script: Script) -> Case:
        """The case whose letters go there."""
        known = script.cases[CASE]
        return replace(known, target=replace(known.target, hours=ALWAYS, pace=Pace(), routes=(self.route,)))

    def carrier(self, store: Store) -> Carrier:
        """The one of its route."""
        if self.route == Tray.name:
            return Tray(Path(self.place))
        return Email.from_url(self.place, FROM, store.secret("mail"))


async def deliver_due_letters(office: LetterSetup, script: Script) -> None:
    """What a process does that carries letters only."""
    store = await Store.open(office.database, office.keyring)
    cases = {CASE: office.case(script)}
    carrier, printer = office.carrier(store), Printer(cases)
    delivery = CarrierDelivery(cases, {carrier.name: carrier}, printer, system_clock)
    letter_worker = LetterWorker(store, cases, delivery, make_letter_transitions(script), system_clock)
    await EmbeddedEngine(StoredLanes(store), [letter_worker], system_clock).run_until_idle()
    await carrier.close()
    printer.close()
    await store.close()


def serve_forks(office: LetterSetup, script: Script) -> Iterator[int]:
    """The number of a process for each line of input: its own until the next line comes, also when dead."""
    last: int | None = None
    for _ in sys.stdin:
        if last is not None:
            os.waitpid(last, 0)
        last = os.fork()
        if last == 0:
            _run_fork(office, script)
        yield last


def _run_fork(office: LetterSetup, script: Script) -> NoReturn:
    """Nothing of the parent's is done twice: no buffer is written, and nothing is tidied up."""
    try:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is logged is no number
        asyncio.run(deliver_due_letters(office, script))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    database, keyring, route, place = sys.argv[1:]
    script = make_script(Settings(_env_file=None))
    for number in serve_forks(LetterSetup(database, Path(keyring), route, place), script):
        print(number, flush=True)
        end = os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
        assert end is not None
        print(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status, flush=True)


if __name__ == "__main__":
    main()
