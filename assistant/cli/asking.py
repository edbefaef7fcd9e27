"""Questions at the shell, one at a time: of a person at a terminal, or answered by the lines of a pipe."""

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from assistant.domain.errors import Refused

T = TypeVar("T")
PROMPT = "> "
_NOT_WRITTEN = "Nothing was written."


class Asking:
    """Asks until an answer can be taken. In a pipe nobody can be asked again: the first wrong one ends it.

    Raises Refused then, and at the end of the answers; Typer's Exit where a person ends it (Ctrl-C, Ctrl-D).
    """

    def __init__(self) -> None:
        self._person = sys.stdin.isatty()
        if self._person:
            import readline  # noqa: F401  lines can be edited from now on

    def ask(self, question: str, read: Callable[[str], T], default: str | None = None) -> T:
        """What `read` makes of the answer; it raises ValueError with a sentence where that is none.

        `default`: what an empty answer means.
        """
        shown = question if default is None else f"{question} [{default}]"
        while True:
            typer.echo(f"\n{shown}")
            answer = self._line(question) or default
            try:
                if answer is None:
                    raise ValueError("an answer is needed here")
                return read(answer)
            except ValueError as error:
                if not self._person:
                    raise Refused(f"{question} {_shown(answer)}: {error}. {_NOT_WRITTEN}") from error
                typer.echo(f"  That cannot be taken: {error}.")

    def _line(self, question: str) -> str:
        try:
            return input(PROMPT).strip()
        except UnicodeDecodeError as error:
            raise Refused(f"The answers are not in UTF-8. {_NOT_WRITTEN}") from error
        except (EOFError, KeyboardInterrupt) as error:
            if isinstance(error, EOFError) and not self._person:
                raise Refused(f"The answers end before: {question} {_NOT_WRITTEN}") from error
            typer.echo(f"\n{_NOT_WRITTEN}", err=True)
            raise typer.Exit(1) from error


def _shown(answer: str | None) -> str:
    return f"'{answer}'" if answer else ""
