"""What the web pages say around the conversation and around a case."""

from collections.abc import Mapping

from assistant.domain.counter import Batch
from assistant.domain.retention import KEEP_CAREFUL, KEEP_SEEN
from assistant.domain.texts import CaseDate, Number, Sentence, Text, Values
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
    "away": _(
        "There is no connection. Please send it again in a moment: nothing is lost, and nothing counts twice."
    ),
    "too_long": _("That is too long to be sent. Please make it shorter."),
    "elsewhere": _("This came from another page, so nothing was done. Please use the buttons of this page."),
    "nothing_here": _("There is nothing at this address."),
    "to_chat": _("Go to the chat"),
    "gone": _("You have left."),
}
"""What stands on the chat's page, by what it is."""


CASE: Mapping[str, Text] = {
    "about": _("About the case"),
    "asked": _("What is asked"),
    "write": _("Write the letter here"),
    "read_more": _("Ask or read more in the chat"),
    "free": _("It takes only a few minutes. Nothing is sent unless you say so."),
    "elsewhere_too": _("Or write in an app"),
    "counter": _("Letters that have arrived"),
    "no_counter": _("The first letters are on their way. They are counted as soon as ten have arrived."),
    "check": _("Check that your letter is counted"),
    "check_help": _("The code is in the message that told you that your letter has arrived."),
    "code": _("Code of your letter"),
    "look": _("Look for it"),
    "mistyped": _("There is a slip in that code. Please compare it with the one in your message."),
    "not_counted": _(
        "No letter with that code is counted yet. Please look again tomorrow: letters are counted when "
        "ten have arrived."
    ),
    "key": _("The key by which the counter is signed"),
    "counter_files": _("The whole counter, for programs"),
    "day": _("Up to"),
    "letters": _("Letters"),
    "pass_on": _("Pass it on"),
    "embed": _("A picture for your page"),
    "flyer": _("A flyer to print"),
    "follow": _("Follow the campaign"),
    "cases": _("Write for a person at risk"),
    "closed": _("This case is closed."),
    "picture": _("A card of the case with its counter"),
}
"""What stands on a case's page, by what it is."""


def counted(batch: Batch, total: int) -> Text:
    """How many letters have arrived, up to the day of the newest batch."""
    day = CaseDate(batch.day.year, batch.day.month, batch.day.day)
    values: Values = {"total": Number(total), "day": day}
    return Sentence(
        "{total} letter has arrived up to {day}.",
        values,
        "{total} letters have arrived up to {day}.",
        total,
    )


def found(batch: Batch) -> Text:
    """The letter is counted."""
    day = CaseDate(batch.day.year, batch.day.month, batch.day.day)
    values: Values = {"count": Number(batch.count), "day": day}
    return Sentence(
        "Your letter is counted, once: it is one of {count} up to {day}.",
        values,
        "Your letter is counted, once: it is one of {count} up to {day}.",
        batch.count,
    )


def write_over(channel: str) -> Text:
    """The words of a link that opens a chat there."""
    return _("Write over {channel}", {"channel": channel})


def code_opens(channel: str) -> Text:
    """What a screen reader says of a QR code."""
    return _("QR code that opens a chat over {channel}", {"channel": channel})


def batch_day(batch: Batch) -> Text:
    """The last day of a batch."""
    return CaseDate(batch.day.year, batch.day.month, batch.day.day)


def kept_for(*, careful: bool) -> Text:
    """How long a chat's page shows what was said."""
    shown = {"days": lasting_for(KEEP_CAREFUL if careful else KEEP_SEEN)}
    return _("We keep what is said here for {days}, encrypted. Write <b>privacy</b> to read more.", shown)
