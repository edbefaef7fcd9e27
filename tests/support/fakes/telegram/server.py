"""A Telegram Bot API server for tests, and the people who talk to the bot through it.

It follows https://core.telegram.org/bots/api, and the errors of the real server, for a bot that polls or has
a webhook, and writes to private chats and groups. A bot in any process can use it: it needs only `url` and
`token`. Other modules named telegram_* hold what belongs to one concept each.
"""

import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Self

from aiohttp import web

from tests.support.fakes.telegram.chats import Chat
from tests.support.fakes.telegram.faults import Fault, Flood, Garbage, refused
from tests.support.fakes.telegram.groups import Group
from tests.support.fakes.telegram.html import ApiError, Json
from tests.support.fakes.telegram.messages import MessageMethods
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.profile import ProfileMethods
from tests.support.fakes.telegram.requests import LARGEST, is_true, parameters
from tests.support.fakes.telegram.updates import UpdateMethods

_SENDING = ("sendMessage", "sendDocument")


class FakeTelegram(MessageMethods, ProfileMethods, UpdateMethods):
    """`async with FakeTelegram() as server:` serves the API on a free local port."""

    token = "123456:TEST-invented-token"

    def __init__(self, second: float = 0.02, host: str = "127.0.0.1") -> None:
        """`second`: how long a second of the pauses between a webhook's deliveries lasts, in seconds.

        `host`: the address of this machine that it answers on.
        """
        super().__init__()
        self._host = host
        self.second = second
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        self.clock: Callable[[], float] = time.monotonic
        self._flood = Flood(lambda: self.clock())
        self._revoked = False
        self._faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self._methods: dict[str, Callable[[Json], Awaitable[object]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "sendMessage": self._send_message,
            "sendDocument": self._send_document,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_message_text,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
            "answerCallbackQuery": self._answer_callback_query,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "deleteMyCommands": self._delete_my_commands,
            "setMyDescription": self._set_my_description,
            "getMyDescription": self._get_my_description,
            "setMyShortDescription": self._set_my_short_description,
            "getMyShortDescription": self._get_my_short_description,
        }
        self._names = {name.lower(): name for name in self._methods}

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, 0).start()
        self.url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_delivery()
        await self._runner.cleanup()

    def person(self, first_name: str, language_code: str | None = None) -> Person:
        """Somebody who has started the bot before, so that it may write first."""
        return Person(self, 1000 + len(self.chats), first_name, language_code)

    def group(self, title: str) -> Group:
        """A group, of which the bot is not yet a member."""
        return Group(self, -1000 - len(self.chats), title)

    def fail_next(
        self,
        method: str,
        *,
        status: int | None = None,
        description: str | None = None,
        retry_after: int | None = None,
        hang: float = 0,
        reset: bool = False,
        after: bool = False,
        garbage: str | None = None,
        to: Chat | None = None,
    ) -> None:
        """Queue one failure: wait `hang` seconds, then reset the connection or answer `status`.

        A hang alone is a late, good answer; an infinite one never comes. The method has no effect when it
        fails, nor when the client is gone before it answers, unless `after`: then it takes effect before the
        failure. With `to`, only a request about that chat fails. `garbage`: the body that is answered, with
        `status` or 200.
        """
        fails = garbage is None and (status is not None or retry_after is not None)
        fault = Fault(
            error=refused(status or 429, description, retry_after) if fails else None,
            garbage=None if garbage is None else Garbage(status or 200, garbage),
            hang=hang,
            reset=reset,
            after=after,
            chat=to.id if to else None,
        )
        self._faults[self._names[method.lower()]].append(fault)

    def flood(
        self, overall: tuple[float, int] | None = None, *, chat: tuple[float, int] | None = None
    ) -> None:
        """Answer 429 from now on where the bot sends faster than this, over all or to one chat.

        A limit is a rate, in messages a second, and a burst: how many may come at once. None is no limit.
        """
        self._flood.limit(overall, chat)

    async def revoke(self) -> None:
        """The bot's owner makes its token worthless, also for the poll that waits."""
        self._revoked = True
        self._end_poll(ApiError(401, "Unauthorized"))
        await self.notify()

    def restore(self) -> None:
        """The token is good again."""
        self._revoked = False

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, "result": await self._result(request)})
        except ApiError as error:
            body: Json = {"ok": False, "error_code": error.status, "description": error.description}
            if error.parameters:
                body["parameters"] = error.parameters
            wait = error.parameters.get("retry_after")
            headers = {} if wait is None else {"Retry-After": str(wait)}
            return web.json_response(body, status=error.status, headers=headers)
        except Garbage as garbage:
            return web.Response(text=garbage.text, status=garbage.status)

    async def _result(self, request: web.Request) -> object:
        name = self._method(request)
        params = await parameters(request)
        self.calls.append((name, params))
        await self.notify()
        fault = self._fault(name, params)
        result = await self._run(name, params) if fault.after else None
        await fault.strike(request)
        return result if fault.after or fault.reset else await self._run(name, params)

    def _method(self, request: web.Request) -> str:
        """The method asked for. Raises ApiError where there is none, or the token is not the bot's."""
        token = request.match_info.get("token", "")
        if not re.fullmatch(r"\d+:[\w-]+", token):
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        name = self._names.get(request.match_info["method"].lower())
        if name is None:
            raise ApiError(404, "Not Found: method not found")
        return name

    def _fault(self, name: str, params: Json) -> Fault:
        """What is to go wrong with this request, which then has gone wrong."""
        for fault in self._faults[name]:
            if fault.chat in (None, params.get("chat_id")):
                self._faults[name].remove(fault)
                return fault
        return Fault()

    async def _run(self, name: str, params: Json) -> object:
        if self._revoked:
            raise ApiError(401, "Unauthorized")
        if name in _SENDING and "chat_id" in params:
            self._flood.check(params["chat_id"], is_true(params.get("allow_paid_broadcast")))
        result = await self._methods[name](params)
        await self.notify()
        return result
