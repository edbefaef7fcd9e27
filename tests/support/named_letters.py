"""Letters as their carriers call them, put into the database by hand."""

from typing import Any

from assistant.store.database import Tx
from assistant.store.references import REFERENCE, digest_of_reference, seal


def called(tx: Tx, letter: int, reference: str | None) -> dict[str, Any]:  # Any: column values
    """The columns of that letter which say what its carrier calls it."""
    if reference is None:
        return {"reference": None, "sealed_reference": None}
    return {
        "reference": digest_of_reference(tx.vault, reference),
        "sealed_reference": seal(tx.vault, REFERENCE, letter, reference),
    }
