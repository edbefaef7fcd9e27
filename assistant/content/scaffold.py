"""A new case folder, made of a few answers: facts as they are, and drafts that claim nothing else."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

from babel.dates import format_date

from assistant.content import actions
from assistant.content.casefile import parse_day
from assistant.content.folder_writer import encoded, slug_of_office, toml
from assistant.content.languages import babel_locale
from assistant.content.territories import called

ACTION = "first-letter"
SLUG_LONGEST = actions.REF_MAX - len(ACTION) - 2  # so that both fit into a link
_OTHER = "other"
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|&~:])")

_CASE_NOTES = {
    "person": "Whom the letters are for.",
    "languages": "The languages that supporters can read. Each needs its texts.",
    "outcomes": "Updates that tell what the letters did: who wrote one reads there how many have arrived.",
    "updates": "Updates after which letters that were written before are not true any more.",
    "share": "What people may pass on, at most 280 characters.",
    "closed": "How the case ended, with your thanks: then nobody writes letters for it any more.",
    "follow": "Links to the campaign, for each language.",
}
_TARGET_NOTES = {
    "country": "Where the office is, in two capital letters; its time zone, and its hours there.",
    "workdays": "1 is Monday.",
    "weekends": 'On weekends and public holidays letters wait for the next working day ("move"),\n'
    'or leave all the same ("send").',
    "language": "Letters to it are written in this language.",
    "routes": 'Routes to it, best first, such as "fax:+50255550100". Without one, letters go to the tray.',
    "office": 'As in a sentence: "a letter to the Attorney General".',
    "salutation": "How a letter greets its reader; {{ salutation }} in the letter.",
}
_TARGET_ALSO = """You may also write here:
  closed_days = ["2027-12-24"]: days on which this office is closed, beside public holidays
  region = "ENG": the part of the country whose holidays count
  for = ["CL", "PE"]: it gets letters of people in these countries only; for = "others": of all others
  government = "GH": for an embassy, the country that it is of; country is where it stands
  per_day = 300: how many letters a day it can bear"""
_ACTION_NOTES = {
    "targets": "Who gets the letters: names of files in targets/.",
    "subjects": "Subjects of emails, in the office's language: each letter takes one of them.",
    "opens": "From when on letters are written.",
    "closes": "The last day on which they are written and sent.",
    "formerly": "What this action was called before: letters written then belong to it.",
    "asks": "What the letters ask, in one line.",
    "action_days": "A day on which many letters are to arrive together.",
}
_ACTION_ALSO = """You may also write here:
  opens = "2027-01-10", closes = "2027-03-31": from when until when letters are written
  goal = 5000: how many letters are wanted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What is known of a case that is begun. Texts are by language, in the office's own, too.

    `asks`: what goes on after `asks_after` of the language, or a whole sentence where it has none.
    `salutation`: in languages whose drafts have none.
    """

    person: str
    languages: tuple[str, ...]
    country: str  # of the office: ISO 3166, two letters
    timezone: str
    opens: str
    closes: str
    workdays: tuple[int, ...]
    language: str  # of the letters
    office: Mapping[str, str]
    place: Mapping[str, str]
    asks: Mapping[str, str]
    salutation: Mapping[str, str] = field(default_factory=dict)
    from_day: str | None = None
    until_day: str | None = None
    action_day: str | None = None

    @property
    def letter_languages(self) -> tuple[str, ...]:
        """Those of supporters, and the office's."""
        return languages_of_letters(self.languages, self.language)

    @property
    def target(self) -> str:
        """The slug of its target."""
        return slug_of_office(self.office)


def languages_of_letters(languages: tuple[str, ...], office: str) -> tuple[str, ...]:
    """The languages in which there has to be a letter."""
    return tuple(dict.fromkeys((*languages, office)))


def phrase(language: str, name: str) -> str | None:
    """A phrase of the drafts in that language, such as `asks_after`; None where there is none."""
    return _drafts(language).get(name)


def has_drafts(language: str) -> bool:
    """Whether there are drafts in that language."""
    return _drafts(language) is not _all_drafts()[_OTHER]


def case_files(case: NewCase) -> Mapping[str, bytes]:
    """The files of its folder, by their path in it. They pass `check_cases` where the answers are good."""
    action = f"{actions.FOLDER}/{ACTION}"
    texts = {
        "case.toml": case_toml(_case(case)),
        f"targets/{case.target}.toml": target_toml(_target(case)),
        f"{action}/{actions.FILE}": action_toml(_action(case)),
    }
    texts |= {f"briefing.{each}.md": _said(case, each, "briefing", markdown=True) for each in case.languages}
    texts |= {f"{action}/letter.{each}.txt": _said(case, each, "letter") for each in case.letter_languages}
    return encoded(texts)


def case_toml(facts: Mapping[str, object]) -> str:
    """The case.toml of a folder with actions/, with notes for who writes on."""
    return toml(facts, _CASE_NOTES, "The facts of the case. The texts stand beside this file.")


def target_toml(facts: Mapping[str, object]) -> str:
    """A file for targets/."""
    return toml(facts, _TARGET_NOTES, "An office that gets letters.", _TARGET_ALSO)


def action_toml(facts: Mapping[str, object]) -> str:
    """An action.toml."""
    return toml(facts, _ACTION_NOTES, "A call to write. Its letters stand beside this file.", _ACTION_ALSO)


def _case(case: NewCase) -> Mapping[str, object]:
    return {
        "person": case.person,
        "languages": list(case.languages),
        "title": dict.fromkeys(case.languages, case.person),
        "share": {each: _said(case, each, "share") for each in case.languages},
    }


def _target(case: NewCase) -> Mapping[str, object]:
    salutations = {
        each: case.salutation.get(each) or phrase(each, "salutation") for each in case.letter_languages
    }
    return {
        "country": case.country,
        "timezone": case.timezone,
        "opens": case.opens,
        "closes": case.closes,
        "workdays": list(case.workdays),
        "weekends": "move",
        "holidays": "move",
        "language": case.language,
        "routes": [],
        "office": dict(case.office),
        "place": dict(case.place),
        "salutation": {language: text for language, text in salutations.items() if text},
    }


def _action(case: NewCase) -> Mapping[str, object]:
    days = []
    if case.action_day:
        titles = {each: _day_title(case, each, case.action_day) for each in case.languages}
        days = [{"date": case.action_day, "title": titles}]
    return {
        "targets": [case.target],
        "subjects": [case.person],
        "opens": case.from_day,
        "closes": case.until_day,
        "title": {each: _said(case, each, "action") for each in case.languages},
        "asks": {each: _said(case, each, "asks") for each in case.languages},
        "action_days": days,
    }


def _day_title(case: NewCase, language: str, day: str) -> str:
    written = format_date(parse_day(day), "long", locale=babel_locale(language))
    return f"{_said(case, language, 'action_day')}, {written}"


def _said(case: NewCase, language: str, name: str, *, markdown: bool = False) -> str:
    """The draft of that name, with what was answered."""
    values = {
        "person": case.person,
        "office": case.office[language],
        "place": case.place[language],
        "country": called(case.country, language),
        "asks": case.asks[language],
    }
    if markdown:
        values = {key: _PUNCTUATION.sub(r"\\\1", text) for key, text in values.items()}
    return Template(_drafts(language)[name]).substitute(values).lstrip("\n")


def _drafts(language: str) -> Mapping[str, str]:
    drafts = _all_drafts()
    return drafts.get(language) or drafts.get(language.partition("-")[0]) or drafts[_OTHER]


@cache
def _all_drafts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("assistant.content").joinpath("drafts.toml").read_text("utf-8"))
