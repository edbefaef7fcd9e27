"""How the fake Telegram delivers updates to a webhook, after `WebhookActor.cpp` of tdlib/telegram-bot-api."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout

from tests.support.fakes.telegram.chats import Network
from tests.support.fakes.telegram.html import Json

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LONGEST_PAUSE = 60  # seconds between two attempts
_LONGEST_RETRY_AFTER = 3600  # seconds
_LIFETIME = 24 * 3600  # seconds in which a message is tried
_PRESS_LIFETIME = 150  # seconds, the same for a button press
_ANSWER_TIMEOUT = 60.0  # real seconds


class Webhook:
    """One address that updates are posted to: those of a chat in order, each until it is taken.

    Button presses go in an order of their own, by person. `second` is how long a second of the server's
    pauses lasts.
    """

    def __init__(self, network: Network, url: str, secret: str, max_connections: int, second: float) -> None:
        self.url = url
        self.max_connections = max_connections
        self.error: Json = {}
        self._network = network
        self._headers = {SECRET_HEADER: secret} if secret else {}
        self._second = second
        self._connections = asyncio.Semaphore(max_connections)
        self._busy: set[object] = set()

    async def run(self) -> None:
        """Deliver, until cancelled."""
        timeout = ClientTimeout(total=_ANSWER_TIMEOUT)
        async with ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as deliveries:
            while True:
                async with self._network.changed:
                    await self._network.changed.wait_for(lambda: any(self._ready()))
                    ready = list(self._ready())
                for queue, update in ready:
                    self._busy.add(queue)
                    deliveries.create_task(self._deliver(session, queue, update))

    def _ready(self) -> Iterator[tuple[object, Json]]:
        """The first update of each queue that is at rest, of as many as the server looks at."""
        seen = set(self._busy)
        for update in self._network.updates[: 2 * self.max_connections]:
            queue = _queue(update)
            if queue not in seen:
                seen.add(queue)
                yield queue, update

    async def _deliver(self, session: ClientSession, queue: object, update: Json) -> None:
        """Until it is taken, or too old; a failure is followed by another attempt at once, then by pauses."""
        failures, age = 0, 0
        lifetime = _PRESS_LIFETIME if "callback_query" in update else _LIFETIME
        while (retry_after := await self._post(session, update)) is not None:
            pause = retry_after or (min(2**failures, _LONGEST_PAUSE) if failures else 0)
            failures += 1
            age += pause
            if age > lifetime:
                break
            await self._network.notify()
            await asyncio.sleep(pause * self._second)
        with contextlib.suppress(ValueError):  # dropped meanwhile
            self._network.updates.remove(update)
        self._busy.discard(queue)
        await self._network.notify()

    async def _post(self, session: ClientSession, update: Json) -> int | None:
        """None where it is taken, else how long the receiver wants the server to wait: seconds, or 0."""
        try:
            async with (
                self._connections,
                session.post(self.url, json=update, headers=self._headers) as response,
            ):
                if 200 <= response.status < 300:
                    self._network.taken.append(update)
                    return None
                self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "")
                return min(int(asked), _LONGEST_RETRY_AFTER) if asked.isdecimal() else 0
        except ClientConnectionError:
            self._note("Webhook connection closed")
        except TimeoutError:
            self._note("Read timeout expired")
        return 0

    def _note(self, message: str) -> None:
        self.error = {"last_error_date": int(time.time()), "last_error_message": message}


def _queue(update: Json) -> object:
    """What an update waits behind."""
    if "callback_query" in update:
        return "user", update["callback_query"]["from"]["id"]
    content = next((value for name, value in update.items() if name != "update_id"), None)
    if isinstance(content, dict) and "chat" in content:
        return "chat", content["chat"]["id"]
    return "update", update["update_id"]
