"""What the web pages say around the conversation and around a case."""

from collections.abc import Mapping

from assistant.domain.retention import KEEP_CAREFUL, KEEP_SEEN
from assistant.domain.texts import Sentence, Text
from conversations.organisers.formatting import lasting_for

_ = Sentence

CHAT: Mapping[str, Text] = {
    "title": _("Write a letter"),
    "conversation": _("The conversation"),
    "earlier": _("Show what was said before"),
    "ours": _("We say:"),
    "theirs": _("You said:"),
    "choose": _("Choose one of these"),
    "answer": _("Your answer"),
    "send": _("Send"),
    "file": _("Open the letter as a PDF"),
    "document": _("Save the file"),
    "leave": _("Leave quickly"),
    "leave_help": _("Opens another page. This device forgets the chat."),
    "keep": _("Keep this chat on this device"),
    "keep_help": _("Otherwise this device forgets it when you close the browser."),
    "kept": _("This device keeps the chat until you write <b>forget</b>."),
    "forgotten": _("The chat is deleted. If you write again, a new one begins."),
    "lite": _("Use less data"),
    "full": _("Show new messages at once"),
    "skip": _("Skip to your answer"),
    "slow": _("The answer takes longer than usual. Please load this page again in a moment."),
    "passed_over": _(
        "Too much was written at once, so this was not read. Please wait a minute, and send it again."
    ),
    "too_many": _("Too many people are writing at this moment. Please wait a minute, and send it again."),
    "failed": _("Something is wrong on our side. Nothing is lost. Please send it again a little later."),
    "too_long": _("That is too long to be sent. Please make it shorter."),
    "elsewhere": _("This came from another page, so nothing was done. Please use the buttons of this page."),
    "nothing_here": _("There is nothing at this address."),
    "to_chat": _("Go to the chat"),
    "gone": _("You have left."),
}
"""What stands on the chat's page, by what it is."""


def kept_for(*, careful: bool) -> Text:
    """How long a chat's page shows what was said."""
    shown = {"days": lasting_for(KEEP_CAREFUL if careful else KEEP_SEEN)}
    return _("We keep what is said here for {days}, encrypted. <b>privacy</b> says more.", shown)
