"""What stands on the card and the flyer of a case."""

from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.texts import Number, Sentence, Text

_ = Sentence


def about(case: Case, action: Action | None) -> Text:
    """What `action`, which is open, asks; what has happened where it says nothing of it, or none is open."""
    if case.closed:
        return case.closed
    return (action and (action.asks or action.briefing)) or case.briefing


def delivered(letters: int) -> Text:
    """How many have arrived."""
    return Sentence(
        "{letters} letter has arrived.",
        {"letters": Number(letters)},
        "{letters} letters have arrived.",
        letters,
    )


def invitation(case: Case, action: Action | None) -> Text:
    """What whoever sees it can do: the words of a button."""
    if action:
        return _("Write a letter")
    return _("Read how it ended") if case.closed else _("Read more")


def scan() -> Text:
    """What to do with the code of a flyer."""
    return _("Scan the code with your phone, or open the link.")


def code(link: str) -> Text:
    """What a screen reader says of the code."""
    return _("QR code that opens {link}", {"link": link})
