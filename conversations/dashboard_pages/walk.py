"""A case walked through as a supporter would."""

from collections.abc import Mapping, Sequence

from assistant.domain.cases import Case, target_of
from assistant.domain.effects import (
    Effect,
    Forget,
    Join,
    OfferMove,
    OpenDashboard,
    QueueLetter,
    ShowData,
    Subscribe,
    TakeChat,
    Unsubscribe,
    Withdraw,
)
from assistant.domain.texts import Lines, Sentence, Text
from conversations import pages

_ = Sentence

_OF_A_CHAT = ("conversation", "ours", "choose", "answer", "send", "file", "document")

SENTENCES: Mapping[str, Text] = {
    **{name: pages.CHAT[name] for name in _OF_A_CHAT},
    "title": _("Walk through it"),
    "help": _("You talk as a supporter would. Nothing is sent, and nothing is kept."),
    "languages": _("In which language?"),
    "theirs": _("A supporter says:"),
    "again": _("Begin again"),
    "too_long": _("This walk-through is very long by now. Please begin again."),
}


def would_be_done(effects: Sequence[Effect], cases: Mapping[str, Case]) -> Text | None:
    said = [said for effect in effects if (said := _would_be(effect, cases))]
    return Lines(tuple(said)) if said else None


def _would_be(effect: Effect, cases: Mapping[str, Case]) -> Text | None:
    match effect:
        case QueueLetter(draft):
            target = target_of(cases, draft.ref)
            return _(
                "Here a letter would be queued: {office}. Nothing was sent.",
                {"office": target.office if target else draft.target},
            )
        case Withdraw():
            return _("Here a letter would be withdrawn.")
        case Subscribe():
            return _("Here the chat would be added to those that get updates.")
        case Unsubscribe():
            return _("Here the chat would get no updates any more.")
        case Forget():
            return _("Here everything about the chat would be deleted.")
        case ShowData() | OfferMove() | TakeChat() | OpenDashboard() | Join():
            return _("In a real chat, the answer to this comes from what is stored. Here nothing is.")
    return None
