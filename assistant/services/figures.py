"""The figures of one case, as they may be shown."""

from assistant.domain.figures import ShownDetails
from assistant.store import figures
from assistant.store.database import Store


async def figures_of_case(store: Store, case: str) -> ShownDetails:
    """How far people came with it, where its letters are, and where they came from: see `domain.figures`.

    It counts all the case's letters: 0.4 s for 300,000 on SQLite. Raises Failure where that cannot be read.
    """
    async with store.read() as tx:
        counted = await figures.of_case(tx, case)
    return counted.shown
