"""Our client of Telnyx's HTTP API v2: every failure in our terms, and none that quotes an answer or a URL.

How the PDF gets there: a fax takes `media_url`, which Telnyx fetches from a public address, `contents`, the
file itself in a multipart form, or `media_name`, a file uploaded before to Media Storage
(https://developers.telnyx.com/api-reference/programmable-fax-commands/send-a-fax,
https://developers.telnyx.com/api-reference/media-storage-api/upload-media). The form with `contents` has no
`client_state`, by which a fax is found again after a crash, so letters are uploaded: they never are on a
public address, only the API key reads them, and they are deleted as soon as a fax is final.
"""

import asyncio
import io
import json
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote

import aiohttp
import structlog

from assistant.carriers.telnyx.outcomes import Fax, fax_of, state_of
from assistant.carriers.telnyx.settings import SETTING, TelnyxAccount
from assistant.domain.errors import Down, Failure, Misconfigured

ANSWER = 60.0  # seconds for a call
CONNECT = 10.0  # seconds
TIDY = 3.0  # seconds for deleting, which nobody should wait for: a webhook is answered after it
# Seconds until Telnyx itself deletes a letter. It reads it when it processes the fax, right after taking it;
# should it come too late, the fax fails (file_download_failed) before anything is dialled.
KEPT = 3600
PAGE = 100  # faxes in a page of the list
LONGEST_WAIT = 3600.0  # seconds

_CODE = re.compile(r"[0-9]{1,8}")
_LETTER = re.compile(r"letter-[0-9a-f]{32}")
_NOT_TELNYX = f"{SETTING} leads to a server that does not answer as Telnyx does."

log = structlog.get_logger()


class Client:
    """One account. It connects at the first call, in the loop of that call."""

    def __init__(self, account: TelnyxAccount) -> None:
        self._account = account
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Disconnect."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def upload(self, name: str, pdf: bytes) -> str:
        """Store a PDF for a fax to come. Returns the name that it has there. Raises Failure."""
        form = aiohttp.FormData({"media_name": name, "ttl_secs": str(KEPT)})
        form.add_field("media", io.BytesIO(pdf), filename="letter.pdf", content_type="application/pdf")
        status, told = await self._call("POST", "/media", form=form)
        if status not in (200, 201) or not isinstance(stored := _data(told).get("media_name"), str):
            raise Misconfigured(_NOT_TELNYX)
        return stored

    async def forget(self, name: str) -> None:
        """Delete a PDF of ours, and nothing else that is stored there; Telnyx does where this fails."""
        if not _LETTER.fullmatch(name):
            return
        try:
            async with asyncio.timeout(TIDY):
                await self._call("DELETE", f"/media/{name}", missing=True)
        except (Failure, TimeoutError):
            log.warning("a letter stays in Telnyx's storage until it is deleted there", seconds=KEPT)

    async def send(self, key: str, to: str, media_name: str) -> Fax:
        """Order a fax. Raises Failure; `uncertain` where Telnyx may have taken it."""
        order = {
            "connection_id": self._account.connection,
            "from": self._account.number,
            "to": to,
            "media_name": media_name,
            "client_state": state_of(key),
            "store_preview": False,  # store_media cannot be given with media_name; both are off by default
        }
        _, told = await self._call("POST", "/faxes", order=order, effect=True)
        fax = fax_of(_data(told))
        if fax is None:
            raise Failure("Telnyx took a fax, but its answer cannot be understood.", uncertain=True)
        return fax

    async def fax(self, reference: str) -> Fax | None:
        """What is known of one fax; None where there is none. Raises Failure."""
        status, told = await self._call("GET", f"/faxes/{quote(reference, safe='')}", missing=True)
        if status >= 400:
            return None
        fax = fax_of(_data(told))
        if fax is None:
            raise Misconfigured(_NOT_TELNYX)
        return fax

    async def faxes(self, since: str, page: int) -> tuple[list[Fax], bool]:
        """One page of what was sent since that moment (ISO 8601), and whether it is the last. Raises Failure.

        Telnyx filters by numbers, direction and time, not by client_state:
        https://developers.telnyx.com/api-reference/programmable-fax-commands/view-a-list-of-faxes.
        """
        query = {
            "filter[created_at][gte]": since,
            "filter[direction][eq]": "outbound",
            "page[size]": str(PAGE),
            "page[number]": str(page),
        }
        _, told = await self._call("GET", "/faxes", query=query)
        listed = told.get("data") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(listed, list):
            raise Misconfigured(_NOT_TELNYX)
        meta = told.get("meta")
        pages = meta.get("total_pages") if isinstance(meta, dict) else None
        # A page that is not full is no proof that it is the last: the server may allow fewer than PAGE.
        last = not listed or (isinstance(pages, int) and page >= pages)
        return [fax for each in listed if (fax := fax_of(each)) is not None], last

    async def cancel(self, reference: str) -> bool:
        """Ask to stop a fax: whether Telnyx will try. Raises Failure."""
        path = f"/faxes/{quote(reference, safe='')}/actions/cancel"
        status, _ = await self._call("POST", path, effect=True, missing=True)
        return status < 300

    async def _call(
        self,
        method: str,
        path: str,
        *,
        order: Mapping[str, object] | None = None,
        form: aiohttp.FormData | None = None,
        query: Mapping[str, str] | None = None,
        effect: bool = False,
        missing: bool = False,
    ) -> tuple[int, object]:
        """Status and JSON. `effect`: it has one, perhaps without an answer. `missing`: 404, 422 may come."""
        try:
            async with self._connected().request(
                method,
                self._account.base + path,
                json=order,
                data=form,
                params=query,
                allow_redirects=False,
            ) as answer:
                status, headers, content = answer.status, answer.headers, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Down(f"Telnyx cannot be reached ({type(error).__name__}): see {SETTING}.") from None
        except (TimeoutError, aiohttp.ClientError) as error:
            if effect:
                raise Failure(f"Telnyx gave no answer ({type(error).__name__}).", uncertain=True) from None
            raise Down(f"Telnyx gave no answer ({type(error).__name__}).") from None
        told = _parsed(content)
        if not (200 <= status < 300 or (missing and status in (404, 422))):
            _refuse(status, told, headers, effect)
        return status, told

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A connection of its own for each call: on a kept one that the server is just closing, an order
            # that was never read looks like one whose answer was lost.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=aiohttp.ClientTimeout(total=ANSWER, connect=CONNECT),
                headers={"Authorization": f"Bearer {self._account.api_key}", "Accept": "application/json"},
            )
        return self._session


