"""How many letters and readers there are, counted when an organiser asks."""

from collections import Counter, defaultdict

from sqlalchemy import and_, func, or_, select, tuple_

from assistant.domain.answers import AnswerCount
from assistant.domain.figures import ActionFigures, CaseDetails, CaseFigures
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
            subscribers=reading[slug],
            actions=actions[slug],
            answers=answered[slug],
            countries=countries[slug],
            steps=reached.get(slug, {}),
        )
        for slug in {*actions, *reading, *reached}
    }


async def of_case(tx: Tx, case: str) -> CaseDetails:
    """How far people came with that case, and its letters by where they are and where they came from.

    Two grouped counts over the case's letters; one of them in their index `letters_by_case`.
    """
    where = (letters.c.status, letters.c.country, letters.c.source)
    counted = select(*where, func.count()).where(letters.c.case_slug == case).group_by(*where)
    countries: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for status, country, source, count in await tx.connection.execute(counted):
        if status != LetterStatus.CANCELLED:
            countries[country] += count
            sources[source] += count
    return CaseDetails(
        actions={ref.action: each for ref, each in (await of_actions(tx, case)).items()},
        steps=await steps.of_case(tx, case),
        countries=countries,
        sources=sources,
    )
