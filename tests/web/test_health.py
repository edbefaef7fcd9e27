"""Health and readiness, as supervisors ask for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import text as sql

from assistant.store.database import Store
from assistant.web.health import NO_CHANNEL
from tests.support.web_server import channel_named, health_client

pytestmark = pytest.mark.chance

_TURN_AWAY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""

WELL = {"database": "ok", "lanes": "ok", "turns": "ok", "keyring": "ok"}
PATHS = ("/healthz", "/readyz", "/metrics")


async def test_it_is_ready_when_everything_works(store: Store) -> None:
    async with (
        health_client(store, channel_named("telegram:123456")) as client,
        client.get("/readyz") as answer,
    ):
        assert answer.status == 200
        assert await answer.json() == {**WELL, "telegram": "ok"}


async def test_it_is_ready_without_any_channel(store: Store) -> None:
    async with health_client(store) as client, client.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, WELL)


async def test_a_channel_in_trouble_says_why_but_not_whose_account_it_is(store: Store) -> None:
    channels = channel_named("telegram:123456"), channel_named("signal:abcdef", "Signal cannot be reached.")
    async with health_client(store, *channels) as client, client.get("/readyz") as answer:
        said = await answer.json()
    assert answer.status == 503
    assert said == {**WELL, "telegram": "ok", "signal": "Signal cannot be reached."}


@pytest.mark.parametrize("troubles", [("It is down.", None), (None, "It is down.")])
async def test_one_of_two_accounts_in_trouble_is_trouble(
    store: Store, troubles: tuple[str | None, str | None]
) -> None:
    channels = [channel_named(f"telegram:{number}", trouble) for number, trouble in enumerate(troubles)]
    async with health_client(store, *channels) as client, client.get("/readyz") as answer:
        assert (answer.status, (await answer.json())["telegram"]) == (503, "It is down.")


DOWN = "It is down."


@pytest.mark.parametrize(
    ("troubles", "status", "text"),
    [
        ({}, 200, "ok\n"),
        ({"telegram:1": None}, 200, "ok\n"),
        ({"telegram:1": DOWN}, 503, f"{NO_CHANNEL}\ntelegram: {DOWN}\n"),
        ({"telegram:1": DOWN, "signal:2": None}, 200, f"ok\ntelegram: {DOWN}\n"),
        ({"telegram:1": DOWN, "signal:2": DOWN}, 503, f"{NO_CHANNEL}\ntelegram: {DOWN}\nsignal: {DOWN}\n"),
    ],
    ids=["no channel", "well", "down", "one of two", "both"],
)
async def test_health_names_each_channel_that_does_not_work_and_fails_where_none_does(
    store: Store, troubles: dict[str, str | None], status: int, text: str
) -> None:
    channels = [channel_named(name, trouble) for name, trouble in troubles.items()]
    async with health_client(store, *channels) as client, client.get("/healthz") as answer:
        assert (answer.status, await answer.text()) == (status, text)


async def test_a_case_that_was_left_out_is_named_and_keeps_nobody_from_being_served(store: Store) -> None:
    unusable = {"rosa-example": "briefing.es.md: is empty"}
    async with health_client(store, unusable=unusable) as client, client.get("/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {
            **WELL,
            "case rosa-example": "Left out. briefing.es.md: is empty.",
        }


async def test_a_case_whose_last_good_version_goes_on_is_named_while_it_does(store: Store) -> None:
    unusable = {"rosa-example": "briefing.es.md: is empty"}
    async with health_client(store, unusable=unusable, cases=["rosa-example"]) as client:
        async with client.get("/readyz") as answer:
            said = (await answer.json())["case rosa-example"]
        assert (answer.status, said) == (200, "Its last good version goes on. briefing.es.md: is empty.")
        unusable.clear()
        async with client.get("/readyz") as answer:
            assert await answer.json() == WELL


async def test_it_is_ready_again_when_the_trouble_is_over(store: Store) -> None:
    channel = channel_named("telegram:123456", "It is down.")
    async with health_client(store, channel) as client:
        async with client.get("/readyz") as answer:
            assert answer.status == 503
        channel.trouble = None
        async with client.get("/readyz") as answer:
            assert answer.status == 200


async def test_it_is_not_ready_with_a_broken_database_but_lives(store: Store) -> None:
    async with store.write() as tx:
        await tx.connection.execute(sql("ALTER TABLE lanes RENAME TO something_else"))
    async with health_client(store) as client:
        async with client.get("/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["database"].startswith("The database ")
        async with client.get("/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_is_not_ready_while_the_server_turns_us_away(store: Store, database_url: str) -> None:
    async with health_client(store) as client:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute(_TURN_AWAY)
        async with client.get("/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["database"].startswith("The database server ")
        async with client.get("/readyz") as answer:
            assert answer.status == 200


@asynccontextmanager
async def frozen(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Meanwhile nobody else can read the lanes. Gives a connection that can look at the server."""
    async with (
        await psycopg.AsyncConnection.connect(database_url) as locking,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as looking,
    ):
        await locking.execute("LOCK TABLE lanes IN ACCESS EXCLUSIVE MODE")
        yield looking
        await locking.rollback()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_hangs_is_asked_once_and_waited_for_no_longer_than_the_limit(
    store: Store, database_url: str
) -> None:
    async with health_client(store, limit=0.05) as client:
        async with frozen(database_url) as looking:
            for _ in range(5):
                async with client.get("/readyz") as answer:
                    assert answer.status == 503
                    said = (await answer.json())["database"]
                    assert said.startswith("There is no answer within 0.05 seconds: another program")
            waiting = await looking.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE NOT granted AND datname = current_database()"
            )
            assert await waiting.fetchone() == (1,)
        async with asyncio.timeout(10):
            while True:
                async with client.get("/readyz") as answer:
                    if answer.status == 200:
                        break


@pytest.mark.parametrize("path", PATHS)
async def test_all_of_it_answers_head_and_is_never_cached(store: Store, path: str) -> None:
    async with health_client(store, channel_named("telegram:123456")) as client, client.head(path) as answer:
        assert (answer.status, await answer.text()) == (200, "")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_of_it_names_the_account(store: Store, path: str) -> None:
    channel = channel_named("telegram:123456", "It is down.")
    async with health_client(store, channel) as client, client.get(path) as answer:
        assert "123456" not in await answer.text()
