"""How many chats and letters each link brought, as it may be shown."""

from collections import defaultdict
from collections.abc import Mapping

from assistant.domain.figures import Figure, figure, total
from assistant.store import sources
from assistant.store.database import Store


async def chats_by_source(store: Store) -> Mapping[str, str]:
    """How many chats came by each source, in order of their names; see `domain.figures`."""
    async with store.read() as tx:
        counted = await sources.counts(tx)
    return {source: str(figure(count)) for source, count in sorted(counted.items())}


async def letters_by_source(store: Store) -> Mapping[str, str]:
    """How many letters came by each source, in order of their names; see `domain.figures`.

    What is shown of each case is added up: a case's small count is no difference of larger ones.
    """
    async with store.read() as tx:
        counted = await sources.letters_by_source(tx)
    by_case: defaultdict[str, list[Figure]] = defaultdict(list)
    for (source, _case), count in sorted(counted.items()):
        by_case[source].append(figure(count))
    return {source: str(total(figures)) for source, figures in by_case.items()}
