"""A broadcast as it is shown in the shell, to people and to programs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import typer

from assistant.cli.output import stamp, table
from assistant.domain.broadcasts import (
    NOT_AS_APPROVED,
    Broadcast,
    CopyStatus,
    Progress,
    Version,
    version_for,
)
from assistant.domain.figures import FEW, Figure, total
from assistant.domain.messages import Account
from assistant.domain.richtext import plain
from assistant.domain.texts import Locale, Text, render
from assistant.services.broadcasts.overview import BroadcastDetails
from conversations.organisers import notifications
from conversations.organisers.formatting import duration, people
from conversations.organisers.sentences import announcement

QUOTE = "  | "  # before each line that readers get

Row = dict[str, "str | int | bool | None"]


def summary(progress: Progress) -> Row:
    """The facts that fit on one line."""
    found, written = progress.broadcast, progress.broadcast.announcement
    return {
        "number": found.id,
        "kind": written.kind.value,
        "case": written.case,
        "update": written.update,
        "status": found.status.value,
        "people": None if found.counts is None else found.shown_reach.value,
        "sent": progress.shown.count(CopyStatus.SENT).value if found.started_at else 0,
        "author": _who(found.author),
        "approver": _who(found.approver) if found.starts_at else None,
        "starts_at": stamp(found.starts_at),
    }


def _who(number: int | None) -> str:
    return "shell" if number is None else f"organiser {number}"


def details(looked: BroadcastDetails, rates: Mapping[Account, float]) -> dict[str, object]:
    """Everything, for programs. `rates`: messages a second, by account."""
    found, written = looked.broadcast, looked.broadcast.announcement
    timing, audience = written.timing, written.audience
    return {
        **summary(looked.progress),
        "started_at": stamp(found.started_at),
        "expires_at": stamp(found.expires_at),
        "recipients": looked.progress.shown.whole.value if found.started_at else 0,
        "note": found.note,
        "digest": found.digest,
        "audience": {
            "case": audience.case,
            "countries": list(audience.countries),
            "languages": list(audience.languages),
            "wrote": audience.wrote,
            "received": audience.received,
            **({"channel": audience.channel} if audience.channel else {}),
        },
        "at": stamp(timing.at),
        "local": f"{timing.day}T{timing.hour:%H:%M}" if timing.day and timing.hour else None,
        "lasts": timing.lasts,
        "urgent": timing.urgent,
        "fallbacks": dict(written.fallbacks),
        "button": written.call_to_action.value,
        "texts": {language: _text(version) for language, version in looked.versions.items()},
        "counts": _counts(looked),
        "channels": [
            {"channel": each.channel, "people": each.people.value, "seconds": each.seconds}
            for each in _channels(found, rates)
        ],
        "ends": [
            {"outcome": each.outcome.value, "copies": shown.value, "reason": each.reason}
            for each, shown in looked.progress.shown.ends.items()
        ],
    }


def _text(version: Version) -> dict[str, str | None]:
    return {
        "text": plain(version.html),
        "html": str(version.html),
        "button": version.button.label if version.button else None,
        "outcome": None if version.outcome is None else plain(version.outcome),
    }


def _counts(looked: BroadcastDetails) -> list[Row]:
    """How many people there are, by channel and language, and in which language they get it."""
    counted: defaultdict[tuple[str, str | None], list[Figure]] = defaultdict(list)
    for count, shown in looked.broadcast.shown_counts.items():
        counted[count.account.channel, count.language].append(shown)
    return [
        {
            "channel": channel,
            "language": language,
            "people": total(shown).value,
            "reads": _reads(looked, language),
        }
        for (channel, language), shown in counted.items()
    ]


def _reads(looked: BroadcastDetails, language: str | None) -> str | None:
    """The language of the text that these readers get."""
    if not looked.versions:
        return None
    shown = version_for(looked.versions, language)
    got = next(each for each, version in looked.versions.items() if version is shown)
    return looked.broadcast.announcement.fallbacks.get(got, got)


@dataclass(frozen=True, slots=True)
class _Channel:
    """How many people there are on a channel, and the seconds that it takes to write to them all.

    None where no account of the channel is set here.
    """

    channel: str
    people: Figure
    seconds: float | None


def _channels(found: Broadcast, rates: Mapping[Account, float]) -> list[_Channel]:
    """Several accounts of a channel send side by side."""
    counted: defaultdict[str, defaultdict[Account, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for count, shown in found.shown_counts.items():
        counted[count.account.channel][count.account].append(shown)
    return [
        _Channel(channel, total(chain(*accounts.values())), _seconds(accounts, rates))
        for channel, accounts in counted.items()
    ]


def _seconds(counted: Mapping[Account, list[Figure]], rates: Mapping[Account, float]) -> float | None:
    known = [
        total(shown).least / rates[account] if rates[account] else 0.0
        for account, shown in counted.items()
        if account in rates
    ]
    return max(known, default=None)


# For people


def show(looked: BroadcastDetails, rates: Mapping[Account, float], locale: Locale) -> None:
    """Print everything, as its author, its approver and its readers need to see it."""
    table(["fact", "value"], [fact for fact in _facts(looked).items() if fact[1] is not None])
    # In the shell a case is named by its slug, as in the options of its commands.
    typer.echo(_said(announcement.facts(looked.broadcast.announcement, cases={}), locale))
    if paused := looked.broadcast.paused:
        typer.echo(
            f"{paused} is paused: it cannot be sent until two people resume it in their chats "
            f"with /resume, or `assistant cases resume {paused}` does."
        )
    _show_texts(looked, locale)
    _show_reach(looked, rates, locale)
    show_ends(looked.progress)


def _facts(looked: BroadcastDetails) -> Row:
    found, names = looked.broadcast, {each.number: each.name for each in looked.members}
    facts = summary(looked.progress)
    for fact, number in (("author", found.author), ("approver", found.approver)):
        if number in names:
            facts[fact] = f"{facts[fact]}, {names[number]}"
    return facts | {
        "started_at": stamp(found.started_at),
        "expires_at": stamp(found.expires_at),
        "button": found.announcement.call_to_action.value,
        "note": found.note,
    }


def _show_texts(looked: BroadcastDetails, locale: Locale) -> None:
    for language, version in looked.versions.items():
        for wrote in (False, True) if version.outcome is not None else (False,):
            typer.echo(f"\n{_said(notifications.version(language, wrote=wrote).said, locale)}")
            copy = version.copy(wrote=wrote)
            for line in [*plain(copy.html).split("\n"), *(f"[{button.label}]" for button in copy.buttons)]:
                typer.echo(f"{QUOTE}{line}".rstrip())


def _show_reach(looked: BroadcastDetails, rates: Mapping[Account, float], locale: Locale) -> None:
    typer.echo()
    if looked.broadcast.counts is None:
        typer.echo("It is not counted yet: `assistant run` does that.")
        return
    if not looked.broadcast.shown_counts:
        typer.echo(f"It would reach fewer than {FEW} people, or nobody.")
        return
    heading = ["channel", "language", "people", "reads"]
    table(heading, [[row[each] or "none chosen" for each in heading] for row in _counts(looked)])
    for each in _channels(looked.broadcast, rates):
        how = "; none of our accounts is set here"
        if each.seconds is not None:
            how = f", in {_said(duration(each.seconds), locale)}"
        typer.echo(f"{each.channel}: {_said(people(each.people), locale)}{how}")


def why_halted(found: Broadcast) -> str:
    """For whoever thinks of resuming it. It has a note."""
    if found.note == NOT_AS_APPROVED:
        return "It was halted because somebody has changed it in the database: it is not what was approved."
    return f"It was halted because too many messages failed: {found.note}"


def show_ends(progress: Progress) -> None:
    """Print what became of the messages, with the reasons."""
    if ends := progress.shown.ends:
        typer.echo()
        rows = [[each.outcome, str(shown), each.reason] for each, shown in ends.items()]
        table(["outcome", "copies", "reason"], rows)


def _said(speech: Text, locale: Locale) -> str:
    return plain(render(speech, locale))
