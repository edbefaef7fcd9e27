"""The rules of broadcasts, each of them once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from assistant.domain.broadcasts import (
    TEXT_MAX,
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    Kind,
    Problem,
    Rule,
    Timing,
    Version,
)
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Button
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

CASES = {"norma-cruz"}
NOW = datetime(2012, 1, 23, tzinfo=UTC)
NEWS = Announcement(
    kind=Kind.UPDATE, texts={"en": "Please <b>write</b>."}, dated=CaseDate(2012, 1, 23), case="norma-cruz"
)
ALERT = replace(NEWS, kind=Kind.ALERT, timing=Timing(lasts=24))
CALL = replace(ALERT, case=None)  # about no case
CORRECTION = replace(NEWS, kind=Kind.CORRECTION, case=None, audience=Audience(received=7))
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
        replace(CORRECTION, case="norma-cruz", step=CallToAction.LETTER),
        replace(NEWS, audience=Audience(case="norma-cruz", wrote=False), step=CallToAction.READ),
        replace(NEWS, texts={"en": "&lt;" * TEXT_MAX}),
        replace(NEWS, texts={"en": "long " * TEXT_MAX}, update="2012-01-news"),
        replace(NEWS, fallbacks={"es": "en"}),
        replace(NEWS, texts={"en": LINK.format("<i>here</i>"), "es": "<blockquote>a</blockquote>"}),
    ],
)
def test_what_keeps_to_the_rules_has_no_problem(fit: Announcement) -> None:
    assert fit.problems(CASES, SENT) == ()


@pytest.mark.parametrize(
    ("unfit", "problem"),
    [
        (replace(NEWS, case=None), Problem(Rule.CASE_NEEDED)),
        (replace(NEWS, case="another"), Problem(Rule.CASE_KNOWN)),
        (replace(ALERT, timing=Timing()), Problem(Rule.END_NEEDED)),
        (replace(CALL, step=CallToAction.LETTER), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CALL, step=CallToAction.READ), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CORRECTION, step=CallToAction.READ), Problem(Rule.BUTTON_NEEDS_CASE)),
        (replace(CALL, audience=Audience(wrote=True)), Problem(Rule.WRITERS_NEED_CASE)),
        (replace(CORRECTION, audience=Audience()), Problem(Rule.SENT_BEFORE)),
        (replace(CORRECTION, audience=Audience(received=8)), Problem(Rule.SENT_BEFORE)),
        (replace(NEWS, texts={}), Problem(Rule.TEXT_NEEDED)),
        (replace(NEWS, texts={"en": "<b> </b>"}), Problem(Rule.TEXT_NEEDED, "en")),
        (replace(NEWS, texts={"en": "a" * (TEXT_MAX + 1)}), Problem(Rule.TEXT_SHORT, "en")),
        (replace(NEWS, fallbacks={"es": "fr"}), Problem(Rule.FALLBACK_HAS_TEXT, "es")),
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
def test_what_breaks_a_rule_has_that_problem(unfit: Announcement, problem: Problem) -> None:
    assert unfit.problems(CASES, SENT) == (problem,)


def test_a_correction_of_what_nobody_has_got_has_a_problem() -> None:
    for corrected in (None, replace(SENT, started_at=None)):
        assert CORRECTION.problems(CASES, corrected) == (Problem(Rule.SENT_BEFORE),)
