"""`assistant languages`: which languages are spoken, and what a translation lacks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer

from assistant.cli.output import Json, dump
from assistant.content.cases import Checked
from assistant.content.catalogue_check import CatalogueCheck, check_catalogue
from assistant.content.i18n import SOURCE_LANGUAGE
from assistant.content.languages import language_code, language_name
from assistant.content.word_lists import FOLDER as WORD_LISTS
from assistant.settings import Settings
from assistant.wiring.content import checked_cases, make_script

LISTED = 10  # of what is missing, unless all of it is asked for

app = typer.Typer(no_args_is_help=True, help="The languages that are spoken, and what a translation lacks.")


@app.command("list")
def list_languages(as_json: Json = False) -> None:
    """List the languages, and the cases that can be read in each."""
    settings = Settings.load()
    script = make_script(settings)
    rows = [
        {
            "language": code,
            "name": language_name(code),
            "cases": [slug for slug, case in script.cases.items() if code in case.title.texts],
        }
        for code in script.locales
    ]
    if as_json:
        dump(rows)
        return
    for row in rows:
        typer.echo(f"{row['language']}  {row['name']}: {', '.join(row['cases']) or 'no case'}")


@app.command("check")
def check(
    language: Annotated[str, typer.Argument(help="Such as fr, pt-BR or French.")],
    everything: Annotated[bool, typer.Option("--all", help="List all that is missing.")] = False,
    as_json: Json = False,
) -> None:
    """Say what a language lacks: sentences, words to type, texts of cases, signs that can be printed.

    It works in a checkout of the source, for a language that is not there yet as well: docs/translating.md
    says how to begin. Exit code 1 where something is missing.
    """
    code = language_code(language)
    if code is None or code == SOURCE_LANGUAGE:
        raise typer.BadParameter("give a language that is translated into, such as fr", param_hint="LANGUAGE")
    settings = Settings.load()
    script = make_script(settings)
    catalogue = check_catalogue(code)
    lacks: dict[str, Sequence[str]] = {
        "sentences": catalogue.missing,
        "placeholders": catalogue.broken,
        "plural": [catalogue.forms] if catalogue.forms else [],
        "words": [f"{word}: {', '.join(meant)}" for word, meant in script.ambiguous_words(code).items()],
        "signs": list(catalogue.unprintable),
        "cases": [told for checked in checked_cases(settings) for told in _case(checked, code)],
        "held": [] if (WORD_LISTS / f"{code}.toml").exists() else [f"assistant/content/words/{code}.toml"],
    }
    if as_json:
        dump({"language": code, "sentences_in_all": catalogue.sentences, **lacks})
    else:
        _tell(code, catalogue, lacks, None if everything else LISTED)
    if any(lacks.values()):
        raise typer.Exit(1)


HEADINGS: Mapping[str, str] = {
    "sentences": "sentences that are not translated, or whose original has changed",
    "placeholders": "translations with other {placeholders} or <tags> than the original",
    "plural": "forms of the plural",
    "words": "words to type that mean two things",
    "signs": "letters of the alphabet that cannot be printed",
    "cases": "texts of cases that are missing, or were made of another text",
    "held": "list of words for which somebody looks at a letter before it is sent",
}


def _tell(
    code: str, catalogue: CatalogueCheck, lacks: Mapping[str, Sequence[str]], limit: int | None
) -> None:
    done = catalogue.sentences - len(catalogue.missing)
    typer.echo(f"{language_name(code)} ({code}): {done} of {catalogue.sentences} sentences are translated.")
    for about, missing in lacks.items():
        if not missing:
            continue
        typer.echo(f"\n{len(missing)} {HEADINGS[about]}:")
        for each in missing[:limit]:
            typer.echo("  " + each.replace("\n", "\n  "))
        if limit is not None and len(missing) > limit:
            typer.echo(f"  and {len(missing) - limit} more: --all lists them")
    if not any(lacks.values()):
        typer.echo("Nothing is missing.")


def _case(checked: Checked, code: str) -> Iterator[str]:
    if checked.case is None:
        return
    if code not in checked.case.title.texts:
        yield f"{checked.slug} cannot be read in {code}: add it to languages in its case.toml"
        return
    for text in checked.texts:
        if code != text.language and code not in text.texts:
            yield f"{checked.slug}/{text.called(code)}"
        elif code in text.translations and text.is_stale(code, checked.made):
            yield f"{checked.slug}/{text.called(code)}: {text.called(text.language)} has changed"
