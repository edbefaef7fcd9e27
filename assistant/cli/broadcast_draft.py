"""`assistant broadcasts draft|propose`: from a text to what waits for a second person."""

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from assistant import app as wiring
from assistant.cli.broadcast_facts import look, show
from assistant.cli.broadcast_options import Options, Readers, announcement
from assistant.cli.broadcasts import EVERY, Number
from assistant.cli.newsdesk import open_newsdesk, who_approves
from assistant.dialogue.planning import PROSE_MAX
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Announcement, Broadcast, Step
from assistant.domain.lifecycle import BroadcastStatus
from assistant.newsdesk import Newsdesk
from assistant.process import clock_of
from assistant.services.broadcasts import SHELL, Refused
from assistant.settings import Settings
from assistant.store import broadcasts, fanout, letters
from assistant.store.database import Store

app = typer.Typer()  # its commands are among those of `assistant broadcasts`
WHAT, WHOM, WHEN = "What it says", "Who gets it", "When it leaves"
FAR = 24 * 365  # hours
_DROPPED = BroadcastStatus.CANCELLED


@app.command()
def draft(
    update: Annotated[
        str | None,
        typer.Option(
            metavar="CASE/UPDATE",
            help="News of a case folder: norma-cruz/2011-09-conviction. See `assistant updates list`.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    alert: Annotated[
        bool,
        typer.Option("--alert", help="A call to act. It needs --text and --lasts.", rich_help_panel=WHAT),
    ] = False,
    correct: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2**63 - 1,
            metavar="NUMBER",
            help="A correction, to those who got that broadcast. It needs --text.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=FILE",
            help="Its text in a language: en=alert.txt, or en=- for standard input. It is taken as it "
            f"stands: at most {PROSE_MAX} characters. The case, the date and how to stop are added.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    fallback: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=OTHER",
            help="es=en: who reads Spanish gets the English text. Each language without a text needs this.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    button: Annotated[
        Step | None,
        typer.Option(
            help="What the button below it leads to. Without this: read for an update, letter for an alert "
            "about a case.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="The case that an alert is about.", rich_help_panel=WHOM)
    ] = None,
    readers: Annotated[
        Readers | None,
        typer.Option(
            help="all: who asked for the news of the case; wrote, unwritten: those of them who have, or have "
            "not, written a letter; everyone: who asked for the news of any case. Without this: all.",
            rich_help_panel=WHOM,
        ),
    ] = None,
    country: Annotated[
        list[str] | None,
        typer.Option(
            help="Only who lives there, as their letter says. May be given several times.",
            rich_help_panel=WHOM,
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="Only who reads this language. May be given several times.", rich_help_panel=WHOM),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="Not before 2012-01-23T15:00Z. Without this: as soon as it is approved.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    local: Annotated[
        str | None,
        typer.Option(
            metavar="'DAY TIME'",
            help="Not before '2012-01-23 10:00' where each reader lives.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    lasts: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=FAR,
            metavar="HOURS",
            help="For how long it is worth reading. Who has not got it by then never does.",
            rich_help_panel=WHEN,
        ),
    ] = None,
    urgent: Annotated[
        bool,
        typer.Option(
            "--urgent",
            help="Do not wait until it is day where a reader lives. Who approves it is asked about that.",
            rich_help_panel=WHEN,
        ),
    ] = False,
    draft_only: Annotated[
        bool, typer.Option("--draft-only", help="Keep it, and ask nobody to approve it yet.")
    ] = False,
) -> None:
    """Write an update, an alert or a correction, see it as its readers will, and ask for approval.

    Nobody gets it before another person has approved it. Give one of --update, --alert and --correct:

    \b
    assistant broadcasts draft --update norma-cruz/2011-09-conviction
    assistant broadcasts draft --alert --case norma-cruz --lasts 24 --text en=alert.txt --fallback es=en
    """
    settings = Settings.load()
    script = wiring.make_script(settings)
    given = Options(
        update,
        alert,
        correct,
        text or (),
        fallback or (),
        case,
        readers,
        country or (),
        language or (),
        at,
        local,
        lasts,
        urgent,
        button,
    )
    written = announcement(given, script, lambda: clock_of(settings)())
    asyncio.run(_draft(settings, script, written, propose_it=not draft_only))


async def _draft(settings: Settings, script: Script, written: Announcement, *, propose_it: bool) -> None:
    async with open_newsdesk(settings, script) as (store, news):
        if written.audience.received is not None:
            case = await _corrected(store, written.audience.received)
            written = replace(written, case=case if case in script.cases else None)
            if written.case is None and written.step is not Step.NONE:
                raise Refused("What is corrected is about no case: without one no button leads anywhere.")
        number = await _save(store, news, written)
        await _count(store, news, number)
        looked = await look(store, number)
        show(looked, news.rates, script.default_tongue)
        if propose_it:
            await _propose(store, news, looked.broadcast)
        else:
            typer.echo(
                f"\nBroadcast {number} is a draft: nobody has got it, and nobody was asked.\n"
                f"To ask for approval: assistant broadcasts propose {number}\n"
                f"To drop it: assistant broadcasts discard {number}"
            )


async def _save(store: Store, news: Newsdesk, written: Announcement) -> int:
    """Keep the draft. Raises Refused, with the number of the broadcast that the update has already."""
    try:
        async with store.write() as tx:
            return await news.desk.save(tx, SHELL, written)
    except Refused as refusal:
        async with store.read() as tx:
            listed = [each for each in await broadcasts.listed(tx, EVERY) if _same_news(each, written)]
        shown = f" `assistant broadcasts show {listed[0].id}` shows it." if listed else ""
        raise Refused(f"{refusal.reason}{shown}") from None


def _same_news(known: Broadcast, written: Announcement) -> bool:
    other = known.announcement
    return (other.case, other.update) == (written.case, written.update) and known.status is not _DROPPED


async def _corrected(store: Store, number: int) -> str | None:
    """The case of the broadcast that is corrected. Raises Refused where there is nothing to correct."""
    found = (await look(store, number)).broadcast
    if found.started_at is None:
        hint = "" if found.is_over else f" `assistant broadcasts discard {number}` drops it."
        raise Refused(f"Nobody has got broadcast {number}, so there is nothing to correct.{hint}")
    return found.announcement.case


async def _count(store: Store, news: Newsdesk, number: int) -> None:
    """Count whom it would reach, as the newsroom of a running assistant does."""
    async with store.read() as tx:
        found = await broadcasts.find(tx, number)
        if found is None:
            return
        counts = await fanout.count(tx, found.announcement.audience)
    async with store.write() as tx:
        await broadcasts.set_counts(tx, number, found.digest, counts)
        if found.announcement.outcome:
            arrived, left = await letters.outcome(tx, found.announcement.case or "")
            await broadcasts.set_outcome(tx, number, news.writer.outcomes(arrived, left))


@app.command()
def propose(number: Number) -> None:
    """Ask the others to approve a draft that was written in the shell."""
    asyncio.run(_look_and_propose(Settings.load(), number))


async def _look_and_propose(settings: Settings, number: int) -> None:
    async with open_newsdesk(settings) as (store, news):
        found = (await look(store, number)).broadcast
        if found.status is BroadcastStatus.PROPOSED:
            raise Refused(f"Broadcast {number} waits for approval already.")
        if found.author is None and found.status is BroadcastStatus.DRAFT:
            await _count(store, news, number)
        await _propose(store, news, (await look(store, number)).broadcast)


async def _propose(store: Store, news: Newsdesk, found: Broadcast) -> None:
    async with store.write() as tx:
        await news.desk.propose(tx, SHELL, found.id, found.digest)
    if news.desk.approvals == 1:
        then = f"One person is enough here: assistant broadcasts approve {found.id}"
    else:
        members = (await look(store, found.id)).members
        then = f"Another person has to approve it. {who_approves(members, found.id)}"
    typer.echo(f"\nBroadcast {found.id} waits for approval: nobody has got it.\n{then}")
    typer.echo(f"To drop it: assistant broadcasts discard {found.id}")
