"""`assistant cases translated`."""

import stat
from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.cli.cases_found import WHICH, folder_of, found_case
from assistant.content.cases import FILE, Checked
from assistant.content.translations import FILE as TRANSLATIONS
from assistant.content.translations import made_now, written
from assistant.files import write_whole
from assistant.settings import Settings

app = typer.Typer()  # its command is among those of `assistant cases`


@app.command("translated")
def translated(
    slug: Annotated[str, typer.Argument(help=WHICH)],
    languages: Annotated[
        list[str] | None, typer.Argument(help="Such as es fr.", show_default="every language")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Say that the translations of a case are of its texts as they are now.

    It is kept in the folder, in translations.toml. When a text changes later, `assistant cases check` names
    its translations. Until this is said again, no broadcast takes them, and nobody is shown a letter in them
    before they send it: they read it in the office's language, or in English.
    """
    settings = Settings.load()
    checked = found_case(settings, slug)
    if checked.case is None:
        raise typer.BadParameter(
            f"it has mistakes: `assistant cases check {slug}` lists them", param_hint="SLUG"
        )
    wanted = _chosen(checked, languages or [])
    made = made_now(checked.texts, wanted, checked.made)
    if made == checked.made:
        typer.echo("That is known already.")
        return
    for language in wanted:
        typer.echo(f"{language}: {_listed(checked, language)}")
    if not yes:
        typer.confirm("Do these say what the texts say now?", abort=True)
    folder = folder_of(settings, slug, checked.slug)
    file = folder / TRANSLATIONS
    try:
        write_whole(file, written(made).encode())
        file.chmod(stat.S_IMODE((folder / FILE).stat().st_mode))  # whoever reads the case reads this
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error.strerror}", param_hint="SLUG") from error
    typer.echo(f"That is known from now on: {file}")


def _chosen(checked: Checked, languages: Sequence[str]) -> list[str]:
    known = list(dict.fromkeys(each for text in checked.texts for each in text.translations))
    for language in languages:
        if language not in known:
            there = ", ".join(known) or "none"
            raise typer.BadParameter(
                f"there is no translation into {language}; there is: {there}", param_hint="LANGUAGES"
            )
    return [language for language in known if not languages or language in languages]


def _listed(checked: Checked, language: str) -> str:
    """What is not known yet of that language's translations, or is known to be of another text."""
    return ", ".join(
        text.called(language)
        for text in checked.texts
        if language in text.translations
        and (text.is_unknown(language, checked.made) or text.is_stale(language, checked.made))
    )
