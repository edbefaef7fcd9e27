"""A process dies, or freezes, while it hands letters over: none is lost, none goes twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.carriers.base import Parcel, Ref, Telling, telling_nobody
from assistant.carriers.tray import Tray
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.letters import SignedLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters.worker import LetterWorker
from assistant.store import lanes, letter_queue, letters
from assistant.store.tables import lanes as lanes_table
from tests.support.fakes.carrier import FakeCarrier, parcel
from tests.support.harness import LETTER, Harness
from tests.support.letter_claims import claim
from tests.support.offices import OFFICE


@pytest.fixture
async def written(harness: Harness) -> Harness:
    """A harness in which one letter is queued."""
    await harness.receive_all("ana", LETTER)
    return harness


async def _lane(harness: Harness) -> Lane:
    async with harness.store.write() as tx:
        (lane_id,) = (await lanes.lane_ids(tx, letters.LANE, [OFFICE])).values()
        return await lanes.take(tx, Lane(lane_id, letters.LANE, OFFICE))


async def _claim_and_crash(harness: Harness) -> SignedLetter:
    """What a process leaves that dies between the commit of `submitting` and its carrier."""
    lane = await _lane(harness)
    async with harness.store.write() as tx:
        await lanes.fence(tx, lane)
        (signed,) = await claim(tx, lane, harness.clock(), 1)
    return signed


async def _deliver(harness: Harness, letter_worker: LetterWorker) -> None:
    await harness.engine(letter_worker).run_until_idle()


async def test_a_letter_that_the_tray_never_got_is_sent_after_the_crash(
    written: Harness, tmp_path: Path
) -> None:
    signed = await _claim_and_crash(written)
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert [step.status for step in await written.letter_log()] == [
        LetterStatus.QUEUED,
        LetterStatus.SUBMITTING,
        LetterStatus.RETRY_WAIT,
        LetterStatus.SUBMITTING,
        LetterStatus.SENT,
    ]
    assert sorted(file.name for file in (tmp_path / "tray").iterdir()) == [
        f"{signed.letter.key}.json",
        f"{signed.letter.key}.pdf",
    ]


async def test_a_letter_that_the_tray_has_is_not_sent_again(written: Harness, tmp_path: Path) -> None:
    signed = await _claim_and_crash(written)
    await Tray(tmp_path / "tray").submit(parcel(signed.letter.key, b"%PDF of before the crash"))
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    last = (await written.letter_log())[-1]
    assert (last.status, last.reason) == (LetterStatus.SENT, "the carrier had it before a crash")
    assert (tmp_path / "tray" / f"{signed.letter.key}.pdf").read_bytes() == b"%PDF of before the crash"


async def test_a_crash_between_the_two_files_of_a_letter_writes_it_whole(
    written: Harness, tmp_path: Path
) -> None:
    signed = await _claim_and_crash(written)
    (tmp_path / "tray").mkdir()
    (tmp_path / "tray" / f"{signed.letter.key}.pdf").write_bytes(b"%PDF alone")
    (tmp_path / "tray" / f".{signed.letter.key}.json.part").write_bytes(b"{half")
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert await written.letter_statuses() == [LetterStatus.SENT]
    assert (tmp_path / "tray" / f"{signed.letter.key}.pdf").read_bytes() != b"%PDF alone"
    assert len(list((tmp_path / "tray").iterdir())) == 2


async def test_a_forgotten_letter_that_a_dead_process_left_is_cancelled(
    written: Harness, tmp_path: Path
) -> None:
    await _claim_and_crash(written)
    await written.receive_all("ana", ["forget", "yes"])
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert await written.letter_statuses() == [LetterStatus.CANCELLED]
    assert not (tmp_path / "tray").exists()


async def test_a_forgotten_letter_that_the_tray_has_counts_as_sent(written: Harness, tmp_path: Path) -> None:
    signed = await _claim_and_crash(written)
    await Tray(tmp_path / "tray").submit(parcel(signed.letter.key))
    await written.receive_all("ana", ["forget", "yes"])
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert await written.letter_statuses() == [LetterStatus.SENT]


async def test_letters_wait_while_the_tray_cannot_be_asked(written: Harness, tmp_path: Path) -> None:
    await _claim_and_crash(written)
    letter_worker = written.letter_worker(tmp_path / ("too-long" * 100))
    with pytest.raises(Misconfigured, match="cannot be read"):
        await written.engine(letter_worker).run_until_idle()
    assert await written.letter_statuses() == [LetterStatus.SUBMITTING]
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert await written.letter_statuses() == [LetterStatus.SENT]


# A carrier whose other side cannot be asked


class Mailing(FakeCarrier):
    """A carrier like a mail server: it cannot be asked, and says when it gets a letter.

    `meanwhile`: what happens right before that.
    """

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        if self.meanwhile is not None:
            await self.meanwhile()
        return await super().submit(parcel, telling)

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:
        if not told:
            return None
        raise Failure("It cannot be asked.", uncertain=True)


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """One letter is queued to an office that such a carrier brings letters to."""
    opened = await harness.with_office(routes=("fax:+50255500001",))
    await opened.queue_letters("ana")
    return opened


@pytest.mark.both_databases
async def test_a_letter_of_which_its_carrier_was_not_told_is_sent_after_the_crash(office: Harness) -> None:
    await _claim_and_crash(office)
    carrier = Mailing()
    await office.deliver_letters(carrier)
    assert await office.letter_statuses() == [LetterStatus.SUBMITTED]
    assert [each.reason for each in await office.letter_log()][2] == "a crash came before the carrier had it"
    (letter,) = await office.letters()
    assert letter.attempts == 1, "what never began is no try"


@pytest.mark.both_databases
async def test_a_letter_of_which_its_carrier_was_told_is_in_doubt_after_the_crash(office: Harness) -> None:
    await _claim_and_crash(office)
    async with office.store.write() as tx:
        (lane,) = await tx.connection.execute(select(lanes_table).where(lanes_table.c.name == OFFICE))
        ours = Lane(lane.id, lane.kind, lane.name, lane.epoch)
        assert await letter_queue.tell(tx, ours, 1)
        assert not await letter_queue.tell(tx, replace(ours, epoch=lane.epoch + 1), 1)
    carrier = Mailing()
    await office.deliver_letters(carrier)
    assert await office.letter_statuses() == [LetterStatus.UNCERTAIN]
    assert carrier.taken == []


async def test_a_later_try_is_not_in_doubt_because_an_earlier_one_was_told(office: Harness) -> None:
    carrier = Mailing()
    carrier.answers.append(Failure("put off"))
    await office.deliver_letters(carrier)
    office.clock.advance(minutes=1)
    await _claim_and_crash(office)
    await office.deliver_letters(carrier)
    assert await office.letter_statuses() == [LetterStatus.SUBMITTED]


@pytest.mark.both_databases
async def test_a_runner_that_lost_its_lane_sends_nothing(office: Harness) -> None:
    async def taken_over() -> None:
        await _lane(office)

    frozen = Mailing()
    frozen.meanwhile = taken_over
    with pytest.raises(LaneLost):
        await office.deliver_letters(frozen)
    assert frozen.taken == []
    other = Mailing()
    await office.deliver_letters(other)
    assert len(other.taken) == 1
    assert await office.letter_statuses() == [LetterStatus.SUBMITTED]


async def test_a_letter_is_not_sent_while_that_cannot_be_noted(
    office: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> bool:
        raise Failure("The disk is full.")

    carrier = Mailing()
    with monkeypatch.context() as patched:
        patched.setattr(letter_queue, "tell", failing)
        await office.deliver_letters(carrier)
    (letter,) = await office.letters()
    assert (carrier.taken, letter.status, letter.attempts) == ([], LetterStatus.RETRY_WAIT, 0)
    office.clock.advance(minutes=5)
    await office.deliver_letters(carrier)
    assert await office.letter_statuses() == [LetterStatus.SUBMITTED]


class TakenOverTray(Tray):
    """A tray that another process takes the lane over from, while it writes."""

    def __init__(self, folder: Path, harness: Harness) -> None:
        super().__init__(folder)
        self.harness = harness
        self.other: Lane | None = None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        self.other = await _lane(self.harness)
        return await super().submit(parcel, telling)


async def test_a_runner_that_lost_its_lane_settles_nothing_and_the_next_one_asks_the_tray(
    written: Harness, tmp_path: Path
) -> None:
    frozen = written.letter_worker(TakenOverTray(tmp_path / "tray", written))
    with pytest.raises(LaneLost):
        await written.engine(frozen).run_until_idle()
    assert await written.letter_statuses() == [LetterStatus.SUBMITTING]
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    last = (await written.letter_log())[-1]
    assert (last.status, last.reason) == (LetterStatus.SENT, "the carrier had it before a crash")


async def test_a_letter_that_does_not_become_a_pdf_waits(
    written: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_worker = written.letter_worker(tmp_path / "tray")

    async def broken(*_: object) -> bytes:
        raise Failure("The letter could not be made into a PDF.")

    with monkeypatch.context() as patched:
        patched.setattr(written.printer, "pdf", broken)
        await _deliver(written, letter_worker)
    assert await written.letter_statuses() == [LetterStatus.RETRY_WAIT]
    written.clock.advance(minutes=1)
    await _deliver(written, written.letter_worker(tmp_path / "tray"))
    assert await written.letter_statuses() == [LetterStatus.SENT]
    assert written.clock() > datetime(2012, 1, 1, tzinfo=UTC)
