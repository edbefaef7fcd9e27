"""`assistant bounces`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant import wiring
from assistant.services.letters.bounces import BounceReader
from assistant.settings import Settings

_LOOK = (
    "could not be understood: look at them. In a Maildir they are left unread and flagged; "
    "`assistant letters list --status uncertain` shows their letters."
)
RAW_MAX = 10 * 1024 * 1024  # bytes of one mail; no more is looked at


def bounces(
    maildir: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="A Maildir that bounces are delivered to. Its new mails are read and marked as seen.",
        ),
    ] = None,
) -> None:
    """Read mails that came back, and settle the letters that they are about.

    Without --maildir one mail is read from standard input, as a mail server's pipe gives it. Let your mail
    server bring what is sent to bounce-...@ your domain here. Mails that are no bounces change nothing. What
    a mail server says and is not understood makes its letter uncertain, and is left unread for you.
    """
    settings = Settings.load()
    if maildir is None and sys.stdin is None:
        raise typer.BadParameter("give one mail on standard input, or a Maildir", param_hint="--maildir")
    asyncio.run(_read(settings, maildir))


async def _read(settings: Settings, maildir: Path | None) -> None:
    async with wiring.open_letter_decisions(settings) as decisions:
        reader = BounceReader(decisions)
        if maildir is None:
            await reader.read(sys.stdin.buffer.read(RAW_MAX))
        else:
            await reader.read_maildir(maildir)
    count = reader.count
    typer.echo(
        f"{count.settled} bounces settled, {count.strange} of letters that we do not know, "
        f"{count.others} other mails."
    )
    if count.unclear:
        typer.echo(f"{count.unclear} {_LOOK}")
