"""What comes from Telegram, in our own terms: https://core.telegram.org/bots/api#update.

It is read from the JSON itself: python-telegram-bot refuses a whole update for one part that it does not
know, such as a message of a new kind that somebody answers.
"""

from dataclasses import dataclass
from typing import Any

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

Json = dict[str, Any]  # Any: JSON

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
DONE = "done"  # what the button says to us that stands for the choice made
PRIVATE, GROUPS = "private", ("group", "supergroup")
# The parts of a message, https://core.telegram.org/bots/api#message, that nobody has written or sent:
_NEWS = """
    boost_added channel_chat_created chat_background_set chat_owner_changed chat_owner_left chat_shared
    checklist_tasks_added checklist_tasks_done connected_website delete_chat_photo
    direct_message_price_changed forum_topic_closed forum_topic_created forum_topic_edited
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden gift gift_upgrade_sent
    giveaway_completed giveaway_created group_chat_created left_chat_member managed_bot_created
    message_auto_delete_timer_changed migrate_from_chat_id migrate_to_chat_id new_chat_members
    new_chat_photo new_chat_title paid_message_price_changed pinned_message poll_option_added
    poll_option_deleted proximity_alert_triggered refunded_payment successful_payment
    suggested_post_approval_failed suggested_post_approved suggested_post_declined suggested_post_paid
    suggested_post_refunded supergroup_chat_created unique_gift users_shared video_chat_ended
    video_chat_participants_invited video_chat_scheduled video_chat_started web_app_data
    write_access_allowed
"""
# ... and those that are about it. Whatever else there is, also of a later version, is what somebody sent.
_ABOUT = """
    author_signature business_connection_id caption caption_entities chat date direct_messages_topic
    edit_date effect_id entities external_reply forward_date forward_from forward_from_chat
    forward_from_message_id forward_origin forward_sender_name forward_signature from
    guest_bot_caller_chat guest_bot_caller_user guest_query_id has_media_spoiler has_protected_content
    is_automatic_forward is_from_offline is_paid_post is_topic_message link_preview_options
    media_group_id message_id message_thread_id paid_star_count quote reply_markup
    reply_to_checklist_task_id reply_to_message reply_to_poll_option_id reply_to_story
    sender_boost_count sender_business_bot sender_chat sender_tag show_caption_above_media
    suggested_post_info via_bot
"""
NEWS, ABOUT = frozenset(_NEWS.split()), frozenset(_ABOUT.split())


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed: it has to be acknowledged. `message`: what it hangs under."""

    id: str
    data: str
    message: Json

    @property
    def keyboard(self) -> list[list[Json]]:
        """The buttons there are, by rows; none where the message is too old to show them."""
        rows = _object(self.message, "reply_markup").get("inline_keyboard")
        return rows if isinstance(rows, list) else []


def pressed(update: Json) -> Pressed | None:
    """The button that was pressed; None where the update is something else."""
    query = _object(update, "callback_query")
    number = _string(query, "id")
    return Pressed(number, _string(query, "data") or "", _object(query, "message")) if number else None


def incoming(update: Json, account: Account) -> Incoming | None:
    """The update as an incoming message to that bot; None where it does not concern us.

    Raises ValueError where it is none, or does not say what it must.
    """
    update_id = _required_number(update, "update_id")
    if not any(kind in update for kind in ALLOWED):
        return None
    query, member = _object(update, "callback_query"), _object(update, "my_chat_member")
    written, edited = _object(update, "message"), _object(update, "edited_message")
    message = _object(query, "message") or member or written or edited
    if query and not message:  # a button under a message that we did not send
        return None
    chat, user = _object(message, "chat"), _object(query or message, "from")
    number = _required_number(chat, "id")
    is_private = chat.get("type") == PRIVATE
    if query:
        content: Content | None = _press(query) if is_private else None
    elif member:
        content = _membership(member, is_private=is_private)
    elif is_private:
        content = _edit(edited) if edited else _said(written, user)
    else:
        content = _in_group(written, chat)
    if content is None:
        return None
    album = _string(written, "media_group_id")  # its pictures come as so many messages, and count as one
    return Incoming(
        Address(account, str(number)),
        f"album.{album}" if album else str(update_id),
        content,
        language=_string(user, "language_code"),
        quotes=_quoted(written, account),
        thread=_thread(message, is_private=is_private),
    )


def _press(query: Json) -> Press | None:
    data = _string(query, "data") or ""
    mark, _, value = data.partition(":")  # as `keyboard` puts it: a value may hold colons
    return Press(mark, value) if data != DONE else None


def _membership(change: Json, *, is_private: bool) -> Content | None:
    """Who unblocks us writes next: that opens the chat again. In groups it counts that we were let in."""
    status = _object(change, "new_chat_member").get("status")
    if is_private:
        return Blocked() if status in ("kicked", "left") else None
    joined = status in ("member", "administrator") and _object(change, "chat").get("type") in GROUPS
    return GroupChat() if joined else None


def _edit(edited: Json) -> Edited | None:
    if "text" not in edited:  # a caption, or where somebody is
        return None
    return Edited(str(_required_number(edited, "message_id")), _required_text(edited))


def _in_group(message: Json, chat: Json) -> GroupChat | None:
    """Groups: who writes there hears once that we talk in private only."""
    return GroupChat() if chat.get("type") in GROUPS and not _is_news(message) else None


def _said(message: Json, user: Json) -> Content | None:
    """What a person said in private; other bots are not answered, lest two talk for ever."""
    if user.get("is_bot") or _is_news(message):
        return None
    if "text" not in message:
        return Unreadable(next(part for part in message if part not in ABOUT))
    text, ref = _required_text(message), str(_required_number(message, "message_id"))
    command, *rest = text.split(maxsplit=1) or ("",)
    payload = "".join(rest)
    if command.split("@")[0] == "/start":
        return Open.by_link(payload)
    if command.startswith("/"):  # "/help@our_bot" is how groups and some clients write it
        return TextMessage(f"{command.split('@')[0]} {payload}".strip(), ref)
    return TextMessage(text, ref)


def _is_news(message: Json) -> bool:
    """Whether something has happened in the chat, and nobody has said anything."""
    return not NEWS.isdisjoint(message) or ABOUT.issuperset(message)


def _thread(message: Json, *, is_private: bool) -> str | None:
    """The topic that the message stands in. In groups a thread may also be the answers to a message."""
    thread = _number(message, "message_thread_id")
    topic = is_private or message.get("is_topic_message") is True
    return str(thread) if thread is not None and topic else None


def _quoted(message: Json, account: Account) -> str | None:
    """The message of ours that it answers expressly."""
    quoted = _object(message, "reply_to_message")
    ours = str(_number(_object(quoted, "from"), "id")) == account.id
    number = _number(quoted, "message_id")
    return str(number) if ours and number is not None else None


def _object(holder: Json, key: str) -> Json:
    """Empty where there is none."""
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _string(holder: Json, key: str) -> str | None:
    value = holder.get(key)
    return value if isinstance(value, str) else None


def _number(holder: Json, key: str) -> int | None:
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _required_number(holder: Json, key: str) -> int:
    number = _number(holder, key)
    if number is None:
        raise ValueError(f"there is no {key}")
    return number


def _required_text(message: Json) -> str:
    text = _string(message, "text")
    if text is None:
        raise ValueError("the text is none")
    return text
