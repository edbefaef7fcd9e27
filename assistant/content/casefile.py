"""What a case folder's `case.toml` may say. The description of a field is what its writer is told."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    Strict,
    Tag,
    field_validator,
)

from assistant.content.codes import check_country, check_language, check_whom_it_serves, check_zone
from assistant.domain.texts import CaseDate
from assistant.domain.validation import control_in

SUBJECT_MAX = 78  # characters: RFC 5322, 2.1.1
TITLE_MAX = 100  # characters: it stands in lists, and above letters
NAMED_MAX = 160  # characters of an office, a place or a salutation

SLUG_PATTERN = r"^[a-z0-9](?:-?[a-z0-9]){0,39}$"  # no two hyphens: they part a case from its action
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


def parse_day(text: str) -> date:
    """`2012-01-23`. Raises ValueError with a sentence."""
    found = parse_date(text) if _DATE.match(text) else None
    if found is None or found.day is None:
        raise ValueError(f"'{text}' is no single day; write year, month and day, such as 2012-01-23")
    return found.first_day


def outside(day: CaseDate, opens: CaseDate | None, closes: CaseDate | None) -> str | None:
    """Why no letters can arrive then, where they are written from and until these days; what to write."""
    if opens and day.last_day < opens.first_day:
        return f"letters are written from {opens} on; write a later day"
    if closes and day.first_day > closes.last_day:
        return f"letters are written until {closes}; write an earlier day"
    return None


def _one_line(text: str) -> str:
    if found := control_in(text):
        raise ValueError(f"there is {name_of_control(found)} in it; write it on one line, with plain spaces")
    return text


def _lines(text: str) -> str:
    if found := control_in(text.replace("\r\n", "\n").replace("\n", "")):
        raise ValueError(f"there is {name_of_control(found)} in it; delete it")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty; write it between the quotes")
    return text


def _no_placeholder(text: str) -> str:
    if "{" in text or "}" in text:
        raise ValueError("leave out { and }: a placeholder is filled in only where it stands in a letter")
    return text


TEXT, LIST, TABLE = "(text)", "(list)", "(table)"  # the forms that a value can have: no key is like them


def _of_target(value: object) -> str:
    return TABLE if isinstance(value, Mapping | BaseModel) else TEXT


def _of_subjects(value: object) -> str:
    return TABLE if isinstance(value, Mapping) else LIST


OneLine = Annotated[str, AfterValidator(_one_line)]
Person = Annotated[OneLine, AfterValidator(_not_blank)]
Title = Annotated[OneLine, Field(max_length=TITLE_MAX)]
Named = Annotated[OneLine, Field(max_length=NAMED_MAX), AfterValidator(_no_placeholder)]
Lines = Annotated[str, AfterValidator(_lines)]
OnClosedDays = Literal["move", "send"]
Subject = Annotated[OneLine, Field(min_length=1, max_length=SUBJECT_MAX)]
CountryCode = Annotated[str, AfterValidator(check_country)]
Language = Annotated[str, AfterValidator(check_language)]
Number = Annotated[int, Strict()]  # TOML's 5.000 is five
Weekday = Annotated[Number, Field(ge=1, le=7)]
_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
_LIKE_TIME = 'write hours and minutes between quotes, such as "08:00"'
_LIKE_DATE = 'write it between quotes, such as "2012-01-23", "2011-09" or "2008"'
_CLOSED_DAYS = "write 'move' (letters wait for the next working day) or 'send' (they leave all the same)"


def _in_each_language(table: str) -> str:
    return f'write [{{at}}{table}] on a line, and below it a line for each language, such as en = "..."'


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


Slug = Annotated[str, Field(pattern=SLUG_PATTERN)]


class TargetFile(_Strict):
    """An office: the table [target], a file in targets/, or a line of a table there."""

    office: dict[Language, Named] = Field(description=_in_each_language("office"))
    place: dict[Language, Named] = Field(description=_in_each_language("place"))
    country: CountryCode = Field(description='write its two capital letters, such as "GT"')
    # Whose office it is: an embassy of Ghana in London is in GB, and of GH.
    government: CountryCode | None = Field(
        None,
        description='write two capital letters of the country whose government it belongs to, such as "GH"',
    )
    timezone: Annotated[str, AfterValidator(check_zone)] = Field(
        description='write it such as "America/Guatemala"'
    )
    opens: str = Field("09:00", pattern=_TIME, description=_LIKE_TIME)
    closes: str = Field("17:00", pattern=_TIME, description=_LIKE_TIME)
    workdays: list[Weekday] = Field(
        [1, 2, 3, 4, 5], min_length=1, description="write the days as numbers, 1 is Monday: [1, 2, 3, 4, 5]"
    )
    weekends: OnClosedDays | None = Field(None, description=_CLOSED_DAYS)
    holidays: OnClosedDays | None = Field(None, description=_CLOSED_DAYS)
    region: str | None = Field(
        None,
        pattern="^[A-Z0-9]{1,3}$",
        description="write the part of the country whose holidays count, as ISO 3166-2 has it behind the "
        'hyphen, such as "ENG" or "ON"',
    )
    closed_days: list[str] = Field(
        default=[], description='write days between quotes, such as ["2026-12-24", "2026-12-31"]'
    )
    per_minute: Number | None = Field(
        None, ge=1, le=6000, description="write a number from 1 to 6000, without quotes, or leave it out"
    )
    per_day: Number | None = Field(
        None, ge=1, description="write a number from 1 on, without quotes, or leave it out"
    )
    language: Language = Field(description='write the code of the language that it reads, such as "es"')
    routes: list[str] = Field(
        default=[], description='write them in square brackets, such as ["fax:+50255550100"], or []'
    )
    salutation: dict[Language, Named] = Field(default={}, description=_in_each_language("salutation"))
    serves: Annotated[Literal["others"] | list[str], BeforeValidator(check_whom_it_serves)] = Field(
        default=[],
        alias="for",
        description='write the countries whose supporters write to it, such as ["CL", "PE"], or "others"',
    )

    @field_validator("closed_days")
    @classmethod
    def _real_days(cls, value: list[str]) -> list[str]:
        for day in value:
            parse_day(day)
        return value


class ActionDayFile(_Strict):
    """One entry of [[action_days]]."""

    date: str = Field(description='write it between quotes, such as "2012-01-23"')
    at: str = Field("00:00", pattern=_TIME, description=_LIKE_TIME)
    title: dict[Language, Title] = Field(description=_in_each_language("title"))

    @field_validator("date")
    @classmethod
    def _real_date(cls, value: str) -> str:
        parse_date(value)
        return value


class InlineTarget(TargetFile):
    """One entry of [[targets]] in an action.toml."""

    slug: Slug = Field(description='write a short name, such as "attorney-general"')


class UpdateFile(_Strict):
    """What is to be said of an update beside its text."""

    replaces: Literal["letter"] = Field(
        description='write replaces = "letter" where letters written before are not true any more'
    )


class TranslationsFile(_Strict):
    """translations.toml: by language and name of a text, a digest of what was translated."""

    made_of: dict[Language, dict[str, str]] = Field(
        description="`assistant cases translated` writes this file: delete it, and let it be written anew"
    )


class CaseFile(_Strict):
    """The whole of the case.toml of a folder with actions/."""

    person: Person = Field(description='write whom the letters are for, such as "Norma Cruz"')
    languages: list[Language] = Field(
        min_length=1, description='write their codes, in square brackets: ["en", "es"]'
    )
    title: dict[Language, Title] = Field(description=_in_each_language("title"))
    share: dict[Language, Lines] = Field(description=_in_each_language("share"))
    follow: dict[Language, list[HttpUrl]] = Field(
        default={}, description='write links in square brackets, such as ["https://example.org"]'
    )
    # Where it may be dangerous to write for it, beside the countries whose governments get the letters.
    careful: list[CountryCode] = Field(
        default=[], description='write countries in square brackets, by their capital letters: ["HN", "SV"]'
    )
    # How the case ended, with thanks: then nobody writes letters any more.
    closed: dict[Language, Lines] | None = Field(None, description=_in_each_language("closed"))
    # Updates that tell what the letters did.
    outcomes: list[str] = Field(
        default=[], description='write them in square brackets, such as ["2011-09-conviction"]'
    )
    updates: dict[str, UpdateFile] = Field(
        default={}, description="write [updates.2011-09-conviction] on a line, and replaces below it"
    )


class CaseFileWithTarget(CaseFile):
    """The whole of the case.toml of a folder whose one action stands in it, too."""

    subjects: list[Subject] = Field(
        default=[],
        description='write them in square brackets, such as ["About Norma Cruz"], each with at most '
        f"{SUBJECT_MAX} characters",
    )
    target: TargetFile = Field(description="write the office below a line [target]")
    action_days: list[ActionDayFile] = Field(
        default=[], description="begin each day with a line [[action_days]], in double square brackets"
    )

    @property
    def action(self) -> "ActionFile":
        """The action that it describes, but for its target."""
        return ActionFile(title=self.title, subjects=self.subjects, action_days=self.action_days)


_NameOrTarget = Annotated[
    Annotated[Slug, Tag(TEXT)] | Annotated[InlineTarget, Tag(TABLE)], Discriminator(_of_target)
]
_ListOrByLanguage = Annotated[
    Annotated[list[Subject], Tag(LIST)] | Annotated[dict[Language, list[Subject]], Tag(TABLE)],
    Discriminator(_of_subjects),
]


class ActionFile(_Strict):
    """The whole of an action.toml."""

    title: dict[Language, Title] = Field(description=_in_each_language("title"))
    asks: dict[Language, OneLine] = Field(default={}, description=_in_each_language("asks"))
    targets: list[_NameOrTarget] = Field(
        default=[],
        min_length=1,
        description='write names of offices in targets/, such as ["attorney-general"], or leave it out: then '
        "all of them get its letters",
    )
    subjects: _ListOrByLanguage = Field(
        default=[],
        description='write them in square brackets, such as ["About Norma Cruz"], each with at most '
        f"{SUBJECT_MAX} characters",
    )
    opens: str | None = Field(None, description=_LIKE_DATE)
    closes: str | None = Field(None, description=_LIKE_DATE)
    action_days: list[ActionDayFile] = Field(
        default=[], description="begin each day with a line [[action_days]], in double square brackets"
    )
    goal: Number | None = Field(
        None, ge=1, description="write how many letters are wanted, without quotes, or leave it out"
    )
    formerly: list[str] = Field(
        default=[], description='write names that the action had before, such as ["letter"]'
    )

    @field_validator("opens", "closes")
    @classmethod
    def _real_dates(cls, value: str | None) -> str | None:
        if value is not None:
            parse_date(value)
        return value
