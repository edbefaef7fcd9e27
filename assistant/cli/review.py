"""`assistant review`: letters that wait until somebody has read them."""

import asyncio
import textwrap
from typing import Annotated, Any

import typer

from assistant.cli.output import Json, dump, table
from assistant.domain.organisers import Role
from assistant.domain.review import Finding, HeldLetter, RefusalReason, ReviewDecision
from assistant.services.letters.answers import Settler
from assistant.services.letters.review import ReviewOverview
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.letters import open_letter_review

app = typer.Typer(
    no_args_is_help=True,
    help="Letters that could harm, by their name or their line: they wait until you have read them. "
    "Who wrote them is not shown.",
)
SHELL = Settler("shell", Role.OWNER)
Numbers = Annotated[
    list[int],
    typer.Argument(min=1, max=2**63 - 1, help="The letters' numbers, from `assistant review list`."),
]
MEANINGS = {
    Finding.LINK: "a link",
    Finding.NUMBER: "a number that looks like a telephone's",
    Finding.ADDRESS: "an address",
    Finding.THREAT: "a threat",
    Finding.SLUR: "an insult",
    Finding.IMPERSONATION: "the name of the case's person or of an official",
    Finding.REPEATED: "the same as many others in a few minutes",
    Finding.OWN_WORDS: "a sentence of its writer's own",
}
_DONE = {
    ReviewDecision.RELEASE: "released",
    ReviewDecision.WITHOUT_LINE: "released without the line",
    ReviewDecision.REFUSE: "refused",
}


@app.command("list")
def list_letters(as_json: Json = False) -> None:
    """List letters that wait to be read, the oldest first, with their line and what was found.

    `name:` says that it was found in the name, which is not shown.
    """

    async def read() -> list[HeldLetter]:
        async with stores.open_store(Settings.load()) as store:
            return await ReviewOverview(store).listed()

    found = asyncio.run(read())
    if as_json:
        dump(list(map(_row, found)))
        return
    table(
        ["id", "case", "action", "target", "found"],
        [[each.number, *each.ref, ", ".join(map(str, each.found))] for each in found],
    )
    for each in found:
        found_in = [f"{MEANINGS[one.finding]}{' (in the name)' if one.in_name else ''}" for one in each.found]
        restored = ["may have been sent already, before a backup was put back"] if each.restored else []
        typer.echo(f"\n{each.number}: {', '.join([*found_in, *restored])}")
        typer.echo(textwrap.indent(each.line or "(no line)", "  "))


@app.command()
def release(numbers: Numbers, as_json: Json = False) -> None:
    """Send letters as they are: all of these, or none where one does not wait any more."""
    _decide(numbers, ReviewDecision.RELEASE, as_json=as_json)


@app.command("without-line")
def without_line(numbers: Numbers, as_json: Json = False) -> None:
    """Send letters without the line that their writers added; they are told so."""
    _decide(numbers, ReviewDecision.WITHOUT_LINE, as_json=as_json)


@app.command()
def refuse(
    numbers: Numbers,
    reason: Annotated[
        RefusalReason, typer.Option(help="What their writers are told, kindly, in their language.")
    ] = RefusalReason.CASE,
    as_json: Json = False,
) -> None:
    """Refuse letters: they are not sent. Their writers are told why, and can write again."""
    _decide(numbers, ReviewDecision.REFUSE, reason, as_json=as_json)


def _decide(
    numbers: list[int], decision: ReviewDecision, reason: RefusalReason | None = None, *, as_json: bool
) -> None:
    async def do() -> int:
        async with open_letter_review(Settings.load()) as (store, letter_review), store.write() as tx:
            return await letter_review.decide(tx, SHELL, numbers, decision, reason)

    count = asyncio.run(do())
    if as_json:
        dump({"ids": sorted(set(numbers)), "decision": decision, "reason": reason, "letters": count})
    else:
        typer.echo(f"{count} {'letter is' if count == 1 else 'letters are'} {_DONE[decision]}.")


def _row(letter: HeldLetter) -> dict[str, Any]:  # Any: JSON
    return {
        "id": letter.number,
        "case": letter.ref.case,
        "action": letter.ref.action,
        "target": letter.ref.target,
        "found": list(map(str, letter.found)),
        "line": letter.line,
        "restored": letter.restored,
    }
