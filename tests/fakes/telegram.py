"""A Telegram Bot API server for tests, and the people who talk to the bot through it.

It follows https://core.telegram.org/bots/api, and the errors of the real server, for a bot that polls and
writes to private chats. A bot in any process can use it: it needs only `url` and `token`.
"""

import asyncio
import contextlib
import json
import re
import socket
import struct
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from aiohttp import web

from tests.fakes.telegram_html import ApiError, Json, bad_request, formatted_text, inline_keyboard
from tests.fakes.telegram_people import BOT, Network, Person, received

_STRUCTURED = {"allowed_updates", "commands", "entities", "link_preview_options", "reply_markup", "scope"}
_NUMBERS = {"cache_time", "chat_id", "limit", "message_id", "offset", "timeout"}
_LONGEST_POLL = 50
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@dataclass(frozen=True)
class _Fault:
    error: ApiError | None = None
    hang: float = 0
    reset: bool = False
    after: bool = False


class FakeTelegram(Network):
    """`async with FakeTelegram() as server:` serves the API on a free local port."""

    token = "123456:TEST-invented-token"

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        self.answered: list[str] = []
        self._poll = 0
        self._commands: dict[tuple[str, str], list[Json]] = {}
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)
        self._methods: dict[str, Callable[[Json], Awaitable[object]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "editMessageText": self._edit_message_text,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "answerCallbackQuery": self._answer_callback_query,
            "sendChatAction": self._send_chat_action,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
        }
        self._names = {name.lower(): name for name in self._methods}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

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
    ) -> None:
        """Queue one failure: wait `hang` seconds, then reset the connection or answer `status`.

        A hang alone is a late, good answer. The method has no effect when it fails, nor when the client is
        gone before it answers, unless `after`: then it takes effect before the failure.
        """
        error = None
        if status or retry_after:
            code = status or 429
            reason = f": retry after {retry_after}" if retry_after else ""
            error = ApiError(code, description or f"{HTTPStatus(code).phrase}{reason}", retry_after)
        self._faults[self._names[method.lower()]].append(_Fault(error, hang, reset, after))

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, "result": await self._result(request)})
        except ApiError as error:
            body: Json = {"ok": False, "error_code": error.status, "description": error.description}
            if error.retry_after is None:
                return web.json_response(body, status=error.status)
            body["parameters"] = {"retry_after": error.retry_after}
            headers = {"Retry-After": str(error.retry_after)}
            return web.json_response(body, status=error.status, headers=headers)

    async def _result(self, request: web.Request) -> object:
        token = request.match_info.get("token", "")
        if not re.fullmatch(r"\d+:[\w-]+", token):
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        name = self._names.get(request.match_info["method"].lower())
        if name is None:
            raise ApiError(404, "Not Found: method not found")
        params = await _parameters(request)
        self.calls.append((name, params))
        await self.notify()
        fault = self._faults[name].popleft() if self._faults[name] else _Fault()
        result = await self._run(name, params) if fault.after else None
        await asyncio.sleep(fault.hang)
        if fault.reset:
            _reset(request)
        if fault.error:
            raise fault.error
        return result if fault.after or fault.reset else await self._run(name, params)

    async def _run(self, name: str, params: Json) -> object:
        result = await self._methods[name](params)
        await self.notify()
        return result

    def _chat(self, params: Json) -> Person:
        if params.get("chat_id", "") == "":
            raise bad_request("chat_id is empty")
        person = self.people.get(params["chat_id"])
        if person is None:
            raise bad_request("chat not found")
        if person.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return person

    async def _get_me(self, _params: Json) -> Json:
        return BOT | {"can_join_groups": False, "can_read_all_group_messages": False}

    async def _get_updates(self, params: Json) -> list[Json]:
        """https://core.telegram.org/bots/api#getupdates, with the real server's longest wait."""
        self.allowed_updates = params.get("allowed_updates", self.allowed_updates)
        offset = params.get("offset", 0)
        self.updates = [u for u in self.updates if u["update_id"] >= offset][min(offset, 0) :]
        self._poll += 1
        mine = self._poll
        async with self.changed:
            self.changed.notify_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(params.get("timeout", 0), _LONGEST_POLL)):
                    await self.changed.wait_for(lambda: self.updates or self._poll != mine)
        if self._poll != mine:
            reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise ApiError(409, f"Conflict: {reason}")
        return self.updates[: min(max(params.get("limit", 100), 1), 100)]

    async def _send_message(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#sendmessage."""
        content = _content(params)
        person = self._chat(params)
        message = self.add_message(person, BOT, content)
        person.inbox.append(received(message, str(params["text"])))
        return message

    async def _edit_message_text(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#editmessagetext; without buttons the old ones go."""
        return self._edit(params, _content(params), str(params["text"]))

    async def _edit_message_reply_markup(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#editmessagereplymarkup."""
        return self._edit(params, {"reply_markup": inline_keyboard(params)}, None)

    def _edit(self, params: Json, content: Json, html: str | None) -> Json:
        person, number = self._chat(params), params.get("message_id", 0)
        message = self.messages.get(number)
        if message is None or message["chat"] != person.chat:
            raise bad_request("message to edit not found")
        if message["from"] != BOT:
            raise bad_request("message can't be edited")
        if all(value == message.get(name) for name, value in content.items()):
            raise bad_request(_NOT_MODIFIED)
        edited = message | content | {"edit_date": int(time.time())}
        edited = self.messages[number] = {name: value for name, value in edited.items() if value is not None}
        person.inbox[:] = [
            received(edited, html or item.html) if item.id == number else item for item in person.inbox
        ]
        return edited

    async def _answer_callback_query(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#answercallbackquery."""
        query = str(params.get("callback_query_id", ""))
        if not any(query in person.presses for person in self.people.values()):
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self.answered.append(query)
        return True

    async def _send_chat_action(self, params: Json) -> bool:
        if not params.get("action"):
            raise bad_request("wrong parameter action in request")
        self._chat(params)
        return True

    async def _set_my_commands(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#setmycommands."""
        commands = params.get("commands", [])
        if len(commands) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._commands[_scope(params)] = commands
        return True

    async def _get_my_commands(self, params: Json) -> list[Json]:
        return self._commands.get(_scope(params), [])

    async def _delete_webhook(self, params: Json) -> bool:
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self.updates = []
        return True

    async def _get_webhook_info(self, _params: Json) -> Json:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.updates)}


def _content(params: Json) -> Json:
    text, entities = formatted_text(params)
    return {"text": text, "entities": entities or None, "reply_markup": inline_keyboard(params)}


def _scope(params: Json) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.get("language_code", "")


async def _parameters(request: web.Request) -> Json:
    """All four ways to pass them: https://core.telegram.org/bots/api#making-requests."""
    given: Json = dict(request.query)
    try:
        given |= await request.json() if request.content_type == "application/json" else await request.post()
        for name in _STRUCTURED & given.keys():
            if isinstance(given[name], str):
                given[name] = json.loads(given[name])
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    for name in _NUMBERS & given.keys():
        if re.fullmatch(r"-?\d+", str(given[name])):
            given[name] = int(given[name])
    return {name: value for name, value in given.items() if value is not None}


def _reset(request: web.Request) -> None:
    """Close without a goodbye: no lingering makes the kernel send RST."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
