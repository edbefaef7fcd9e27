"""`assistant counter`: the public counter of delivered letters, for who publishes it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import Json, dump
from assistant.domain.counter import Proof, read_code
from assistant.domain.counter_files import COUNTER, counter_file, leaves_file, leaves_name, proof_file
from assistant.domain.errors import Misconfigured, Refused
from assistant.files import write_whole
from assistant.services.counter import PublishedCounters
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_content

app = typer.Typer(
    no_args_is_help=True,
    help="The public counter of delivered letters, which anybody can check with `assistant verify`. "
    "Nothing in it tells who wrote. See docs/counter.md.",
)
Case = Annotated[
    str, typer.Argument(metavar="CASE", help="The case, such as norma-cruz.", show_default=False)
]


@app.command()
def key(as_json: Json = False) -> None:
    """Print the public key of all counters. Publish it where the assistant cannot change it.

    In print, on another site, in a mail to your partners: who has it from there needs not trust this machine.
    """
    shown = asyncio.run(_key(Settings.load())).hex()
    if as_json:
        dump({"key": shown})
    else:
        typer.echo(shown)


async def _key(settings: Settings) -> bytes:
    async with stores.open_store(settings) as store:
        return PublishedCounters(store).key


@app.command()
def export(
    case: Case,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="It is made where it is not there.", show_default=False)
    ],
) -> None:
    """Write the counter of a case into files, to be published anywhere and checked with `assistant verify`.

    It is as of the last batch: a day's letters are in it once the day is over (UTC), and few letters wait
    until there are at least 10. Files that are there already are written anew.
    """
    files = asyncio.run(_files(Settings.load(), case))
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        for name in sorted(files, key=lambda each: each == COUNTER):  # last, so that it names what is there
            write_whole(folder / name, files[name].encode())
            (folder / name).chmod(0o644)  # as the folder: it is for everybody
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error
    typer.echo(f"{len(files)} files are in {folder}. Check them: assistant verify {folder}")


async def _files(settings: Settings, case: str) -> Mapping[str, str]:
    async with stores.open_store(settings) as store:
        counters = PublishedCounters(store)
        counter = await counters.published(case)
        if not counter.batches and case not in make_content(settings).cases:
            raise Refused(f"There is no case {case}, and nothing was counted for it.")
        files = {COUNTER: counter_file(counter)}
        for batch in counter.batches:
            leaves = await counters.leaves(case, batch.number)
            if leaves is not None:
                files[leaves_name(batch.number)] = leaves_file(leaves)
        return files


@app.command()
def proof(
    case: Case,
    code: Annotated[str, typer.Argument(metavar="CODE", help="As their receipt has it.", show_default=False)],
) -> None:
    """Print a small file for who wrote a letter: it shows that the letter is counted, without all the others.

    `assistant verify` looks at it. That the letter is counted only once shows in the whole counter alone.
    """
    known = read_code(code)
    if known is None:
        raise typer.BadParameter("that is no code: look for a slip", param_hint="CODE")
    found = asyncio.run(_proof(Settings.load(), case, known))
    if found is None:
        raise Refused(f"No letter with this code is in a batch of {case}. It may come with a later one.")
    typer.echo(proof_file(found), nl=False)


async def _proof(settings: Settings, case: str, code: str) -> Proof | None:
    async with stores.open_store(settings) as store:
        return await PublishedCounters(store).proof(case, code)
