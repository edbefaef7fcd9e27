"""The plans of statements as a database chose them, a line for each table that is looked at."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from assistant.store.database import Store, Tx

BIG = ("messages", "chats", "letters", "subscriptions")  # grow with the number of people
SMALL = ("messages_sending",)  # indexes that are short whatever grows
CUT = 100  # characters of a condition: some name every row of a batch
Statements = dict[str, Any]  # Any: parameters as the driver takes them


@contextmanager
def noted(store: Store) -> Iterator[Statements]:
    """Every statement that is run meanwhile, with parameters that it was run with."""
    statements: Statements = {}

    def note(_c: object, _k: object, sql: str, parameters: Sequence[Any], _x: object, many: bool) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            statements.setdefault(sql, parameters[0] if many else parameters)

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def steps(tx: Tx, sql: str, parameters: Any) -> list[str]:  # Any: as the driver takes them
    """How the database goes about it: each look at a table that grows. A whole one begins with WHOLE."""
    if tx.dialect == "sqlite":
        plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(parameters))
        return [_marked(step.detail) for step in plan if step.detail.split()[1:2] in [[each] for each in BIG]]
    plan = await tx.connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
    return list(_nodes(plan.scalar_one()[0]["Plan"]))


def _marked(detail: str) -> str:
    return detail.replace("SCAN ", "WHOLE ") if detail.startswith("SCAN ") else detail


def _nodes(node: dict[str, Any]) -> Iterator[str]:  # Any: JSON
    table = node.get("Relation Name")
    if table in BIG and "Scan" in node["Node Type"]:
        by = node.get("Index Name", "")
        condition = node.get("Index Cond") or node.get("Recheck Cond") or ""
        whole = "" if condition or by in SMALL else "WHOLE "
        yield f"{whole}{node['Node Type']} {table} {by} {condition[:CUT]}".strip()
    elif node["Node Type"] == "Bitmap Index Scan" and not node.get("Index Cond"):
        yield f"WHOLE {node['Node Type']} {node['Index Name']}"
    for child in node.get("Plans", ()):
        yield from _nodes(child)
