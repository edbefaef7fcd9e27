"""Mail that came to our addresses: bounces settle their letters, answers are kept for organisers."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from assistant.carriers.email.bounces import Bounce
from assistant.carriers.email.incoming import LARGEST, Addressed, read_mail
from assistant.carriers.email.maildir import unread
from assistant.domain.answers import AnswerKind
from assistant.services.letters.answers import AnswerService
from assistant.services.letters.decisions import LetterDecisions
from assistant.store import answers
from assistant.store.database import Store

LARGEST_MAIL = LARGEST  # bytes: no more of one is looked at


@dataclass(slots=True, kw_only=True)
class MailCount:
    """What became of mails."""

    settled: int = 0
    strange: int = 0  # bounces of letters that we do not know
    others: int = 0  # mails that say nothing of a letter of ours
    unclear: int = 0  # mails of a mail server's about a letter, which a person has to read
    answers: int = 0
    automatic: int = 0  # answers of programs
    repeated: int = 0  # answers that are known already


class MailReader:
    """Reads mails one by one, and counts what became of them."""

    def __init__(self, store: Store, decisions: LetterDecisions, answer_service: AnswerService) -> None:
        self._store = store
        self._decisions = decisions
        self._answer_service = answer_service
        self.count = MailCount()

    async def read(self, raw: bytes, *, again: bool = False) -> bool:
        """Do what this mail is about; False where a person has to read it.

        `again`: a person had to already, and may have decided about the letter since. Raises Failure; try it
        again then.
        """
        match await asyncio.to_thread(read_mail, raw):  # a large one takes a second
            case Bounce() as bounce:
                return await self._settle(bounce, again=again)
            case Addressed() as mail:
                await self._take_in(mail)
            case _:
                self.count.others += 1
        return True

    async def read_maildir(self, folder: Path) -> None:
        """Read the new mails of a Maildir, each marked as seen once what it says is stored.

        Those that a person has to read are flagged, and counted every time until somebody marks them as seen.
        """
        for mail in unread(folder):
            if await self.read(mail.raw, again=mail.flagged):
                mail.settle()
            else:
                mail.flag()

    async def _settle(self, bounce: Bounce, *, again: bool) -> bool:
        if again and not bounce.understood:
            self.count.unclear += 1
            return False
        letter = await self._decisions.referred_to(bounce.reference or "")
        if letter is None:
            self.count.strange += 1
            return True
        await self._decisions.settle(bounce.of_letter_to(letter.route.address))
        if bounce.understood:
            self.count.settled += 1
        else:
            self.count.unclear += 1
        return bounce.understood

    async def _take_in(self, mail: Addressed) -> None:
        """Keep an answer. Nothing but its head has been looked at where it is to no letter of ours."""
        async with self._store.read() as tx:
            known = await answers.is_addressed(tx, mail.tokens)
        answer = await asyncio.to_thread(mail.read) if known else None
        if answer is None:
            self.count.others += 1
            return
        async with self._store.write() as tx:
            addressees = await answers.addressees(tx, mail.tokens)
            people = await answers.people(tx, mail.tokens)
            is_new = await self._answer_service.receive(tx, addressees, answer.to(people))
        if not addressees:  # forgotten
            self.count.others += 1
        elif not is_new:
            self.count.repeated += 1
        elif answer.kind is AnswerKind.AUTOMATIC:
            self.count.automatic += 1
        else:
            self.count.answers += 1
