"""Asking a process that serves how it is, as a supervisor does."""

import asyncio

from aiohttp import ClientConnectionError, ClientSession

from tests.support.processes.installation import TIMEOUT

Parts = dict[str, str]


async def readiness_status(listen: str, wanted: Parts) -> int:
    """Return when `/readyz` says this; with its status."""
    said: tuple[int, Parts] | None = None
    try:
        async with asyncio.timeout(TIMEOUT), ClientSession() as http:
            while said is None or said[1] != wanted:
                try:
                    async with http.get(f"http://{listen}/readyz") as answer:
                        said = answer.status, await answer.json()
                except ClientConnectionError:
                    pass  # it has not begun to listen
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"it never said {wanted}, but: {said}") from None
    return said[0]


async def health(listen: str) -> tuple[int, str]:
    """What `/healthz` says now."""
    async with ClientSession() as http, http.get(f"http://{listen}/healthz") as answer:
        return answer.status, await answer.text()
