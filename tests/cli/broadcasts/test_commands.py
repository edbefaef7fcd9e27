"""`assistant broadcasts`: two persons start one, one halts it, and nothing happens by mistake."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.cli_broadcasts import (
    ALERT,
    READERS,
    SENDING_TIME,
    TEXT,
    UPDATE,
    execute_sql,
    prepare,
    proposed,
    run_at,
    set_audience_size,
    shown,
    start_broadcast,
    status,
)
from tests.support.processes.installation import Installation


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder with a team (see TEAM) and three readers."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(prepare(installation, script))
    return installation.data


def draft(installation: Installation, *options: str) -> str:
    """News, drafted and proposed in the shell. Its number."""
    done = installation.call("broadcasts", "draft", "--update", UPDATE, *options)
    assert done.code == 0, done.err
    return "1"


# Two persons


def test_the_shell_cannot_approve_what_it_has_drafted_and_says_who_can(installation: Installation) -> None:
    number = draft(installation)
    for options in ([], ["--yes"], ["--yes", "--people", "3", "--urgent"]):
        done = installation.call("broadcasts", "approve", number, *options, typed="y\n")
        assert (done.code, done.out) == (1, "")
        assert "another person has to approve it" in done.sentence
        assert f"/approve {number} in their chat: Olga (organiser 1), Abel (organiser 2)." in done.sentence
        assert "Dora" not in done.sentence  # a drafter
    assert status(installation, number) == "proposed"


def test_where_nobody_could_approve_it_the_next_step_is_told(tmp_path: Path) -> None:
    installation = Installation(tmp_path).make()
    done = installation.call("broadcasts", "draft", "--update", UPDATE)
    for words in (done.out, installation.call("broadcasts", "approve", "1", "--yes").sentence):
        assert "assistant organisers invite --role approver" in words
        assert "ASSISTANT_APPROVALS=1" in words


def test_an_organisation_of_one_approves_its_own_and_has_ten_minutes(installation: Installation) -> None:
    installation.set(approvals="1")
    number = draft(installation)
    done = installation.call("broadcasts", "approve", number, "--yes")
    assert done.code == 0
    facts = shown(installation, number)
    assert (facts["status"], facts["author"], facts["approver"]) == ("approved", "shell", "shell")
    assert facts["starts_at"].startswith("2026-11-24T15:10:")


def test_what_an_organiser_has_drafted_is_shown_asked_about_and_approved(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    for typed in ("n\n", "\n", "", "maybe\nno\n"):
        done = installation.call("broadcasts", "approve", number, typed=typed)
        assert done.code == 1
        assert TEXT in done.out and "Shall it be sent?" in done.out
        assert status(installation, number) == "proposed"
    done = installation.call("broadcasts", "approve", number, typed="y\n")
    assert done.code == 0
    assert f"assistant broadcasts halt {number}" in done.out
    facts = shown(installation, number)
    assert (facts["status"], facts["author"], facts["approver"]) == ("approved", "organiser 3", "shell")
    assert facts["starts_at"].startswith("2026-11-24T15:02:")
    read = run_at(installation, script)
    assert all(TEXT in read[reader][-1] for reader in READERS)
    assert shown(installation, number)["sent"] == "<10"


def test_urgent_is_asked_by_itself_and_no_yes_to_all_answers_it(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script, urgent=True)
    for options, typed in (([], "y\nn\n"), ([], "y\n"), (["--yes"], "n\n"), (["--yes"], "")):
        done = installation.call("broadcasts", "approve", number, *options, typed=typed)
        assert done.code == 1
        assert "wake people at night" in done.out
        assert status(installation, number) == "proposed"
    assert installation.call("broadcasts", "approve", number, "--yes", "--urgent").code == 0
    assert status(installation, number) == "approved"


def test_over_a_thousand_people_their_number_has_to_be_typed(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    set_audience_size(installation, number, 1234)
    for wrong in ("y\n", "1000\n", "12345\n", "-1234\n", "9" * 50 + "\n", "\n", ""):
        done = installation.call("broadcasts", "approve", number, "--yes", typed=wrong)
        assert done.code == 1
        assert "1,234 people" in done.out
    assert status(installation, number) == "proposed"
    assert installation.call("broadcasts", "approve", number, "--yes", typed="1234\n").code == 0
    assert status(installation, number) == "approved"


@pytest.mark.parametrize("typed", ["1,234\n", " 1 234 \n", "1.234\n"])
def test_the_number_may_be_typed_as_people_write_it(
    installation: Installation, script: Script, typed: str
) -> None:
    number = proposed(installation, script)
    set_audience_size(installation, number, 1234)
    assert installation.call("broadcasts", "approve", number, typed=f"y\n{typed}").code == 0


def test_the_number_can_be_given_and_has_to_be_right_however_few_they_are(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    done = installation.call("broadcasts", "approve", number, "--yes", "--people", "4")
    assert done.code == 1
    assert "Nothing is sent" in done.sentence and "<10 people" in done.sentence
    set_audience_size(installation, number, 1001)
    assert installation.call("broadcasts", "approve", number, "--yes", "--people", "3").code == 1
    assert status(installation, number) == "proposed"
    assert installation.call("broadcasts", "approve", number, "--yes", "--people", "1001").code == 0


def test_a_thousand_people_need_no_number(installation: Installation, script: Script) -> None:
    number = proposed(installation, script)
    set_audience_size(installation, number, 1000)
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0


# Stopping


def test_halt_asks_nothing_and_nothing_leaves_until_it_is_resumed(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0
    for _ in range(2):  # again is no harm
        done = installation.call("broadcasts", "halt", number)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"Broadcast {number} is halted") and "resume" in done.out
    assert "ana" not in run_at(installation, script)
    assert installation.call("broadcasts", "resume", number, typed="n\n").code == 1
    assert status(installation, number) == "halted"
    assert installation.call("broadcasts", "resume", number, typed="y\n").code == 0
    assert status(installation, number) == "approved"
    assert TEXT in run_at(installation, script, SENDING_TIME + timedelta(hours=1))["ana"][-1]


def test_stop_all_halts_what_leaves_and_what_is_about_to(installation: Installation, script: Script) -> None:
    assert (
        installation.call("broadcasts", "halt", "--all").out
        == "Nothing is being sent, and nothing is about to be.\n"
    )
    numbers = [proposed(installation, script, urgent=urgent) for urgent in (False, True)]
    for number in numbers:
        assert installation.call("broadcasts", "approve", number, "--yes", "--urgent").code == 0
    start_broadcast(installation, script, numbers[0])
    done = installation.call("broadcasts", "stop", "--all")
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert [status(installation, number) for number in numbers] == ["halted", "halted"]
    assert "ana" not in run_at(installation, script)
    assert installation.call("broadcasts", "resume", numbers[0], "--yes").code == 0
    read = run_at(installation, script)
    assert [sum(TEXT in each for each in read[reader]) for reader in READERS] == [1, 1, 1]


def test_what_is_to_stop_stops_though_a_case_and_a_channel_are_broken(
    installation: Installation, script: Script, tmp_path: Path
) -> None:
    number = proposed(installation, script)
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0
    (tmp_path / "cases" / "rosa-example").mkdir(parents=True)
    (tmp_path / "cases" / "rosa-example" / "case.toml").write_text("person = ")
    installation.set(cases_dir=tmp_path / "cases", telegram_token="nonsense")
    assert installation.call("broadcasts", "show", number).code == 1
    assert installation.call("broadcasts", "halt", number).code == 0
    [row] = json.loads(installation.call("broadcasts", "list", "--json").out)
    assert row["status"] == "halted"


def test_what_nobody_has_approved_is_not_being_sent_and_can_be_discarded(installation: Installation) -> None:
    number = draft(installation)
    done = installation.call("broadcasts", "halt", number)
    assert (done.code, done.out) == (1, "")
    assert f"`assistant broadcasts discard {number}` discards it" in done.sentence
    for typed in ("n\n", ""):
        assert installation.call("broadcasts", "discard", number, typed=typed).code == 1
        assert status(installation, number) == "proposed"
    assert installation.call("broadcasts", "discard", number, typed="y\n").code == 0
    for command in (["halt", number], ["discard", number, "--yes"], ["resume", number]):
        done = installation.call("broadcasts", *command)
        assert (done.code, done.out) == (1, "")
        assert "cancelled" in done.sentence


def test_what_is_being_sent_cannot_be_discarded(installation: Installation, script: Script) -> None:
    number = proposed(installation, script)
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0
    start_broadcast(installation, script, number)
    done = installation.call("broadcasts", "discard", number)
    assert (done.code, done.out) == (1, "")
    assert "is being sent" in done.sentence and status(installation, number) == "sending"


# Looking


def test_all_of_it_is_shown(installation: Installation, script: Script) -> None:
    number = proposed(installation, script)
    facts = shown(installation, number)
    assert facts["texts"]["es"]["text"].startswith("Norma Cruz, Guatemala, 24 de noviembre de 2026")
    assert [facts["texts"][language]["button"] for language in ("en", "es")] == [
        "Write a letter",
        "Escribir una carta",
    ]
    assert (facts["people"], facts["counts"], facts["channels"]) == ("<10", [], [])
    done = installation.call("broadcasts", "show", number)
    assert (done.code, done.err) == (0, "")
    for words in (TEXT, "organiser 3, Dora", "[Write a letter]", "fewer than 10 people, or nobody"):
        assert words in done.out
    assert "<b>" not in done.out and "&amp;" not in done.out


def test_whom_it_reaches_is_told_by_language_unless_they_are_few(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    counts = [
        {"line": "memory:1", "language": "en", "people": 4_312},
        {"line": "memory:1", "language": "es", "people": 40},
        {"line": "memory:1", "language": None, "people": 3},
    ]
    execute_sql(installation.database, f"UPDATE broadcasts SET counts = '{json.dumps(counts)}'")  # noqa: S608
    facts = shown(installation, number)
    assert facts["people"] == 4_355
    assert facts["counts"] == [
        {"channel": "memory", "language": "en", "people": 4_312, "reads": "en"},
        {"channel": "memory", "language": "es", "people": "30+", "reads": "en"},
        {"channel": "memory", "language": None, "people": "<10", "reads": "en"},
    ]
    assert facts["channels"] == [{"channel": "memory", "people": "4342+", "seconds": None}]
    table = installation.call("broadcasts", "show", number).out
    assert "memory   es           30+     en" in table and "people  4355" in table


def test_how_long_it_takes_is_told_for_each_channel_that_is_set(
    installation: Installation, script: Script
) -> None:
    installation.set(telegram_token="123456:TEST-invented-token")
    number = proposed(installation, script)
    counts = [
        {"line": "telegram:123456", "language": "en", "people": 54_000},
        {"line": "telegram:99", "language": "en", "people": 10},
    ]
    execute_sql(installation.database, f"UPDATE broadcasts SET counts = '{json.dumps(counts)}'")  # noqa: S608
    assert shown(installation, number)["channels"] == [
        {"channel": "telegram", "people": 54_010, "seconds": 1800.0}
    ]
    assert "telegram: 54,010 people, in 30 minutes" in installation.call("broadcasts", "show", number).out


def test_the_list_has_what_is_not_over_and_with_all_the_rest(
    installation: Installation, script: Script
) -> None:
    first, second = proposed(installation, script), draft_only(installation)
    assert installation.call("broadcasts", "discard", first, "--yes").code == 0
    rows = json.loads(installation.call("broadcasts", "list", "--json").out)
    assert [(row["number"], row["status"], row["people"]) for row in rows] == [(int(second), "draft", "<10")]
    everything = json.loads(installation.call("broadcasts", "list", "--all", "--json").out)
    assert [row["number"] for row in everything] == [int(second), int(first)]
    table = installation.call("broadcasts", "list", "--all").out.splitlines()
    assert table[0].split() == list(rows[0])
    assert installation.call("broadcasts", "discard", second, "--yes").code == 0
    empty = installation.call("broadcasts", "list")
    assert (len(empty.out.splitlines()), "--all" in empty.err) == (1, True)


def draft_only(installation: Installation) -> str:
    done = installation.call("broadcasts", "draft", "--update", UPDATE, "--draft-only")
    assert done.code == 0
    return "2"


@pytest.mark.parametrize("command", ["show", "propose", "approve", "halt", "resume", "discard", "watch"])
def test_a_number_that_no_broadcast_has_is_told_in_a_sentence(
    installation: Installation, command: str
) -> None:
    for number in ("9", str(2**63 - 1)):
        done = installation.call("broadcasts", command, number)
        assert (done.code, done.out) == (1, "")
        assert done.sentence == (
            f"There is no broadcast {number}. `assistant broadcasts list --all` shows those there are."
        )


def test_a_paused_case_is_told_before_anybody_is_asked(installation: Installation, script: Script) -> None:
    number = proposed(installation, script, ALERT)
    execute_sql(installation.database, "INSERT INTO pauses (subject, paused_at) VALUES ('norma-cruz', 0)")
    done = installation.call("broadcasts", "approve", number, "--yes")
    assert done.code == 1
    assert "paused" in done.sentence and "/resume norma-cruz" in done.sentence
    assert status(installation, number) == "proposed"
