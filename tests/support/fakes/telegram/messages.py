"""The methods by which a bot writes to chats, and changes what it has written."""

import time
from dataclasses import replace

from tests.support.fakes.telegram.chats import BOT, Chat, Network, SentFile, received
from tests.support.fakes.telegram.html import (
    Json,
    bad_request,
    formatted_caption,
    formatted_text,
    inline_keyboard,
)

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
_DELETABLE = 48 * 3600  # seconds
_DELETED_AT_ONCE = 100
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


class MessageMethods(Network):
    """https://core.telegram.org/bots/api#available-methods."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: list[str] = []
        self._files: dict[str, SentFile] = {}

    def _chat(self, params: Json) -> Chat:
        """Where the bot wants to write. Raises ApiError where it cannot."""
        if params.get("chat_id", "") == "":
            raise bad_request("chat_id is empty")
        chat = self.chats.get(params["chat_id"])
        if chat is None:
            raise bad_request("chat not found")
        if chat.refusal:
            raise chat.refusal
        return chat

    async def _send_message(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#sendmessage."""
        content = _text(params)
        chat = self._chat(params)
        message = self.add_message(chat, BOT, content | self._quoted(chat, params))
        chat.inbox.append(received(message, str(params["text"])))
        return message

    async def _send_document(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#senddocument."""
        caption, entities = formatted_caption(params)
        markup = inline_keyboard(params)
        chat, file = self._chat(params), self._file(params)
        content = {"document": _document(file), "caption": caption, "caption_entities": entities}
        message = self.add_message(chat, BOT, content | {"reply_markup": markup} | self._quoted(chat, params))
        chat.inbox.append(received(message, str(params.get("caption", "")), file))
        return message

    def _file(self, params: Json) -> SentFile:
        """One uploaded with the request, or sent before: https://core.telegram.org/bots/api#sending-files."""
        given = params.get("document", "")
        if isinstance(given, str) and given.startswith("attach://"):
            given = params.get(given.removeprefix("attach://"), "")
        if not given:
            raise bad_request("there is no document in the request")
        if not isinstance(given, SentFile):
            if given not in self._files:
                raise bad_request("wrong remote file identifier specified: Wrong string length")
            return self._files[given]
        if not given.content:
            raise bad_request("file must be non-empty")
        file = replace(given, id=f"document-{len(self._files) + 1}")
        self._files[file.id] = file
        return file

    def _quoted(self, chat: Chat, params: Json) -> Json:
        """https://core.telegram.org/bots/api#replyparameters."""
        wanted = params.get("reply_parameters") or {}
        if not wanted:
            return {}
        message = self.messages.get(wanted["message_id"])
        if message is None or message["chat"]["id"] != chat.id:
            if wanted.get("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        return {"reply_to_message": {k: value for k, value in message.items() if k != "reply_to_message"}}

    async def _edit_message_text(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#editmessagetext; without buttons the old ones go."""
        content = _text(params)
        if "document" in self._editable(params):
            raise bad_request("there is no text in the message to edit")
        return self._edit(params, content, str(params["text"]))

    async def _edit_message_reply_markup(self, params: Json) -> Json:
        """https://core.telegram.org/bots/api#editmessagereplymarkup."""
        return self._edit(params, {"reply_markup": inline_keyboard(params)}, None)

    async def _delete_message(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#deletemessage."""
        chat, number = self._chat(params), params.get("message_id")
        if not isinstance(number, int):
            raise bad_request("message identifier is not specified")
        if not self._is_in(chat, number):
            raise bad_request("message to delete not found")
        self._check_deletable(number)
        self._delete(chat, number)
        return True

    async def _delete_messages(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#deletemessages: those that cannot be found are skipped.

        One that is too old keeps all of them: `MessagesManager::delete_messages` of tdlib/td.
        """
        chat, numbers = self._chat(params), params.get("message_ids") or []
        if not numbers:
            raise bad_request("message identifiers are not specified")
        if len(numbers) > _DELETED_AT_ONCE:
            raise bad_request("too many message identifiers specified")
        found = [number for number in numbers if self._is_in(chat, number)]
        for number in found:
            self._check_deletable(number)
        for number in found:
            self._delete(chat, number)
        return True

    def _is_in(self, chat: Chat, number: int) -> bool:
        return number in self.messages and bool(self.messages[number]["chat"]["id"] == chat.id)

    def _check_deletable(self, number: int) -> None:
        if time.time() - self.messages[number]["date"] > _DELETABLE:
            raise bad_request("message can't be deleted for everyone")

    def _delete(self, chat: Chat, number: int) -> None:
        del self.messages[number]
        chat.deleted.append(number)

    def _editable(self, params: Json) -> Json:
        chat, message = self._chat(params), self.messages.get(params.get("message_id", 0))
        if message is None or message["chat"]["id"] != chat.id:
            raise bad_request("message to edit not found")
        if message["from"] != BOT:
            raise bad_request("message can't be edited")
        return message

    def _edit(self, params: Json, content: Json, html: str | None) -> Json:
        message, inbox = self._editable(params), self._chat(params).inbox
        if all(value == message.get(name) for name, value in content.items()):
            raise bad_request(_NOT_MODIFIED)
        changed = message | content | {"edit_date": int(time.time())}
        number = message["message_id"]
        changed = self.messages[number] = {
            name: value for name, value in changed.items() if value is not None
        }
        inbox[:] = [
            received(changed, html or item.html, item.file) if item.id == number else item for item in inbox
        ]
        return changed

    async def _answer_callback_query(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#answercallbackquery."""
        query = str(params.get("callback_query_id", ""))
        if query not in self.presses:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if len(str(params.get("text", ""))) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        self.answered.append(query)
        return True

    async def _send_chat_action(self, params: Json) -> bool:
        """https://core.telegram.org/bots/api#sendchataction."""
        if params.get("action") not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._chat(params).actions.append(params["action"])
        return True


def _text(params: Json) -> Json:
    text, entities = formatted_text(params)
    return {"text": text, "entities": entities or None, "reply_markup": inline_keyboard(params)}


def _document(file: SentFile) -> Json:
    """https://core.telegram.org/bots/api#document."""
    names = {"file_id": file.id, "file_unique_id": f"unique-{file.id}", "file_name": file.name}
    return names | {"mime_type": file.kind, "file_size": len(file.content)}
