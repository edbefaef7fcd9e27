"""Codes, batches, and what anybody can find out about a published counter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.counter import (
    SYMBOLS,
    Counter,
    Fault,
    Finding,
    closing_days,
    code_of,
    findings,
    leaf_of,
    next_batch,
    places_of,
    public_key,
    read_code,
)
from tests.support.published import (
    CASE,
    FIRST_DAY,
    OTHER_SEED,
    SEED,
    Published,
    code,
    publish,
    signed_anew,
    with_batches,
)

secrets = st.binary(min_size=12, max_size=12)
TODAY = date(2012, 1, 24)

# Codes


def test_a_code_is_five_groups_of_four_signs_that_cannot_be_confused() -> None:
    assert code_of(bytes(range(12))) == "BG2J-04W0-6818-G180-100N"
    assert not set("OIL") & set(SYMBOLS)
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 32


@given(secrets)
def test_a_code_is_read_as_it_was_shown(secret: bytes) -> None:
    shown = code_of(secret)
    assert len(shown) == 24
    assert read_code(shown) == shown


@given(secrets, st.data())
def test_however_it_is_typed_it_is_the_same(secret: bytes, data: st.DataObject) -> None:
    shown = code_of(secret)
    typed = shown.replace(
        "-", data.draw(st.sampled_from(["", " ", "\u2013", "\u00a0", " - ", "\u200b", "\n"]))
    )
    typed = typed.replace("0", data.draw(st.sampled_from("0Oo")))
    typed = typed.replace("1", data.draw(st.sampled_from("1IiLl")))
    assert read_code(data.draw(st.sampled_from([typed, typed.lower(), f" {typed}. "]))) == shown


@given(secrets, st.integers(0, 19), st.sampled_from(SYMBOLS))
def test_one_wrong_sign_is_noticed(secret: bytes, place: int, sign: str) -> None:
    kept = code_of(secret).replace("-", "")
    wrong = kept[:place] + sign + kept[place + 1 :]
    assert (read_code(wrong) is None) == (wrong != kept)


@pytest.mark.parametrize("typed", ["", "-", "ABCD", "U" * 20, "\u0660" * 20, "BG2J-04W0-6818-G180-100N-0"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@given(secrets, secrets)
def test_other_secrets_have_other_codes(one: bytes, other: bytes) -> None:
    differ = int.from_bytes(one, "big") % 2**95 != int.from_bytes(other, "big") % 2**95
    assert (code_of(one) != code_of(other)) == differ


def test_the_same_code_has_another_leaf_in_another_case() -> None:
    assert leaf_of(CASE, code(1)) != leaf_of("alma-rivas", code(1))


# Batches


def test_a_day_that_is_over_is_a_batch_and_few_letters_wait_for_more() -> None:
    def ends(*waiting: int) -> list[int]:
        days = {TODAY - timedelta(days=len(waiting) - place): each for place, each in enumerate(waiting)}
        return [(TODAY - each).days for each in closing_days(days, TODAY)]

    assert ends(10, 11) == [2, 1]
    assert ends(9) == []
    assert ends(9, 1, 10, 3, 4) == [4, 3]
    assert ends(3, 3, 3) == []
    assert closing_days({TODAY: 50, TODAY + timedelta(days=1): 50}, TODAY) == [], "today is not over"


@given(st.dictionaries(st.dates(), st.integers(1, 30), max_size=12), st.dates())
def test_no_batch_is_small_and_it_does_not_matter_when_it_is_made(
    waiting: dict[date, int], today: date
) -> None:
    whole = closing_days(waiting, today)
    before: set[date] = set()
    for day in whole:
        assert day < today
        upto = {each for each in waiting if each <= day}
        assert sum(waiting[each] for each in upto - before) >= 10
        before = upto
    step_by_step: list[date] = []
    left = dict(waiting)
    for now in [*sorted(waiting), today]:
        for day in closing_days(left, min(now, today)):
            step_by_step.append(day)
            left = {each: count for each, count in left.items() if each > day}
    assert step_by_step == whole


def test_the_statement_that_is_signed_does_not_change() -> None:
    counter, _ = publish(10, 11)
    assert counter.batches[1].statement.decode() == (
        "letters-counter batch 1\n"
        "case: norma-cruz\n"
        "number: 2\n"
        "day: 2012-01-25\n"
        "count: 11\n"
        "total: 21\n"
        f"root: {counter.batches[1].root.hex()}\n"
        f"before: {counter.batches[0].digest.hex()}\n"
    )


def test_a_batch_after_a_clock_was_ahead_does_not_end_before_the_one_before_it() -> None:
    counter, leaves = publish(10)
    late = sorted(leaf_of(CASE, code(each)) for each in range(50, 60))
    batch = next_batch(CASE, counter.batches[0], FIRST_DAY - timedelta(days=5), late, seed=SEED)
    assert batch.day == FIRST_DAY
    assert findings(with_batches(counter, [*counter.batches, batch]), leaves | {2: late}) == []


# Published counters


def test_nothing_is_wrong_with_a_counter_as_it_is_published() -> None:
    counter, leaves = publish(10, 12, 30)
    assert findings(counter, leaves, key=public_key(SEED), earlier=counter) == []
    assert counter.total == 52
    empty, none = publish()
    assert findings(empty, none) == []
    assert empty.total == 0


def test_each_letter_is_found_in_one_batch_by_its_code() -> None:
    counter, leaves = publish(10, 12)
    found = [places_of(leaf_of(counter.case, code(each)), leaves) for each in range(23)]
    assert found == [[1]] * 10 + [[2]] * 12 + [[]]


def _leaf_removed(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return counter, leaves | {2: leaves[2][1:]}


def _leaf_replaced(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return counter, leaves | {2: sorted([*leaves[2][1:], bytes(32)])}


def _leaf_repeated(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return signed_anew(counter, leaves | {2: sorted([*leaves[2], leaves[2][0]])})


def _leaf_of_an_earlier_batch(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return signed_anew(counter, leaves | {3: sorted([*leaves[3], leaves[1][0]])})


def _leaves_in_order_of_time(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return signed_anew(counter, leaves | {2: leaves[2][::-1]})


def _leaves_withheld(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return counter, {1: leaves[1], 3: leaves[3]}


def _count_changed(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    first, second, third = counter.batches
    return with_batches(counter, [first, replace(second, count=99, total=109), third]), leaves


def _day_changed(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    first, second, third = counter.batches
    return with_batches(counter, [first, second, replace(third, day=FIRST_DAY - timedelta(days=9))]), leaves


def _batches_swapped(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    first, second, third = counter.batches
    return with_batches(counter, [first, third, second]), leaves


def _first_batch_removed(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return with_batches(counter, counter.batches[1:]), {2: leaves[2], 3: leaves[3]}


def _last_batch_removed_and_its_leaves_left(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return with_batches(counter, counter.batches[:2]), leaves


def _batch_of_another_case(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    other, others = publish(10, 12, 30, case="alma-rivas")
    taken = replace(other.batches[2], case=CASE)
    return with_batches(counter, [*counter.batches[:2], taken]), leaves | {3: others[3]}


def _signature_of_another_batch(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    first, second, third = counter.batches
    changed = replace(second, signature=first.signature)
    return with_batches(counter, [first, changed, third]), leaves


def _signed_by_somebody_else(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    forged, _ = signed_anew(counter, leaves, OTHER_SEED)
    return replace(forged, key=counter.key), leaves


def _a_counter_of_somebody_else(counter: Counter, leaves: dict[int, list[bytes]]) -> Published:
    return signed_anew(counter, leaves, OTHER_SEED)


FORGED: dict[Callable[[Counter, dict[int, list[bytes]]], Published], set[tuple[Fault, int | None]]] = {
    _leaf_removed: {(Fault.COUNT, 2), (Fault.ROOT, 2)},
    _leaf_replaced: {(Fault.ROOT, 2)},
    _leaf_repeated: {(Fault.TWICE, 2)},
    _leaf_of_an_earlier_batch: {(Fault.TWICE, 3)},
    _leaves_in_order_of_time: {(Fault.ORDER, 2)},
    _leaves_withheld: {(Fault.MISSING, 2)},
    _count_changed: {(Fault.SIGNATURE, 2), (Fault.COUNT, 2), (Fault.CHAIN, 3), (Fault.TOTAL, 3)},
    _day_changed: {(Fault.SIGNATURE, 3), (Fault.DAY, 3)},
    _batches_swapped: {
        *((Fault.NUMBER, 3), (Fault.CHAIN, 3), (Fault.TOTAL, 3)),
        *((Fault.NUMBER, 2), (Fault.CHAIN, 2), (Fault.TOTAL, 2), (Fault.DAY, 2)),
    },
    _first_batch_removed: {(Fault.NUMBER, 2), (Fault.CHAIN, 2), (Fault.TOTAL, 2), (Fault.NUMBER, 3)},
    _last_batch_removed_and_its_leaves_left: {(Fault.EXTRA, 3)},
    _batch_of_another_case: {(Fault.SIGNATURE, 3), (Fault.CHAIN, 3)},
    _signature_of_another_batch: {(Fault.SIGNATURE, 2)},
    _signed_by_somebody_else: {(Fault.SIGNATURE, 1), (Fault.SIGNATURE, 2), (Fault.SIGNATURE, 3)},
    _a_counter_of_somebody_else: {(Fault.KEY, None)},
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda each: each.__name__.strip("_"))
def test_every_forgery_is_found_where_it_was_done(
    forge: Callable[[Counter, dict[int, list[bytes]]], Published],
) -> None:
    counter, leaves = forge(*publish(10, 12, 30))
    found = findings(counter, leaves, key=public_key(SEED))
    assert {(each.fault, each.batch) for each in found} == FORGED[forge]


def test_who_kept_an_earlier_counter_finds_what_the_key_itself_has_signed_anew() -> None:
    kept, leaves = publish(10, 12)
    later, _ = publish(10, 12, 30)
    assert findings(*publish(10, 12, 30), earlier=kept) == []
    changed, other = signed_anew(
        later, {1: leaves[1][1:], 2: leaves[2], 3: sorted([bytes(32), bytes([1] * 32)])}
    )
    assert findings(changed, other) == [], "nobody else can tell"
    assert findings(changed, other, earlier=kept) == [Finding(Fault.EARLIER, 1), Finding(Fault.EARLIER, 2)]
    shorter, fewer = publish(10)
    assert findings(shorter, fewer, earlier=kept) == [Finding(Fault.EARLIER, 2)]
    foreign, others = publish(10, 12, case="alma-rivas")
    assert Finding(Fault.EARLIER) in findings(foreign, others, earlier=kept)


@given(st.data())
def test_no_bit_of_a_published_batch_can_be_changed(data: st.DataObject) -> None:
    counter, leaves = publish(10, 12)
    number = data.draw(st.sampled_from([0, 1]))
    field = data.draw(st.sampled_from(["root", "before", "signature", "count", "total", "number", "day"]))
    batch = counter.batches[number]
    value = getattr(batch, field)
    if isinstance(value, bytes):
        bit = data.draw(st.integers(0, 8 * len(value) - 1))
        changed: object = (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")
    elif isinstance(value, int):
        changed = value + data.draw(st.integers(1, 5))
    else:
        changed = value + timedelta(days=data.draw(st.integers(1, 5)))
    batches = list(counter.batches)
    batches[number] = replace(batch, **{field: changed})  # type: ignore[arg-type]  # whichever field
    found = findings(with_batches(counter, batches), leaves)
    assert any(each.fault is Fault.SIGNATURE for each in found)
