"""Which case folders a command means."""

import shlex
from pathlib import Path

import typer

from assistant.content.cases import FILE, Checked
from assistant.settings import Settings
from assistant.wiring.content import cases_roots, checked_cases, checked_folder

WHICH = "A case by its slug, or the path of a case folder anywhere."


def found_cases(settings: Settings, wanted: str | None) -> list[Checked]:
    """The cases that are meant: by their slug, or by the path of a folder. None: all."""
    known = [] if wanted and _is_path(wanted) else checked_cases(settings)
    if found := [checked for checked in known if wanted in (None, checked.slug)]:
        return found
    folder = Path(wanted or ".")
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no case and no folder '{wanted}'", param_hint="SLUG")
    return checked_folder(settings, folder)


def found_case(settings: Settings, wanted: str) -> Checked:
    """The one case that is meant."""
    [checked, *others] = found_cases(settings, wanted)
    if others:
        raise typer.BadParameter("there are several cases in it; name one", param_hint="SLUG")
    return checked


def folder_of(settings: Settings, wanted: str | None, slug: str) -> Path:
    """The folder of a case that was found so."""
    inside = [] if wanted and _is_path(wanted) else [root / slug for root in cases_roots(settings)]
    for folder in (*inside, Path(wanted or ".") / slug):
        if (folder / FILE).exists():
            return folder
    return Path(wanted or ".")


def folders_of(settings: Settings, wanted: str | None) -> list[Path]:
    """The folders in which everything about these cases stands."""
    if wanted and _is_path(wanted):
        return [Path(wanted)]
    roots = cases_roots(settings)
    named = [root / wanted for root in roots if wanted and (root / wanted).is_dir()]
    return named or ([Path(wanted)] if wanted else list(roots))


def as_argument(folder: Path) -> str:
    """The folder, as it is written behind a command."""
    return shlex.quote(str(folder) if _is_path(str(folder)) else f"./{folder}")


def _is_path(wanted: str) -> bool:
    """Whether that is written as the path of a folder: a slug has neither slash nor dot."""
    return any(mark in wanted for mark in ("/", "\\", "."))
