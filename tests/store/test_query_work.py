"""No statement that is run again and again becomes more work as the tables grow."""

import pkgutil
from importlib import import_module

import pytest

from assistant import store
from assistant.services.broadcasts import worker
from tests.support.chance import both_databases_if_long
from tests.support.harness import Harness
from tests.support.store import many_chats, workload
from tests.support.store.query_work import QueryWork

WITHOUT_STATEMENTS = {
    *("columns", "crypto", "database", "keyring", "migrations", "references", "sqlite", "tables"),
}
OF_WHOLE_DATABASES = {
    "backup",
    "copying",
    "placing",
    "restored",
    "soundness",
}  # read all of it: an operator asks for it
MODULES = tuple(
    import_module(f"assistant.store.{each.name}")
    for each in pkgutil.iter_modules(store.__path__)
    if each.name not in WITHOUT_STATEMENTS | OF_WHOLE_DATABASES
)
# What of it a statement may look at: less than any table that grows: see many_chats.py. Organisers,
# invitations, requests and stopped cases are few for ever, and are read as they stand.
MOST = {"postgresql": 1_000, "sqlite": 10_000}
SELDOM = {
    "answers.counts": "reads all answers: an organiser asks for it",
    "answers.listed": "reads all answers: an operator asks for it",
    "answers.waiting": "reads the answers that nobody has looked at: an organiser asks for it",
    "answers.settle": "writes those that say the same: an organiser asks for it",
    "answers.with_letters": "reads those that say the same: an organiser asks for it",
    "audit.verify": "reads the whole audit: an operator asks for it",
    "counter.digests": "reads the batches of all counters: an operator asks for it",
    "letter_reviews.count": "reads the letters that wait to be read: an organiser asks for it",
    "letter_reviews.waiting": "reads the letters that wait to be read: an organiser asks for it",
    "letters.by_status": "reads all letters: an operator asks for it",
    "lanes.listed": "reads all lanes: an operator asks for it",
    "letters.listed": "reads all letters: an operator asks for it",
    "lanes.resume": "reads what waits on the lanes of an account: an operator asks for it",
    "retention.counts": "reads whole tables: an operator asks for it",
    "pieces.count": "reads whole tables: an operator asks for it",
    "inactive_chats.over": "reads chats silent for long: there are few, as each hour some go",
    "unsettled_letters.to_decide": "reads the letters that are held: an organiser asks for it",
    "unsettled_letters.counts": "reads whole tables: an operator asks for it",
    "inactive_chats.counts": "reads whole tables: an operator asks for it",
    "chats.accounts": "reads all chats: an operator asks for it",
    "forgetting.replay": "reads all chats, once: when an older database is put back",
    "keys.chats_by_key": "reads all chats, once a week: whether a key is needed",
    "keys.rewrap": "reads all chats, once a week: their keys are wrapped anew",
    "clock_errors": "reads everything: ten minutes after a process begins, or the clock is set",
    "fanout.count": "reads the audience, once for each draft",
    "fanout.homes": "reads where readers live, once for each broadcast",
    "figures.by_country": "reads letters: an operator asks for it",
    "figures.of_case": "counts the letters of a case in an index: an organiser asks for it",
    "figures.of_cases": "reads letters and subscriptions: an organiser asks for it",
    "figures.of_actions": "reads letters: an organiser asks for it",
    "sources.counts": "reads a row for each word and day: an organiser asks for it",
    "steps.of_cases": "reads a row for each step, day and case: an organiser asks for it",
    "steps.of_case": "reads a row for each step and day of a case: an organiser asks for it",
    "letters.rename": "reads letters when a process begins, where an action has former names",
    "letter_versions.adopt": "reads letters when a process begins with an action that is new to it",
    "queue_sizes.unfinished_letters": "reads what waits, up to 100,001 of each state",
    "queue_sizes.queue_sizes: SELECT count(*)": "reads what waits, up to 100,001",
}


@both_databases_if_long("sqlite")
@pytest.mark.timeout(600)  # it fills tables: 30 s alone, minutes beside other work
async def test_nothing_becomes_more_work_as_the_tables_grow(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 2)
    watch = QueryWork()
    watch.record_calls_of(MODULES, monkeypatch)
    with watch.recording(harness.store):
        await workload.run_workload(harness)
    assert watch.unused <= SELDOM.keys(), "the story lacks something"
    assert len(watch.statements) > 120
    found: dict[str, int] = {}
    async with harness.store.write() as tx:
        await many_chats.insert_many_chats(tx, harness.channel, harness.clock)
        for each in watch.statements.values():
            name = f"{each.function}: {each.sql}"
            if not name.startswith(tuple(SELDOM)):
                found[name] = await each.work(tx)
    too_much = [f"{number} for {name}" for name, number in found.items() if number > MOST[tx.dialect]]
    assert not too_much, "\n".join(too_much)
