"""How texts of several lines, numbers, codes, moments and lists of countries are understood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.answers import (
    PROSE_MAX,
    Answer,
    Code,
    Countries,
    LocalTime,
    Moment,
    Number,
    Prose,
    Reading,
    Taken,
    Which,
    clean_code,
    clean_prose,
)
from assistant.dialogue.options import Option
from assistant.dialogue.script import Script
from assistant.domain.texts import Sentence
from assistant.domain.validation import Refusal
from tests.support.chance import budget

NOW = datetime(2012, 1, 24, 15, 0, tzinfo=UTC)
SKIP = Option("skip", Sentence("Not in this language"), Sentence("none, -"))
ALL = Option("all", Sentence("All countries"), Sentence("everywhere"))
ALERTS = Which(Option("12", Sentence("Alert 12")), Option("3", Sentence("Alert 3")))
GUATEMALA = "America/Guatemala"  # six hours behind UTC


@pytest.fixture(scope="module")
def reading(script: Script) -> Reading:
    return Reading(script.locales["en"], script.gazetteer, script.typeface)


alphabet = " \n\r\t.,-0123456789:/abü\u0301\u200f"
anything = st.text() | st.text(st.characters(exclude_categories=())) | st.text(alphabet)


@settings(max_examples=budget(30, 150))
@given(text=anything)
def test_what_was_understood_is_the_same_when_it_comes_back(reading: Reading, text: str) -> None:
    kinds: list[Answer[str | None]] = [
        Prose(SKIP),
        Prose(limit=10),
        Number(4312),
        ALERTS,
        Code(),
        Moment(GUATEMALA, NOW),
        LocalTime(NOW),
        Countries(ALL),
    ]
    for kind in kinds:
        understood = kind.understand(text, reading)
        if isinstance(understood, Taken):
            assert kind.restore(understood.value, reading) == understood.value


# Texts


def test_a_text_keeps_its_paragraphs_and_loses_what_nobody_sees() -> None:
    text = "  Dear all, \r\n\r\n\r\n\r\nplease\u202e write\x00 today.\ud800 \n"
    assert clean_prose(text) == "Dear all,\n\nplease write today."


@given(text=anything)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_prose(text)
    assert clean_prose(once) == once
    once.encode()


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("Please write.", Taken("Please write.")),
        ("x" * PROSE_MAX, Taken("x" * PROSE_MAX)),
        ("x" * (PROSE_MAX + 1), Refusal.TOO_LONG),
        (" \n\x00 ", Refusal.EMPTY),
        ("\u200b\u2060 \ufeff\n\u200d", Refusal.EMPTY),
        ("\u200fשלום\u200f", Taken("\u200fשלום\u200f")),
        ("skip", Taken(None)),
        ("Not in this language.", Taken(None)),
        ("-", Taken(None)),
        ("1", Taken(None)),
        ("skip this", Taken("skip this")),
        ("https://example.org", Taken("https://example.org")),
    ],
)
def test_a_text_may_be_left_out(typed: str, understood: object, reading: Reading) -> None:
    assert Prose(SKIP).understand(typed, reading) == understood


def test_a_text_that_is_needed_cannot_be_left_out(reading: Reading) -> None:
    assert Prose().understand("skip", reading) == Taken("skip")
    assert Prose().options(reading) == ()
    with pytest.raises(ValueError, match="skipped"):
        Prose().restore(None, reading)


@pytest.mark.parametrize("stored", ["x" * (PROSE_MAX + 1), " padded", "a\x00b"])
def test_a_stored_text_that_is_not_valid_any_more_is_asked_for_again(stored: str, reading: Reading) -> None:
    with pytest.raises(ValueError, match="valid"):
        Prose(SKIP).restore(stored, reading)


# Numbers and codes


@pytest.mark.parametrize(
    "typed", ["4312", " 4,312 ", "4.312", "4 312", "4\u202f312", "4'312", "٤٣١٢", "４３１２", "04312"]
)
def test_the_number_is_taken_however_it_is_written(typed: str, reading: Reading) -> None:
    assert Number(4312).understand(typed, reading) == Taken("4312")


@pytest.mark.parametrize(
    "typed", ["431", "43120", "-4312", "4312 people", "yes", "", "4³12", "9" * 5000, "four"]
)
def test_another_number_is_refused(typed: str, reading: Reading) -> None:
    assert Number(4312).understand(typed, reading) is Refusal.ANOTHER_NUMBER


@pytest.mark.parametrize("stored", ["4313", "04312", None])
def test_a_number_that_has_changed_meanwhile_is_asked_for_again(stored: str | None, reading: Reading) -> None:
    with pytest.raises(ValueError, match="by now"):
        Number(4312).restore(stored, reading)


@pytest.mark.parametrize(
    ("typed", "number"), [("12", "12"), (" #12 ", "12"), ("3", "3"), ("alert 12.", "12")]
)
def test_something_is_named_by_its_own_number(typed: str, number: str, reading: Reading) -> None:
    assert ALERTS.exactly(typed, reading) == number
    assert ALERTS.understand(typed, reading) == Taken(number)


@pytest.mark.parametrize("typed", ["1", "2", "٢", "Alert", "12.0f", "", "twelve"])
def test_a_place_on_the_list_names_nothing(typed: str, reading: Reading) -> None:
    assert ALERTS.understand(typed, reading) is Refusal.NOT_OFFERED


def test_what_it_looked_like_may_come_with_the_number(reading: Reading) -> None:
    assert ALERTS.restore("12.0123456789abcdef", reading) == "12.0123456789abcdef"
    for stored in ("13", "13.0123456789abcdef", "", None):
        with pytest.raises(ValueError, match="no such"):
            ALERTS.restore(stored, reading)


@pytest.mark.parametrize(
    "typed", ["ABCD2345", " abcd-2345 ", "abcd 2345", "ＡＢＣＤ2345", "«abcd2345».", "A.B.C.D.2345"]
)
def test_a_code_is_taken_as_people_type_it(typed: str, reading: Reading) -> None:
    assert Code().understand(typed, reading) == Taken("ABCD2345")


@pytest.mark.parametrize("typed", ["", " - ", "x" * 21])
def test_what_is_no_code_is_refused(typed: str, reading: Reading) -> None:
    assert Code().understand(typed, reading) is (Refusal.TOO_LONG if len(typed) > 20 else Refusal.EMPTY)
    with pytest.raises(ValueError, match="no code"):
        Code().restore(typed, reading)


@given(text=anything)
def test_a_cleaned_code_stays_as_it_is(text: str) -> None:
    assert clean_code(clean_code(text)) == clean_code(text)


# Moments


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2012-01-25 09:00", "2012-01-25T15:00:00+00:00"),
        (" 2012-1-25  9:00 ", "2012-01-25T15:00:00+00:00"),
        ("2012-01-25T09.00", "2012-01-25T15:00:00+00:00"),
        ("٢٠١٢-٠١-٢٥ ٠٩:٠٠", "2012-01-25T15:00:00+00:00"),
        ("2012-01-24 09:01", "2012-01-24T15:01:00+00:00"),
        ("Monday 9:00", "2012-01-30T15:00:00+00:00"),
        ("on Monday at 9", "2012-01-30T15:00:00+00:00"),
        ("monday 9am", "2012-01-30T15:00:00+00:00"),
        ("Friday 2:30 pm", "2012-01-27T20:30:00+00:00"),
        ("tomorrow 9:00", "2012-01-25T15:00:00+00:00"),
        ("tomorrow", "2012-01-25T15:00:00+00:00"),  # in the morning
        ("30/01/2012 09:00", "2012-01-30T15:00:00+00:00"),
        ("30/01/2012", "2012-01-30T15:00:00+00:00"),
        ("25.01.2012 09:00", "2012-01-25T15:00:00+00:00"),
        ("2012-01-25", "2012-01-25T15:00:00+00:00"),
        ("30 January 18:00", "2012-01-31T00:00:00+00:00"),
    ],
)
def test_a_moment_is_as_the_clock_there_shows_it(typed: str, stored: str, reading: Reading) -> None:
    assert Moment(GUATEMALA, NOW).understand(typed, reading) == Taken(stored)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("lunes 9:00", "2012-01-30T15:00:00+00:00"),
        ("el viernes a las 9", "2012-01-27T15:00:00+00:00"),
        ("mañana a las 9:00", "2012-01-25T15:00:00+00:00"),
        ("mañana", "2012-01-25T15:00:00+00:00"),
        ("30/01/2012 9:00", "2012-01-30T15:00:00+00:00"),
        ("30 de enero 9:00", "2012-01-30T15:00:00+00:00"),
        ("tomorrow 9:00", "2012-01-25T15:00:00+00:00"),  # English is understood, too
    ],
)
def test_it_is_written_as_people_say_it_in_their_language(
    typed: str, stored: str, reading: Reading, script: Script
) -> None:
    spanish = replace(reading, locale=script.locales["es"])
    assert Moment(GUATEMALA, NOW).understand(typed, spanish) == Taken(stored)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("2012-01-24 09:00", Refusal.PAST),
        ("2011-12-31 23:59", Refusal.PAST),
        ("2012-02-30 09:00", Refusal.NO_MOMENT),
        ("2012-01-25 25:00", Refusal.NO_MOMENT),
        ("tomorrow at nine", Refusal.NO_MOMENT),  # better asked again than at another hour
        ("30 January at five", Refusal.NO_MOMENT),
        ("yesterday 9:00", Refusal.PAST),
        ("soon", Refusal.NO_MOMENT),
        ("7", Refusal.NO_MOMENT),
        ("May", Refusal.NO_MOMENT),
        ("next week", Refusal.NO_MOMENT),
        ("Please write today", Refusal.NO_MOMENT),
        ("x" * 5_000, Refusal.NO_MOMENT),
        ("0000-01-25 09:00", Refusal.NO_MOMENT),
        ("0001-01-01 00:00", Refusal.NO_MOMENT),
        ("2014-01-25 09:00", Refusal.NO_MOMENT),
        ("9999-12-31 23:59", Refusal.NO_MOMENT),
        ("", Refusal.NO_MOMENT),
    ],
)
def test_what_is_no_moment_ahead_is_refused(typed: str, refusal: Refusal, reading: Reading) -> None:
    assert Moment(GUATEMALA, NOW).understand(typed, reading) is refusal


@settings(max_examples=budget(15, 60))
@given(ahead=st.integers(1, 60 * 24 * 365))
def test_every_minute_ahead_can_be_written(reading: Reading, ahead: int) -> None:
    moment = NOW + timedelta(minutes=ahead)
    assert Moment("UTC", NOW).understand(f"{moment:%Y-%m-%d %H:%M}", reading) == Taken(moment.isoformat())


def test_a_time_of_each_readers_own_belongs_to_no_zone(reading: Reading) -> None:
    assert LocalTime(NOW).understand("2012-01-25 10:00", reading) == Taken("2012-01-25T10:00:00")
    assert LocalTime(NOW).understand("2012-01-24 10:00", reading) == Taken("2012-01-24T10:00:00")
    assert LocalTime(NOW).understand("2012-01-23 23:59", reading) is Refusal.PAST
    for typed in ("2012-13-01 10:00", "2014-01-01 10:00", "9999-12-31 23:59"):
        assert LocalTime(NOW).understand(typed, reading) is Refusal.NO_MOMENT


@pytest.mark.parametrize("stored", ["soon", None, ""])
def test_a_stored_moment_that_cannot_be_read_is_asked_for_again(stored: str | None, reading: Reading) -> None:
    for kind in (Moment(GUATEMALA, NOW), LocalTime(NOW)):
        with pytest.raises(ValueError, match="isoformat"):
            kind.restore(stored, reading)


# Countries


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Germany", "DE"),
        ("Germany, Japan;Finnland\nEspaña", "DE JP FI ES"),
        ("germany, Deutschland", "DE"),
        ("Germany, Japan, ", "DE JP"),
        ("ألمانيا، اليابان", "DE JP"),
        ("all", None),
        ("All countries.", None),
        ("Georgia, Guinea", "GE GN"),
        ("1", None),
    ],
)
def test_countries_are_known_in_any_language(typed: str, stored: str | None, reading: Reading) -> None:
    assert Countries(ALL).understand(typed, reading) == Taken(stored)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("Utopia", Refusal.UNKNOWN_COUNTRY),
        ("Germany, Utopia", Refusal.UNKNOWN_COUNTRY),
        ("congo", Refusal.UNKNOWN_COUNTRY),
        ("", Refusal.EMPTY),
        (" , ", Refusal.EMPTY),
        ("Germany, " * 60, Refusal.TOO_LONG),
    ],
)
def test_one_that_is_not_known_is_refused_with_all(typed: str, refusal: Refusal, reading: Reading) -> None:
    assert Countries(ALL).understand(typed, reading) is refusal


def test_a_stored_country_that_is_none_any_more_is_asked_for_again(reading: Reading) -> None:
    assert Countries(ALL).restore(None, reading) is None
    with pytest.raises(ValueError, match="no longer"):
        Countries(ALL).restore("DE XX", reading)


def test_a_moment_that_has_passed_meanwhile_is_asked_for_again(reading: Reading) -> None:
    stored = "2012-01-25T15:00:00+00:00"
    assert Moment(GUATEMALA, NOW).restore(stored, reading) == stored
    with pytest.raises(ValueError, match="past"):
        Moment(GUATEMALA, datetime.fromisoformat(stored)).restore(stored, reading)
    assert LocalTime(NOW).restore("2012-01-24T01:00:00", reading) == "2012-01-24T01:00:00"
    with pytest.raises(ValueError, match="past"):
        LocalTime(NOW).restore("2012-01-23T23:59:00", reading)
