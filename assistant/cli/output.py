"""Tables for people, JSON for programs."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; nothing but the heading where there are none."""
    cells = [list(heading), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def dump(value: object) -> None:
    """Print the value for programs, people's names as they are written."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def stamp(moment: datetime | None) -> str | None:
    """A moment as programs read it, UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
