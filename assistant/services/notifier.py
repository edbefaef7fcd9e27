"""The team is told what happens, each organiser in their language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assistant.domain.actions import Action
from assistant.domain.broadcasts import Broadcast, Progress, Version
from assistant.domain.cases import Case
from assistant.domain.guessing import Guessing
from assistant.domain.letters import Route
from assistant.domain.messages import Account, Reply
from assistant.domain.notifications import Notification
from assistant.domain.organisers import ApprovalRequest, Organiser, Permission
from assistant.domain.targets import Target
from assistant.domain.texts import Locale
from assistant.store import messages, organisers
from assistant.store.database import Tx
from assistant.store.organisers import OrganiserChat


class TeamMessages(Protocol):
    """How the team is spoken to. `who`: the name of whoever did it; None: the shell, or we ourselves."""

    def version(self, language: str, *, wrote: bool) -> Notification:
        """Before what readers of that language get. `wrote`: those of them who have written a letter."""

    def preview(self, broadcast: Broadcast, rates: Mapping[Account, float]) -> Notification:
        """How many people it would reach, and how long that takes. `rates`: messages a second by account."""

    def proposed(self, broadcast: Broadcast, who: str | None) -> Notification:
        """Somebody asks for a second person's approval; the texts come before it."""

    def approved(self, broadcast: Broadcast, who: str | None) -> Notification:
        """It will be sent at `starts_at`."""

    def progress(self, progress: Progress) -> Notification:
        """How far it is: the message that is changed as it goes on."""

    def halted(self, broadcast: Broadcast, who: str | None) -> Notification:
        """It is not sent any further."""

    def resumed(self, broadcast: Broadcast, who: str | None) -> Notification:
        """It goes on."""

    def changed(self, broadcast: Broadcast, who: str | None) -> Notification:
        """What was proposed or approved is a draft again."""

    def discarded(self, broadcast: Broadcast, who: str | None) -> Notification:
        """It was dropped."""

    def ended(self, progress: Progress) -> Notification:
        """It is over: a summary with the reasons."""

    def paused(self, paused: Case | Action, who: str | None) -> Notification:
        """Nothing is sent for it any more."""

    def case_broken(self, case: str, why: str, *, goes_on: bool) -> Notification:
        """Its folder cannot be used. `goes_on`: with its last good version; otherwise it is left out."""

    def case_mended(self, case: str) -> Notification:
        """Its folder can be used again."""

    def letters_stranded(self, case: str, count: int, *, has_folder: bool) -> Notification:
        """So many of its letters are held. `has_folder`: an action or office is gone; otherwise all of it."""

    def case_back(self, case: str, count: int) -> Notification:
        """Its folder, or what was gone from it, is there again, and so many letters are still held."""

    def letters_uncertain(self, count: int) -> Notification:
        """So many letters may have arrived, and nobody knows."""

    def restored(self, since: str, letters: int, broadcasts: int) -> Notification:
        """The database is as it was then, and so much stands still. `since`: UTC, as it is written."""

    def letters_held(self, case: Case, count: int) -> Notification:
        """So many letters of it wait until their writers agree to the new text."""

    def text_changed(self, case: Case, action: Action, count: int) -> Notification:
        """Its letter reads otherwise than before; so many wait until somebody says whether that matters."""

    def routes_changed(self, case: Case, target: Target, before: Sequence[Route]) -> Notification:
        """The office has other addresses than `before`: its letters wait until two people confirm them."""

    def wanted(self, request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
        """Somebody wants something that takes two persons."""

    def granted(self, request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
        """Two persons wanted it: it is done."""

    def unwanted(self, request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
        """The second person does not want it: nothing changes."""

    def answered(self, number: int) -> Notification:
        """An office has answered. `number`: of the answer, the first of which they have not been told."""

    def guessing(self, guessing: Guessing) -> Notification:
        """Somebody tries codes that are wrong."""

    def letters_to_read(self) -> Notification:
        """Letters wait until one of them has read them."""

    def letters_still_to_read(self, count: int) -> Notification:
        """So many letters wait until one of them has read them, some of them for a day."""

    def record_code(self, entry: int, code: str) -> Notification:
        """The code of the record of what organisers did, up to that entry: to be kept."""

    def found_changed(self, what: str) -> Notification:
        """Somebody else than the assistant has written that into the database."""

    def signed_in(self) -> Notification:
        """To an organiser: somebody has come into the dashboard by their link."""

    def joined(self, member: Organiser) -> Notification:
        """Somebody is in the team now."""

    def other_words(self) -> Notification:
        """To who has another role: what they can write."""

    def removed(self) -> Notification:
        """To who has been taken out of the team."""

    def left(self, name: str) -> Notification:
        """Somebody is in the team no more."""


class Notifier:
    """Writes down what organisers are told."""

    def __init__(self, team_messages: TeamMessages, locales: Mapping[str, Locale]) -> None:
        self.team_messages = team_messages
        self._locales = locales

    async def tell(
        self,
        tx: Tx,
        now: datetime,
        *said: "Notification | Reply",
        may: Permission = Permission.LOOK,
        but: int | None = None,
        only: int | None = None,
        team: Sequence[OrganiserChat] | None = None,
    ) -> list[tuple[OrganiserChat, int]]:
        """Tell everyone whose role is enough for `may`, a message each of `said`.

        `but`: not this organiser; `only`: nobody else. `team`: everyone, where that has been read in this
        transaction. Returns who was told, with the last message's number.
        """
        told = [
            each
            for each in (await organisers.listed(tx) if team is None else team)
            if each.member.role.may(may) and each.member.number != but and only in (None, each.member.number)
        ]
        replies = [(each.chat, self.rendered(one, each.chat.language)) for each in told for one in said]
        numbers = await messages.add_notifications(tx, replies, now)
        return list(zip(told, numbers[len(said) - 1 :: len(said)], strict=True))

    def rendered(self, told: "Notification | Reply", language: str | None) -> Reply:
        """What an organiser reads who speaks that language."""
        if isinstance(told, Reply):
            return told
        return told.render(self._locales.get(language or "") or next(iter(self._locales.values())))

    def shown(self, versions: Mapping[str, Version]) -> "list[Notification | Reply]":
        """What each kind of reader gets, with a word before it."""
        shown: list[Notification | Reply] = []
        for language, version in versions.items():
            shown += [self.team_messages.version(language, wrote=False), version.copy(wrote=False)]
            if version.outcome is not None:
                shown += [self.team_messages.version(language, wrote=True), version.copy(wrote=True)]
        return shown
