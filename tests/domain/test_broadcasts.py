"""The rules of broadcasts, each of them once."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from markupsafe import Markup

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import (
    ITSELF,
    LASTS_MAX,
    TEXT_MAX,
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    Kind,
    Obstacle,
    Operation,
    Problem,
    Rule,
    Timing,
    Version,
    texts_of,
)
from assistant.domain.lifecycle import BROADCASTS, BroadcastStatus
from assistant.domain.messages import Button
from assistant.domain.organisers import Organiser, Role
from assistant.domain.texts import CaseDate

BODY, FOOTER = Markup("News.\n\nMore of it."), Markup("Write stop.")

# What a reader gets


@pytest.mark.parametrize(
    ("outcome", "wrote", "read"),
    [
        (None, False, "News.\n\nMore of it.\n\nWrite stop."),
        (None, True, "News.\n\nMore of it.\n\nWrite stop."),
        (Markup(""), True, "News.\n\nMore of it.\n\nWrite stop."),  # not counted yet
        (Markup("3 arrived."), False, "News.\n\nMore of it.\n\nWrite stop."),
        (Markup("3 arrived."), True, "News.\n\nMore of it.\n\n3 arrived.\n\nWrite stop."),
    ],
)
def test_the_outcome_is_for_those_who_wrote_above_how_to_stop(
    outcome: Markup | None, wrote: bool, read: str
) -> None:
    version = Version(BODY, FOOTER, outcome=outcome)
    assert version.copy(wrote=wrote).html == read


def test_a_text_of_one_paragraph_has_nothing_below_it() -> None:
    assert Version(Markup("News.")).copy(wrote=True).html == "News."


def test_its_button_can_be_pressed_at_any_time() -> None:
    button = Button("more:norma-cruz", "Read more")
    copy = Version(BODY, FOOTER, button).copy(wrote=False)
    assert (copy.buttons, copy.mark, copy.bulk) == ((button,), "open", True)
    assert Version(BODY, FOOTER).copy(wrote=False).mark is None


# What an announcement keeps to

LANGUAGES = ("en",)
NOW = datetime(2012, 1, 23, 12, tzinfo=UTC)
NEWS = Announcement(
    kind=Kind.UPDATE,
    texts={"en": "Please <b>write</b>."},
    dated=CaseDate(2012, 1, 23),
    case="norma-cruz",
    call_to_action=CallToAction.READ,
)
ALERT = replace(NEWS, kind=Kind.ALERT, timing=Timing(lasts=24), call_to_action=CallToAction.NONE)
CALL = replace(ALERT, case=None)  # about no case
CORRECTION = replace(CALL, kind=Kind.CORRECTION, timing=Timing(), audience=Audience(received=7))
SENT = Broadcast(
    id=7,
    status=BroadcastStatus.DONE,
    digest="",
    announcement=NEWS,
    author=None,
    approver=None,
    starts_at=NOW,
    started_at=NOW,
    expires_at=None,
    counts=None,
    recipients=3,
    note=None,
)
LINK = '<a href="https://example.org">{}</a>'


@pytest.mark.parametrize(
    "fit",
    [
        NEWS,
        ALERT,
        CALL,
        CORRECTION,
        replace(CORRECTION, case="norma-cruz", call_to_action=CallToAction.LETTER),
        replace(NEWS, audience=Audience(case="norma-cruz", wrote=False), call_to_action=CallToAction.LETTER),
        replace(NEWS, texts={"en": "&lt;" * TEXT_MAX}),
        replace(NEWS, fallbacks={"es": "en"}),
        replace(NEWS, texts={"en": LINK.format("<i>here</i>"), "es": "<blockquote>a</blockquote>"}),
    ],
)
def test_what_keeps_to_the_rules_has_no_problem(script: Script, fit: Announcement) -> None:
    assert fit.problems(script.cases, LANGUAGES, SENT) == ()


@pytest.mark.parametrize(
    ("unfit", "problem"),
    [
        (replace(NEWS, case=None, call_to_action=CallToAction.NONE), Problem(Rule.CASE_NEEDED)),
        (replace(NEWS, case="another"), Problem(Rule.CASE_KNOWN)),
        (replace(NEWS, call_to_action=CallToAction.NONE), Problem(Rule.BUTTON_NEEDED)),
        (replace(ALERT, timing=Timing()), Problem(Rule.END_NEEDED)),
        (replace(CALL, call_to_action=CallToAction.LETTER), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CALL, call_to_action=CallToAction.READ), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CORRECTION, call_to_action=CallToAction.READ), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CALL, audience=Audience(wrote=True)), Problem(Rule.WRITERS_NEED_CASE)),
        (replace(CORRECTION, audience=Audience()), Problem(Rule.SENT_BEFORE)),
        (replace(CORRECTION, audience=Audience(received=8)), Problem(Rule.SENT_BEFORE)),
        *(
            (replace(CORRECTION, case="norma-cruz", audience=narrowed), Problem(Rule.NOT_NARROWED))
            for narrowed in (
                Audience(received=7, case="norma-cruz"),
                Audience(received=7, countries=("FI",)),
                Audience(received=7, languages=("en",)),
                Audience(received=7, wrote=False),
            )
        ),
        (replace(NEWS, texts={}), Problem(Rule.TEXT_NEEDED)),
        (replace(NEWS, texts={"en": "<b> </b>"}), Problem(Rule.TEXT_NEEDED, "en")),
        (replace(NEWS, texts={"en": "a" * (TEXT_MAX + 1)}), Problem(Rule.TEXT_SHORT, "en")),
        (replace(NEWS, fallbacks={"es": "fr"}), Problem(Rule.FALLBACK_HAS_TEXT, "es")),
        (replace(NEWS, texts={"es": "Escribe."}), Problem(Rule.LANGUAGE_NEEDED, "en")),
        *(
            (replace(NEWS, texts={"en": text}), Problem(Rule.TEXT_WELL_FORMED, "en"))
            for text in (
                "<b>open" * 700,
                "closed</b>",
                "<b><i>crossed</b></i>",
                "<script>x</script>",
                "1 < 2",
                "<a>x</a>",
            )
        ),
    ],
)
def test_what_breaks_a_rule_has_that_problem(script: Script, unfit: Announcement, problem: Problem) -> None:
    assert unfit.problems(script.cases, LANGUAGES, SENT) == (problem,)


def test_a_correction_of_what_nobody_has_got_has_a_problem(script: Script) -> None:
    for corrected in (None, replace(SENT, started_at=None)):
        assert CORRECTION.problems(script.cases, LANGUAGES, corrected) == (Problem(Rule.SENT_BEFORE),)


def test_an_update_of_a_case_folder_says_what_stands_there(script: Script) -> None:
    update = script.cases["norma-cruz"].updates["2011-09-conviction"]
    folder = replace(
        NEWS, update=update.slug, texts={each: str(text) for each, text in update.text.texts.items()}
    )
    assert folder.problems(script.cases, LANGUAGES) == ()
    for changed in (
        replace(folder, update="2012-01-never"),
        replace(folder, texts={**folder.texts, "en": "More."}),
    ):
        assert changed.problems(script.cases, LANGUAGES) == (Problem(Rule.AS_IN_FOLDER),)


def test_a_stale_translation_of_an_update_is_not_sent_and_its_readers_are_decided_about(
    script: Script,
) -> None:
    """Also where it was none when the broadcast was proposed."""
    case = script.cases["norma-cruz"]
    update = case.updates["2011-09-conviction"]
    proposed = replace(NEWS, update=update.slug, texts=texts_of(update))
    old = replace(update, text=replace(update.text, stale=frozenset({"es"})))
    cases = {case.slug: replace(case, updates={**case.updates, old.slug: old})}
    assert proposed.problems(cases, ("en", "es")) == (Problem(Rule.AS_IN_FOLDER),)
    anew = replace(proposed, texts=texts_of(old))
    assert anew.problems(cases, ("en", "es")) == (Problem(Rule.LANGUAGE_NEEDED, "es"),)
    assert replace(anew, fallbacks={"es": "en"}).problems(cases, ("en", "es")) == ()


@pytest.mark.parametrize(
    ("timing", "rules"),
    [
        (Timing(), ()),
        (Timing(at=NOW + timedelta(seconds=1), lasts=1), ()),
        (Timing(day=NOW.date(), hour=time(9), lasts=LASTS_MAX), ()),
        (Timing(at=NOW), (Rule.START_AHEAD,)),
        (Timing(day=NOW.date() - timedelta(days=1), hour=time(9)), (Rule.START_AHEAD,)),
        (Timing(at=NOW + timedelta(days=1), day=NOW.date(), hour=time(9)), (Rule.ONE_START,)),
        (Timing(day=NOW.date()), (Rule.ONE_START,)),
        (Timing(hour=time(9)), (Rule.ONE_START,)),
        (Timing(lasts=0), (Rule.END_IN_REACH,)),
        (Timing(lasts=LASTS_MAX + 1), (Rule.END_IN_REACH,)),
    ],
)
def test_a_time_is_chosen_ahead_and_within_reach(timing: Timing, rules: tuple[Rule, ...]) -> None:
    assert timing.problems(NOW) == tuple(Problem(rule) for rule in rules)


# What stands against an action

AUTHOR, OTHER = Organiser(1, Role.APPROVER, "Ana"), Organiser(2, Role.APPROVER, "Bea")
VIEWER = Organiser(3, Role.VIEWER, "Vera")
S = BroadcastStatus


def written(status: BroadcastStatus, **facts: object) -> Broadcast:
    """A broadcast of AUTHOR's that has been counted, in that state."""
    whole = Broadcast(
        id=12,
        status=status,
        digest="d",
        announcement=Announcement(
            kind=Kind.UPDATE, texts={"en": "News."}, dated=CaseDate(2012), case="norma-cruz"
        ),
        author=AUTHOR.number,
        approver=None,
        starts_at=None,
        started_at=None,
        expires_at=None,
        counts=(),
        recipients=0,
        note=None,
    )
    return replace(whole, **facts)  # type: ignore[arg-type]  # a test gives what the field takes


