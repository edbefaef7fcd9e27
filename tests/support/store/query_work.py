"""How much work statements are, counted by the databases: rows that PostgreSQL looks at, steps of SQLite."""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event

from assistant.store.database import Store, Tx

EVERY = 100  # steps of SQLite's machine, the finest that is told apart here
_running: ContextVar[str] = ContextVar("running", default="")


@dataclass
class QueryWork:
    """What the functions of the store do.

    `unused`: those that have not been called yet. `statements`: what the others have run.
    """

    unused: set[str] = field(default_factory=set)
    statements: dict[str, "Statement"] = field(default_factory=dict)

    def record_calls_of(self, modules: Sequence[ModuleType], patch: pytest.MonkeyPatch) -> None:
        """Have their public functions watched."""
        for module in modules:
            for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    called = f"{module.__name__.rpartition('.')[2]}.{name}"
                    self.unused.add(called)
                    patch.setattr(module, name, self._watched(called, function))

    def _watched(
        self, called: str, function: Callable[..., Awaitable[object]]
    ) -> Callable[..., Awaitable[object]]:
        async def watched(*args: object, **kwargs: object) -> object:
            self.unused.discard(called)
            before = _running.set(called)
            try:
                return await function(*args, **kwargs)
            finally:
                _running.reset(before)

        return watched

    @contextmanager
    def recording(self, store: Store) -> Iterator[None]:
        """Note statements that look at rows."""

        def note(_c: object, _k: object, sql: str, parameters: Sequence[Any], _x: object, many: bool) -> None:
            looks = sql.startswith(("SELECT", "UPDATE", "DELETE")) or " SELECT " in sql.replace("\n", " ")
            if looks and "pg_advisory" not in sql:
                given = parameters[0] if many else parameters
                known = self.statements.setdefault(sql, Statement(_running.get(), sql, given, given))
                known.last = given

        engine = store._engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        yield
        event.remove(engine, "before_cursor_execute", note)


@dataclass
class Statement:
    """A statement, and the parameters with which it was run first, and last."""

    function: str
    sql: str
    first: Any  # as the driver takes them
    last: Any

    async def work(self, tx: Tx) -> int:
        """How much work it is; nothing of it is kept."""
        return max([await self._work(tx, self.first), await self._work(tx, self.last)])

    async def _work(self, tx: Tx, parameters: Any) -> int:  # Any: as above
        await tx.connection.exec_driver_sql("SAVEPOINT before")
        count = _rows if tx.dialect == "postgresql" else _steps
        found = await count(tx, self.sql, parameters)
        await tx.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
        return found


async def _rows(tx: Tx, sql: str, parameters: Any) -> int:  # Any: as above
    explained = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}"
    plan = (await tx.connection.exec_driver_sql(explained, parameters)).scalar_one()
    return round(_looked_at(plan[0]["Plan"]))


def _looked_at(node: Mapping[str, Any]) -> float:  # Any: JSON
    """The rows of all its scans; those of a loop are told as an average."""
    rows = 0.0
    if "Scan" in node["Node Type"]:
        left_out = sum(number for key, number in node.items() if key.startswith("Rows Removed by"))
        rows = (node["Actual Rows"] + left_out) * node["Actual Loops"]
    return rows + sum(map(_looked_at, node.get("Plans", ())))


async def _steps(tx: Tx, sql: str, parameters: Any) -> int:  # Any: as above
    driver: Any = (await tx.connection.get_raw_connection()).driver_connection  # Any: SQLAlchemy's own
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += EVERY

    await driver.set_progress_handler(count, EVERY)
    await tx.connection.exec_driver_sql(sql, tuple(parameters))
    await driver.set_progress_handler(None, 0)
    return taken
