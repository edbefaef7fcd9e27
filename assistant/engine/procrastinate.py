"""The engine of many processes on one PostgreSQL: Procrastinate brings each due lane to one of them.

A job is a call to run a lane, and nothing more: what there is to do, and who may do it, stands in our own
rows. So a job that is lost is made anew, and one too many finds nothing to do. Why it is Procrastinate, and
the traps of it: docs/decisions/0042-procrastinate.md.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import procrastinate
import procrastinate.schema
import structlog
from procrastinate import exceptions, jobs
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import LEASE, Call, Lane
from assistant.engine.base import SharedLanes, Worker
from assistant.engine.runner import ENDING, RETRY, LaneRunner
from assistant.outages import Outage

SWEEP = 1.0  # seconds between looks for lanes that nobody was called for, and for calls that died
POLL = 1.0  # seconds between looks for jobs whose time has come
HEARTBEAT = 1.5  # seconds
LANES_MAX = 50  # that one process runs at a time
CONNECTIONS = 5
TASK = "run_lane"
_PREPARING = 0x50524F54  # the number of a lock, any, the same for every process
# Whoever is called later than that is called anew, so that PostgreSQL wakes the workers.
_CALL_OFF = text(
    "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = :lock AND scheduled_at > :at"
)
_IS_PREPARED = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
_IS_CALLED = text("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = :lock")

log = structlog.get_logger()


class Calls:
    """Calls for lanes to be run, written down in the transaction that makes them due (`store.OnWake`)."""

    def __init__(self, url: str, clock: Clock) -> None:
        """`url`: of the PostgreSQL database. `clock`: that lanes go by; jobs go by real time."""
        self._clock = clock
        connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=CONNECTIONS)
        self.app = procrastinate.App(connector=connector)
        self._is_prepared = False

    async def __call__(self, connection: AsyncConnection, calls: Sequence[Call]) -> None:
        """Call for each of these lanes at that time, unless it is called for earlier.

        Before a worker has run for the first time nobody can be called: it looks for itself then.
        """
        if not self._is_prepared:
            self._is_prepared = bool(await connection.scalar(_IS_PREPARED))
        for call in calls if self._is_prepared else ():
            lock = f"lane:{call.lane_id}"
            at = self._real_time(call.at)
            await connection.execute(_CALL_OFF, {"lock": lock, "at": at})
            if await connection.scalar(_IS_CALLED, {"lock": lock}) is None:
                await self._defer(connection, call, at, lock)

    def _real_time(self, at: datetime) -> datetime:
        return datetime.now(UTC) + max(timedelta(), at - self._clock()) / self._clock.speed

    async def _defer(self, connection: AsyncConnection, call: Call, at: datetime, lock: str) -> None:
        job = jobs.Job(
            queue=call.kind,
            lock=lock,
            queueing_lock=lock,
            task_name=TASK,
            task_kwargs={"lane_id": call.lane_id},
            scheduled_at=at,
        )
        raw = (await connection.get_raw_connection()).driver_connection
        # Somebody else may call for it at this moment: that error would end our transaction.
        with suppress(exceptions.AlreadyEnqueued):
            async with connection.begin_nested():
                await self.app.job_manager.defer_job_async(job, connection=raw)


class ProcrastinateEngine:
    """Runs the lanes that this process is called for."""

    def __init__(self, calls: Calls, lanes: SharedLanes, workers: Sequence[Worker]) -> None:
        self._app = calls.app
        self._lanes = lanes
        self._workers = {worker.kind: worker for worker in workers}
        self._running: set[int] = set()
        self._sweeping = Outage("calling for lanes")
        self._working = Outage("the worker of Procrastinate")
        self._runner = LaneRunner()
        self._app.task(name=TASK)(self._run_lane)

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        return self._runner.failing

    def neglects(self, lane: Lane) -> bool:
        worker = self._workers.get(lane.kind)
        return worker is not None and lane.id not in self._running and worker.serves(lane.name)

    async def run(self) -> None:
        """Run what becomes due, until cancelled; then finish what is in flight."""
        async with self._app.open_async():
            await self._lanes.prepare(_PREPARING, prepare)
            sweeping = asyncio.create_task(self._sweep())
            working = asyncio.create_task(self._work())
            try:
                await asyncio.gather(working, sweeping)
            finally:
                self._runner.stopping = True
                for task in (sweeping, working):
                    task.cancel()
                await asyncio.wait([working, sweeping], timeout=ENDING + 1)

    async def _work(self) -> None:
        while True:
            try:
                await self._app.run_worker_async(
                    queues=list(self._workers),
                    concurrency=LANES_MAX,
                    fetch_job_polling_interval=POLL,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=LEASE,
                    shutdown_graceful_timeout=ENDING,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            except Exception as error:
                reason = f"Procrastinate failed: {type(error).__name__}."
                self._working.failed("lanes are not run for now", level="error", reason=reason)
            await asyncio.sleep(RETRY if not self._runner.stopping else 0.0)

    async def _run_lane(self, lane_id: int) -> None:
        """Run one lane until nothing is due on it, then give it back, with a call for the next time."""
        lane = await self._lanes.find(lane_id)
        worker = self._workers.get(lane.kind) if lane else None
        if lane is None or worker is None or not worker.serves(lane.name):
            return
        self._running.add(lane_id)
        try:
            rest = await self._runner.run(worker, lane, lambda: worker.take(lane))
            if not self._runner.stopping:
                await self._lanes.put_down(lane, rest)
        except Failure as failure:  # it is called for again by who looks for lanes without a call
            self._sweeping.failed("a lane was not given back", reason=failure.reason)
        finally:
            self._running.discard(lane_id)

    async def _sweep(self) -> None:
        """Call for lanes that are due without a call, and let others have what dead workers had."""
        while True:
            try:
                await self._lanes.call_for_due(list(self._workers), self._running)
                await self._rescue()
                self._sweeping.over()
            except Failure as failure:
                self._sweeping.failed("lanes are not looked for", level="error", reason=failure.reason)
            except exceptions.ConnectorException as error:
                reason = f"Procrastinate failed: {type(error).__name__}."
                self._sweeping.failed("lanes are not looked for", level="error", reason=reason)
            await asyncio.sleep(SWEEP)

    async def _rescue(self) -> None:
        """Jobs of workers that have died are free again; by itself Procrastinate leaves them as they are."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=LEASE):
            try:
                await manager.retry_job(job)
            except exceptions.UniqueViolation:  # somebody is called for that lane already
                await manager.finish_job(job, jobs.Status.FAILED, delete_job=True)


async def prepare(connection: AsyncConnection) -> None:
    """Make Procrastinate's own tables, where they are missing.

    Its jobs are only calls, so where its tables are of another version they are made anew.
    """
    schema = procrastinate.schema.SchemaManager.get_schema()
    version = sha256(schema.encode()).hexdigest()
    ours = text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")
    if await connection.scalar(ours) == version:
        return
    raw: Any = (await connection.get_raw_connection()).driver_connection  # Any: a pool may hold any driver's
    for statement in (_REMOVE, schema, f"COMMENT ON TABLE procrastinate_jobs IS '{version}'"):
        await raw.execute(statement)


_REMOVE = """
DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT oid::regclass AS name FROM pg_class
    WHERE relkind = 'r' AND relname LIKE 'procrastinate\\_%' AND pg_table_is_visible(oid)
  LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', each.name); END LOOP;
  FOR each IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE proname LIKE 'procrastinate\\_%' AND pg_function_is_visible(oid)
  LOOP EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', each.name); END LOOP;
  FOR each IN SELECT oid::regtype AS name FROM pg_type
    WHERE typname LIKE 'procrastinate\\_%' AND typtype = 'e' AND pg_type_is_visible(oid)
  LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', each.name); END LOOP;
END $$
"""
