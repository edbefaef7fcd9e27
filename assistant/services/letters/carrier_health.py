"""What is wrong with each carrier, as far as letters have shown it, or a look at it does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from assistant.carriers.base import Carrier
from assistant.domain.errors import Down, Failure, Misconfigured
from assistant.patience import Patient

LIMIT = 2.0  # seconds that a carrier on this machine has to answer
FRESH = 5.0  # seconds that its answer is good for
AGAIN = 300.0  # seconds after which a carrier in trouble that no letter has tried is asked again
PROBE = 30.0  # seconds that one elsewhere has to answer then

log = structlog.get_logger()


@dataclass(slots=True)
class _Trouble:
    """Why letters wait; `at`: when that was last seen, by the event loop's time."""

    reason: str
    at: float


class CarrierHealth:
    """Each carrier's last failure of the kind that an operator mends, until it has worked again.

    A carrier that was never used is well. One that sends nothing out of this machine, such as the tray, is
    looked at each time. One elsewhere is not asked while it works: letters show that.
    """

    def __init__(self, carriers: Mapping[str, Carrier]) -> None:
        """`carriers`: by name."""
        self._carriers = carriers
        self._troubles: dict[str, _Trouble] = {}
        self._here = {
            name: Patient(carrier.probe, LIMIT, fresh=FRESH, why=f": see the disk of the {name}")
            for name, carrier in carriers.items()
            if not carrier.real
        }
        self._asking: dict[str, asyncio.Task[None]] = {}

    def worked(self, name: str) -> None:
        """It has just taken a letter."""
        self._troubles.pop(name, None)

    def failed(self, name: str, failure: Failure) -> None:
        """It has just failed; what is one letter's trouble, or passes by itself, is not held against it."""
        if isinstance(failure, Down | Misconfigured):
            self._troubles[name] = _Trouble(failure.reason, asyncio.get_running_loop().time())

    async def troubles(self) -> Mapping[str, str | None]:
        """Why each carrier takes no letters now, by its name; None where it does, as far as we know."""
        found: dict[str, str | None] = {}
        for name in self._carriers:
            if name in self._here:
                await self._look(name)
            elif name in self._troubles:
                self._ask_again(name)
            trouble = self._troubles.get(name)
            found[name] = trouble.reason if trouble else None
        return found

    async def _look(self, name: str) -> None:
        try:
            await self._here[name]()
        except Failure as failure:
            self._troubles[name] = _Trouble(failure.reason, asyncio.get_running_loop().time())
        else:
            self.worked(name)

    def _ask_again(self, name: str) -> None:
        """Where it was mended while no letter was due, nobody else would notice."""
        now = asyncio.get_running_loop().time()
        if now - self._troubles[name].at < AGAIN or name in self._asking:
            return
        task = self._asking[name] = asyncio.create_task(self._asked(name))
        task.add_done_callback(lambda _: self._asking.pop(name, None))

    async def _asked(self, name: str) -> None:
        try:
            async with asyncio.timeout(PROBE):
                await self._carriers[name].probe()
        except (Failure, TimeoutError) as error:
            reason = error.reason if isinstance(error, Failure) else self._troubles[name].reason
            self._troubles[name] = _Trouble(reason, asyncio.get_running_loop().time())
        except Exception:
            log.exception("a carrier failed in a way it should not, asked whether it works")
        else:
            self.worked(name)
