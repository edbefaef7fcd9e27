"""What comes from Telegram, in our own terms: https://core.telegram.org/bots/api#update."""

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update

from assistant.domain.messages import (
    Account,
    Address,
    Blocked,
    Content,
    Edited,
    GroupChat,
    Incoming,
    Open,
    Press,
    TextMessage,
    Unreadable,
)

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
DONE = "done"  # what the button says to us that stands for the choice made
# What people send that is not text. Anything else without text is news of the chat, such as a pinned message.
KINDS = (
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "location",
    "paid_media",
    "photo",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
)


def incoming(update: Update, account: Account) -> Incoming | None:
    """The update as an incoming message to that bot; None where it does not concern us."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None:
        return None
    content = _private(update) if chat.type == Chat.PRIVATE else _elsewhere(update, chat)
    if content is None:
        return None
    return Incoming(
        Address(account, str(chat.id)),
        _id(update),
        content,
        language=user.language_code if user else None,
        quotes=_quoted(update.message, account),
    )


def _id(update: Update) -> str:
    """The pictures of an album come as so many messages, and count as one."""
    album = update.message.media_group_id if update.message else None
    return f"album.{album}" if album else str(update.update_id)


def _private(update: Update) -> Content | None:
    if update.callback_query is not None:
        return _press(update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.edited_message is not None:
        edited = update.edited_message
        return None if edited.text is None else Edited(str(edited.message_id), edited.text)
    return _message(update.message) if update.message is not None else None


def _elsewhere(update: Update, chat: Chat) -> Content | None:
    """Groups: who writes there hears once that we talk in private only."""
    if chat.type not in (Chat.GROUP, Chat.SUPERGROUP):
        return None
    if update.my_chat_member is not None:
        joined = update.my_chat_member.new_chat_member.status in ("member", "administrator")
        return GroupChat() if joined else None
    message = update.message
    ours = message is not None and (message.text is not None or _kind(message) is not None)
    return GroupChat() if ours else None


def _press(query: CallbackQuery) -> Press | None:
    mark, _, value = (query.data or "").partition(":")  # as `keyboard` puts it: a value may hold colons
    return Press(mark, value) if query.data != DONE else None


def _membership(change: ChatMemberUpdated) -> Blocked | None:
    """Who unblocks us writes next: that opens the chat again."""
    return Blocked() if change.new_chat_member.status in ("kicked", "left") else None


def _message(message: Message) -> Content | None:
    if message.text is None:
        kind = _kind(message)
        return Unreadable(kind) if kind else None
    command, *rest = message.text.split(maxsplit=1) or ("",)
    payload = "".join(rest)
    if command.split("@")[0] == "/start":
        return Open.by_link(payload)
    ref = str(message.message_id)
    if command.startswith("/"):  # "/help@our_bot" is how groups and some clients write it
        return TextMessage(f"{command.split('@')[0]} {payload}".strip(), ref)
    return TextMessage(message.text, ref)


def _kind(message: Message) -> str | None:
    return next((kind for kind in KINDS if getattr(message, kind, None)), None)


def _quoted(message: Message | None, account: Account) -> str | None:
    """The message of ours that it answers expressly."""
    quoted = message.reply_to_message if message else None
    ours = quoted is not None and quoted.from_user is not None and str(quoted.from_user.id) == account.id
    return str(quoted.message_id) if quoted is not None and ours else None
