"""`assistant cases preview`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.cases_found import WHICH, found_case
from assistant.content.preview import letters_pdf, pages
from assistant.settings import Settings

app = typer.Typer()  # its command is among those of `assistant cases`


@app.command("preview")
def preview(
    slug: Annotated[str, typer.Argument(help=WHICH)],
    html: Annotated[
        Path | None, typer.Option(help="Write all of it to this file, in every language side by side.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="Write the letters, as they are printed, to this file.")
    ] = None,
) -> None:
    """Show what people read of a case: the briefing, the letter and the updates, in each language.

    The letters are filled in with an invented name, country and sentence.
    """
    checked = found_case(Settings.load(), slug)
    if checked.case is None:
        raise typer.BadParameter(
            f"it has mistakes: `assistant cases check {slug}` lists them", param_hint="SLUG"
        )
    if html is None:
        for heading, text in pages(checked.case):
            typer.echo(f"{heading}\n{'-' * len(heading)}\n{text}\n")
    now = datetime.now(UTC)
    if html is not None:
        from assistant.content.preview_page import page  # Jinja and typst, which nothing else here needs

        _write(html, page(checked, now).encode(), "--html")
        typer.echo(f"All that people read: {html}")
    if pdf is not None:
        _write(pdf, letters_pdf(checked.case, now), "--pdf")
        typer.echo(f"The letters as they are printed: {pdf}")


def _write(file: Path, content: bytes, option: str) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        why = f"{file} cannot be written: {error.strerror}"
        raise typer.BadParameter(why, param_hint=option) from error
