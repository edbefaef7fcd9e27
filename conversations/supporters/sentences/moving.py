"""What is said to who takes a chat from one channel to another."""

from collections.abc import Sequence

from assistant.dialogue.options import Option
from assistant.domain.moving import MOVE_CODE_LASTS
from assistant.domain.texts import Lines, Paragraphs, Sentence, Text
from conversations.commands import MenuWord
from conversations.organisers.formatting import lasting_for

_ = Sentence

TAKE = Option("yes", _("Yes, bring it here"), _("yes, ok, bring it, bring it here, here"), agrees=True)
LEAVE = Option("no", _("No, leave it there"), _("no, leave it, leave it there, there"))


def how_to_move() -> Text:
    return _("Open a chat with us in the other app or browser, and write there what follows.")


def looking_for_it() -> Text:
    return _("We look for your other chat.")


def offered(code: str, elsewhere: Sequence[tuple[str, str]]) -> Text:
    """`elsewhere`: names and links of our other channels."""
    typed = _("<code>/{word} {code}</code>", {"word": MenuWord("move"), "code": code})
    places = [_("• {channel}: {link}", {"channel": channel, "link": link}) for channel, link in elsewhere]
    return Paragraphs(
        (
            typed,
            _(
                "It works once, for {duration}. Do not show it to anybody: your letters and news go there.",
                {"duration": lasting_for(MOVE_CODE_LASTS)},
            ),
            Lines((_("You can reach us here, too:"), *places)) if places else "",
        )
    )


def ask_take() -> Text:
    return _("Shall we bring your other chat here? It ends there. What this chat has stays.")


def left_there() -> Text:
    return _("We leave it where it is.")


def wrong_code() -> Text:
    return _("That code does not work, or not any more. Write <b>move</b> in your other chat for a new one.")


def too_many_wrong_codes() -> Text:
    return _("Too many codes were wrong. Please wait {duration}.", {"duration": lasting_for(MOVE_CODE_LASTS)})


def team_stays() -> Text:
    return _("You are in the team, so this chat cannot move. An owner can invite you there.")


def this_chat() -> Text:
    return _("This is the chat that the code is for. Write it in the other app or browser.")


def moved_away() -> Text:
    return _("Your chat has moved. Nothing of yours is left here. If you write here, a new chat begins.")
