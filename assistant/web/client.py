"""Asking an assistant on this machine how it is."""

from collections.abc import Mapping

import aiohttp

from assistant.web.server import NONE

LIMIT = 5.0  # seconds that it has to answer: its database has two


async def readiness_of(listen: str) -> Mapping[str, str] | None:
    """What `/readyz` says where it listens, part by part; None where no assistant answers.

    `listen`: as in ASSISTANT_LISTEN.
    """
    if listen == NONE:
        return None
    host, _, port = listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}/readyz"  # noqa: S104  of a setting
    timeout = aiohttp.ClientTimeout(total=LIMIT)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
            told = await answer.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError, ValueError):
        return None
    return told if isinstance(told, dict) and "database" in told else None
