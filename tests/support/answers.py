"""Offices that answer by mail, in tests."""

from collections.abc import Mapping
from email.message import EmailMessage
from types import MappingProxyType

from sqlalchemy import update

from assistant.domain.lifecycle import LetterStatus
from assistant.store.tables import letters
from tests.support.harness import Harness
from tests.support.named_letters import called

OFFICE = "Invented Office <office@example.org>"
SAID = "Thank you for your letter.\n\nWe have opened an investigation."
FOREIGN = "f" * 32  # the token of nobody's letter


def token_of(letter: int) -> str:
    """What that letter is called in mail, after `mailed`."""
    return f"{letter:032x}"


async def mailed(harness: Harness, *people: str, language: str = "en") -> None:
    """A letter of each of them, which a mail server has taken."""
    await harness.queue_letters(*people, language=language)
    await refer_to_letters(harness)


async def refer_to_letters(harness: Harness) -> None:
    """A mail server has taken every letter that waited."""
    waiting = [letter.id for letter in await harness.letters() if letter.status is LetterStatus.QUEUED]
    async with harness.store.write() as tx:
        for number in waiting:
            named = update(letters).where(letters.c.id == number)
            await tx.connection.execute(
                named.values(status=LetterStatus.SENT, **called(tx, number, token_of(number)))
            )


def answer(
    letter: int | str = 1,
    text: str = SAID,
    *,
    number: int = 1,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """A mail that answers a letter of that number, or with that token. `number`: tells it from others."""
    token = token_of(letter) if isinstance(letter, int) else letter
    message = EmailMessage()
    message["From"] = OFFICE
    message["To"] = f"Letters <letters+{token}@campaign.example>"
    message["Subject"] = "Re: About Norma Cruz"
    message["Date"] = "Tue, 24 Jan 2012 10:00:00 -0600"
    message["Message-ID"] = f"<answer-{number}@office.example>"
    for name, value in headers.items():
        del message[name]
        message[name] = value
    message.set_content(text)
    return message.as_bytes()
