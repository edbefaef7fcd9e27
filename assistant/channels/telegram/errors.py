"""What Telegram's refusals mean: https://core.telegram.org/bots/api#making-requests, as errors of
python-telegram-bot."""

import re
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from assistant.domain.errors import Failure, Misconfigured, Moved, Throttled, Unreachable

UNKNOWN_TOKEN = "Telegram does not know this token: see ASSISTANT_TELEGRAM_TOKEN."  # noqa: S105  no token
SECOND_READER = "Telegram: another program reads this bot's messages. End it, or use another bot's token."
FOREIGN_WEBHOOK = (
    "Telegram: another program has set a webhook for this bot, so that we could read nothing. It is removed; "
    "what people wrote meanwhile is read now. Should it come again, end that program, or use another bot."
)
OTHER_WEBHOOK = (
    "Telegram: another program has set a webhook for this bot. `assistant run` takes the bot back; should "
    "that program come again, end it, or use another bot."
)
LOST_WEBHOOK = "Telegram: another program has removed or replaced our webhook. It is set again."
UNREACHED = "Telegram cannot bring us what people write, at ASSISTANT_TELEGRAM_WEBHOOK_URL."

_GONE = re.compile(
    r"(chat|user) not found|(peer|user|chat|channel)_(id_)?invalid|input_user_deactivated|"
    r"user_(is_)?(deactivated|blocked)|you_blocked_user|chat_(write_)?forbidden|channel_private",
    re.IGNORECASE,
)
"""The Bot API passes some errors of Telegram's own servers on by their names there:
https://core.telegram.org/method/messages.sendMessage lists them."""

_REFUSALS = re.compile(
    r"can't parse (entities|inline keyboard button|JSON object)|message is too long|message text is empty|"
    r"text must be non-empty|message caption is too long|reply markup is too long|inline keyboard button|"
    r"message to (edit|be replied) not found|message thread not found|message can't be edited|"
    r"file must be non-empty|wrong remote file identifier specified|query is too old|"
    r"(not enough|have no) rights to send|"
    r"(bot|button|chat|document|entities|entity|file|media|message|reply|topic|user)(_[a-z]+)?_"
    r"(closed|empty|forbidden|invalid|missing|required|too_long|too_much)\b",
    re.IGNORECASE,
)
"""How its known refusals begin. What follows, and any other one, may quote what we wanted to send."""

REFUSED_WEBHOOK = "Telegram refuses the address in ASSISTANT_TELEGRAM_WEBHOOK_URL."


def failure(error: TelegramError) -> Failure:
    """The order matters: BadRequest and TimedOut are NetworkErrors too."""
    match error:
        case Forbidden():
            return Unreachable("Telegram: blocked by the person, or the account is gone.")
        case ChatMigrated():
            return Moved("Telegram: the group has another address now.", str(error.new_chat_id))
        case RetryAfter():
            return Throttled("Telegram asks for a pause.", seconds(error.retry_after))
        case BadRequest() if _GONE.search(error.message):
            return Unreachable("Telegram: there is no such chat, or no such account any more.")
        case BadRequest():
            return Failure(f"Telegram refuses a message of ours{_why(error.message)}.", permanent=True)
        case TimedOut():
            return Failure("Telegram gave no answer.", uncertain=True)
        case InvalidToken():
            return Misconfigured(UNKNOWN_TOKEN)
        case Conflict() if "webhook" in error.message.lower():  # it is active, or was set while we read
            return Failure(FOREIGN_WEBHOOK)
        case Conflict():
            return Failure(SECOND_READER)
        case NetworkError():
            return Failure("Telegram cannot be reached.")
    return Failure(f"Telegram failed: {type(error).__name__}.")


def _why(description: str) -> str:
    """In its own words, where those are known to be its own."""
    known = _REFUSALS.match(description)
    return f": {known[0]}" if known else ", for a reason that we do not know"


def seconds(pause: float | timedelta) -> float:
    """A pause as python-telegram-bot gives it: a span of time, since PTB_TIMEDELTA is set."""
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
