"""A small count is not shown, and cannot be worked out from what is shown beside it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.broadcasts import Broadcast, CopyStatus, Progress, Tally
from assistant.domain.figures import FEW, Figure, beside_total, figure, roughly, share, total
from assistant.domain.lifecycle import BroadcastStatus
from tests.support.organiser_sentences import broadcast

Shown = tuple[Figure, tuple[Figure, ...]]
PARTS = st.lists(st.one_of(st.integers(0, 3 * FEW), st.integers(0, 10_000)), min_size=1, max_size=6)


def shown(parts: tuple[int, ...]) -> Shown:
    """What is shown of these parts, and of their sum."""
    whole, each = beside_total(dict(enumerate(parts)))
    return whole, tuple(each[place] for place in range(len(parts)))


@pytest.mark.parametrize(
    ("parts", "whole", "each"),
    [
        ((4_300, 12), "4,312", ["4,300", "12"]),
        ((4_312, 3), "4,315", ["4,300+", "<10"]),
        ((4_312, 40, 3), "4,355", ["4,312", "30+", "<10"]),
        ((2, 1), "<10", ["<10", "<10"]),
        ((0,), "<10", ["<10"]),
        ((9, 9), "10+", ["<10", "<10"]),  # a sum of 18 would tell both
        ((12, 3), "10+", ["10+", "<10"]),  # with a sum of 15, the small one is below 6
        (
            (50, 50, 3),
            "10+",
            ["10+", "10+", "<10"],
        ),  # the second smallest is at most 50, so the small one is 3 or more
    ],
)
def test_the_smallest_and_the_second_smallest_are_hidden(
    parts: tuple[int, ...], whole: str, each: list[str]
) -> None:
    found_whole, found = shown(parts)
    assert (str(found_whole), [str(one) for one in found]) == (whole, each)


def sums(parts: int, at_most: int) -> Iterator[tuple[int, ...]]:
    """Every way to count so many parts that add up to no more than that."""
    if parts == 0:
        yield ()
        return
    for first in range(at_most + 1):
        for others in sums(parts - 1, at_most - first):
            yield (first, *others)


@pytest.mark.parametrize(("parts", "at_most"), [(1, 60), (2, 80), (3, 55)])
def test_whoever_knows_how_it_is_hidden_cannot_work_out_a_small_count(parts: int, at_most: int) -> None:
    """All counts are sorted by what would be shown of them: whoever reads that knows no more than that."""
    same: defaultdict[Shown, list[tuple[int, ...]]] = defaultdict(list)
    for counts in sums(parts, at_most):
        same[shown(counts)].append(counts)
    for (whole, each), possible in same.items():
        if whole.exact is None and whole.below is None:
            continue  # those of larger sums are shown in the same way, and more than these are possible
        for place, one in enumerate(each):
            if one.below is not None:
                assert {counts[place] for counts in possible} == set(range(FEW))


@given(PARTS)
def test_what_is_shown_is_true_and_says_nothing_exact_of_a_small_count(parts: list[int]) -> None:
    whole, each = shown(tuple(parts))
    for count, one in zip((sum(parts), *parts), (whole, *each), strict=True):
        assert one.least <= count
        assert one.most is None or count <= one.most
        assert (one.exact is None) or (one.exact == count >= FEW)


@given(PARTS)
def test_no_single_part_is_hidden_beside_an_exact_sum(parts: list[int]) -> None:
    whole, each = shown(tuple(parts))
    hidden = [one for one in each if one.exact is None]
    assert whole.exact is None or len(hidden) != 1
    if whole.exact is not None and hidden:  # any of the small ones could be 0, or 9, as far as that tells
        rest = whole.exact - sum(one.exact or 0 for one in each)
        for one in (one for one in hidden if one.below is not None):
            others = [other for other in hidden if other is not one]
            assert sum(other.least for other in others) <= rest - (FEW - 1)
            assert any(other.most is None for other in others)


def test_what_is_said_of_several_together_follows_from_what_is_said_of_each() -> None:
    assert str(total([figure(4_300), figure(3)])) == "4,300+"
    assert str(total([figure(2), figure(3)])) == "<19"
    assert str(total([])) == "0"
    assert (figure(3).value, figure(12).value, roughly(4_312).value, roughly(9).value) == (
        "<10",
        12,
        "4310+",
        "<10",
    )


def test_a_share_is_of_what_is_shown() -> None:
    assert share(figure(9), figure(9)) == 0
    assert share(Figure(4_300, None), figure(4_312)) == 99
    assert share(figure(50), figure(100)) == 50


def progress(recipients: int, *tallies: Tally, status: BroadcastStatus = BroadcastStatus.SENDING) -> Progress:
    found: Broadcast = broadcast(status)
    object.__setattr__(found, "recipients", recipients)
    return Progress(found, tallies)


def test_of_few_recipients_nothing_is_said_but_that_they_are_few() -> None:
    said = set()
    for sent in range(4):
        tallies = [Tally(CopyStatus.SENT, "", sent)] if sent else []
        shown = progress(3, *tallies).shown
        said.add((str(shown.whole), str(shown.count(CopyStatus.SENT)), str(shown.ended)))
    assert said == {("<10", "<10", "<10")}
    assert progress(3, Tally(CopyStatus.SENT, "", 3)).percent == 0
    assert progress(3, Tally(CopyStatus.SENT, "", 3), status=BroadcastStatus.DONE).percent == 100


def test_failures_are_few_and_cannot_be_worked_out_from_what_was_sent() -> None:
    found = progress(4_312, Tally(CopyStatus.SENT, "", 4_309), Tally(CopyStatus.FAILED, "a reason", 3)).shown
    assert (str(found.whole), str(found.count(CopyStatus.SENT))) == ("4,312", "4,300+")
    assert (str(found.count(CopyStatus.FAILED)), str(found.count(CopyStatus.BLOCKED))) == ("<10", "0")


def test_as_it_goes_on_its_percentage_never_falls() -> None:
    steps = [progress(1_000, Tally(CopyStatus.SENT, "", sent)).percent for sent in range(10, 1_001)]
    assert all(before <= after for before, after in pairwise(steps[:-10]))
