"""Organisers sign in to the dashboard: by a link from their own chat, without a password.

A link works once. Whoever looks it up, such as the preview of a messenger, uses nothing up: see `enter`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.domain.clock import Clock
from assistant.domain.organisers import Organiser
from assistant.domain.sessions import Session
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.notifier import Notifier
from assistant.store import audit, organisers, sessions
from assistant.store.chats import Chat
from assistant.store.database import Store, Tx
from assistant.store.sessions import SEEN_AGAIN

SECRET = 20  # bytes: 160 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An organiser in a browser. `chat`: theirs, in which they are told things."""

    member: Organiser
    chat: Chat
    session: Session


class Sessions:
    """Where organisers are signed in."""

    def __init__(self, store: Store, notifier: Notifier, clock: Clock, pages: str | None) -> None:
        """`pages`: the address of the web pages, without a slash at the end; None: there are none."""
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._pages = pages

    async def offer(self, tx: Tx, organiser: int) -> str | None:
        """A link by which the organiser of that number signs in; None where there are no web pages."""
        if self._pages is None:
            return None
        secret = secrets.token_hex(SECRET)
        await sessions.offer(tx, organiser, secret, self._clock())
        return f"{self._pages}/dashboard/sign-in/{secret}"

    async def offer_from_shell(self, tx: Tx, organiser: int) -> str | None:
        """As `offer`, by who has the server's shell: the record says so."""
        await audit.lock(tx)
        link = await self.offer(tx, organiser)
        if link is not None:
            await audit.add(
                tx, self._clock(), SHELL.label, "made a link to sign in", f"organiser {organiser}"
            )
        return link

    async def enter(self, link: str) -> str | None:
        """Use the secret of a link up; returns that of the session. None: it lets nobody in, or not any more.

        The organiser is told in their chat, and the record says so.
        """
        async with self._store.write() as tx:
            await audit.lock(tx)
            now = self._clock()
            number = await sessions.use(tx, link, now)
            if number is None:
                return None
            secret = secrets.token_hex(SECRET)
            await sessions.begin(tx, number, secret, now)
            await audit.add(tx, now, f"organiser {number}", "signed in", "")
            await self._notifier.tell(tx, now, self._notifier.team_messages.signed_in(), only=number)
        return secret

    async def who(self, secret: str, *, is_used: bool = True) -> SignedIn | None:
        """Who is signed in by it; None: nobody, or not any more.

        `is_used`: somebody does something now, so that they stay signed in.
        """
        now = self._clock()
        async with self._store.read() as tx:
            session = await sessions.find(tx, secret, now)
            if session is None:
                return None
            team = await organisers.listed(tx)
        found = next((each for each in team if each.member.number == session.organiser), None)
        if found is None:
            return None
        if is_used and session.seen_at <= now - SEEN_AGAIN:
            async with self._store.write() as tx:
                await sessions.see(tx, session, now)
        return SignedIn(member=found.member, chat=found.chat, session=session)

    async def listed(self, organiser: int) -> Sequence[Session]:
        """Where that organiser is signed in, the newest first."""
        async with self._store.read() as tx:
            return await sessions.listed(tx, organiser, self._clock())

    async def end(self, organiser: int, number: int) -> None:
        """Sign the organiser out of their session of that number."""
        async with self._store.write() as tx:
            await sessions.end(tx, organiser, only=number)

    async def end_all(self, tx: Tx, actor: Actor) -> None:
        """Sign the organiser out everywhere; a link that they have asked for is void."""
        if actor.number is not None and await sessions.end(tx, actor.number):
            await audit.add(tx, self._clock(), actor.label, "signed out everywhere", "")
