"""Mails that came back, from a pipe or a Maildir: the letters that they are about are settled."""

from dataclasses import dataclass
from pathlib import Path

from assistant.carriers.email.bounces import read_bounce, unread
from assistant.services.letters.decisions import LetterDecisions


@dataclass(slots=True)
class MailCount:
    """What became of mails."""

    settled: int = 0
    strange: int = 0  # bounces of letters that we do not know
    others: int = 0  # mails that say nothing of a letter


class BounceReader:
    """Reads mails one by one, and counts what became of them."""

    def __init__(self, decisions: LetterDecisions) -> None:
        self._decisions = decisions
        self.count = MailCount()

    async def read(self, raw: bytes) -> None:
        """Settle the letter that this mail is about, if it is a bounce. Raises Failure; try it again then."""
        report = read_bounce(raw)
        if report is None:
            self.count.others += 1
        elif await self._decisions.settle(report):
            self.count.settled += 1
        else:
            self.count.strange += 1

    async def read_maildir(self, folder: Path) -> None:
        """Read the new mails of a Maildir, each marked as seen once its letter is settled."""
        for mail in unread(folder):
            await self.read(mail.raw)
            mail.settle()
