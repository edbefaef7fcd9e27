"""Tables for people, JSON for programs."""

from collections.abc import Sequence

import typer


def table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; nothing but the heading where there are none."""
    cells = [list(heading), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
