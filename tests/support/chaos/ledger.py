"""What the ledger says, held against what people have got."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from sqlalchemy import select

from assistant.domain.lifecycle import MessageStatus
from assistant.domain.richtext import plain
from assistant.store.database import Store
from assistant.store.references import MESSAGE, unseal
from assistant.store.tables import chats, messages
from tests.support.chaos.numbered_replies import START, NumberedReply, parse_reply, parts_of

SENT, FAILED, UNKNOWN = MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the ledger; `person` is whose chat it is for."""

    person: str
    echo: NumberedReply
    status: MessageStatus
    doubtful: bool = False
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a person got."""

    reference: str
    echo: NumberedReply


async def rows(store: Store) -> list[Row]:
    """The whole ledger, the oldest first."""
    query = select(messages, chats.c.key, chats.c.address).join(chats).order_by(messages.c.id)
    found = []
    async with store.read() as tx:
        for row in await tx.connection.execute(query):
            sealer = tx.vault.open_key(row.key, row.chat_id)
            html = json.loads(sealer.open("messages.body", row.id, row.body))[0]
            found.append(
                Row(
                    sealer.open("chats.address", row.chat_id, row.address),
                    parse_reply(plain(Markup(html))),  # noqa: S704  as the store reads it
                    MessageStatus(row.status),
                    row.doubtful,
                    row.sealed_reference and unseal(tx.vault, MESSAGE, row.id, row.sealed_reference),
                )
            )
    return found


def inconsistencies(
    ledger: Sequence[Row], got: Mapping[str, Sequence[Delivery]], blockers: Collection[str]
) -> list[str]:
    """Everything that should not be, in words. `blockers`: who has ever shut us out."""
    by_person: defaultdict[str, list[Row]] = defaultdict(list)
    for row in ledger:
        by_person[row.person].append(row)
    found: list[str] = []
    for person in by_person.keys() | got.keys():
        rows, arrivals = by_person[person], got.get(person, ())
        told = (
            *_in_turns(rows),
            *_in_outcomes(rows, arrivals, person in blockers),
            *_in_order(rows, arrivals),
        )
        found += [f"{person}: {wrong}" for wrong in told]
    return sorted(found)


def messages_by_person(ledger: Iterable[Row]) -> dict[str, list[str]]:
    """The words that each person's turns were about, in order; the first turn is about none."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in ledger:
        if row.echo.part == 1:
            found[row.person].append(row.echo.word)
    return found


def _in_turns(rows: Sequence[Row]) -> Iterator[str]:
    """Each turn with all its messages, in order, each about a later word."""
    echoes = [row.echo for row in rows]
    turns = [list(turn) for _, turn in groupby(echoes, key=lambda echo: (echo.turn, echo.word))]
    for number, turn in enumerate(turns, 1):
        parts, word = parts_of(number), turn[0].word
        if turn != [NumberedReply(number, part, parts, word) for part in range(1, parts + 1)]:
            yield f"turn {number} has the messages {turn}"
    said = [0 if turn[0].word == START else int(turn[0].word[1:]) for turn in turns]
    if said != sorted(set(said)):
        yield f"words were taken twice, or out of order: {said}"


def _in_outcomes(rows: Sequence[Row], arrivals: Sequence[Delivery], blocker: bool) -> Iterator[str]:
    """Each message as often as its row says, and no other."""
    references = defaultdict(set)
    for arrival in arrivals:
        references[arrival.echo].add(arrival.reference)
    times = Counter(arrival.echo for arrival in arrivals)
    for row in rows:
        many = times.pop(row.echo, 0)
        if row.status not in (SENT, FAILED, UNKNOWN):
            yield f"{row} did not come to an end"
        elif row.status is SENT and row.reference not in references[row.echo]:
            yield f"{row} did not arrive as it says"
        elif row.status is FAILED and not blocker:
            yield f"{row} failed, though nobody shut us out"
        elif row.status is UNKNOWN and not row.doubtful:
            yield f"{row} is unknown, and not in doubt"
        elif not row.doubtful and many != (row.status is SENT):
            yield f"{row} arrived {many} times"
    yield from (f"{echo} arrived, and is no row's" for echo in times)


def _in_order(rows: Sequence[Row], arrivals: Sequence[Delivery]) -> Iterator[str]:
    """Only what is doubtful may have been overtaken, by what came again after it."""
    of = {row.echo: row for row in rows}
    seen: list[Row] = []
    for row in (of[arrival.echo] for arrival in arrivals if arrival.echo in of):
        for earlier in seen:
            if earlier.echo > row.echo and not (earlier.doubtful and row.doubtful):
                yield f"{row} arrived after {earlier}"
                break
        seen.append(row)
