"""A worker of letters, to be killed.

`python -m tests.support.processes.crashing_letter_worker DATABASE KEYRING ROUTE PLACE [VERSION]`

Each fork hands over every letter that is due: see `forking.py`. `VERSION`: of the text that its case folder
has for them.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from assistant.carriers.base import Carrier
from assistant.carriers.email.carrier import Email
from assistant.carriers.tray import Tray
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.clock import system_clock
from assistant.domain.letters import Route
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.letters import worker
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.worker import LetterWorker
from assistant.services.presence import Presence
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import StoredLanes
from assistant.wiring.content import make_script
from assistant.wiring.letters import make_letter_transitions
from tests.support.invented_cases import templates_of, with_letters, with_target
from tests.support.processes.forking import serve_forks
from tests.support.processes.installation import CASE

FROM = "Letters <letters@example.org>"
HELD_AT_ONCE = 3  # letters, so that there is much to die in: the real number is 250
ALWAYS = Hours(timezone="UTC", opens=time.min, closes=time.max, workdays=frozenset(range(1, 8)))


@dataclass(frozen=True)
class LetterSetup:
    """An office that takes any number of letters at any time. `place`: a tray's folder, or a mail server."""

    database: str
    keyring: Path
    route: str
    place: str
    version: str = "of today"

    @property
    def arguments(self) -> Sequence[str]:
        """Of the program."""
        return (self.database, str(self.keyring), self.route, self.place, self.version)

    def case(self, script: Script) -> Case:
        """The case whose letters go there."""
        routes = (Route.parse(self.route),)
        case = with_target(script.cases[CASE], hours=ALWAYS, pace=Pace(), routes=routes)
        return with_letters(case, templates_of(case), self.version)

    def carrier(self, store: Store) -> Carrier:
        """The one of its route."""
        if self.route == Tray.name:
            return Tray(Path(self.place))
        return Email.from_url(self.place, FROM, store.secret("mail"))


async def deliver_due_letters(setup: LetterSetup, script: Script) -> None:
    """What a process does that carries letters only."""
    store = await Store.open(setup.database, KeyringFile(setup.keyring))
    presence = Presence(store, ProcessRole.ALL, EMBEDDED)
    await presence.open()
    cases = {CASE: setup.case(script)}
    carrier, printer = setup.carrier(store), Printer(cases)
    delivery = CarrierDelivery(cases, {carrier.name: carrier}, printer, system_clock)
    letter_worker = LetterWorker(store, cases, delivery, make_letter_transitions(script), system_clock)
    await EmbeddedEngine(StoredLanes(store), [letter_worker], system_clock).run_until_idle()
    await carrier.close()
    printer.close()
    await presence.close()
    await store.close()


def main() -> None:
    database, keyring, *others = sys.argv[1:]
    script = make_script(Settings(_env_file=None))
    setup = LetterSetup(database, Path(keyring), *others)
    worker.HOLDS = HELD_AT_ONCE
    serve_forks(lambda: deliver_due_letters(setup, script))


if __name__ == "__main__":
    main()
