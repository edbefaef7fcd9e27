"""How many letters and readers there are, counted when an organiser asks."""

from collections import Counter, defaultdict

from sqlalchemy import and_, func, or_, select, tuple_

from assistant.domain.answers import AnswerCount
from assistant.domain.figures import ActionFigures, CaseDetails, CaseFigures
from assistant.domain.letters import WAITING, ActionRef, TextStatus
from assistant.domain.lifecycle import LetterStatus
from assistant.store import answers, steps
from assistant.store.database import Tx
from assistant.store.letters import HAS_LEFT
from assistant.store.tables import UNPRINTED, chats, has, letter_versions, letters, subscriptions


async def of_actions(tx: Tx) -> dict[ActionRef, ActionFigures]:
    """The figures of each action for which a letter was written."""
    asked = has(letters.c.status, LetterStatus.HELD) & letters.c.asked_at.is_not(None)
    answered, undecided = await answers.counts(tx), await _undecided(tx)
    query = (
        select(
            letters.c.case_slug,
            letters.c.action_slug,
            func.count(),
            func.count().filter(HAS_LEFT),
            func.count().filter(has(letters.c.status, LetterStatus.DELIVERED)),
            func.count().filter(asked),
        )
        .where(~has(letters.c.status, LetterStatus.CANCELLED))
        .group_by(letters.c.case_slug, letters.c.action_slug)
    )
    return {
        (ref := ActionRef(case, action)): ActionFigures(
            written=written,
            left=left,
            arrived=arrived,
            answered=answered.get(ref, AnswerCount()).letters,
            asked=waiting,
            undecided=undecided.get(ref, 0),
        )
        for case, action, written, left, arrived, waiting in await tx.connection.execute(query)
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


async def by_country(tx: Tx, *, withdrawn: bool = True) -> dict[tuple[str, str], int]:
    """How many letters there are, by case and country; with those that were withdrawn, or without."""
    places = (letters.c.case_slug, letters.c.country)
    query = select(*places, func.count()).group_by(*places)
    if not withdrawn:
        query = query.where(~has(letters.c.status, LetterStatus.CANCELLED))
    rows = await tx.connection.execute(query)
    return {(case, country): count for case, country, count in rows}


async def of_cases(tx: Tx) -> dict[str, CaseFigures]:
    """The figures of each case of which there are any."""
    written: defaultdict[str, dict[LetterStatus, int]] = defaultdict(dict)
    counted = select(letters.c.case_slug, letters.c.status, func.count()).group_by(
        letters.c.case_slug, letters.c.status
    )
    for slug, status, count in await tx.connection.execute(counted):
        written[slug][LetterStatus(status)] = count
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
    countries: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (slug, country), count in (await by_country(tx, withdrawn=False)).items():
        countries[slug][country] = count
    return {
        slug: CaseFigures(
            letters=written[slug],
            subscribers=reading[slug],
            actions=actions[slug],
            answers=answered[slug],
            countries=countries[slug],
            steps=reached.get(slug, {}),
        )
        for slug in {*written, *reading, *reached}
    }


async def of_case(tx: Tx, case: str) -> CaseDetails:
    """How far people came with that case, and its letters by where they are and where they came from.

    One grouped count over the case's letters, in their index `letters_by_case`.
    """
    where = (letters.c.status, letters.c.country, letters.c.source)
    counted = select(*where, func.count()).where(letters.c.case_slug == case).group_by(*where)
    by_status: Counter[LetterStatus] = Counter()
    countries: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for status, country, source, count in await tx.connection.execute(counted):
        by_status[LetterStatus(status)] += count
        if status != LetterStatus.CANCELLED:
            countries[country] += count
            sources[source] += count
    answered = await answers.counts(tx, case)
    return CaseDetails(
        letters=by_status,
        steps=await steps.of_case(tx, case),
        countries=countries,
        sources=sources,
        answered=sum(each.letters for each in answered.values()),
    )


async def left(tx: Tx, case: str) -> dict[str, int]:
    """How many letters of each action of that case a carrier has, or has had."""
    counted = (
        select(letters.c.action_slug, func.count())
        .where(letters.c.case_slug == case, HAS_LEFT)
        .group_by(letters.c.action_slug)
    )
    return {row.action_slug: row[1] for row in await tx.connection.execute(counted)}
