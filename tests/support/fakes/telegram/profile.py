"""What the bot says of itself: its commands and descriptions, by language."""

import json
import re

from tests.support.fakes.telegram.chats import BOT, Chat, Network
from tests.support.fakes.telegram.html import Json, bad_request

_DESCRIPTION, _SHORT_DESCRIPTION = 512, 120  # longest, in characters


class ProfileMethods(Network):
    """https://core.telegram.org/bots/api#setmycommands and the methods after it."""

    def __init__(self) -> None:
        super().__init__()
        self._commands: dict[tuple[str, str], list[Json]] = {}
        self._descriptions: dict[tuple[str, str], str] = {}

    def menu(self, chat: Chat, language_code: str = "") -> list[str]:
        """The commands that somebody sees in a private chat.

        https://core.telegram.org/bots/api#determining-list-of-commands
        """
        scopes: list[Json] = [{"type": "chat", "chat_id": chat.id}, {"type": "all_private_chats"}, {}]
        for scope in scopes:
            for language in (language_code, ""):
                if found := self._commands.get(_scope({"scope": scope, "language_code": language})):
                    return [command["command"] for command in found]
        return []

    async def _get_me(self, _params: Json) -> Json:
        return BOT | {"can_join_groups": True, "can_read_all_group_messages": True}

    async def _set_my_commands(self, params: Json) -> bool:
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

    async def _delete_my_commands(self, params: Json) -> bool:
        self._commands.pop(_scope(params), None)
        return True

    async def _set_my_description(self, params: Json) -> bool:
        return self._describe("description", _DESCRIPTION, params)

    async def _get_my_description(self, params: Json) -> Json:
        return self._described("description", params)

    async def _set_my_short_description(self, params: Json) -> bool:
        return self._describe("short_description", _SHORT_DESCRIPTION, params)

    async def _get_my_short_description(self, params: Json) -> Json:
        return self._described("short_description", params)

    def _describe(self, name: str, longest: int, params: Json) -> bool:
        """The limits are the documentation's; the wording of this error is ours."""
        text = str(params.get(name, ""))
        if len(text) > longest:
            raise bad_request(f"{name} is too long")
        self._descriptions[name, _language(params)] = text
        return True

    def _described(self, name: str, params: Json) -> Json:
        return {name: self._descriptions.get((name, _language(params)), "")}


def _scope(params: Json) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), _language(params)


def _language(params: Json) -> str:
    code = str(params.get("language_code", ""))
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code
