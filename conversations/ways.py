"""How letters travel, for people."""

from collections.abc import Mapping

from assistant.domain.texts import Sentence, Text

_ = Sentence

_WAYS: Mapping[str, Text] = {
    "fax": _("by fax"),
    "email": _("by email"),
    "post": _("by post"),
    "tray": _("through the campaign"),
}


def known_way(carrier: str) -> Text | None:
    """How letters go by that carrier; None of one that we have no words for."""
    return _WAYS.get(carrier)


def way(carrier: str) -> Text:
    """The same, with the carrier's own name where we have no words for it."""
    return known_way(carrier) or _("by {carrier}", {"carrier": carrier})
