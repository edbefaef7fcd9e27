"""What a case folder's `case.toml` may say."""

import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator

from assistant.domain.texts import CaseDate

OnClosedDays = Literal["move", "send"]
Subject = Annotated[
    str, Field(min_length=1, max_length=78, pattern=r"^[^\x00-\x1f\x7f]+$")
]  # RFC 5322, 2.1.1
Weekday = Annotated[int, Field(ge=1, le=7)]
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TargetFile(_Strict):
    """The table [target]."""

    office: dict[str, str]
    place: dict[str, str]
    country: str = Field(pattern="^[A-Z]{2}$")
    timezone: str
    opens: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field("17:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    workdays: list[Weekday] = Field([1, 2, 3, 4, 5], min_length=1)
    weekends: OnClosedDays | None = None
    holidays: OnClosedDays | None = None
    per_minute: int | None = Field(None, ge=1, le=6000)
    per_day: int | None = Field(None, ge=1)
    language: str
    routes: list[str] = []

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

    date: str
    at: str = Field("00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    title: dict[str, str]

    @field_validator("date")
    @classmethod
    def _real_date(cls, value: str) -> str:
        parse_date(value)
        return value


class CaseFile(_Strict):
    """The whole of case.toml."""

    person: str
    languages: list[str] = Field(min_length=1)
    title: dict[str, str]
    share: dict[str, str]
    follow: dict[str, list[HttpUrl]] = {}
    subjects: list[Subject] = []
    target: TargetFile
    action_days: list[ActionDayFile] = []
    outcomes: list[str] = []  # updates that tell what the letters did

    @property
    def subject_lines(self) -> tuple[str, ...]:
        """Of emails to the office; where none are given, the title of the case."""
        title = self.title.get(self.target.language) or next(iter(self.title.values()), "")
        return tuple(self.subjects) or (title,)
