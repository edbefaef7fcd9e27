"""What the options of `assistant broadcasts draft` say, as an announcement."""

import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import typer
from markupsafe import escape

from assistant.dialogue.planning import PROSE_MAX, clean_prose
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Announcement, Audience, Kind, Step, Timing
from assistant.domain.model import Case, CaseDate, Update

STDIN = "-"
Now = Callable[[], datetime]
"""Asked for the time, UTC, once nothing else is wrong."""


class Readers(StrEnum):
    """Who gets it."""

    ALL = "all"  # who asked for the news of the case
    WROTE = "wrote"  # those of them who have written a letter
    UNWRITTEN = "unwritten"  # those of them who have not
    EVERYONE = "everyone"  # who asked for the news of any case


@dataclass(frozen=True, slots=True)
class Options:
    """As they were given."""

    update: str | None
    alert: bool
    correct: int | None
    texts: Sequence[str]
    fallbacks: Sequence[str]
    case: str | None
    readers: Readers | None
    countries: Sequence[str]
    languages: Sequence[str]
    at: str | None
    local: str | None
    lasts: int | None
    urgent: bool
    button: Step | None


def announcement(given: Options, script: Script, now: Now) -> Announcement:
    """What is to be sent. A correction's case is not known yet. Raises BadParameter."""
    chosen = [given.update is not None, given.alert, given.correct is not None]
    if sum(chosen) != 1:
        raise _wrong("--update, --alert, --correct", "give one of them")
    if given.update is not None:
        return _update(given, script, now)
    if given.correct is not None:
        return _correction(given, script, now)
    return _alert(given, script, now)


def _update(given: Options, script: Script, now: Now) -> Announcement:
    slug, _, name = (given.update or "").partition("/")
    case = _case(script, slug, "--update")
    update = _known_update(case, name)
    if given.texts or given.case:
        raise _wrong("--update", "the case folder has its text: leave out --text and --case")
    step = given.button or Step.READ
    if step is Step.NONE:
        raise _wrong("--button", "an update has one: letter or read")
    texts = {language: str(text) for language, text in update.text.texts.items()}
    return Announcement(
        Kind.UPDATE,
        texts,
        update.date,
        case.slug,
        update.slug,
        _fallbacks(given, texts, script),
        _audience(given, script, case),
        _timing(given, now),
        step,
        update.outcome,
    )


def _known_update(case: Case, name: str) -> Update:
    if name not in case.updates:
        known = ", ".join(f"{case.slug}/{each}" for each in case.updates)
        raise _wrong("--update", f"there is {known}")
    return case.updates[name]


def _alert(given: Options, script: Script, now: Now) -> Announcement:
    if given.lasts is None:
        raise _wrong("--lasts", "an alert must have an end: after how many hours is it worthless?")
    case = None if given.case is None else _case(script, given.case, "--case")
    step = given.button or (Step.LETTER if case else Step.NONE)
    if case is None and step is not Step.NONE:
        raise _wrong("--button", "without --case there is nothing that it could lead to")
    texts, timing = _texts(given, script), _timing(given, now)
    return Announcement(
        Kind.ALERT,
        texts,
        _dated(timing, now),
        case.slug if case else None,
        None,
        _fallbacks(given, texts, script),
        _audience(given, script, case),
        timing,
        step,
    )


def _correction(given: Options, script: Script, now: Now) -> Announcement:
    if given.case or given.readers or given.countries or given.languages:
        raise _wrong(
            "--correct",
            "it goes to exactly those who got that one: leave out --case, --readers, --country, --language",
        )
    texts, timing = _texts(given, script), _timing(given, now)
    return Announcement(
        Kind.CORRECTION,
        texts,
        _dated(timing, now),
        fallbacks=_fallbacks(given, texts, script),
        audience=Audience(received=given.correct),
        timing=timing,
        step=given.button or Step.NONE,
    )


def _dated(timing: Timing, now: Now) -> CaseDate:
    """The day on which it leaves, as far as that is known."""
    day = timing.day or timing.at or now()
    return CaseDate(day.year, day.month, day.day)


def _case(script: Script, slug: str, option: str) -> Case:
    if slug not in script.cases:
        raise _wrong(option, f"there is no case '{slug}'; there is {', '.join(script.cases)}")
    return script.cases[slug]


# What it says


