"""What breaks a rule is kept by nobody: not in a chat, not in the shell, not on a page to come."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.domain.broadcasts import Announcement, Audience, CallToAction, Kind, Problem, Rule, Timing
from assistant.domain.effects import Save
from assistant.domain.texts import CaseDate
from assistant.services.broadcasts.approval import SHELL
from assistant.services.broadcasts.refusals import UnfitAnnouncement
from assistant.store import broadcasts
from tests.support.harness import Harness
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.organisers import OPERATOR, alert, audit_entries, carry_out, drafted, join

Change = Callable[[Announcement], Announcement]
UNFIT: list[tuple[Change, Problem]] = [
    (lambda a: replace(a, timing=Timing()), Problem(Rule.END_NEEDED)),
    (
        lambda a: replace(a, kind=Kind.UPDATE, case=None, call_to_action=CallToAction.NONE),
        Problem(Rule.CASE_NEEDED),
    ),
    (lambda a: replace(a, case=None, call_to_action=CallToAction.LETTER), Problem(Rule.BUTTON_NEEDS_CASE)),
    (lambda a: replace(a, texts={**a.texts, "en": "<b>now! " * 700}), Problem(Rule.TEXT_WELL_FORMED, "en")),
    (lambda a: replace(a, kind=Kind.CORRECTION, audience=Audience(received=9)), Problem(Rule.SENT_BEFORE)),
]


@pytest.mark.parametrize(("change", "problem"), UNFIT, ids=[problem.rule for _, problem in UNFIT])
@pytest.mark.parametrize("who", ["olga", OPERATOR])
async def test_what_breaks_a_rule_is_kept_by_nobody(
    harness: Harness, who: str, change: Change, problem: Problem
) -> None:
    await join(harness, "olga")
    before = await audit_entries(harness)
    with pytest.raises(UnfitAnnouncement) as refused:
        await carry_out(harness, who, Save(change(alert(harness))))
    assert refused.value.problems == (problem,)
    async with harness.store.read() as tx:
        assert await broadcasts.listed(tx, 9) == []
    assert await audit_entries(harness) == before


@pytest.mark.parametrize(("change", "problem"), UNFIT, ids=[problem.rule for _, problem in UNFIT])
async def test_nor_does_it_take_the_place_of_another(
    harness: Harness, change: Change, problem: Problem
) -> None:
    found = await drafted(harness, SHELL, alert(harness))
    with pytest.raises(UnfitAnnouncement) as refused:
        await carry_out(harness, OPERATOR, Save(change(alert(harness)), found.id))
    assert refused.value.problems == (problem,)
    assert await harness.broadcast(found.id) == found


async def test_the_operator_reads_all_that_is_wrong_in_one_go(harness: Harness) -> None:
    unfit = replace(alert(harness), timing=Timing(), texts={"en": "<b>", "es": "a" * 601})
    with pytest.raises(UnfitAnnouncement) as refused:
        await carry_out(harness, OPERATOR, Save(unfit))
    assert refused.value.reason == (
        "An alert must have an end: say after how many hours it is worthless. "
        "The text in en has a tag that is not closed, or that is none of ours. "
        "The text in es is too long: at most 600 characters fit."
    )


async def test_a_correction_of_an_alert_without_a_case_has_no_button(harness: Harness) -> None:
    call = replace(alert(harness), case=None, audience=Audience(), call_to_action=CallToAction.NONE)
    sent = await harness.send(call)
    correction = replace(call, kind=Kind.CORRECTION, audience=Audience(received=sent))
    with pytest.raises(UnfitAnnouncement, match="What is corrected is about no case"):
        await carry_out(harness, OPERATOR, Save(replace(correction, call_to_action=CallToAction.LETTER)))
    await carry_out(harness, OPERATOR, Save(correction))


async def test_a_correction_has_the_case_and_the_date_of_what_was_wrong(harness: Harness) -> None:
    wrong = await harness.send(alert(harness))
    harness.clock.advance(days=3)
    today = CaseDate(*harness.clock().timetuple()[:3])
    correction = replace(
        alert(harness), kind=Kind.CORRECTION, audience=Audience(received=wrong), case=None, dated=today
    )
    found = await drafted(harness, SHELL, correction)
    before = (await harness.broadcast(wrong)).announcement
    assert (found.announcement.case, found.announcement.dated) == (before.case, before.dated)
    assert found.announcement.dated != today


async def test_what_was_wrong_about_a_case_that_is_gone_can_be_corrected(harness: Harness) -> None:
    wrong = await harness.send(alert(harness))
    others = with_cases(harness.script, [invented_cases(harness.script)["alma-rivas"]])
    later = await Harness.open(harness.store, others, harness.channel, harness.clock)
    correction = replace(
        alert(harness),
        kind=Kind.CORRECTION,
        audience=Audience(received=wrong),
        case=None,
        call_to_action=CallToAction.NONE,
    )
    assert (await drafted(later, SHELL, correction)).announcement.case is None
