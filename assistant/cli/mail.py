"""`assistant mail`, and `assistant bounces`, as it was called before."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.services.letters.mail import LARGEST_MAIL, MailCount
from assistant.settings import Settings
from assistant.wiring.letters import open_mail_reader

_LOOK = (
    "could not be understood: look at them. In a Maildir they are left unread and flagged; "
    "`assistant letters list --status uncertain` shows their letters."
)

Maildir = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="A Maildir that mail is delivered to. Its new mails are read and marked as seen.",
    ),
]


def mail(maildir: Maildir = None) -> None:
    """Read mail to our addresses: what came back settles its letter, answers are kept for organisers.

    Without --maildir one mail is read from standard input, as a mail server's pipe gives it. Let your mail
    server bring what is sent to bounce-...@ and letters+...@ your domain here; `assistant run` can also read
    a mailbox by itself: see ASSISTANT_MAIL_INBOX. Other mails change nothing. What a mail server says and is
    not understood makes its letter uncertain, and is left unread for you.
    """
    _read_mail(maildir)


def bounces(maildir: Maildir = None) -> None:
    """Read mail: the same as `assistant mail`, by the name that it had before.

    Without --maildir one mail is read from standard input. Mails that are to no address of ours, bounce-...@
    or letters+...@ your domain, change nothing.
    """
    _read_mail(maildir)


def _read_mail(maildir: Path | None) -> None:
    settings = Settings.load()
    if maildir is None and sys.stdin is None:
        raise typer.BadParameter("give one mail on standard input, or a Maildir", param_hint="--maildir")
    for line in _told(asyncio.run(_read(settings, maildir))):
        typer.echo(line)


async def _read(settings: Settings, maildir: Path | None) -> MailCount:
    async with open_mail_reader(settings) as reader:
        if maildir is None:
            await reader.read(sys.stdin.buffer.read(LARGEST_MAIL))
        else:
            await reader.read_maildir(maildir)
    return reader.count


def _told(count: MailCount) -> list[str]:
    bounced = f"{count.settled} bounces settled, {count.strange} of letters that we do not know"
    lines = [
        f"{bounced}, {count.others} other mails.",
        f"{count.answers} answers, {count.automatic} automatic ones, {count.repeated} known already.",
    ]
    if count.unclear:
        lines.append(f"{count.unclear} {_LOOK}")
    if count.answers:
        lines.append("Organisers see answers with /answers in their chat; you with `assistant answers list`.")
    return lines
