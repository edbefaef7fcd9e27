"""A small count is not shown, and cannot be worked out from what is shown beside it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations_with_replacement, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.broadcasts import Broadcast, CopyStatus, Progress, Tally
from assistant.domain.figures import (
    FEW,
    ActionFigures,
    CaseFigures,
    Figure,
    Origins,
    Stage,
    beside_total,
    by_name,
    figure,
    funnel,
    of_known,
    roughly,
    share,
    show_letters,
    total,
)
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.steps import Step
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


@pytest.mark.parametrize(
    ("parts", "each"),
    [
        ((500, 3), ["490+", "<10"]),
        ((500, 40), ["500", "40"]),
        ((12, 3), ["<16", "<16"]),  # "10+" would tell that the small one is below 6
        ((9, 9), ["<19", "<19"]),
        ((4, 3), ["<10", "<10"]),
    ],
)
def test_parts_of_a_sum_that_is_public_are_hidden_without_it(parts: tuple[int, ...], each: list[str]) -> None:
    assert [str(one) for one in of_known(dict(enumerate(parts))).values()] == each


@pytest.mark.parametrize(("parts", "at_most"), [(1, 60), (2, 60), (3, 45)])
def test_whoever_knows_the_sum_as_well_cannot_work_out_a_small_count(parts: int, at_most: int) -> None:
    """As above; a sum is public from ten on."""
    same: defaultdict[tuple[int, tuple[Figure, ...]], list[tuple[int, ...]]] = defaultdict(list)
    for counts in sums(parts, at_most):
        if sum(counts) >= FEW:
            same[sum(counts), tuple(of_known(dict(enumerate(counts))).values())].append(counts)
    checked = 0
    for (_whole, each), possible in same.items():
        for place, one in enumerate(each):
            found = {counts[place] for counts in possible}
            if one.exact is None and min(found) < FEW:
                assert len(found) >= FEW
                checked += 1
    assert checked or parts == 1


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


# Parts with names


def test_countries_with_few_letters_are_not_named_and_the_largest_come_first() -> None:
    countries = {"AR": 40, "BO": 9, "CL": 4_000, "PE": 8}
    named, others = by_name(countries, figure(sum(countries.values())))
    assert [(key, str(count)) for key, count in named.items()] == [("CL", "4,000"), ("AR", "40")]
    assert str(others) == "17"


def test_where_few_come_from_elsewhere_the_smallest_named_country_is_hidden() -> None:
    countries = {"AR": 4_000, "BO": 3, "CL": 40}
    named, others = by_name(countries, figure(sum(countries.values())))
    assert [(key, str(count)) for key, count in named.items()] == [("AR", "4,000"), ("CL", "30+")]
    assert str(others) == "<10"


def test_where_the_sum_is_not_shown_its_parts_do_not_tell_it() -> None:
    named, others = by_name({"AR": 4_000, "CL": 40, "PE": 11}, Figure(FEW, None))
    assert [(key, str(count)) for key, count in named.items()] == [
        ("AR", "10+"),
        ("CL", "10+"),
        ("PE", "10+"),
    ]
    assert str(others) == "<10"
    assert by_name({"AR": 4}, figure(4)) == ({}, figure(4))


def test_where_even_that_would_tell_something_the_smallest_named_country_is_among_the_others() -> None:
    countries = {"AR": 50, "BO": 3, "CL": 50}
    assert by_name(countries, figure(103)) == ({"CL": figure(50)}, figure(53))


def test_whoever_knows_the_sum_and_the_rule_cannot_work_out_how_few_came_from_elsewhere() -> None:
    """All counts are sorted by what is shown of them, and by their sum: it is shown only from 19 on.

    Those of countries with few letters are taken together: there are hundreds that they can be from.
    """
    at_most = 60
    same: defaultdict[tuple[int, Figure, tuple[Figure, ...]], set[int]] = defaultdict(set)
    for large in chain.from_iterable(
        combinations_with_replacement(range(FEW, at_most + 1), n) for n in range(4)
    ):
        for few in range(at_most + 1 - sum(large)):
            if (whole := sum(large) + few) >= FEW + FEW - 1:
                small = {f"small {place}": min(FEW - 1, few - place) for place in range(0, few, FEW - 1)}
                named, others = by_name(dict(zip("abc", large, strict=False)) | small, figure(whole))
                same[whole, others, tuple(named.values())].add(few)
    assert any(others.below is not None for _whole, others, _named in same)
    for (_whole, others, _named), possible in same.items():
        if others.below is not None:
            assert possible == set(range(FEW))
        else:
            assert max(possible) >= FEW


# Funnels


def cumulative(steps: int, at_most: int) -> Iterator[tuple[int, ...]]:
    """Every funnel of so many steps that begins with no more than that."""
    if steps == 0:
        yield ()
        return
    for first in range(at_most + 1):
        for others in cumulative(steps - 1, first):
            yield (first, *others)


@pytest.mark.parametrize(
    ("counts", "each"),
    [
        ((4_300, 4_000, 3_500), ["4,300", "4,000", "3,500"]),
        ((4_300, 4_295, 3_500), ["4,295+", "4,295", "3,500"]),
        ((4_300, 40, 3), ["4,300", "40", "<10"]),
        ((12, 11, 10), ["10+", "10+", "10"]),
        ((9, 1, 0), ["<10", "<10", "<10"]),
    ],
)
def test_a_step_is_shown_where_ten_more_reached_it_than_the_next(
    counts: tuple[int, ...], each: list[str]
) -> None:
    assert [str(count) for count in funnel(counts)] == each


@pytest.mark.parametrize(("steps", "at_most"), [(2, 60), (3, 50), (4, 34)])
def test_whoever_knows_the_rule_cannot_work_out_how_few_were_lost_at_a_step(steps: int, at_most: int) -> None:
    """All funnels are sorted by what is shown of them, as above."""
    same: defaultdict[tuple[Figure, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in cumulative(steps, at_most):
        same[tuple(funnel(counts))].append(counts)
    checked = 0
    for shown, possible in same.items():
        if any(each.least > at_most - FEW for each in shown):
            continue  # larger ones are shown in the same way
        for place, one in enumerate(shown):
            if one.below is not None:
                assert {counts[place] for counts in possible} == set(range(FEW))
        for place in range(steps - 1):
            lost = {counts[place] - counts[place + 1] for counts in possible}
            if min(lost) < FEW:
                assert len(lost) >= FEW
                checked += 1
    assert checked > FEW


def test_where_the_letters_are_not_counted_aloud_their_funnel_does_not_tell_how_many_they_are() -> None:
    hidden = Figure(FEW, None)
    assert [str(count) for count in funnel((400, 20, 12), hidden)] == ["400", "10+", "10+"]
    assert [str(count) for count in funnel((400, 20, 3), hidden)] == ["400", "20", "<10"]
    same: defaultdict[tuple[Figure, ...], set[int]] = defaultdict(set)
    for first, last in cumulative(2, 300):
        same[tuple(funnel((first, last), hidden))].add(last)
    for shown, possible in same.items():
        if shown[-1] == hidden:
            assert len(possible) >= 4 * FEW


# Everything of a case


@given(
    st.dictionaries(st.sampled_from(LetterStatus), st.one_of(st.integers(0, 40), st.integers(0, 5_000))),
    st.lists(st.integers(1, 40), max_size=6),
    st.lists(st.integers(0, 60), min_size=6, max_size=6),
    st.integers(0, 60),
)
def test_what_is_shown_of_a_case_is_true_and_no_table_tells_what_another_one_hides(
    letters: dict[LetterStatus, int], shares: list[int], reached: list[int], answered: int
) -> None:
    written = sum(count for status, count in letters.items() if status is not LetterStatus.CANCELLED)
    countries = split(written, shares)
    steps = dict(zip(Step, sorted(reached, reverse=True), strict=True))
    actions = {"fax": ActionFigures(letters=letters, answered=answered)}
    arrived = letters.get(LetterStatus.DELIVERED, 0)
    origins = Origins(countries), Origins(split(arrived, shares))
    details = CaseFigures(actions=actions, steps=steps, written=origins[0], arrived=origins[1])
    shown = details.shown
    assert shown.arrived_only == (arrived >= FEW and shown.written.exact is None)
    assert list(shown.funnel) == [*Step, "left", "arrived", "answered"]
    others = [count for stage, count in shown.stages.items() if arrived < FEW or stage is not Stage.ARRIVED]
    assert arrived < FEW or shown.stages[Stage.ARRIVED] == figure(arrived)
    not_arrived = written - (arrived if arrived >= FEW else 0)
    known = shown.written.exact is not None
    parts = (
        (not_arrived if known else None, others),
        (
            arrived if shown.arrived_only else written if known else None,
            [*shown.countries.values(), shown.elsewhere],
        ),
    )
    for whole, figures in parts:
        assert sum(each.least for each in figures) <= written
        if whole is None:
            assert all(each.exact is None for each in figures)
            assert total(figures).most is None or total(figures).least < FEW
            continue
        for small in (each for each in figures if each.below is not None and whole >= FEW):
            beside = [each for each in figures if each is not small]
            assert whole - sum(each.least for each in beside) >= FEW - 1  # it could be 9
            assert any(each.most is None for each in beside) or not beside  # or 0
    for step, count in shown.steps.items():
        assert count.least <= steps[step] and (count.exact is None or count.exact == steps[step])
    assert shown.written.exact is not None or shown.answered.exact is None or answered <= arrived


def test_where_few_letters_have_not_arrived_only_those_that_have_come_from_somewhere() -> None:
    """The public counter says how many have arrived: what is left of all would be how many have not."""
    settled = CaseFigures(
        actions={"fax": ActionFigures(letters={LetterStatus.DELIVERED: 500, LetterStatus.FAILED: 3})},
        steps=dict.fromkeys(Step, 503),
        written=Origins({"AR": 463, "PE": 40}, {"": 443, "flyer": 60}),
        arrived=Origins({"AR": 461, "PE": 39}, {"": 442, "flyer": 58}),
    )
    shown = settled.shown
    assert (str(shown.written), str(shown.stages[Stage.ARRIVED]), str(shown.stages[Stage.FAILED])) == (
        "500+",
        "500",
        "<10",
    )
    assert shown.arrived_only
    assert {key: str(count) for key, count in shown.countries.items()} == {"AR": "461", "PE": "30+"}
    assert {key: str(count) for key, count in shown.sources.items()} == {"flyer": "58"}
    assert {str(count) for count in shown.steps.values()} == {"500+"}


def test_links_that_brought_few_are_hidden_beside_all_letters() -> None:
    origins = Origins({"AR": 500}, {"": 400, "flyer": 97, "radio": 3})
    letters = {LetterStatus.DELIVERED: 300, LetterStatus.QUEUED: 200}
    found = CaseFigures(actions={"fax": ActionFigures(letters=letters)}, written=origins).shown
    assert {key: str(count) for key, count in found.sources.items()} == {"flyer": "90+", "radio": "<10"}


def split(whole: int, shares: list[int]) -> dict[str, int]:
    """The whole in parts of about these shares."""
    found: dict[str, int] = {}
    for place, part in enumerate(shares):
        found[f"country {place}"] = min(part * (1 + place * place), whole - sum(found.values()))
    found["the last"] = whole - sum(found.values())
    return {name: count for name, count in found.items() if count}


STAGED = (LetterStatus.QUEUED, LetterStatus.SENT, LetterStatus.DELIVERED, LetterStatus.FAILED)


def test_whoever_knows_the_rule_cannot_work_out_a_small_count_from_what_is_said_of_an_action() -> None:
    """All counts of letters are sorted by what is shown of them: of the case, and of its only action."""
    same: defaultdict[tuple[Figure, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in sums(len(STAGED), 38):
        case = show_letters({"fax": ActionFigures(letters=dict(zip(STAGED, counts, strict=True)))})
        action = case.actions["fax"]
        told = (case.written, *case.stages.values(), action.written, action.left, action.arrived)
        same[told].append(counts)
    checked = 0
    for (whole, *_others, arrived), possible in same.items():
        public = arrived.exact or 0
        if whole.exact is None and whole.below is None and (whole.least > public or public > 38 - FEW):
            continue  # larger ones are shown in the same way
        for place in range(len(STAGED)):
            found = {counts[place] for counts in possible}
            if min(found) < FEW:
                assert len(found) >= FEW
                checked += 1
    assert checked > FEW


@given(
    st.dictionaries(
        st.sampled_from(["fax", "mail", "post"]),
        st.tuples(*[st.one_of(st.integers(0, 30), st.integers(0, 900))] * len(STAGED)),
        min_size=2,
    )
)
def test_what_is_said_of_several_actions_is_true_and_adds_nothing_to_what_is_said_of_each_stage(
    counted: dict[str, tuple[int, ...]],
) -> None:
    actions = {
        slug: ActionFigures(letters=dict(zip(STAGED, counts, strict=True)))
        for slug, counts in counted.items()
    }
    shown = show_letters(actions)
    for slug, action in shown.actions.items():
        waiting, sent, arrived, failed = counted[slug]
        for figure_of, count in (
            (action.written, waiting + sent + arrived + failed),
            (action.left, sent + arrived),
            (action.arrived, arrived),
        ):
            assert figure_of.least <= count
            assert figure_of.most is None or count <= figure_of.most
        left = total((action.stages[Stage.SENT], action.stages[Stage.ARRIVED]))
        assert action.left == (action.written if action.written.below else left)
    public = sum(counts[2] for counts in counted.values())
    not_public = [stage for stage in Stage if stage is not Stage.ARRIVED or public < FEW]
    for stage in Stage:
        ours = total(each.stages[stage] for each in shown.actions.values())
        assert shown.stages[stage] == (ours if stage in not_public else figure(public))
    cells = [each.stages[stage] for each in shown.actions.values() for stage in not_public]
    hidden = [each for each in cells if each.exact is None]
    assert len(hidden) != 1
    if shown.written.exact is not None and hidden:
        rest = shown.written.exact - (public if public >= FEW else 0) - sum(each.exact or 0 for each in cells)
        for small in (each for each in hidden if each.below is not None):
            others = [each for each in hidden if each is not small]
            assert sum(each.least for each in others) <= rest - (FEW - 1)  # it could be 9
            assert any(each.most is None for each in others)  # or 0


def test_letters_are_where_organisers_say_they_are() -> None:
    statuses = {status: 100 + place for place, status in enumerate(LetterStatus)}
    shown = show_letters({"fax": ActionFigures(letters=statuses)})
    written, stages = shown.written, shown.stages
    assert written.exact == sum(statuses.values()) - statuses[LetterStatus.CANCELLED]
    assert stages[Stage.ARRIVED].exact == statuses[LetterStatus.DELIVERED]
    assert stages[Stage.FAILED].exact == statuses[LetterStatus.FAILED]
    carried = (LetterStatus.SENT, LetterStatus.SUBMITTED, LetterStatus.UNCERTAIN)
    assert stages[Stage.SENT].exact == sum(statuses[each] for each in carried)
