"""`assistant bounces`."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from assistant import wiring
from assistant.carriers.email.bounces import read_bounce, unread
from assistant.services.letters.decisions import LetterDecisions
from assistant.settings import Settings
from assistant.wiring import make_script

RAW_MAX = 10 * 1024 * 1024  # bytes of one mail; no more is looked at


@dataclass(slots=True)
class _Count:
    """What became of mails."""

    settled: int = 0
    strange: int = 0  # bounces of letters that we do not know
    others: int = 0  # mails that say nothing of a letter

    def __str__(self) -> str:
        return (
            f"{self.settled} bounces settled, {self.strange} of letters that we do not know, "
            f"{self.others} other mails."
        )


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
    server bring what is sent to bounce-...@ your domain here. Mails that are no bounces change nothing.
    """
    settings = Settings.load()
    if maildir is None and sys.stdin is None:
        raise typer.BadParameter("give one mail on standard input, or a Maildir", param_hint="--maildir")
    asyncio.run(_read(settings, maildir))


async def _read(settings: Settings, maildir: Path | None) -> None:
    async with wiring.open_letter_decisions(settings, make_script(settings)) as decisions:
        count = _Count()
        if maildir is None:
            await _settle(decisions, sys.stdin.buffer.read(RAW_MAX), count)
        else:
            for mail in unread(maildir):
                await _settle(decisions, mail.raw, count)
                mail.settle()
    typer.echo(str(count))


async def _settle(decisions: LetterDecisions, raw: bytes, count: _Count) -> None:
    report = read_bounce(raw)
    if report is None:
        count.others += 1
    elif await decisions.settle(report):
        count.settled += 1
    else:
        count.strange += 1
