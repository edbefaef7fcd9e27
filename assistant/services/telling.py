"""The team is told what happens, each organiser in their language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assistant.domain.broadcasts import Broadcast, Progress
from assistant.domain.doors import Told
from assistant.domain.messages import Reply
from assistant.domain.model import Case
from assistant.domain.roles import Deed
from assistant.domain.speech import Tongue
from assistant.domain.team import Member, Request
from assistant.store import messages, team
from assistant.store.broadcasts import Version
from assistant.store.claims import copy_of
from assistant.store.database import Tx
from assistant.store.team import Seat


class Voice(Protocol):
    """How the team is spoken to. `who`: the name of whoever did it; None: the shell, or we ourselves."""

    def version(self, language: str, *, wrote: bool) -> Told:
        """Before what readers of that language get. `wrote`: those of them who have written a letter."""

    def preview(self, broadcast: Broadcast, rates: Mapping[str, float]) -> Told:
        """How many people it would reach, and how long that takes. `rates`: messages a second by account."""

    def proposed(self, broadcast: Broadcast, who: str | None) -> Told:
        """Somebody asks for a second person's approval; the texts come before it."""

    def approved(self, broadcast: Broadcast, who: str | None) -> Told:
        """It will leave at `starts_at`."""

    def progress(self, progress: Progress) -> Told:
        """How far it is: the message that is changed as it goes on."""

    def halted(self, broadcast: Broadcast, who: str | None) -> Told:
        """Nothing of it leaves any more."""

    def continued(self, broadcast: Broadcast, who: str | None) -> Told:
        """It goes on."""

    def changed(self, broadcast: Broadcast, who: str | None) -> Told:
        """What was proposed or approved is a draft again."""

    def discarded(self, broadcast: Broadcast, who: str | None) -> Told:
        """It was dropped."""

    def ended(self, progress: Progress) -> Told:
        """It is over: a summary with the reasons."""

    def case_paused(self, case: Case, who: str | None) -> Told:
        """Nothing leaves for the case any more."""

    def wanted(self, request: Request, members: Sequence[Member]) -> Told:
        """Somebody wants something that takes two persons."""

    def granted(self, request: Request, members: Sequence[Member]) -> Told:
        """Two persons wanted it: it is done."""

    def unwanted(self, request: Request, members: Sequence[Member]) -> Told:
        """The second person does not want it: nothing changes."""

    def joined(self, member: Member) -> Told:
        """Somebody is in the team now."""

    def left(self, name: str) -> Told:
        """Somebody is in the team no more."""


class Teller:
    """Writes down what organisers are told."""

    def __init__(self, voice: Voice, tongues: Mapping[str, Tongue]) -> None:
        self.voice = voice
        self._tongues = tongues
        self._default = next(iter(tongues.values()))

    async def tell(
        self,
        tx: Tx,
        now: datetime,
        *said: "Told | Reply",
        may: Deed = Deed.LOOK,
        but: int | None = None,
        only: int | None = None,
    ) -> list[tuple[Seat, int]]:
        """Tell everyone whose role is enough for `may`, a message each of `said`.

        `but`: not this organiser; `only`: nobody else. Returns who was told, with the last message's number.
        """
        told = []
        for seat in await team.seats(tx):
            number = seat.member.number
            if seat.member.role.may(may) and number != but and only in (None, number):
                replies = [(seat.chat, self.rendered(each, seat.chat.language)) for each in said]
                told.append((seat, (await messages.tell(tx, replies, now))[-1]))
        return told

    def rendered(self, told: "Told | Reply", language: str | None) -> Reply:
        """What an organiser reads who speaks that language."""
        if isinstance(told, Reply):
            return told
        return told.render(self._tongues.get(language or "", self._default))

    def shown(self, versions: Mapping[str, Version]) -> "list[Told | Reply]":
        """What each kind of reader gets, with a word before it."""
        shown: list[Told | Reply] = []
        for language, version in versions.items():
            shown += [self.voice.version(language, wrote=False), copy_of(version, wrote=False)]
            if version.outcome is not None:
                shown += [self.voice.version(language, wrote=True), copy_of(version, wrote=True)]
        return shown
