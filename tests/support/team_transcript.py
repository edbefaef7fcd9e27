"""Golden chats of a team and its readers, over a whole harness: what everyone reads, as text.

In these transcripts, `# ...` is a remark, and

    = approvals 1                      that one person is enough,
    = only en 2011-thanks              that this update is in the case folder in this language only,
    = action-day 2012-02-01 Fax action that the case has an action day then,
                                       (all before everything else),
    = action witness Protect her        that the case has this action, too, which is open,
    = organiser olga owner es          somebody of the team, and what they read (without it: English),
    = invited abel approver            that a code was given out: `(code)` stands for it,
    = supporter eva es Japan           somebody who gets the news of the case, and where they live,
    = letter eva                       that they have written a letter,
    = alert olga                       that Olga has written an alert, `= alert olga urgent`: an urgent one,
    = answer eva No.|> Dear ...        that her letter is answered; `= answer eva auto ...`: by a program,
    = counted 1 4312                   that broadcast 1 was counted anew, and reaches so many people.
    ... 3 minutes                      pass.
    olga> /alert                       is typed by Olga,
    olga> [save]                       is her press on the latest button `save`, or on one that begins `save`,
    olga> [save@2]                     on the one before it,
    olga> (photo)                      is something that is not text,
    sam> [approve of abel]             is Sam's press on a button that Abel got, and has forwarded.

Everything else is the assistant's: `< ` begins a message to whoever has just written, `abel < ` one to Abel,
`abel ~ ` how a message to Abel reads once it has been changed to something that stands: it was halted, or is
over. Options are numbered or begin with what to type.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import time

from markupsafe import escape

from assistant.channels.base import RateLimit
from assistant.dialogue.script import Script
from assistant.domain.actions import ActionDay
from assistant.domain.broadcasts import Count
from assistant.domain.messages import Content, Press, Reply, TextMessage, Unreadable
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate, Written
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts.approval import SHELL
from assistant.services.messages.outbox import OutboxWorker
from assistant.store import broadcasts, chats, letters
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from tests.support.answers import answer, refer_to_letters
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.invented_cases import with_action, with_another_action, with_cases
from tests.support.publishing import CASE
from tests.support.transcript import as_lines

_TYPED = re.compile(r"([a-z]+)> ?(.*)")
_BUTTON = re.compile(r"\[([\w-]+)(?:@(\d+))?(?: of ([a-z]+))?\]")
ALERT = ("/alert", CASE, "Please write today.", "skip", "en", "edit", "readers", "case")
_CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{8}\b")  # drawn by lot: one in ten has no digit
_UNREADABLE = re.compile(r"\((photo|voice)\)")
_MARKERS = ("=", "...", "#")  # what a line begins with, besides what is typed, that is not the assistant's


async def replay(transcript: str, script: Script, store: Store) -> str:
    """The transcript as the harness has it now."""
    lines = [line async for line in _Replay(script, store).lines(transcript.splitlines())]
    return "\n".join(lines).rstrip() + "\n"


class _Replay:
    def __init__(self, script: Script, store: Store) -> None:
        self._script = script
        self._store = store
        self._approvals = 2
        self._opened: Harness | None = None
        self._engines: list[EmbeddedEngine] = []
        self._languages: dict[str, str] = {}  # by person, in the order of their coming
        self._read: dict[str, int] = {}  # how many messages of each have been shown
        self._changed: dict[str, Reply] = {}  # how messages read by now, by their references
        self._code = ""
        self._answers = 0

    async def lines(self, transcript: Iterable[str]) -> AsyncIterator[str]:
        before = ""
        for line in transcript:
            typed = _TYPED.fullmatch(line)
            if not typed and not line.startswith(_MARKERS):
                continue
            if before and (line[0], before[0]) not in {("#", "#"), ("=", "=")}:
                yield ""
            yield line
            before = line
            if typed:
                for shown in await self._turn(typed[1], typed[2]):
                    yield shown
            elif line.startswith("= answer "):
                for shown in await self._answer(*line.split(maxsplit=3)[2:]):
                    yield shown
            elif line.startswith("="):
                await self._set_up(*line.split()[1:])
            elif line.startswith("..."):
                for shown in await self._time_passes(*line.split()[1:]):
                    yield shown

    # What happens

    async def _turn(self, who: str, written: str) -> list[str]:
        harness = await self._house()
        language = self._languages.setdefault(who, "en")
        await harness.receive(who, self._meant(who, written), language=language)
        await self._deliver_all()
        return list(self._news(who))

    async def _time_passes(self, amount: str, unit: str) -> list[str]:
        (await self._house()).clock.advance(**{unit: float(amount)})
        await self._deliver_all()
        return list(self._news(None))

    async def _answer(self, who: str, said: str) -> list[str]:
        harness = await self._house()
        async with self._store.write() as tx:
            (chat,) = await chats.open_chats(tx, [harness.channel.address(who)], harness.clock().date())
            letter = (await letters.of_chat(tx, chat))[-1].letter.id
        await refer_to_letters(harness)
        self._answers += 1
        text = said.replace("|", "\n").removeprefix("auto ")
        headers = {"Auto-Submitted": "auto-replied"} if said.startswith("auto ") else {}
        mail = answer(letter, text, number=self._answers, headers=headers)
        assert await harness.mail_reader().read(mail)
        await self._deliver_all()
        return list(self._news(None))

    def _meant(self, who: str, written: str) -> Content:
        if button := _BUTTON.fullmatch(written):
            return self._press(button[3] or who, button[1], int(button[2] or 1))
        if event := _UNREADABLE.fullmatch(written):
            return Unreadable(event[1])
        return TextMessage(written.replace("(code)", self._code))

    def _press(self, shown_to: str, value: str, ago: int) -> Press:
        found = [
            Press(reply.mark or "", button.value)
            for reply in self._channel.sent[shown_to]
            for button in reply.buttons
            if button.value == value or button.value.startswith(f"{value}:")
        ]
        return found[-ago]

    async def _set_up(self, *said: str) -> None:
        match said:
            case "approvals", number:
                self._approvals = int(number)
            case "only", language, slug:
                self._script = _in_one_language(self._script, language, slug)
            case "action-day", day, *title:
                self._script = _with_action_day(self._script, day, " ".join(title))
            case "action", slug, *title:
                another = with_another_action(self._script.cases[CASE], slug, " ".join(title))
                self._script = with_cases(self._script, [another])
            case _:
                await self._past_event(*said)
                await self._deliver_all()
                list(self._news(None))  # nobody reads that here

    async def _past_event(self, *what: str) -> None:
        harness = await self._house()
        match what:
            case "organiser", who, role, *language:
                self._languages[who] = (language or ["en"])[0]
                await self._say(who, f"/organiser {await self._invite(role)}", who.capitalize())
            case "invited", _, role:
                self._code = await self._invite(role)
            case "supporter", who, language, *country:
                self._languages[who] = language
                await self._say(who, "subscribe", "yes")
                await self._finish_onboarding(who, " ".join(country))
            case "alert", who, *urgent:
                await self._say(who, *ALERT, *(["edit", "night", "urgent"] if urgent else []), "save")
            case "letter", who:
                await harness.queue_letters(who, language=self._languages[who])
            case "counted", number, people:
                await self._count(int(number), int(people))
            case _:
                raise ValueError(f"unknown in a transcript: = {' '.join(what)}")

    async def _say(self, who: str, *said: str) -> None:
        harness = await self._house()
        for each in said:
            await harness.receive(who, each, language=self._languages[who])

    async def _invite(self, role: str) -> str:
        harness = await self._house()
        async with self._store.write() as tx:
            return await harness.news.organiser_service.invite(tx, SHELL, Role(role))

    async def _finish_onboarding(self, who: str, country: str) -> None:
        harness = await self._house()
        async with self._store.write() as tx:
            address, today = harness.channel.address(who), harness.clock().date()
            (chat,) = await chats.open_chats(tx, [address], today)
            chat.country = self._script.gazetteer.find(country, "en").codes[0] if country else None
            await chats.save(tx, [chat], today)

    async def _count(self, number: int, people: int) -> None:
        harness = await self._house()
        digest = (await harness.broadcast(number)).digest
        async with self._store.write() as tx:
            await broadcasts.set_counts(tx, number, digest, [Count(harness.channel.account, "en", people)])

    # The harness

    async def _house(self) -> Harness:
        if self._opened is None:
            channel, clock = MemoryChannel(pace=RateLimit(edits=None)), FakeClock()
            harness = await Harness.open(self._store, self._script, channel, clock, approvals=self._approvals)
            await harness.news.broadcast_worker.open()
            post = [OutboxWorker(harness.outbox, kind) for kind in (REPLIES, BULK)]
            lanes = StoredLanes(self._store)
            self._engines = [
                EmbeddedEngine(lanes, each, clock) for each in ([harness.news.broadcast_worker], post)
            ]
            self._opened = harness
        return self._opened

    @property
    def _channel(self) -> MemoryChannel:
        assert self._opened is not None
        return self._opened.channel

    async def _deliver_all(self) -> None:
        """All that is due is done: first by the newsroom, then by the outbox, and what follows from that."""
        for engine in self._engines * 2:
            await engine.run_until_idle()
        for _ in range(10):  # changes of messages are tasks of their own, which wait for each other
            await asyncio.sleep(0)

    def _news(self, writer: str | None) -> Iterator[str]:
        """What everyone has read since, whoever wrote before the others."""
        for who in sorted(self._languages, key=lambda each: each != writer):
            sent = self._channel.sent[who]
            for reply in sent[self._read.get(who, 0) :]:
                yield from _as_read(reply, "" if who == writer else f"{who} ")
            self._read[who] = len(sent)
        for reference, replies in self._channel.edited.items():
            now = replies[-1]
            if now != self._changed.get(reference) and not _in_progress(now):
                who = self._channel.order[int(reference) - 1][0]
                yield from _as_read(now, f"{who} ", "~ ")
            self._changed[reference] = now


def _with_action_day(script: Script, day: str, title: str) -> Script:
    texts = {language: escape(f"{title} ({language})") for language in script.locales}
    at = time(9)
    announced = ActionDay(CaseDate(*map(int, day.split("-"))), Written(texts), at)
    return with_cases(script, [with_action(script.cases[CASE], action_days=(announced,))])


def _in_one_language(script: Script, language: str, slug: str) -> Script:
    case = script.cases[CASE]
    text = Written({language: case.updates[slug].text.texts[language]})
    updates = {**case.updates, slug: replace(case.updates[slug], text=text)}
    return with_cases(script, [replace(case, updates=updates)])


def _in_progress(progress: Reply) -> bool:
    """Whether it will be changed again soon, nobody knows how often."""
    return any(button.value.startswith("halt:") for button in progress.buttons)


def _as_read(reply: Reply, who: str, sign: str = "< ") -> Iterator[str]:
    first, *others = (_CODE.sub("CODE", line) for line in as_lines(reply))
    yield f"{who}{sign}{first.removeprefix('< ')}"
    yield from others
