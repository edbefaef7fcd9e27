"""`assistant broadcasts draft|propose`: from options and a text to what waits for a second person."""

import asyncio
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from markupsafe import escape

from assistant.cli.broadcasts.commands import Number
from assistant.cli.broadcasts.view import show
from assistant.dialogue.answers import PROSE_MAX, clean_prose
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import (
    LASTS_MAX,
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    Kind,
    Timing,
    texts_of,
    usual_call_to_action,
)
from assistant.domain.cases import Case, Update
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus
from assistant.runtime import clock_of
from assistant.services.broadcasts.approval import SHELL
from assistant.services.broadcasts.overview import BroadcastOverview
from assistant.settings import Settings
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import make_script
from assistant.wiring.organisers import OrganiserServices, open_organiser_services, who_approves

STDIN = "-"
Now = Callable[[], datetime]
"""Asked for the time, UTC, once nothing else is wrong."""


class Readers(StrEnum):
    """Who gets it."""

    ALL = "all"  # who asked for the news of the case
    WROTE = "wrote"  # those of them who have written a letter
    UNWRITTEN = "unwritten"  # those of them who have not
    EVERYONE = "everyone"  # who asked for the news of any case


@dataclass(frozen=True, slots=True, kw_only=True)
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
    channel: str | None
    languages: Sequence[str]
    at: str | None
    local: str | None
    lasts: int | None
    urgent: bool
    button: CallToAction | None
    action: str | None = None
    replaces_letter: bool = False


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
    call_to_action = given.button or usual_call_to_action(Kind.UPDATE, case)
    if call_to_action is CallToAction.NONE:
        raise _wrong("--button", "an update has one: letter or read")
    texts = texts_of(update)
    return Announcement(
        kind=Kind.UPDATE,
        texts=texts,
        dated=update.date,
        case=case.slug,
        update=update.slug,
        fallbacks=_fallbacks(given, texts, script),
        audience=_audience(given, script, case),
        timing=_timing(given, now),
        call_to_action=call_to_action,
        outcome=update.outcome,
        action=_action(given, case),
        replaces_letter=update.replaces_letter or given.replaces_letter,
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
    call_to_action = given.button or usual_call_to_action(Kind.ALERT, case)
    if case is None and call_to_action is not CallToAction.NONE:
        raise _wrong("--button", "without --case there is nothing that it could lead to")
    texts, timing = _texts(given, script), _timing(given, now)
    return Announcement(
        kind=Kind.ALERT,
        texts=texts,
        dated=timing.dated(now()),
        case=case.slug if case else None,
        update=None,
        fallbacks=_fallbacks(given, texts, script),
        audience=_audience(given, script, case),
        timing=timing,
        call_to_action=call_to_action,
        action=_action(given, case) if case else None,
    )


def _correction(given: Options, script: Script, now: Now) -> Announcement:
    if given.case or given.readers or given.countries or given.languages or given.channel:
        raise _wrong(
            "--correct",
            "it goes to exactly those who got that one: leave out --case, --readers, --country, "
            "--channel and --language",
        )
    texts, timing = _texts(given, script), _timing(given, now)
    return Announcement(
        kind=Kind.CORRECTION,
        texts=texts,
        dated=timing.dated(now()),
        fallbacks=_fallbacks(given, texts, script),
        audience=Audience(received=given.correct),
        timing=timing,
        call_to_action=given.button or usual_call_to_action(Kind.CORRECTION, None),
    )


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
    return {language: _text(language, files[language]) for language in script.locales if language in files}


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
    missing = [language for language in script.locales if language not in texts and language not in accepted]
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
    if language not in script.locales:
        raise _wrong(option, f"we speak {', '.join(script.locales)}")
    return language


# To whom, and when


def _audience(given: Options, script: Script, case: Case | None) -> Audience:
    readers = given.readers or Readers.ALL
    wrote = {Readers.WROTE: True, Readers.UNWRITTEN: False}.get(readers)
    if wrote is not None and case is None:
        raise _wrong("--readers", f"{readers} is about a case: give --case, too")
    return Audience(
        case=case.slug if case and readers is not Readers.EVERYONE else None,
        countries=tuple(dict.fromkeys(_country(script, name) for name in given.countries)),
        languages=tuple(dict.fromkeys(_spoken(script, each, "--language") for each in given.languages)),
        channel=given.channel,
        wrote=wrote,
        action=_action(given, case) if case and wrote is not None else None,
    )


def _channel(name: str | None, settings: Settings, script: Script) -> str | None:
    """One of those that are set up, by its name."""
    known = sorted({each.account.channel for each in configured_channels(settings, script)})
    if name is not None and name not in known:
        there = f"people can write to us over {', '.join(known)}" if known else "no channel is set up"
        raise _wrong("--channel", f"there is no '{name}': {there}")
    return name


def _action(given: Options, case: Case) -> str | None:
    """The action that it is about; None where the case has only one, or none is named."""
    if given.action is not None and given.action not in case.actions:
        raise _wrong("--action", f"there is {', '.join(case.actions)}")
    return given.action if len(case.actions) > 1 else None


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
        return Timing(at=at, lasts=given.lasts, urgent=given.urgent)
    try:
        there = datetime.strptime(given.local.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007  anywhere
    except ValueError:
        raise _wrong("--local", "write a day and a time like this: '2012-01-23 10:00'") from None
    if there.date() < now().date():
        raise _wrong("--local", "that day has passed already")
    return Timing(at=None, day=there.date(), hour=there.time(), lasts=given.lasts, urgent=given.urgent)


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


app = typer.Typer()  # its commands are among those of `assistant broadcasts`
WHAT, WHOM, WHEN = "What it says", "Who gets it", "When it is sent"


@app.command()
def draft(
    update: Annotated[
        str | None,
        typer.Option(
            metavar="CASE/UPDATE",
            help="News of a case folder: norma-cruz/2011-09-conviction. See `assistant updates list`.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    alert: Annotated[
        bool,
        typer.Option("--alert", help="A call to act. It needs --text and --lasts.", rich_help_panel=WHAT),
    ] = False,
    correct: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2**63 - 1,
            metavar="NUMBER",
            help="A correction, to those who got that broadcast. It needs --text.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=FILE",
            help="Its text in a language: en=alert.txt, or en=- for standard input. It is taken as it "
            f"stands: at most {PROSE_MAX} characters. The case, the date and how to stop are added.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    fallback: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=OTHER",
            help="es=en: who reads Spanish gets the English text. Each language without a text needs this.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(
            help="The action of the case that it is about, where it has several: its button leads there, and "
            "--readers wrote|unwritten is about its letters.",
            rich_help_panel=WHOM,
        ),
    ] = None,
    replaces_letter: Annotated[
        bool,
        typer.Option(
            "--replaces-letter",
            help="After this update, letters that wait with an older text are not true any more: they "
            "are held until their writers agree to the new text.",
        ),
    ] = False,
    button: Annotated[
        CallToAction | None,
        typer.Option(
            help="What the button below it leads to. Without this: letter, where it is "
            "about a case, and nothing for a correction.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="The case that an alert is about.", rich_help_panel=WHOM)
    ] = None,
    readers: Annotated[
        Readers | None,
        typer.Option(
            help="all: who asked for the news of the case; wrote, unwritten: those of them who have, or have "
            "not, written a letter; everyone: who asked for the news of any case. Without this: all.",
            rich_help_panel=WHOM,
        ),
    ] = None,
    country: Annotated[
        list[str] | None,
        typer.Option(
            help="Only who lives there, as their letter says. May be given several times.",
            rich_help_panel=WHOM,
        ),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(help="Only who writes over it: before it ends, say.", rich_help_panel=WHOM),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="Only who reads this language. May be given several times.", rich_help_panel=WHOM),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="Not before 2012-01-23T15:00Z. Without this: as soon as it is approved.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    local: Annotated[
        str | None,
        typer.Option(
            metavar="'DAY TIME'",
            help="Not before '2012-01-23 10:00' where each reader lives.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    lasts: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LASTS_MAX,
            metavar="HOURS",
            help="For how long it is worth reading. Who has not got it by then never does.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    urgent: Annotated[
        bool,
        typer.Option(
            "--urgent",
            help="Do not wait until it is day where a reader lives. Who approves it is asked about that.",
            rich_help_panel=WHEN,
        ),
    ] = False,
    draft_only: Annotated[
        bool, typer.Option("--draft-only", help="Keep it, and ask nobody to approve it yet.")
    ] = False,
) -> None:
    """Write an update, an alert or a correction, see it as its readers will, and ask for approval.

    Nobody gets it before another person has approved it. Give one of --update, --alert and --correct:

    \b
    assistant broadcasts draft --update norma-cruz/2011-09-conviction
    assistant broadcasts draft --alert --case norma-cruz --lasts 24 --text en=alert.txt --fallback es=en
    """
    settings = Settings.load()
    script = make_script(settings)
    given = Options(
        update=update,
        alert=alert,
        correct=correct,
        texts=text or (),
        fallbacks=fallback or (),
        case=case,
        readers=readers,
        countries=country or (),
        channel=_channel(channel, settings, script),
        languages=language or (),
        at=at,
        local=local,
        lasts=lasts,
        urgent=urgent,
        button=button,
        action=action,
        replaces_letter=replaces_letter,
    )
    written = announcement(given, script, lambda: clock_of(settings, create=False)())
    asyncio.run(_draft(settings, script, written, propose_it=not draft_only))


async def _draft(settings: Settings, script: Script, written: Announcement, *, propose_it: bool) -> None:
    async with open_organiser_services(settings, script) as services:
        if written.audience.received is not None:
            await _demand_sent(services.overview, written.audience.received)
        number = await _save(services, written)
        await services.overview.count(number, services.renderer)
        looked = await services.overview.details(number)
        show(looked, services.rates, script.default_locale)
        if propose_it:
            await _propose(services, looked.broadcast)
        else:
            typer.echo(
                f"\nBroadcast {number} is a draft: nobody has got it, and nobody was asked.\n"
                f"To ask for approval: assistant broadcasts propose {number}\n"
                f"To drop it: assistant broadcasts discard {number}"
            )


async def _save(services: OrganiserServices, written: Announcement) -> int:
    """Keep the draft. Raises Refused, with the number of the broadcast that the update has already."""
    try:
        async with services.store.write() as tx:
            return await services.broadcast_service.save(tx, SHELL, written)
    except Refused as refusal:
        same = await services.overview.same_update(written)
        shown = f" `assistant broadcasts show {same.id}` shows it." if same else ""
        raise Refused(f"{refusal.reason}{shown}") from None


async def _demand_sent(overview: BroadcastOverview, number: int) -> None:
    """Raises Refused where nobody has got that broadcast, so that there is nothing to correct."""
    found = (await overview.details(number)).broadcast
    if found.started_at is None:
        hint = "" if found.is_over else f" `assistant broadcasts discard {number}` discards it."
        raise Refused(f"Nobody has got broadcast {number}, so there is nothing to correct.{hint}")


@app.command()
def propose(number: Number) -> None:
    """Ask the others to approve a draft that was written in the shell."""
    asyncio.run(_look_and_propose(Settings.load(), number))


async def _look_and_propose(settings: Settings, number: int) -> None:
    async with open_organiser_services(settings, make_script(settings)) as services:
        overview = services.overview
        found = (await overview.details(number)).broadcast
        if found.status is BroadcastStatus.PROPOSED:
            raise Refused(f"Broadcast {number} waits for approval already.")
        if found.author is None and found.status is BroadcastStatus.DRAFT:
            await overview.count(number, services.renderer)
        await _propose(services, (await overview.details(number)).broadcast)


async def _propose(services: OrganiserServices, found: Broadcast) -> None:
    async with services.store.write() as tx:
        await services.broadcast_service.propose(tx, SHELL, found.id, found.digest)
    if services.broadcast_service.approvals == 1:
        then = f"One person is enough here: assistant broadcasts approve {found.id}"
    else:
        members = (await services.overview.details(found.id)).members
        then = f"Another person has to approve it. {who_approves(members, found.id)}"
    typer.echo(f"\nBroadcast {found.id} waits for approval: nobody has got it.\n{then}")
    typer.echo(f"To drop it: assistant broadcasts discard {found.id}")
