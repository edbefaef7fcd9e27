"""What may be answered to the questions about a new case, and what is told of the rest."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from assistant.content import scaffold_answers as answers

TODAY = date(2026, 11, 29)
GUATEMALA = answers.office_hours("GT", "America/Guatemala", "08:00", "16:00", (1, 2, 3, 4, 5))
Read = Callable[[str], Any]  # Any: what a reader makes of an answer


@pytest.mark.parametrize(
    ("read", "text", "meant"),
    [
        (answers.line(60), "Amina Diallo", "Amina Diallo"),
        (answers.line(60), "Cafe\u0301 Norma & 47 others", "Café Norma & 47 others"),
        (answers.slug({"norma-cruz"}), "amina-diallo-2", "amina-diallo-2"),
        (answers.languages, "en, es", ("en", "es")),
        (answers.languages, "English; Español,pt-br, en", ("en", "es", "pt-BR")),
        (answers.language, "Türkçe", "tr"),
        (answers.language, "persian", "fa"),
        (answers.country, "Guinea", "GN"),
        (answers.country, "Georgia", "GE"),
        (answers.country, "türkiye", "TR"),
        (answers.country, "gt", "GT"),
        (answers.country, "USA", "US"),
        (answers.time_zone("US"), "new york", "America/New_York"),
        (answers.time_zone("GT"), "America/Guatemala", "America/Guatemala"),
        (answers.clock, "8", "08:00"),
        (answers.clock, "9.30", "09:30"),
        (answers.later("09:00"), "17:00", "17:00"),
        (answers.workdays, "1-5", (1, 2, 3, 4, 5)),
        (answers.workdays, "7, 1-4", (1, 2, 3, 4, 7)),
        (answers.asks("en", 100), "To free her at once.", "to free her at once"),
        (answers.asks("en", 100), "I respectfully ask you to free her", "to free her"),
        (answers.asks("es", 100), "que la ponga en libertad", "que la ponga en libertad"),
        (answers.asks("fr", 100), "Je vous prie de la libérer.", "Je vous prie de la libérer."),
        (answers.optional(answers.first_day), "None", None),
        (answers.optional(answers.first_day), "2027-01", "2027-01"),
        (answers.last_day(TODAY, "2027-02"), "2027-02-03", "2027-02-03"),
        (answers.last_day(TODAY, None), "2026", "2026"),
        (answers.action_day(GUATEMALA, TODAY, "2027", "2027-01"), "2027-01-25", "2027-01-25"),
    ],
)
def test_an_answer_is_taken(read: Read, text: str, meant: object) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (answers.line(60), "Amina\tDiallo", "there is a tab in it"),
        (answers.line(60), "Amina\u2028Diallo", "an invisible character"),
        (answers.line(60), "{{ name }}", "leave out { and }"),
        (answers.line(60), "...", "there is no letter in it"),
        (answers.line(60), "a" * 61, "it has 61 characters; 60 are enough"),
        (answers.line(60), "Amina \U00012000", "these characters cannot be printed: \U00012000"),
        (answers.slug({"norma-cruz"}), "norma-cruz", "there is a case or folder 'norma-cruz' already"),
        (answers.slug(()), "Amina Diallo", "use small letters a-z, digits and single hyphens"),
        (answers.slug(()), "a" * 30, "at most 29"),
        (answers.slug(()), "../amina", "use small letters"),
        (answers.languages, "en, klingon", "'klingon' is no language that we know"),
        (answers.languages, ",", "is no language"),
        (answers.language, "es-419", "is no language"),
        (answers.country, "Atlantis", "'Atlantis' is no country that we know"),
        (answers.country, "Congo", "it may mean several; write CG for Congo - Brazzaville, CD for"),
        (answers.country, "Guatemla", "write GT for Guatemala"),
        (
            answers.time_zone("GT"),
            "Europe/Rome",
            "no time zone 'Europe/Rome' in Guatemala; there is America/Guatemala",
        ),
        (answers.clock, "25:00", "'25:00' is no time of day"),
        (answers.clock, "in the morning", "is no time of day"),
        (answers.later("09:00"), "8:00", "the office opens at 09:00; write a later time"),
        (answers.workdays, "Monday", "write days as numbers, 1 is Monday"),
        (answers.workdays, "0-8", "write days as numbers"),
        (answers.workdays, "5-1", "write 5-7 1-1"),
        (answers.asks("en", 100), "Investigate the threats", "begin with 'to', such as: to investigate"),
        (answers.asks("en", 100), "to", "begin with 'to'"),
        (answers.asks("es", 100), "investigue las amenazas", "begin with 'que'"),
        (answers.asks("fr", 10), "Je vous prie de la libérer.", "characters; 10 are enough"),
        (answers.first_day, "soon", "'soon' is not a date; write 2011, 2011-09 or 2012-01-23"),
        (answers.first_day, "2027-02-30", "is not a day of the calendar"),
        (answers.last_day(TODAY, None), "2026-11-28", "2026-11-28 is over"),
        (answers.last_day(TODAY, "2027-02"), "2027-01", "letters are written from 2027-02 on"),
        (answers.action_day(GUATEMALA, TODAY, None, None), "2027-01", "is no single day"),
        (answers.action_day(GUATEMALA, TODAY, None, None), "2026-11-29", "is no day to come"),
        (
            answers.action_day(GUATEMALA, TODAY, None, "2027"),
            "2028-01-25",
            "until 2027; write an earlier day",
        ),
        (answers.action_day(GUATEMALA, TODAY, "2028", None), "2027-01-25", "from 2028 on; write a later day"),
        (
            answers.action_day(GUATEMALA, TODAY, None, None),
            "2027-01-23",
            "the office is closed on Saturday 2027-01-23; it is open on Monday 2027-01-25",
        ),
        (
            answers.action_day(GUATEMALA, TODAY, None, None),
            "2027-01-01",
            "the office is closed on Friday 2027-01-01; it is open on Monday 2027-01-04",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_with_what_to_write(read: Read, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as raised:
        read(text)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("country", "town", "zone"),
    [
        ("GT", "Anywhere", "America/Guatemala"),
        ("ES", "madrid", "Europe/Madrid"),
        ("US", "New York", "America/New_York"),
        ("US", "Springfield", None),
    ],
)
def test_a_time_zone_is_suggested_where_it_is_certain(country: str, town: str, zone: str | None) -> None:
    assert answers.usual_zone(country, town) == zone


@pytest.mark.parametrize(
    ("days", "shown"), [((1, 2, 3, 4, 5), "1-5"), ((1, 2, 3, 4, 7), "1 2 3 4 7"), ((1, 2), "1 2")]
)
def test_days_are_shown_as_they_are_read(days: tuple[int, ...], shown: str) -> None:
    assert answers.days_shown(days) == shown
    assert answers.workdays(shown) == days
