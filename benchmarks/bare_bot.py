"""The same questions as ours by an aiohttp server and a dict: about the shortest program that asks them.

It stores nothing, checks nothing and sends nothing again. Usage: bare_bot.py API_URL PORT
"""

import sys
from collections.abc import AsyncIterator

from aiohttp import ClientSession, TCPConnector, web

BRIEFING = "Norma Cruz helps women in Guatemala. She received 47 death threats by text message. " * 3
SAID = (
    f"{BRIEFING}\n\nYou can write a letter. It takes about two minutes.",
    "What name shall we put under the letter?",
    "Which country do you live in? The letter will name it.",
    "You can add a sentence of your own: write it now, or skip.",
)


class Bot:
    """What each person has answered, by chat."""

    def __init__(self, api_url: str) -> None:
        self._send = f"{api_url}/bot1:bench/sendMessage"
        self._answers: dict[int, list[str]] = {}

    async def client(self, _: web.Application) -> AsyncIterator[None]:
        """Open as long as the server is."""
        async with ClientSession(connector=TCPConnector(limit=0)) as self._session:
            yield

    async def take(self, request: web.Request) -> web.Response:
        """An update is answered before it is acknowledged."""
        message = (await request.json())["message"]
        chat, text = message["chat"]["id"], message["text"]
        if text.startswith("/start"):
            self._answers[chat] = []
        else:
            self._answers[chat].append(text)
        said = {"chat_id": chat, "text": SAID[len(self._answers[chat])]}
        async with self._session.post(self._send, json=said) as answer:
            await answer.read()
        return web.Response()


def main(api_url: str, port: int) -> None:
    bot, application = Bot(api_url), web.Application()
    application.cleanup_ctx.append(bot.client)
    application.add_routes([web.post("/telegram", bot.take)])
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
