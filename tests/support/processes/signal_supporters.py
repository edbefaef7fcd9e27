"""People in the fake Signal who wait for what they are told."""

from tests.support.fakes.signal.people import Person, Received
from tests.support.fakes.signal.server import FakeSignal
from tests.support.processes.installation import TIMEOUT


class Supporter:
    """Somebody who waits for what they are told, in order."""

    def __init__(self, server: FakeSignal, person: Person) -> None:
        self.person = person
        self._server = server
        self._heard = 0

    async def hears(self, words: str) -> Received:
        """The next message with these words."""
        while True:
            try:
                await self._server.until(lambda: len(self.person.inbox) > self._heard, TIMEOUT)
            except TimeoutError:
                heard = [message.text for message in self.person.inbox]
                raise TimeoutError(f"never heard {words!r}, but: {heard}") from None
            self._heard += 1
            if words in (message := self.person.inbox[self._heard - 1]).text:
                return message