def _texts(given: Options, script: Script) -> dict[str, str]:
    files = _pairs("--text", given.texts, "en=alert.txt")
    if not files:
        raise _wrong("--text", "give a file for each language, such as --text en=alert.txt")
    if list(files.values()).count(STDIN) > 1:
        raise _wrong("--text", "only one text can come from standard input")
    for language in files:
        _spoken(script, language, "--text")
    return {language: _text(language, files[language]) for language in script.tongues if language in files}


def _text(language: str, file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        text = clean_prose(raw.decode("utf-8-sig"))
    except OSError as error:
        raise _wrong("--text", f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _wrong("--text", f"{file} is not UTF-8: save it as UTF-8") from None
    if all(unicodedata.category(each)[0] in "CZ" for each in text):
        raise _wrong("--text", f"there is nothing in {file}")
    if len(text) > PROSE_MAX:
        raise _wrong("--text", f"{language} has {len(text):,} characters; at most {PROSE_MAX} fit")
    return str(escape(text))


def _fallbacks(given: Options, texts: Mapping[str, str], script: Script) -> dict[str, str]:
    """For each language without a text, the one that its readers get: each has to be named."""
    accepted = _pairs("--fallback", given.fallbacks, "es=en")
    for language, other in accepted.items():
        _spoken(script, language, "--fallback")
        if language in texts:
            raise _wrong("--fallback", f"there is a text in {language}: its readers get that one")
        if other not in texts:
            raise _wrong("--fallback", f"there is no text in {other}; there is {', '.join(texts)}")
    missing = [language for language in script.tongues if language not in texts and language not in accepted]
    if missing:
        other = next(iter(texts))
        added = " ".join(f"--fallback {language}={other}" for language in missing)
        text = "" if given.update else "Write it, or "
        raise _wrong(
            "--fallback",
            f"there is no text in: {', '.join(missing)}. {text}say which one these readers get: {added}",
        )
    return accepted


def _pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in given:
        language, sign, value = each.partition("=")
        if not (language and sign and value):
            raise _wrong(option, f"write it like {option} {example}")
        if language in pairs:
            raise _wrong(option, f"{language} is there twice")
        pairs[language] = value
    return pairs


def _spoken(script: Script, language: str, option: str) -> str:
    if language not in script.tongues:
        raise _wrong(option, f"we speak {', '.join(script.tongues)}")
    return language


# To whom, and when


def _audience(given: Options, script: Script, case: Case | None) -> Audience:
    readers = given.readers or Readers.ALL
    wrote = {Readers.WROTE: True, Readers.UNWRITTEN: False}.get(readers)
    if wrote is not None and case is None:
        raise _wrong("--readers", f"{readers} is about a case: give --case, too")
    return Audience(
        case.slug if case and readers is not Readers.EVERYONE else None,
        tuple(dict.fromkeys(_country(script, name) for name in given.countries)),
        tuple(dict.fromkeys(_spoken(script, each, "--language") for each in given.languages)),
        wrote,
    )


def _country(script: Script, name: str) -> str:
    found = script.gazetteer.find(name, "en")
    if not found.sure:
        near = f" Did you mean {', '.join(found.codes)}?" if found.codes else ""
        raise _wrong("--country", f"we do not know '{name}'.{near} Write its name in English, or its code")
    return found.codes[0]


def _timing(given: Options, now: Now) -> Timing:
    if given.at is not None and given.local is not None:
        raise _wrong("--at, --local", "give one of them")
    at = None if given.at is None else _moment(given.at, now)
    if given.local is None:
        return Timing(at, lasts=given.lasts, urgent=given.urgent)
    try:
        there = datetime.strptime(given.local.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007  anywhere
    except ValueError:
        raise _wrong("--local", "write a day and a time like this: '2012-01-23 10:00'") from None
    if there.date() < now().date():
        raise _wrong("--local", "that day has passed already")
    return Timing(None, there.date(), there.time(), given.lasts, given.urgent)


def _moment(text: str, now: Now) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong(
            "--at", "write a moment with its time zone: 2012-01-23T15:00Z, or 2012-01-23T09:00-06:00"
        )
    if moment <= now():
        raise _wrong("--at", "that has passed already")
    return moment.astimezone(UTC)


def _wrong(option: str, why: str) -> typer.BadParameter:
    return typer.BadParameter(why, param_hint=option)
