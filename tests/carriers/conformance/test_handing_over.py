"""What a crash leaves of a letter: in doubt is only what may have left."""

import asyncio

import pytest

from assistant.carriers.base import Ref
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.conformance.carriers import CarrierDriver

WORDS_MAX = 40


async def _looked_up(driver: CarrierDriver, *, told: bool) -> Ref | Failure | None:
    try:
        return await driver.carrier.lookup(driver.parcel.key, told=told)
    except Failure as failure:
        return failure


async def test_a_letter_of_which_nobody_was_told_has_not_left(driver: CarrierDriver) -> None:
    assert await _looked_up(driver, told=False) is None


async def test_a_letter_that_was_handed_over_is_never_said_to_have_not(driver: CarrierDriver) -> None:
    told: list[int] = []

    async def telling() -> None:
        told.append(driver.there())

    ref = await driver.carrier.submit(driver.parcel, telling)
    assert told in ([], [0]), "once at most, and before the other side has it"
    found = await _looked_up(driver, told=bool(told))
    if driver.there():
        assert isinstance(found, Ref) or (isinstance(found, Failure) and found.uncertain)
    assert ref.status in (LetterStatus.SUBMITTED, LetterStatus.SENT)


async def test_a_letter_that_must_not_be_sent_any_more_is_not(driver: CarrierDriver) -> None:
    lost = Failure("Another process has taken it.")
    called = False

    async def telling() -> None:
        nonlocal called
        called = True
        raise lost

    try:
        await driver.carrier.submit(driver.parcel, telling)
    except Failure as failure:
        assert failure is lost
        assert await _looked_up(driver, told=False) is None
        await driver.carrier.submit(driver.parcel)
        assert driver.there() == 1, "now, and only now"
    else:
        assert not called, "what telling raises comes out as it is"


async def test_a_process_that_ends_as_it_tells_has_handed_nothing_over(driver: CarrierDriver) -> None:
    at_it = asyncio.Event()

    async def telling() -> None:
        at_it.set()
        await asyncio.Event().wait()

    handing_over = asyncio.create_task(driver.carrier.submit(driver.parcel, telling))
    waiting = asyncio.create_task(at_it.wait())
    await asyncio.wait({handing_over, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if at_it.is_set():
        handing_over.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handing_over
        assert driver.there() == 0
    waiting.cancel()


@pytest.mark.parametrize("reference", [None, "a-name-of-its-own"])
async def test_where_to_look_is_a_sentence_and_names_what_to_look_for(
    driver: CarrierDriver, reference: str | None
) -> None:
    said = driver.carrier.evidence(driver.parcel.key, reference)
    assert said[0].isupper()
    assert said[-1] == "."
    assert len(said.split()) <= WORDS_MAX
    if driver.carrier.name in ("email", "fax") and reference is not None:
        assert reference in said
    assert driver.parcel.to not in said or not driver.parcel.to
