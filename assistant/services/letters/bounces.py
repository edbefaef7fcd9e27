"""Mails that came back, from a pipe or a Maildir: the letters that they are about are settled."""

from dataclasses import dataclass
from pathlib import Path

from assistant.carriers.email.bounces import read_bounce
from assistant.carriers.email.maildir import unread
from assistant.services.letters.decisions import LetterDecisions


@dataclass(slots=True)
class MailCount:
    """What became of mails."""

    settled: int = 0
    strange: int = 0  # bounces of letters that we do not know
    others: int = 0  # mails that say nothing of a letter
    unclear: int = 0  # mails of a mail server's about a letter, which a person has to read


class BounceReader:
    """Reads mails one by one, and counts what became of them."""

    def __init__(self, decisions: LetterDecisions) -> None:
        self._decisions = decisions
        self.count = MailCount()

    async def read(self, raw: bytes, *, again: bool = False) -> bool:
        """Settle the letter that this mail is about, if it is a bounce; False where a person has to read it.

        `again`: a person had to already, and may have decided about the letter since. Raises Failure; try it
        again then.
        """
        bounce = read_bounce(raw)
        if bounce is None or bounce.reference is None:
            self.count.others += 1
            return True
        if again and not bounce.understood:
            self.count.unclear += 1
            return False
        letter = await self._decisions.referred_to(bounce.reference)
        if letter is None:
            self.count.strange += 1
            return True
        await self._decisions.settle(bounce.of_letter_to(letter.route.address))
        if bounce.understood:
            self.count.settled += 1
        else:
            self.count.unclear += 1
        return bounce.understood

    async def read_maildir(self, folder: Path) -> None:
        """Read the new mails of a Maildir, each marked as seen once its letter is settled.

        Those that a person has to read are flagged, and counted every time until somebody marks them as seen.
        """
        for mail in unread(folder):
            if await self.read(mail.raw, again=mail.flagged):
                mail.settle()
            else:
                mail.flag()