OVER = {"expires_at": NOW - timedelta(seconds=1)}


@pytest.mark.parametrize(
    ("action", "found", "by", "obstacle"),
    [
        (Operation.PROPOSE, written(S.DRAFT), AUTHOR, None),
        (Operation.PROPOSE, written(S.DRAFT), VIEWER, Obstacle.ROLE),
        (Operation.PROPOSE, written(S.DRAFT), OTHER, Obstacle.NOT_THE_AUTHOR),
        (Operation.PROPOSE, written(S.DRAFT, counts=None), AUTHOR, Obstacle.NOT_TESTED),
        (Operation.PROPOSE, written(S.DRAFT, **OVER), AUTHOR, Obstacle.WORTHLESS),
        (Operation.PROPOSE, written(S.DRAFT, paused="norma-cruz"), AUTHOR, None),  # it is approved later
        (Operation.PROPOSE, written(S.SENDING), AUTHOR, Obstacle.STATUS),
        (Operation.APPROVE, written(S.PROPOSED), OTHER, None),
        (Operation.APPROVE, written(S.PROPOSED), VIEWER, Obstacle.ROLE),
        (Operation.APPROVE, written(S.PROPOSED), AUTHOR, Obstacle.OWN),
        (Operation.APPROVE, written(S.PROPOSED, paused="norma-cruz"), OTHER, Obstacle.PAUSED),
        (Operation.APPROVE, written(S.PROPOSED, **OVER), OTHER, Obstacle.WORTHLESS),
        (Operation.APPROVE, written(S.DRAFT), OTHER, Obstacle.STATUS),
        (Operation.HALT, written(S.SENDING), VIEWER, None),  # stopping is for everyone
        (Operation.HALT, written(S.APPROVED, paused="norma-cruz", **OVER), VIEWER, None),
        (Operation.HALT, written(S.DONE), OTHER, Obstacle.STATUS),
        (Operation.RESUME, written(S.HALTED), OTHER, None),
        (Operation.RESUME, written(S.HALTED, halted_by=AUTHOR.number), AUTHOR, None),
        (Operation.RESUME, written(S.HALTED, halted_by=ITSELF), AUTHOR, None),  # nobody's word is undone
        (Operation.RESUME, written(S.HALTED, halted_by=VIEWER.number), AUTHOR, Obstacle.HALTED_BY_ANOTHER),
        (Operation.RESUME, written(S.HALTED, halted_by=VIEWER.number), OTHER, None),
        (
            Operation.RESUME,
            written(S.HALTED, halted_by=None),
            AUTHOR,
            Obstacle.HALTED_BY_ANOTHER,
        ),  # the shell
        (Operation.RESUME, written(S.HALTED, authentic=False), OTHER, Obstacle.FORGED),
        (Operation.APPROVE, written(S.PROPOSED, authentic=False), OTHER, Obstacle.FORGED),
        (Operation.PROPOSE, written(S.DRAFT, authentic=False), AUTHOR, Obstacle.FORGED),
        (Operation.HALT, written(S.SENDING, authentic=False), VIEWER, None),
        (Operation.DISCARD, written(S.HALTED, authentic=False), OTHER, None),
        (Operation.RESUME, written(S.HALTED), VIEWER, Obstacle.ROLE),
        (Operation.RESUME, written(S.HALTED, paused="norma-cruz"), AUTHOR, Obstacle.PAUSED),
        (Operation.RESUME, written(S.HALTED, **OVER), AUTHOR, Obstacle.WORTHLESS),
        (Operation.RESUME, written(S.SENDING), AUTHOR, Obstacle.STATUS),
        (Operation.DISCARD, written(S.PROPOSED, paused="norma-cruz", **OVER), OTHER, None),
        (Operation.DISCARD, written(S.DRAFT), VIEWER, Obstacle.ROLE),
        (Operation.DISCARD, written(S.HALTED, started_at=NOW), OTHER, Obstacle.STARTED),
        (Operation.DISCARD, written(S.CANCELLED), OTHER, Obstacle.STATUS),
    ],
)
def test_what_stands_against_an_action(
    action: Operation, found: Broadcast, by: Organiser, obstacle: Obstacle | None
) -> None:
    assert found.obstacle(action, by, NOW, approvals=2) is obstacle


def test_who_is_alone_approves_and_resumes_what_they_wrote() -> None:
    assert written(S.PROPOSED).obstacle(Operation.APPROVE, AUTHOR, NOW, approvals=1) is None
    assert written(S.HALTED).obstacle(Operation.RESUME, AUTHOR, NOW, approvals=1) is None


@pytest.mark.parametrize("action", Operation)
def test_an_action_that_nothing_stands_against_is_a_step_of_the_lifecycle(action: Operation) -> None:
    fitting = {status for status in BroadcastStatus if written(status).fits(action)}
    assert fitting
    assert all(BROADCASTS.after(status) for status in fitting)