def _refuse(status: int, told: object, headers: Mapping[str, str], effect: bool) -> NoReturn:
    """Raises Failure, with Telnyx's error code at most: its sentences quote what was sent.

    Codes: https://developers.telnyx.com/development/api-fundamentals/api-errors.
    """
    answer = f"it answers with {status}{_code(told)}"
    if status in (401, 402, 403):
        raise Misconfigured(
            f"Telnyx does not serve us ({answer}): see {SETTING} and the account in its portal."
        )
    if status == 429:
        raise Down(f"Telnyx wants fewer calls ({answer}).", _wait(headers))
    if status == 408 or status >= 500:
        if effect:
            raise Failure(f"Telnyx has a problem of its own ({answer}).", uncertain=True)
        raise Down(f"Telnyx has a problem of its own ({answer}).")
    if status < 400:
        raise Misconfigured(_NOT_TELNYX)
    raise Failure(
        f"Telnyx refuses the fax ({answer}): see {SETTING} and the number of the office.", permanent=True
    )


def _code(told: object) -> str:
    errors = told.get("errors") if isinstance(told, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return f", code {code}" if isinstance(code, str | int) and _CODE.fullmatch(str(code)) else ""


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds. Telnyx documents x-ratelimit-reset, in seconds from now; Retry-After is every server's."""
    for name in ("Retry-After", "x-ratelimit-reset"):
        if re.fullmatch(r"[0-9]{1,6}", told := headers.get(name, ""), re.ASCII):
            return max(1.0, min(float(told), LONGEST_WAIT))
    return 60.0


def _parsed(content: bytes) -> object:
    """None where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _data(told: object) -> dict[str, object]:
    data = told.get("data") if isinstance(told, dict) else None
    return data if isinstance(data, dict) else {}
