"""Broadcasts under anything that a team can do, in any order: see `newsdesk_watch` for what may not happen.

Drafters, approvers, a viewer, an outsider and the server's operator write, edit, propose, approve, halt,
resume and discard, pause the case and resume it, with what they see and with what they saw long ago, by any
button that was ever shown to one of them; people subscribe, unsubscribe, are forgotten and shut us out.
Meanwhile it is counted, addressed and sent.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import date, time
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from assistant.domain.broadcasts import Announcement, Audience, Kind, Timing
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    Discard,
    Halt,
    OrganiserEffect,
    Pause,
    Propose,
    RequestApproval,
    Resume,
    Save,
)
from assistant.domain.errors import Failure, Refused, Throttled, Unreachable
from assistant.domain.lanes import Lane
from assistant.domain.messages import Press
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts import worker
from assistant.services.broadcasts.approval import SHELL, WORKER_LANE
from assistant.services.messages.outbox import OutboxWorker
from assistant.settings import Settings
from assistant.store import lanes
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.content import make_script
from tests.support.broadcast_invariants import InvariantChecker, RecordingChannel, marked
from tests.support.chance import budget
from tests.support.databases import copy_sqlite
from tests.support.fakes.channel import FakeClock
from tests.support.harness import Harness
from tests.support.organisers import OPERATOR, audit_entries, carry_out, join
from tests.support.publishing import CASE

SCRIPT = make_script(Settings(_env_file=None))
TEAM = {
    "organiser-olga": Role.OWNER,
    "organiser-abel": Role.APPROVER,
    "organiser-dina": Role.DRAFTER,
    "organiser-vera": Role.VIEWER,
}
SUPPORTERS = ["ana", "ben", "eva", "ida", "leo", "mia"]
OUTSIDER = "ana"
TRUSTED = [*list(TEAM)[:2], OPERATOR]
TIMINGS = [
    Timing(urgent=True),
    Timing(lasts=6, urgent=True),
    Timing(lasts=24),
    Timing(day=date(2012, 1, 25), hour=time(10)),
]
TROUBLE = [
    Unreachable("shut out"),
    Throttled("too much", 30),
    Failure("cut off"),
    Failure("cut off", uncertain=True),
    Failure("refused", permanent=True),
]
MEANWHILE: tuple[list[str], ...] = (
    [],
    [],
    ["newsroom"],
    ["newsroom", "outbox"],
    ["outbox", "newsroom"],
    ["wait", "newsroom", "outbox"],
)
RESUME_THE_CASE = RequestApproval(ApprovalRequest(id=0, what=RequestKind.RESUME, subject=CASE))

anybody = st.sampled_from([*TEAM, OUTSIDER, OPERATOR])
two_persons = st.sampled_from(
    [each for each in product([*TRUSTED, "organiser-dina"], TRUSTED) if len({*each}) > 1]
)
supporter = st.sampled_from(SUPPORTERS)
number = st.integers(1, 4)
seen = st.integers(0, 5)  # how long ago
kinds = st.sampled_from([Kind.ALERT, Kind.UPDATE])
cases = st.sampled_from([CASE, CASE, None])
timings = st.sampled_from(TIMINGS)


class BroadcastMachine(RuleBasedStateMachine):
    """One harness, its team and its readers."""

    @initialize(rng=st.randoms())
    def open(self, rng: random.Random) -> None:
        self.rng = rng
        self.loop = asyncio.new_event_loop()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(worker, "CHUNK", 2)
        self.folder = Path(tempfile.mkdtemp())
        self.texts = 0
        self.seen: list[tuple[int, str]] = []  # every broadcast as it ever read: its number and digest
        self.loop.run_until_complete(self._open())
        self.write_and_approve(("organiser-dina", OPERATOR), Kind.UPDATE, TIMINGS[0], CASE, begins=True)

    async def _open(self) -> None:
        database = copy_sqlite(self.folder / "a.sqlite")
        self.store = await Store.open(f"sqlite:///{database}", KeyringFile(self.folder / "keyring.json"))
        self.channel = RecordingChannel()
        self.harness = await Harness.open(self.store, SCRIPT, self.channel, FakeClock())
        actors = {OPERATOR: SHELL}
        for person, role in TEAM.items():
            actor = await join(self.harness, person, role)
            actors[actor.label] = actor
        self.watch = InvariantChecker(self.harness, self.channel, actors)
        await self.harness.subscribe(*SUPPORTERS[:4])
        await self.harness.news.broadcast_worker.open()
        await self.watch.check()

    def do(self, work: Coroutine[Any, Any, object]) -> None:  # Any: what coroutines are typed with
        self.loop.run_until_complete(self._watched(work))
        for each in self.rng.choice(MEANWHILE):
            self.something_happens(each)

    def something_happens(self, what: str) -> None:
        if what == "wait":
            self.harness.clock.advance(minutes=3)
        else:
            self.loop.run_until_complete(
                self._watched(self._run_worker() if what == "newsroom" else self._outbox())
            )

    async def _watched(self, work: Coroutine[Any, Any, object]) -> None:
        with suppress(Refused):
            await work
        await self.watch.check()
        for found in self.watch.now.broadcasts.values():
            if (found.id, found.digest) not in self.seen:
                self.seen.append((found.id, found.digest))

    def carry_out(self, who: str, effect: OrganiserEffect) -> None:
        self.do(carry_out(self.harness, who, effect))

    def written(self, kind: Kind, timing: Timing, case: str | None) -> Announcement:
        self.texts += 1
        texts = {language: marked(self.texts) for language in ("en", "es")}
        known = replace(self.harness.written(), kind=kind, case=case, update=None)
        return replace(known, texts=texts, timing=timing, audience=Audience(case=case))

    # The team

    @rule(who=anybody, kind=kinds, timing=timings, case=cases, replaces=st.sampled_from([None, 1, 2, 3]))
    def write(self, who: str, kind: Kind, timing: Timing, case: str | None, replaces: int | None) -> None:
        self.carry_out(who, Save(self.written(kind, timing, case), replaces))

    @rule(who=anybody, ago=seen)
    def propose(self, who: str, ago: int) -> None:
        for known in self.seen[-1 - ago :][:1]:
            self.carry_out(who, Propose(*known))

    @rule(who=anybody, ago=seen)
    def approve(self, who: str, ago: int) -> None:
        for known in self.seen[-1 - ago :][:1]:
            self.carry_out(who, Approve(*known))

    @rule(two=two_persons, kind=kinds, timing=timings, case=cases, begins=st.booleans())
    def write_and_approve(
        self, two: tuple[str, str], kind: Kind, timing: Timing, case: str | None, *, begins: bool
    ) -> None:
        author, other = two
        self.carry_out(author, Save(self.written(kind, timing, case)))
        self.something_happens("newsroom")
        self.carry_out(author, Propose(*self.seen[-1]))
        self.carry_out(other, Approve(*self.seen[-1]))
        if begins:
            self.something_happens("wait")
            self.something_happens("newsroom")

    @rule(who=anybody, step=st.sampled_from([Halt, Resume, Resume, Discard]), which=number)
    def halt_resume_or_discard(self, who: str, step: type[Halt | Resume | Discard], which: int) -> None:
        self.carry_out(who, step(which))

    @rule(
        who=anybody,
        what=st.sampled_from(
            [Pause(CASE), RESUME_THE_CASE, AnswerRequest(1, True), AnswerRequest(2, True), Halt(None)]
        ),
    )
    def pause_or_resume_case(self, who: str, what: OrganiserEffect) -> None:
        self.carry_out(who, what)

    @rule(who=st.sampled_from([*TEAM, OUTSIDER]), shown_to=st.sampled_from([*TEAM]), ago=st.integers(0, 20))
    def press(self, who: str, shown_to: str, ago: int) -> None:
        """A button that somebody of the team got, perhaps long ago, perhaps forwarded."""
        shown = [
            Press(reply.mark, button.value)
            for reply in self.channel.sent[shown_to]
            for button in reply.buttons
            if reply.mark
        ]
        for press in shown[-1 - ago :][:1]:
            self.do(self.harness.receive(who, press))

    # The readers

    @rule(who=supporter)
    def subscribe(self, who: str) -> None:
        self.do(self.harness.receive(who, "subscribe", language="en"))
        self.do(self.harness.receive(who, "1"))

    @rule(who=supporter, words=st.sampled_from([["stop"], ["forget", "yes"]]))
    def leave(self, who: str, words: list[str]) -> None:
        self.do(self.harness.receive_all(who, words))

    @rule(who=supporter, trouble=st.sampled_from(TROUBLE))
    def trouble(self, who: str, trouble: Exception) -> None:
        self.channel.faults[who].append(trouble)

    # What happens by itself

    @rule(minutes=st.sampled_from([1, 60, 600, 1500]))
    def wait(self, minutes: int) -> None:
        self.harness.clock.advance(minutes=minutes)

    @rule()
    def run_everything(self) -> None:
        for what in ("wait", *["newsroom"] * 4, "outbox", "newsroom"):
            self.something_happens(what)

    async def _run_worker(self) -> None:
        """One step of each broadcast: two readers are addressed."""
        async with self.store.write() as tx:
            ids = await lanes.lane_ids(tx, WORKER_LANE, [WORKER_LANE])
            lane = await lanes.take(tx, Lane(ids[WORKER_LANE], WORKER_LANE, WORKER_LANE))
        await self.harness.news.broadcast_worker.step(lane)

    async def _outbox(self) -> None:
        workers = [OutboxWorker(self.harness.outbox, kind) for kind in (REPLIES, BULK)]
        with suppress(Failure):  # of a lane that could send nothing
            await EmbeddedEngine(StoredLanes(self.store), workers, self.harness.clock).run_until_idle()

    async def _close(self) -> None:
        await audit_entries(self.harness)
        await self.store.close()

    def teardown(self) -> None:
        if hasattr(self, "watch"):
            self.loop.run_until_complete(self._close())
            shutil.rmtree(self.folder)
            self.patch.undo()
        if hasattr(self, "loop"):
            self.loop.close()


TestBroadcasts = BroadcastMachine.TestCase
TestBroadcasts.settings = settings(max_examples=budget(2, 8), stateful_step_count=25)
