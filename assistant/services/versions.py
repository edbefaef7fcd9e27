"""What readers get of an announcement: worded in each language once, before anybody approves it."""

from collections.abc import Mapping
from typing import Protocol

from markupsafe import Markup

from assistant.domain.broadcasts import Announcement
from assistant.domain.doors import Door
from assistant.domain.model import Case
from assistant.domain.speech import Speech, Tongue
from assistant.store.broadcasts import Version


class Wording(Protocol):
    """How readers are spoken to."""

    def page(self, announcement: Announcement, case: Case | None, text: Markup) -> Speech:
        """The whole message, with its case, its date and, as the last paragraph, how to get no more."""

    def outcome(self, arrived: int, left: int) -> Speech:
        """What became of all letters: `arrived` of `left`."""

    def door(self, announcement: Announcement, case: Case | None) -> Door | None:
        """Its button."""


class Writer:
    """Words announcements."""

    def __init__(self, wording: Wording, cases: Mapping[str, Case], tongues: Mapping[str, Tongue]) -> None:
        self._wording = wording
        self._cases = cases
        self.tongues = tongues

    def versions(self, announcement: Announcement) -> dict[str, Version]:
        """What readers of each language get; missing where nobody has decided that."""
        case = self._cases.get(announcement.case or "")
        door = self._wording.door(announcement, case)
        found: dict[str, Version] = {}
        for language, tongue in self.tongues.items():
            text = announcement.text_for(language)
            if text is not None:
                html = self._wording.page(announcement, case, text).render(tongue)
                outcome = Markup() if announcement.outcome else None
                found[language] = Version(html, door.button(tongue) if door else None, outcome)
        return found

    def missing(self, announcement: Announcement) -> list[str]:
        """The languages whose readers would get nothing that anybody has decided."""
        return [language for language in self.tongues if announcement.text_for(language) is None]

    def outcomes(self, arrived: int, left: int) -> dict[str, Markup]:
        """What is said of all letters, by language."""
        said = self._wording.outcome(arrived, left)
        return {language: said.render(tongue) for language, tongue in self.tongues.items()}
