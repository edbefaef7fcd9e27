"""What readers get of an announcement: rendered in each language once, before anybody approves it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from markupsafe import Markup

from assistant.domain.broadcasts import Announcement, Audience, Broadcast, Version, version_for
from assistant.domain.cases import Case
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Reply
from assistant.domain.notifications import StartButton
from assistant.domain.quiet_hours import QuietHours
from assistant.domain.texts import Locale, Text
from assistant.store import broadcasts, copies, fanout, lanes, letters
from assistant.store.chats import Chat
from assistant.store.database import Tx


class Template(Protocol):
    """How readers are spoken to."""

    def body(self, announcement: Announcement, case: Case | None, text: Markup) -> Text:
        """The message with its case and its date."""

    def footer(self) -> Text:
        """How to get no more, below every message."""

    def outcome(self, arrived: int, left: int) -> Text:
        """What became of all letters: `arrived` of `left`."""

    def door(self, announcement: Announcement, case: Case | None) -> StartButton | None:
        """Its button."""


class Renderer:
    """Words announcements."""

    def __init__(self, template: Template, cases: Mapping[str, Case], locales: Mapping[str, Locale]) -> None:
        self._template = template
        self._cases = cases
        self.locales = locales

    def versions(self, announcement: Announcement) -> dict[str, Version]:
        """What readers of each language get; missing where nobody has decided that."""
        case = self._cases.get(announcement.case or "")
        door = self._template.door(announcement, case)
        found: dict[str, Version] = {}
        for language, locale in self.locales.items():
            text = announcement.text_for(language)
            if text is not None:
                found[language] = Version(
                    self._template.body(announcement, case, text).render(locale),
                    self._template.footer().render(locale),
                    door.button(locale) if door else None,
                    Markup() if announcement.outcome else None,
                )
        return found

    def outcomes(self, arrived: int, left: int) -> dict[str, Markup]:
        """What is said of all letters, by language."""
        said = self._template.outcome(arrived, left)
        return {language: said.render(locale) for language, locale in self.locales.items()}

    def replaced(self, announcement: Announcement) -> Case | None:
        """The case whose letters are not true any more once that is sent; None where they stay true."""
        return self._cases.get(announcement.case or "") if announcement.replaces_letter else None

    async def refresh_outcome(self, tx: Tx, found: Broadcast) -> None:
        """Bring up to date what is said of all letters, where the broadcast says that."""
        if found.announcement.outcome:
            arrived, left = await letters.outcome(tx, found.announcement.case or "")
            await broadcasts.set_outcome(tx, found.id, self.outcomes(arrived, left))


async def latest_news(tx: Tx, chat: Chat, case: str, now: datetime, quiet_hours: QuietHours) -> Reply | None:
    """The update of the case that was sent last, unless the chat has it, or will get it yet.

    None, too, where its hour has not come for this reader: then a copy waits for that. An update that was
    only for some of the case's subscribers is not handed on.
    """
    number = await broadcasts.latest_update(tx, case, now)
    found = await broadcasts.find(tx, number) if number is not None else None
    if found is None or found.announcement.audience not in (Audience(), Audience(case=case)):
        return None
    versions = (await broadcasts.versions(tx, [found.id])).get(found.id)
    if versions is None or not found.authentic:
        return None
    account = chat.address.account
    leaves = quiet_hours.hour(found.announcement.timing, chat.country, chat.language, now)
    if leaves > now and found.status is BroadcastStatus.SENDING:
        if await copies.give(tx, chat.id, account, found.id, leaves, MessageStatus.QUEUED):
            await fanout.expect_one_more(tx, found.id)
            lanes.wake(tx, (await lanes.lane_ids(tx, broadcasts.LANE, [str(account)])).values(), leaves)
        return None
    if not await copies.give(tx, chat.id, account, found.id, now, MessageStatus.SENT):
        return None
    copy = version_for(versions, chat.language).copy(
        wrote=any(each.ref.case == case for each in chat.letters)
    )
    return Reply(copy.html, copy.buttons, mark=copy.mark)
