"""`assistant answers`: what offices have answered to letters."""

import asyncio
import textwrap
from typing import Annotated, Any

import typer

from assistant.cli.output import Json, dump, stamp, table
from assistant.domain.answers import SETTLED_AT_ONCE, AnswerKind, AnswerStatus, OfficeAnswer
from assistant.domain.errors import Refused
from assistant.domain.organisers import Role
from assistant.services.letters.answers import AnswerOverview, Settler
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_content
from assistant.wiring.letters import open_answers

app = typer.Typer(
    no_args_is_help=True,
    help="What offices have answered. Supporters get it once somebody has looked at it and passed it on.",
)
COLUMNS = ["id", "letter", "case", "action", "target", "kind", "status", "received_at", "group"]
SHELL = Settler("shell", Role.OWNER)
Yes = Annotated[bool, typer.Option("--yes", help="Do not show it and ask first.")]
Number = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="The answer's number, from `assistant answers list`.")
]
Same = Annotated[
    bool, typer.Option("--same", help="With all that say the same and that nobody has looked at: its group.")
]


@app.command("list")
def list_answers(
    case: Annotated[str | None, typer.Option(help="Only answers to letters of this case.")] = None,
    action: Annotated[str | None, typer.Option(help="Only answers to letters of this action.")] = None,
    status: Annotated[AnswerStatus | None, typer.Option(help="Only answers that are that far.")] = None,
    kind: Annotated[AnswerKind | None, typer.Option(help="Only answers of people, or of programs.")] = None,
    as_json: Json = False,
) -> None:
    """List answers, the oldest first, without what they say. Those of one `group` say the same."""
    settings = Settings.load()
    if case is not None and case not in (known := make_content(settings).cases):
        raise typer.BadParameter(f"there is {', '.join(known)}", param_hint="--case")

    async def read() -> list[dict[str, Any]]:  # Any: JSON
        async with stores.open_store(settings) as store:
            found = await AnswerOverview(store).listed(case=case, action=action, status=status, kind=kind)
            return [_row(each) for each in found]

    _show_rows(asyncio.run(read()), COLUMNS, as_json=as_json)


@app.command()
def count(as_json: Json = False) -> None:
    """Count answers by case and action.

    `letters` that were answered, answers of people (`genuine`) and of programs, those that wait for you, and
    those that were passed on.
    """

    async def read() -> list[dict[str, Any]]:  # Any: JSON
        async with stores.open_store(Settings.load()) as store:
            return [
                {
                    "case": ref.case,
                    "action": ref.action,
                    "letters": each.letters,
                    "genuine": each.genuine,
                    "automatic": each.automatic,
                    "waiting": each.waiting,
                    "passed": each.passed,
                }
                for ref, each in (await AnswerOverview(store).counts()).items()
            ]

    columns = ["case", "action", "letters", "genuine", "automatic", "waiting", "passed"]
    _show_rows(asyncio.run(read()), columns, as_json=as_json)


@app.command()
def show(
    number: Number,
    whole: Annotated[bool, typer.Option("--whole", help="With what it quotes of the letter.")] = False,
    as_json: Json = False,
) -> None:
    """Show what an answer says: it may hold the name of who wrote the letter. Files are only named."""

    found = _find(number)
    content = found.content
    if as_json:
        said = {"said": content.said if content else None, "text": content.text if content else None}
        dump(_row(found) | _facts(found) | said)
    else:
        _show(found, whole=whole)


@app.command("pass")
def pass_on(number: Number, same: Same = False, yes: Yes = False, as_json: Json = False) -> None:
    """Pass an answer on to who wrote the letter, in their chat: shows it and asks. It cannot be undone.

    With --yes or --json nothing is asked: look at it before.
    """
    if not (yes or as_json):
        found = _find(number)
        if found.status is not AnswerStatus.PASSED and found.content:
            _show(found)
            typer.confirm("\nPass it on to who wrote the letter?", abort=True)
    _settle(number, AnswerStatus.PASSED, same=same, as_json=as_json)


@app.command("set-aside")
def set_aside(number: Number, same: Same = False, as_json: Json = False) -> None:
    """Set an answer aside: nobody gets it. This cannot be undone."""
    _settle(number, AnswerStatus.SET_ASIDE, same=same, as_json=as_json)


def _find(number: int) -> OfficeAnswer:
    async def read() -> OfficeAnswer:
        async with stores.open_store(Settings.load()) as store:
            return await AnswerOverview(store).find(number)

    return asyncio.run(read())


def _facts(answer: OfficeAnswer) -> dict[str, Any]:  # Any: JSON
    content = answer.content
    return {
        "sender": content.sender if content else None,
        "files": content.files if content else None,
        "attachments": list(content.attachments) if content else None,
        "people": content.people if content else None,
    }


def _show(answer: OfficeAnswer, *, whole: bool = False) -> None:
    facts = _row(answer) | _facts(answer)
    table(["fact", "value"], [[key, _cell(value)] for key, value in facts.items()])
    content = answer.content
    if content and content.people > 1:
        typer.echo(f"\nThis mail went to {content.people} supporters at once and may name others.")
    text = (content.text if whole else content.said) if content else "Its text is kept no longer."
    typer.echo("\n" + textwrap.indent(text, "  ", lambda _line: True))


def _settle(number: int, status: AnswerStatus, *, same: bool, as_json: bool) -> None:
    async def do() -> int:
        everything, settled = 2**63 - 1 if same else None, 0
        async with open_answers(Settings.load()) as (store, answer_service):
            while True:
                try:
                    async with store.write() as tx:
                        piece = await answer_service.settle(tx, SHELL, number, status, same_up_to=everything)
                except Refused:
                    if settled:
                        return settled  # the piece before was the last one
                    raise
                settled += piece
                if piece < SETTLED_AT_ONCE:
                    return settled
                typer.echo(f"{settled} so far ...", err=True)

    settled = asyncio.run(do())
    if as_json:
        dump({"id": number, "status": status, "settled": settled})
    else:
        typer.echo(f"{settled} {'answer is' if settled == 1 else 'answers are'} {_DONE[status]}.")


_DONE = {AnswerStatus.PASSED: "passed on", AnswerStatus.SET_ASIDE: "set aside"}


def _row(answer: OfficeAnswer) -> dict[str, Any]:  # Any: JSON
    return {
        "id": answer.id,
        "letter": answer.letter,
        "case": answer.case,
        "action": answer.ref.action,
        "target": answer.ref.target,
        "kind": answer.kind,
        "status": answer.status,
        "received_at": stamp(answer.received_at),
        "group": answer.likeness and answer.likeness[:8],
    }


def _show_rows(rows: list[dict[str, Any]], columns: list[str], *, as_json: bool) -> None:  # Any: JSON
    if as_json:
        dump(rows)
    else:
        table(columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
