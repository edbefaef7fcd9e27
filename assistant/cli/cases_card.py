"""`assistant cases card`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.cases_found import WHICH, found_case
from assistant.domain.cards import CardForm, CardLinks, card_links, case_links
from assistant.domain.cases import Case
from assistant.domain.errors import Misconfigured, Refused
from assistant.files import write_whole
from assistant.settings import Settings
from assistant.wiring.content import make_cards, make_content

app = typer.Typer()  # its command is among those of `assistant cases`

_FILES = {CardForm.SVG: "card.{}.svg", CardForm.PNG: "card.{}.png", CardForm.PDF: "flyer.{}.pdf"}


@app.command("card")
def card(
    slug: Annotated[str, typer.Argument(metavar="CASE", help=WHICH)],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the files go; it is made where it is missing.")
    ],
    link: Annotated[
        str | None,
        typer.Option(
            help="What the QR code opens, such as https://t.me/YOUR_BOT?start=norma-cruz_flyer. "
            "People also read it, so a short one is better.",
            show_default="the page of the case, where ASSISTANT_WEB_URL is set",
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Only this language.", show_default="each of the case's")
    ] = None,
) -> None:
    """Make pictures of a case to share, and a flyer to print.

    For each language a card of 1200 by 630 pixels, as card.en.png to post and card.en.svg for a page, and
    flyer.en.pdf, a page of A4 with a QR code. Files of these names are replaced. How many letters have
    arrived is not on them, because paper stays as it is.
    """
    settings = Settings.load()
    checked = found_case(settings, slug)
    if checked.case is None:
        raise typer.BadParameter(
            f"it has mistakes: `assistant cases check {slug}` lists them", param_hint="CASE"
        )
    if link is None and settings.web_url is None:
        raise typer.BadParameter(
            "give one, or set ASSISTANT_WEB_URL: then it is the page of the case", param_hint="--link"
        )
    try:
        links = card_links(link) if link else case_links(f"{settings.web_url}/{slug}")
    except Refused as refused:
        raise typer.BadParameter(refused.reason, param_hint="--link") from refused
    try:
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(_write(settings, checked.case, folder, links, language))
    except OSError as error:
        raise Misconfigured(
            f"The folder {folder} cannot be written: {error.strerror}. Make room, or name another one."
        ) from error


async def _write(
    settings: Settings, case: Case, folder: Path, links: CardLinks, language: str | None
) -> None:
    content = make_content(settings, {case.slug: case})
    languages = _languages(case, list(content.locales), language)
    cards = make_cards(settings, content)
    try:
        for each in languages:
            for form, name in _FILES.items():
                file = folder / name.format(each)
                write_whole(file, await cards.picture(form, case.slug, each, None, links))
                typer.echo(file)
    finally:
        cards.close()


def _languages(case: Case, spoken: Sequence[str], wanted: str | None) -> Sequence[str]:
    """Those that we speak and the case is written in; or the one that is wanted."""
    written = [each for each in spoken if each in case.briefing.texts] or spoken
    if wanted is None:
        return written
    if wanted not in written:
        raise typer.BadParameter(f"there is {', '.join(written)}", param_hint="--language")
    return [wanted]
