"""`assistant letters`: what there is, and what organisers decide about single letters."""

import asyncio
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import Json, stamp, table
from assistant.domain.cases import Case
from assistant.domain.errors import Misconfigured, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import WAITING, Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.retention import KEEP_UNDECIDED
from assistant.runtime import clock_of
from assistant.services.letters.decisions import Mentioned
from assistant.services.letters.overview import LetterHistory, LetterOverview
from assistant.settings import Settings
from assistant.wiring.content import make_content
from assistant.wiring.letters import open_letter_decisions, open_letter_overview

app = typer.Typer(
    no_args_is_help=True, help="The letters: where each is on its way. Nothing personal is shown."
)
Number = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="The letter's number, from `assistant letters list`.")
]
COLUMNS = ["id", "case", "action", "target", "status", "country", "route", "created_on", "due_on", "attempts"]


@app.command("list")
def list_letters(
    case: Annotated[str | None, typer.Option(help="Only letters of this case.")] = None,
    action: Annotated[str | None, typer.Option(help="Only letters of this action of the case.")] = None,
    target: Annotated[str | None, typer.Option(help="Only letters to this target.")] = None,
    status: Annotated[LetterStatus | None, typer.Option(help="Only letters in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List letters, the oldest first. `due_on` is when one that waits is expected to be sent. Days are UTC's.

    A country is shown where at least ten letters of the case come from it: fewer could point at a person.
    """
    settings = Settings.load()
    if case or action or target:
        _check_names(make_content(settings).cases, case, action, target)

    async def read() -> tuple[list[dict[str, str | int | None]], list[str]]:
        async with open_letter_overview(settings) as overview:
            listed = await overview.listed(case=case, action=action, target=target, status=status)
            leaving, countries = (
                await _departures(settings, overview, listed),
                await overview.shown_countries(),
            )
            rows = [_row(letter, leaving, countries) for letter in listed]
            return rows, [*_on_uncertain(overview, listed), *_on_held(listed)]

    rows, to_decide = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table(COLUMNS, [[row[column] or "" for column in COLUMNS] for row in rows])
    for line in to_decide:
        typer.echo(line)


SHOWN = 5  # letters of which `list` says where to look


def _on_uncertain(overview: LetterOverview, listed: Sequence[Letter]) -> list[str]:
    """What to do about letters that are uncertain; nothing where none is."""
    open_ones = [letter for letter in listed if letter.has_text]  # the others cannot be sent again
    where = [(letter, said) for letter in open_ones if (said := overview.evidence(letter)) is not None]
    if not where:
        return []
    are = "is uncertain: it" if len(where) == 1 else "are uncertain: they"
    lines = ["", f"{_counted(len(where))} {are} may have arrived, and nothing is sent twice by itself."]
    lines += [f"  letter {letter.id}: {said}" for letter, said in where[:SHOWN]]
    if len(where) > SHOWN:
        lines.append("  `assistant letters show NUMBER` says where to look for each of the others.")
    return [*lines, f"Then {_SETTLE}", _MANY, _UNTIL]


def _on_held(listed: Sequence[Letter]) -> list[str]:
    """What becomes of letters that are held; nothing where none is."""
    held = sum(letter.status is LetterStatus.HELD for letter in listed)
    if not held:
        return []
    are = "is held. It is" if held == 1 else "are held. Each is"
    days = KEEP_UNDECIDED.days
    return [
        "",
        f"{_counted(held)} {are} cancelled, and its text deleted, after {days} days without a decision.",
    ]


_SETTLE = "`assistant letters resolve NUMBER --as delivered`, or `--as again` to send it once more."
_MANY = (
    "Many at once, by what a log says: `assistant letters resolve --as delivered --references FILE`. "
    "docs/letters.md has more about it."
)
_UNTIL = f"Their texts are deleted {KEEP_UNDECIDED.days} days after they were sent: do it before that."


@app.command()
def show(number: Number, as_json: Json = False) -> None:
    """Show one letter."""
    settings = Settings.load()

    async def read() -> dict[str, str | int | None]:
        async with open_letter_overview(settings) as overview:
            letter = (await _history(overview, number)).letter
            leaving, countries = (
                await _departures(settings, overview, [letter]),
                await overview.shown_countries(),
            )
            row = _row(letter, leaving, countries)
            more = {"language": letter.language, "reference": letter.reference, "print_run": letter.print_run}
            more |= {"text": "kept" if letter.has_text else "deleted"}
            evidence = overview.evidence(letter)
            return row | more | ({} if evidence is None else {"evidence": evidence})

    row = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(row, indent=1))
    else:
        table(["fact", "value"], [[key, "" if value is None else value] for key, value in row.items()])
        if "evidence" in row:
            typer.echo(f"\nThen {_SETTLE}")


@app.command()
def log(number: Number, as_json: Json = False) -> None:
    """Show every step of one letter, with its time and reason."""

    async def read() -> tuple[LetterHistory, list[str]]:
        async with open_letter_overview(Settings.load()) as overview:
            history = await _history(overview, number)
            return history, _on_uncertain(overview, [history.letter])

    history, on_uncertain = asyncio.run(read())
    steps = history.log
    rows = [{"at": stamp(step.at), "status": step.status, "reason": step.reason} for step in steps]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        table(["at", "status", "reason"], [list(row.values()) for row in rows])
        for line in on_uncertain:
            typer.echo(line)


def _check_names(cases: Mapping[str, Case], case: str | None, action: str | None, target: str | None) -> None:
    """Raise where there is no such case, or none of its actions or targets is called so."""
    if case is not None and case not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="--case")
    meant = [each for each in cases.values() if case in (None, each.slug)]
    for option, wanted, known in (
        ("--action", action, [slug for each in meant for slug in each.actions]),
        ("--target", target, [slug for each in meant for slug in each.targets]),
    ):
        if wanted is not None and wanted not in known:
            raise typer.BadParameter(f"there is {', '.join(dict.fromkeys(known))}", param_hint=option)


async def _history(overview: LetterOverview, number: int) -> LetterHistory:
    found = await overview.history(number)
    if found is None:
        raise typer.BadParameter(f"there is no letter {number}", param_hint="NUMBER")
    return found


async def _departures(
    settings: Settings, overview: LetterOverview, listed: Sequence[Letter]
) -> Mapping[int, datetime]:
    """When those that wait are expected to be sent; a broken case keeps nobody from seeing its letters."""
    waiting = {letter.case for letter in listed if letter.status in WAITING}
    if not waiting:
        return {}
    try:
        cases = make_content(settings).cases
    except Misconfigured:
        return {}
    ours = {slug: case for slug, case in cases.items() if slug in waiting}
    return await overview.departures(ours, clock_of(settings, create=False)())


def _row(
    letter: Letter, leaving: Mapping[int, datetime], countries: Collection[tuple[str, str]]
) -> dict[str, str | int | None]:
    """`countries`: those that may be shown, by case."""
    due = leaving.get(letter.id, letter.due_at)
    return {
        "id": letter.id,
        "case": letter.case,
        "action": letter.ref.action,
        "target": letter.ref.target,
        "status": letter.status.value,
        "country": letter.country if (letter.case, letter.country) in countries else None,
        "route": str(letter.route),
        "created_on": str(letter.created_at.date()),
        "due_on": str(due.date()) if due and letter.status in WAITING else None,
        "attempts": letter.attempts,
    }


Numbers = Annotated[
    list[int], typer.Argument(min=1, max=2**63 - 1, help="Letters' numbers, from `assistant letters list`.")
]
Some = Annotated[
    list[int] | None,
    typer.Argument(min=1, max=2**63 - 1, help="Letters' numbers, from `assistant letters list`."),
]
Restored = Annotated[
    bool,
    typer.Option("--restored", help="All letters that `assistant db restore` holds, instead of numbers."),
]
OfCase = Annotated[str | None, typer.Option("--case", help="With --restored: only letters of this case.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


class Resolution(StrEnum):
    """What became of a letter that may have arrived."""

    DELIVERED = "delivered"
    AGAIN = "again"
    SENT = "sent"


_RESOLUTIONS = {
    Resolution.DELIVERED: Decision.ARRIVED,
    Resolution.AGAIN: Decision.SEND_AGAIN,
    Resolution.SENT: Decision.HAD_LEFT,
}


@app.command()
def retry(numbers: Numbers) -> None:
    """Try letters again at their office's next time: those that failed, or that wait to be tried again."""
    _decide(numbers, Decision.RETRY)


@app.command()
def hold(numbers: Numbers) -> None:
    """Keep letters that have not left, until they are released."""
    _decide(numbers, Decision.HOLD)


@app.command()
def release(
    numbers: Annotated[
        list[int] | None,
        typer.Argument(min=1, max=2**63 - 1, help="Letters' numbers, from `assistant letters list`."),
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="All letters of this case that were held because its folder was gone.")
    ] = None,
    restored: Restored = False,
    yes: Yes = False,
) -> None:
    """Let letters go that are held: by their numbers, those of a case whose folder is there again, or those
    that `assistant db restore` holds; of one case only, with --case."""
    if restored:
        return _decide_restored(
            Decision.RELEASE, case, numbers, "be sent, although they may have been", yes=yes
        )
    if (case is None) == (not numbers):
        raise typer.BadParameter("give numbers of letters, or --case, or --restored", param_hint="NUMBERS")
    if case is None:
        return _decide(numbers or [], Decision.RELEASE)
    count = asyncio.run(_release_case(Settings.load(), case))
    return typer.echo(f"{_counted(count)} of {case} can go.")


async def _release_case(settings: Settings, case: str) -> int:
    async with open_letter_decisions(settings) as decisions:
        return await decisions.release_case(case)


def _counted(count: int) -> str:
    return f"{count:,} letter" + ("" if count == 1 else "s")


@app.command()
def cancel(numbers: Some = None, restored: Restored = False, case: OfCase = None, yes: Yes = False) -> None:
    """End letters that have not left. This cannot be undone.

    A letter that is with its carrier is called back where the carrier can do that for certain.
    """
    if restored:
        return _decide_restored(Decision.CANCEL, case, numbers, "be cancelled for good", yes=yes)
    numbers = _given(numbers)
    settings = Settings.load()
    if not yes:
        for line in asyncio.run(_shown(settings, numbers)):
            typer.echo(line)
        typer.confirm(f"Shall {_named(numbers)} be cancelled for good?", abort=True)
    return _decide(numbers, Decision.CANCEL, settings)


@app.command()
def resolve(
    outcome: Annotated[
        Resolution,
        typer.Option(
            "--as",
            prompt="Does the office have it? 'delivered' if you know that it has, 'again' to send it again",
            help="delivered: the office has it; its writer is told so. again: send it once more. sent, of "
            "those that are held after `assistant db restore`: it was sent before, and is not sent again.",
        ),
    ],
    numbers: Some = None,
    references: Annotated[
        Path | None,
        typer.Option(
            help="All letters that this text names, such as lines of a mail server's log; -: standard input.",
            metavar="FILE",
        ),
    ] = None,
    restored: Restored = False,
    case: OfCase = None,
    yes: Yes = False,
) -> None:
    """Settle letters that are uncertain: they may have arrived, and nobody knows.

    Ask the office, or look at the fax machine's journal, before you send one again. `assistant letters show`
    says what to look for. Without --yes, --references shows what it would do, and asks. After `assistant db
    restore`, --restored --as sent settles all that it holds.
    """
    decision = _RESOLUTIONS[outcome]
    if restored:
        if decision is not Decision.HAD_LEFT:
            raise typer.BadParameter("with --restored it is --as sent", param_hint="--as")
        return _decide_restored(decision, case, numbers, "count as sent", yes=yes)
    if references is None:
        return _decide(_given(numbers), decision)
    if numbers:
        raise typer.BadParameter("give numbers of letters, or --references", param_hint="NUMBERS")
    return _decide_mentioned(decision, references, yes=yes)


def _decide_mentioned(decision: Decision, references: Path, *, yes: bool) -> None:
    """The same about all uncertain letters that this text names; what it would do is shown first."""
    settings = Settings.load()
    mentioned = asyncio.run(_mentioned(settings, _text(references)))
    named = [letter.id for letter in mentioned.named]
    for line in _found(mentioned, references):
        typer.echo(line)
    if not named:
        raise typer.Exit(1)
    if not yes and str(references) == "-":
        return typer.echo("Nothing has changed: nobody can be asked. Say it once more with --yes.")
    if not yes:
        became = "counted as delivered" if decision is Decision.ARRIVED else "sent once more"
        typer.confirm(f"Shall {_named(named)} be {became}?", abort=True)
    return _decide(named, decision, settings)


def _text(file: Path) -> str:
    """What stands there, whatever its encoding: only what letters are called is looked for."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(
            f"{file} cannot be read: {error.strerror}", param_hint="--references"
        ) from error
    return raw.decode("utf-8", "replace")


async def _mentioned(settings: Settings, text: str) -> Mentioned:
    async with open_letter_decisions(settings) as decisions:
        return await decisions.mentioned(text)


def _found(mentioned: Mentioned, file: Path) -> list[str]:
    where = "the text" if str(file) == "-" else file
    lines = [
        f"Of {_counted(len(mentioned.named) + len(mentioned.others))} that are uncertain, {where} names:"
    ]
    lines.append(f"  {_listed(mentioned.named)}")
    if mentioned.others:
        lines += ["It does not name, and these stay uncertain:", f"  {_listed(mentioned.others)}"]
    return lines


def _listed(letters: Sequence[Letter]) -> str:
    return ", ".join(str(letter.id) for letter in letters) or "none"


def _given(numbers: list[int] | None) -> list[int]:
    """The numbers. Raises where there are none."""
    if not numbers:
        raise typer.BadParameter(
            "Missing argument: give numbers of letters, --references or --restored", param_hint="NUMBERS"
        )
    return numbers


def _decide_restored(
    decision: Decision, case: str | None, numbers: list[int] | None, shall: str, *, yes: bool
) -> None:
    """The same about all that a restore holds. `shall`: what becomes of them, to be asked first."""
    if numbers:
        raise typer.BadParameter("give numbers of letters, or --restored", param_hint="NUMBERS")
    settings = Settings.load()
    count = asyncio.run(_count_restored(settings, case))
    if count and not yes:
        typer.confirm(f"Shall {_counted(count)} {shall}?", abort=True)
    done, without_office = asyncio.run(_each_restored(settings, decision, case))
    typer.echo(f"{_counted(done)}: done.")
    if without_office:
        typer.echo(f"{_counted(without_office)} stay held: they have no office any more.")


async def _count_restored(settings: Settings, case: str | None) -> int:
    async with open_letter_decisions(settings) as decisions:
        return await decisions.count_restored(case)


async def _each_restored(settings: Settings, decision: Decision, case: str | None) -> tuple[int, int]:
    async with open_letter_decisions(settings) as decisions:
        return await decisions.decide_restored(decision, case)


def _named(numbers: Sequence[int]) -> str:
    return f"letter {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} letters"


async def _shown(settings: Settings, numbers: Sequence[int]) -> list[str]:
    """Which letters it is about. Raises Refused where there is no such letter."""
    async with open_letter_decisions(settings) as decisions:
        found = [await decisions.look(number) for number in dict.fromkeys(numbers)]
    return [
        f"Letter {letter.id}: {letter.ref.of} to {letter.ref.target}, {letter.status}" for letter in found
    ]


def _decide(numbers: Sequence[int], decision: Decision, settings: Settings | None = None) -> None:
    """Each letter by itself: one that cannot be decided about holds up no other."""
    if asyncio.run(_each(settings or Settings.load(), numbers, decision)):
        raise typer.Exit(1)


async def _each(settings: Settings, numbers: Sequence[int], decision: Decision) -> int:
    """Returns how many were refused."""
    refused = 0
    async with open_letter_decisions(settings) as decisions:
        for number in dict.fromkeys(numbers):
            try:
                status = await decisions.decide(number, decision)
            except Refused as refusal:
                refused += 1
                typer.echo(refusal.reason, err=True)
            else:
                typer.echo(f"Letter {number} is {status} now.")
    return refused
