"""What a case folder's `case.toml` may say. The description of a field is what its writer is told."""

import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, field_validator

from assistant.domain.texts import CaseDate
from assistant.domain.validation import control_in

SUBJECT_MAX = 78  # characters: RFC 5322, 2.1.1

_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
_CONTROLS = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}


def name_of_control(character: str) -> str:
    """What people call a character that nobody sees, or that ends a line."""
    return _CONTROLS.get(character, f"an invisible character (U+{ord(character):04X})")


def parse_date(text: str) -> CaseDate:
    """`2011`, `2011-09` or `2012-01-23`. Raises ValueError with a sentence."""
    parts = _DATE.match(text)
    if parts is None:
        raise ValueError(f"'{text}' is not a date; write 2011, 2011-09 or 2012-01-23")
    year, month, day = (int(part) if part else None for part in parts.groups())
    try:
        date(year or 0, month or 1, day or 1)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a day of the calendar") from error
    return CaseDate(year or 0, month, day)


def _one_line(text: str) -> str:
    if found := control_in(text):
        raise ValueError(f"there is {name_of_control(found)} in it; write it on one line, with plain spaces")
    return text


def _lines(text: str) -> str:
    if found := control_in(text.replace("\r\n", "\n").replace("\n", "")):
        raise ValueError(f"there is {name_of_control(found)} in it; delete it")
    return text


OneLine = Annotated[str, AfterValidator(_one_line)]
Lines = Annotated[str, AfterValidator(_lines)]
OnClosedDays = Literal["move", "send"]
Subject = Annotated[OneLine, Field(min_length=1, max_length=SUBJECT_MAX)]
# Of the language, its script where that has to be said, and its country: es, zh-Hant, pt-BR.
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
Weekday = Annotated[int, Field(ge=1, le=7)]
_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
_LIKE_TIME = 'write hours and minutes between quotes, such as "08:00"'
_CLOSED_DAYS = "write 'move' (letters wait for the next working day) or 'send' (they leave all the same)"


def _in_each_language(table: str) -> str:
    return f'write [{table}] on a line, and below it a line for each language, such as en = "..."'


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TargetFile(_Strict):
    """The table [target]."""

    office: dict[str, OneLine] = Field(description=_in_each_language("target.office"))
    place: dict[str, OneLine] = Field(description=_in_each_language("target.place"))
    country: str = Field(pattern="^[A-Z]{2}$", description='write its two capital letters, such as "GT"')
    timezone: str = Field(description='write it such as "America/Guatemala"')
    opens: str = Field("09:00", pattern=_TIME, description=_LIKE_TIME)
    closes: str = Field("17:00", pattern=_TIME, description=_LIKE_TIME)
    workdays: list[Weekday] = Field(
        [1, 2, 3, 4, 5], min_length=1, description="write the days as numbers, 1 is Monday: [1, 2, 3, 4, 5]"
    )
    weekends: OnClosedDays | None = Field(None, description=_CLOSED_DAYS)
    holidays: OnClosedDays | None = Field(None, description=_CLOSED_DAYS)
    per_minute: int | None = Field(
        None, ge=1, le=6000, description="write a number from 1 to 6000, without quotes, or leave it out"
    )
    per_day: int | None = Field(
        None, ge=1, description="write a number from 1 on, without quotes, or leave it out"
    )
    language: Language = Field(description='write the code of the language that it reads, such as "es"')
    routes: list[str] = Field(
        default=[], description='write them in square brackets, such as ["fax:+50255550100"], or []'
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"'{value}' is not a time zone; an example is America/Guatemala") from error
        return value


class ActionDayFile(_Strict):
    """One entry of [[action_days]]."""

    date: str = Field(description='write it between quotes, such as "2012-01-23"')
    at: str = Field("00:00", pattern=_TIME, description=_LIKE_TIME)
    title: dict[str, OneLine] = Field(description=_in_each_language("action_days.title"))

    @field_validator("date")
    @classmethod
    def _real_date(cls, value: str) -> str:
        parse_date(value)
        return value


class CaseFile(_Strict):
    """The whole of case.toml."""

    person: OneLine = Field(description='write whom the letters are for, such as "Norma Cruz"')
    languages: list[Language] = Field(
        min_length=1, description='write their codes, in square brackets: ["en", "es"]'
    )
    title: dict[str, OneLine] = Field(description=_in_each_language("title"))
    share: dict[str, Lines] = Field(description=_in_each_language("share"))
    follow: dict[str, list[HttpUrl]] = Field(
        default={}, description='write links in square brackets, such as ["https://example.org"]'
    )
    subjects: list[Subject] = Field(
        default=[],
        description='write them in square brackets, such as ["About Norma Cruz"], each with at most '
        f"{SUBJECT_MAX} characters",
    )
    target: TargetFile = Field(description="write the office below a line [target]")
    action_days: list[ActionDayFile] = Field(
        default=[], description="begin each day with a line [[action_days]], in double square brackets"
    )
    # Updates that tell what the letters did.
    outcomes: list[str] = Field(
        default=[], description='write them in square brackets, such as ["2011-09-conviction"]'
    )

    @property
    def subject_lines(self) -> tuple[str, ...]:
        """Of emails to the office; where none are given, the title of the case."""
        title = self.title.get(self.target.language) or next(iter(self.title.values()), "")
        return tuple(self.subjects) or (title,)
