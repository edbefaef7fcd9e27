"""Our webhook for Telnyx on a web server like the real one, and who stores what it reports."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import ClientSession

from assistant.carriers.base import Ref, Report
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.carriers.telnyx.settings import account_of
from assistant.domain.errors import Failure
from assistant.web.server import serve
from tests.support.fakes.telnyx.faxes import SentFax
from tests.support.fakes.telnyx.server import FakeTelnyx


@dataclass
class RecordingSettler:
    """Where reports are stored: keeps what it is told, and answers as a test wants."""

    reports: list[Report] = field(default_factory=list)
    known: bool = True
    failure: Failure | None = None

    async def settle(self, report: Report) -> bool:
        if self.failure:
            raise self.failure
        self.reports.append(report)
        return self.known

    @property
    def statuses(self) -> list[str]:
        """In few words."""
        return [
            each.outcome.status if isinstance(each.outcome, Ref) else type(each.outcome).__name__
            for each in self.reports
        ]


class Clock:
    """Stands still where it is put (`Clock`)."""

    speed = 1.0

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def listening(
    server: FakeTelnyx, office: RecordingSettler, clock: Clock | None = None
) -> AsyncIterator[str]:
    """The address of our webhook, on a web server like the real one."""
    account = account_of(server.setting_with_key)
    carrier = Telnyx(account, clock) if clock else Telnyx(account)
    async with serve("127.0.0.1:0", carrier.routes(office.settle)) as address:
        yield f"http://{address}/telnyx"
    await carrier.close()


async def posted(url: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer to a request that was made by hand."""
    async with ClientSession() as client, client.post(url, data=body, headers=headers) as answer:
        return answer.status


def body_of(fax: SentFax, kind: str = "delivered", **changes: object) -> bytes:
    """An event, as bytes."""
    return json.dumps(fax.event(kind, **changes)).encode()
