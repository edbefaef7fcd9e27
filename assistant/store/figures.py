"""How many letters and readers there are, counted when an organiser asks."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select, tuple_

from assistant.domain.answers import AnswerCount
from assistant.domain.figures import ActionFigures, CaseFigures, Origins
from assistant.domain.letters import WAITING, ActionRef, TextStatus
from assistant.domain.lifecycle import LetterStatus
from assistant.store import answers, steps
from assistant.store.database import Tx
from assistant.store.tables import UNPRINTED, chats, has, letter_versions, letters, subscriptions


async def of_actions(tx: Tx, case: str | None = None) -> dict[ActionRef, ActionFigures]:
    """The figures of each action for which a letter was written; of that case, or of all."""
    asked = has(letters.c.status, LetterStatus.HELD) & letters.c.asked_at.is_not(None)
    answered, undecided = await answers.counts(tx, case), await _undecided(tx)
    where = (letters.c.case_slug, letters.c.action_slug, letters.c.status)
    query = select(*where, func.count(), func.count().filter(asked)).group_by(*where)
    if case is not None:
        query = query.where(letters.c.case_slug == case)
    by_status: defaultdict[ActionRef, dict[LetterStatus, int]] = defaultdict(dict)
    waiting: Counter[ActionRef] = Counter()
    for slug, action, status, count, asking in await tx.connection.execute(query):
        by_status[ActionRef(slug, action)][LetterStatus(status)] = count
        waiting[ActionRef(slug, action)] += asking
    return {
        ref: ActionFigures(
            letters=counted,
            answered=answered.get(ref, AnswerCount()).letters,
            asked=waiting[ref],
            undecided=undecided.get(ref, 0),
        )
        for ref, counted in by_status.items()
    }


async def _undecided(tx: Tx) -> dict[ActionRef, int]:
    """How many letters wait, by action, until it is said whether their action's new text matters."""
    made_of = (letter_versions.c.case_slug, letter_versions.c.action_slug, letter_versions.c.target_slug)
    query = (
        select(letters.c.case_slug, letters.c.action_slug, func.count())
        .join(
            letter_versions,
            and_(
                tuple_(*made_of) == tuple_(letters.c.case_slug, letters.c.action_slug, letters.c.target_slug),
                letter_versions.c.version == letters.c.version,
            ),
        )
        .where(
            has(letter_versions.c.status, TextStatus.UNDECIDED),
            or_(has(letters.c.status, *WAITING), UNPRINTED),
        )
        .group_by(letters.c.case_slug, letters.c.action_slug)
    )
    rows = await tx.connection.execute(query)
    return {ActionRef(case, action): count for case, action, count in rows}


async def by_country(tx: Tx) -> dict[tuple[str, str], int]:
    """How many letters there are, by case and country; those that were withdrawn among them."""
    places = (letters.c.case_slug, letters.c.country)
    rows = await tx.connection.execute(select(*places, func.count()).group_by(*places))
    return {(case, country): count for case, country, count in rows}


async def _origins(tx: Tx, case: str | None = None) -> dict[str, tuple[Origins, Origins]]:
    """Where letters of each case came from: those that were not withdrawn, and those that have arrived."""
    where = (letters.c.case_slug, letters.c.status, letters.c.country, letters.c.source)
    query = select(*where, func.count()).group_by(*where)
    if case is not None:
        query = query.where(letters.c.case_slug == case)
    rows: defaultdict[str, list[_Counted]] = defaultdict(list)
    for slug, *counted in await tx.connection.execute(query):
        rows[slug].append(_Counted(*counted))
    return {
        slug: (
            _together(each for each in counted if each.status != LetterStatus.CANCELLED),
            _together(each for each in counted if each.status == LetterStatus.DELIVERED),
        )
        for slug, counted in rows.items()
    }


class _Counted(NamedTuple):
    status: str
    country: str
    source: str
    letters: int


def _together(rows: Iterable[_Counted]) -> Origins:
    countries: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for each in rows:
        countries[each.country] += each.letters
        sources[each.source] += each.letters
    return Origins(countries, sources)


async def of_cases(tx: Tx) -> dict[str, CaseFigures]:
    """The figures of each case of which there are any."""
    reading: defaultdict[str, dict[str, int]] = defaultdict(dict)
    subscribed = (
        select(subscriptions.c.case_slug, chats.c.language, func.count())
        .join(chats, chats.c.id == subscriptions.c.chat_id)
        .group_by(subscriptions.c.case_slug, chats.c.language)
    )
    for slug, language, count in await tx.connection.execute(subscribed):
        reading[slug][language or ""] = count
    actions: defaultdict[str, dict[str, ActionFigures]] = defaultdict(dict)
    for ref, counts in (await of_actions(tx)).items():
        actions[ref.case][ref.action] = counts
    answered: defaultdict[str, AnswerCount] = defaultdict(AnswerCount)
    for ref, count in (await answers.counts(tx)).items():
        answered[ref.case] += count
    reached = await steps.of_cases(tx)
    origins = await _origins(tx)
    return {
        slug: CaseFigures(
            subscribers=reading[slug],
            actions=actions[slug],
            answers=answered[slug],
            steps=reached.get(slug, {}),
            written=written,
            arrived=arrived,
        )
        for slug in {*actions, *reading, *reached}
        for written, arrived in (origins.get(slug, (Origins(), Origins())),)
    }


async def of_case(tx: Tx, case: str) -> CaseFigures:
    """How far people came with that case, and its letters by where they are and where they came from.

    Two grouped counts over the case's letters; one of them in their index `letters_by_case`.
    """
    written, arrived = (await _origins(tx, case)).get(case, (Origins(), Origins()))
    return CaseFigures(
        actions={ref.action: each for ref, each in (await of_actions(tx, case)).items()},
        steps=await steps.of_case(tx, case),
        written=written,
        arrived=arrived,
    )
