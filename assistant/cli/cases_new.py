"""`assistant cases new`: a few questions, and a folder to write on. `convert`: an old one, anew."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.asking import Asking
from assistant.cli.cases_found import WHICH, as_argument, folder_of, found_case
from assistant.content import scaffold_answers as answers
from assistant.content.actions import ASKS_MAX
from assistant.content.cases import Checked
from assistant.content.conversion import converted
from assistant.content.countries import languages_of, workdays_of
from assistant.content.folder_writer import check_free, known_names, slug_of, write_folder
from assistant.content.i18n import load_locales
from assistant.content.scaffold import (
    SLUG_LONGEST,
    NewCase,
    case_files,
    has_drafts,
    languages_of_letters,
    phrase,
)
from assistant.domain.errors import Refused
from assistant.settings import Settings
from assistant.wiring import carriers
from assistant.wiring.content import cases_roots, checked_folder, today

app = typer.Typer()  # its commands are among those of `assistant cases`
NAME_MAX = 60  # characters of a person's, an office's or a town's name
_ASKS_MAX = ASKS_MAX - 50  # what our own words leave


@app.command("new")
def new(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The folder to write; its name is the case's, in links.", show_default="asked"),
    ] = None,
) -> None:
    """Begin a case: answer a few questions, and get a folder to write on.

    An empty answer takes what stands in square brackets. Ctrl-C leaves nothing behind, and nothing is
    overwritten. A file of answers works, too, a line for each: `assistant cases new FOLDER < answers.txt`.
    """
    settings = Settings.load()
    carriers.routing(settings)  # settings that are wrong are told before anything is asked
    taken = known_names(cases_roots(settings))
    if folder is not None:
        _check(folder, taken)
    interview = _Interview(Asking(), today(settings))
    person = interview.person()
    folder = folder or interview.folder(person, taken)
    check_free(folder)
    case = interview.rest(person)
    write_folder(folder, case_files(case))
    [checked] = checked_folder(settings, folder)
    _tell(folder, case, checked)
    if checked.case is None:
        raise typer.Exit(1)


@app.command("convert")
def convert(
    case: Annotated[str, typer.Argument(help=WHICH)],
    to: Annotated[Path, typer.Option("--to", help="The folder to write. Nothing is overwritten.")],
    target: Annotated[
        str | None, typer.Option(help="A short name for the office.", show_default="made of the office")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="A short name for the action.", show_default="first-letter")
    ] = None,
) -> None:
    """Write a case folder of the old form in the new one, which can have several actions and targets.

    The texts and facts stay the same. The old folder stays as it is.
    """
    settings = Settings.load()
    checked = found_case(settings, case)
    folder = folder_of(settings, case, checked.slug)
    if not checked.has_old_form:
        raise Refused(f"{folder} has the new form already.")
    if checked.case is None:
        raise Refused(f"{folder} has mistakes: `assistant cases check {case}` lists them. Mend them first.")
    write_folder(to, converted(folder, checked.case, target=target, action=action))
    [written] = checked_folder(settings, to)
    typer.echo(f"{to} is written: {_files(to)} files. {folder} stays as it is, also with your own notes (#).")
    if to.resolve().name != checked.slug:
        typer.echo(f"Call the folder {checked.slug} when you use it: links and letters know the case by it.")
    if written.case is None:
        raise Refused(f"`assistant cases check {to}` says what is still to be mended in it.")


def _files(folder: Path) -> int:
    return sum(each.is_file() for each in folder.rglob("*"))


def _check(folder: Path, taken: set[str]) -> None:
    try:
        answers.slug(taken)(folder.resolve().name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="FOLDER") from error
    check_free(folder)


class _Interview:
    """The questions about a new case, in their order."""

    def __init__(self, asking: Asking, today: date) -> None:
        self._ask = asking.ask
        self._today = today

    def person(self) -> str:
        return self._ask("Whom are the letters for? A person or a group.", answers.line(NAME_MAX))

    def folder(self, person: str, taken: set[str]) -> Path:
        here = {each.name for each in Path().iterdir()}
        suggested = slug_of(person, SLUG_LONGEST)
        question = "What is the case called in links? The folder gets that name, and keeps it."
        default = suggested if suggested and suggested not in taken | here else None
        return Path(self._ask(question, answers.slug(taken | here), default))

    def rest(self, person: str) -> NewCase:
        spoken = ", ".join(load_locales())
        languages = self._ask(
            "Which languages do supporters read? Each needs its texts.", answers.languages, spoken
        )
        country = self._ask("In which country is the office that gets the letters?", answers.country)
        language = self._language(country, languages)
        written = languages_of_letters(languages, language)
        office = self._in_each(
            "Which office gets the letters? As in: a letter to ...", written, answers.line(NAME_MAX), "office"
        )
        place = self._in_each("In which town is it?", written, answers.line(NAME_MAX), same=True)
        unknown = [each for each in written if phrase(each, "salutation") is None]
        salutation = self._in_each(
            "How does a letter to it begin? Such as: Dear Minister,", unknown, answers.line(NAME_MAX)
        )
        zone = self._ask(
            "Which time zone does it have?",
            answers.time_zone(country),
            answers.usual_zone(country, next(iter(place.values()))),
        )
        opens = self._ask("When does it open?", answers.clock, "09:00")
        closes = self._ask("When does it close?", answers.later(opens), "17:00")
        usual = answers.days_shown(workdays_of(country))
        days = self._ask("On which days does it work? 1 is Monday.", answers.workdays, usual)
        asks = {each: self._asks(each) for each in written}
        hours = answers.office_hours(country, zone, opens, closes, days)
        from_day = self._maybe(
            "From which day on can letters be written? Such as 2027-01-10; none: at once.",
            answers.first_day,
        )
        until_day = self._maybe(
            "Until which day? Such as 2027-03-31; none: without an end.",
            answers.last_day(self._today, from_day),
        )
        action_day = self._maybe(
            "Is there a day on which many letters are to arrive together? Such as 2027-01-25.",
            answers.action_day(hours, self._today, from_day, until_day),
        )
        return NewCase(
            person=person,
            languages=languages,
            country=country,
            timezone=zone,
            opens=opens,
            closes=closes,
            workdays=days,
            language=language,
            office=office,
            place=place,
            asks=asks,
            salutation=salutation,
            from_day=from_day,
            until_day=until_day,
            action_day=action_day,
        )

    def _language(self, country: str, supporters: Sequence[str]) -> str:
        official = languages_of(country)
        known = [each for each in supporters if each in official]
        usual = next(iter([*known, *official, *supporters]))
        return self._ask("In which language are the letters to it?", answers.language, usual)

    def _in_each(
        self,
        question: str,
        languages: Sequence[str],
        read: Callable[[str], str],
        example: str = "",
        *,
        same: bool = False,
    ) -> Mapping[str, str]:
        """The answers by language. `same`: what was answered first is suggested for the others."""
        found: dict[str, str] = {}
        for language in languages:
            such = f" Such as: {phrase(language, example)}." if phrase(language, example) else ""
            default = next(iter(found.values()), None) if same else None
            found[language] = self._ask(f"{question} ({answers.named(language)}){such}", read, default)
        return found

    def _asks(self, language: str) -> str:
        example, after = phrase(language, "asks_example"), phrase(language, "asks_after")
        how = f"Go on after: {after} Such as: {example}." if after else "Write a sentence for the letter."
        return self._ask(
            f"What do the letters ask? ({answers.named(language)}) {how}", answers.asks(language, _ASKS_MAX)
        )

    def _maybe(self, question: str, read: Callable[[str], str]) -> str | None:
        return self._ask(question, answers.optional(read), answers.NONE)


def _tell(folder: Path, case: NewCase, checked: Checked) -> None:
    """What was written, and what is left to do."""
    typer.echo(f"\n{folder} is written: {_files(folder)} files.")
    for finding in checked.findings:
        if finding.serious:
            typer.echo(f"  WRONG {finding.where}: {finding.what}")
    typer.echo("\nIts texts are drafts, and say nothing but your answers. Open these files, and write:")
    for pattern, what in (
        ("briefing.*.md", "what has happened, and to whom: supporters read it first"),
        ("actions/*/letter.*.txt", "the letter; leave what stands between {{ }} and {% %}"),
        ("case.toml", "title: whom it is for, and where; share: what people pass on"),
        ("targets/*.toml", "routes: how letters get there; salutation: how they greet"),
    ):
        for file in sorted(folder.glob(pattern)):
            typer.echo(f"  {file}: {what}")
    if without := [each for each in case.letter_languages if not has_drafts(each)]:
        told = f"We have no drafts in {', '.join(without)}: those files hold little more than your answers."
        typer.echo(told)
    typer.echo(
        f"\nWhile you write:  assistant cases check {as_argument(folder)} --watch\n"
        f"To see it:        assistant cases preview {as_argument(folder)} --html preview.html\n"
    )
