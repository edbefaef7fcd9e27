"""How the fake Telnyx signs its webhooks and posts them: as often, as late and in what order a test wants.

After https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.fakes.telnyx.faxes import Json


class Webhooks:
    """What signs for one account."""

    def __init__(self) -> None:
        self.signing = Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        """As the portal shows it."""
        return base64.b64encode(
            self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        ).decode()

    def signed(
        self, body: bytes, *, at: datetime | None = None, by: Ed25519PrivateKey | None = None
    ) -> dict[str, str]:
        """The headers of a webhook. `at`: signed then, not now; `by`: with another key than Telnyx's."""
        timestamp = str(int((at or datetime.now(UTC)).timestamp()))
        signature = (by or self.signing).sign(f"{timestamp}|".encode() + body)
        return {
            "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
            "telnyx-timestamp": timestamp,
            "Content-Type": "application/json",
        }

    async def deliver(
        self,
        url: str,
        body: bytes | Json,
        *,
        at: datetime | None = None,
        by: Ed25519PrivateKey | None = None,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> list[int]:
        """Post it, `times` at once; the statuses of the answers. `headers`: instead of signed ones."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = self.signed(content, at=at, by=by) if headers is None else headers

        async def post(client: ClientSession) -> int:
            async with client.post(url, data=content, headers=given) as answer:
                return answer.status

        async with ClientSession() as client:
            return list(await asyncio.gather(*(post(client) for _ in range(times))))
