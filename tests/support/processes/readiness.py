"""Asking a process that serves how it is, as a supervisor does."""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import ClientConnectionError, ClientSession

from tests.support.processes.installation import TIMEOUT

Parts = dict[str, str]


async def readiness_status(listen: str, wanted: Parts) -> int:
    """Return when `/readyz` says this of these parts; with its status."""
    return await _status_once(listen, lambda said: wanted.items() <= said.items())


async def readiness_status_beginning(listen: str, part: str, wanted: str) -> int:
    """Return when what `/readyz` says of that part begins so; with its status."""
    return await _status_once(listen, lambda said: said.get(part, "").startswith(wanted))


async def readiness_status_troubled(listen: str, troubles: Mapping[str, str]) -> int:
    """Return when what `/readyz` says of one of these parts begins so; with its status."""
    return await _status_once(
        listen, lambda said: any(said.get(part, "").startswith(begins) for part, begins in troubles.items())
    )


async def until_said(listen: str, wanted: Parts) -> None:
    """Wait until `/readyz` says this of these parts. Another one may not have recovered: a lane may rest."""
    await _said_once(listen, lambda _, said: wanted.items() <= said.items())


async def until_ready(listen: str, wanted: Parts | None = None) -> None:
    """Wait until `/readyz` says that all is well, and this of these parts."""
    await _said_once(listen, lambda status, said: status == 200 and (wanted or {}).items() <= said.items())


async def _status_once(listen: str, is_it: Callable[[Parts], bool]) -> int:
    return (await _said_once(listen, lambda _, said: is_it(said)))[0]


async def _said_once(listen: str, is_it: Callable[[int, Parts], bool]) -> tuple[int, Parts]:
    said: tuple[int, Parts] | None = None
    try:
        async with asyncio.timeout(TIMEOUT), ClientSession() as http:
            while said is None or not is_it(*said):
                try:
                    async with http.get(f"http://{listen}/readyz") as answer:
                        said = answer.status, await answer.json()
                except ClientConnectionError:
                    pass  # it has not begun to listen
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"it never said what was waited for, but: {said}") from None
    return said


async def health(listen: str) -> tuple[int, str]:
    """What `/healthz` says now."""
    async with ClientSession() as http, http.get(f"http://{listen}/healthz") as answer:
        return answer.status, await answer.text()
