"""To which addresses of offices letters may go: the first ones, and those that two people confirmed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assistant.domain.letters import Route
from assistant.store import authenticity
from assistant.store.database import Tx, Value
from assistant.store.tables import office_routes

Office = tuple[str, str]
"""The slugs of a case and of its target."""


@dataclass(frozen=True, slots=True)
class KnownRoutes:
    """What is known of an office's addresses. `told`: digest of the other ones of which approvers know."""

    routes: tuple[Route, ...] | None  # None: somebody else than we has written them
    told: str


async def known(tx: Tx) -> Mapping[Office, KnownRoutes]:
    """Every office's."""
    rows = await tx.connection.execute(select(office_routes))
    return {(row.case_slug, row.target_slug): _known(tx, row) for row in rows}


async def of_office(tx: Tx, case: str, target: str) -> KnownRoutes | None:
    """Those of that office; None where it is not known at all."""
    query = select(office_routes).where(
        office_routes.c.case_slug == case, office_routes.c.target_slug == target
    )
    row = (await tx.connection.execute(query)).one_or_none()
    return _known(tx, row) if row else None


def _known(tx: Tx, row: Row[Any]) -> KnownRoutes:  # Any: SQLAlchemy's row
    if not authenticity.is_authentic(tx.vault, office_routes, row):
        return KnownRoutes(None, row.told)
    return KnownRoutes(tuple(Route.parse(each) for each in json.loads(row.routes)), row.told)


async def confirm(tx: Tx, case: str, target: str, routes: Sequence[Route]) -> None:
    """Letters to that office may go there, and nowhere else."""
    row: dict[str, Value] = {
        "case_slug": case,
        "target_slug": target,
        "routes": json.dumps([str(each) for each in routes]),
        "told": "",
    }
    row["mac"] = authenticity.code(tx.vault, office_routes, row)
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    added = insert(office_routes).values(row)
    again = added.on_conflict_do_update(index_elements=["case_slug", "target_slug"], set_=row)
    await tx.connection.execute(again)


async def note_told(tx: Tx, case: str, target: str, digest: str) -> None:
    """Approvers know of those other ones."""
    of_it = (office_routes.c.case_slug == case, office_routes.c.target_slug == target)
    await tx.connection.execute(update(office_routes).where(*of_it).values(told=digest))
