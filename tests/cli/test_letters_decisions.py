"""`assistant letters retry|hold|release|cancel|resolve`: what organisers may decide, and what asks first."""

import asyncio
import signal
import sqlite3
from collections import deque
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.carriers.base import Outcome, Ref
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters.stranded import REASON
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import LETTER, NAME, PERSONAL_LINE
from tests.support.processes.installation import CASE, Installation, finish

FAR = timedelta(days=3650)  # a carrier that is not asked again within a test
ANSWERS: dict[str, Outcome] = {
    "submitted": Ref(LetterStatus.SUBMITTED, "job-1", FAR),
    "retry_wait": Failure("the invented machine failed"),
    "failed": Failure("the invented office refuses it", permanent=True),
    "uncertain": Failure("the invented line was cut", uncertain=True),
    "sent": Ref(LetterStatus.SENT, "job-5"),
    "delivered": Ref(LetterStatus.DELIVERED, "job-6"),
}
STATES = [*ANSWERS, "queued", "held", "cancelled"]
NUMBERS = {state: number for number, state in enumerate(STATES, 1)}
ALL = [str(number) for number in NUMBERS.values()]

MAY: dict[tuple[str, ...], dict[str, str]] = {  # from which states each command leads where
    ("retry",): {"retry_wait": "queued", "failed": "queued"},
    ("hold",): {"queued": "held", "retry_wait": "held"},
    ("release",): {"held": "queued"},
    ("cancel", "--yes"): dict.fromkeys(("queued", "held", "retry_wait", "failed"), "cancelled"),
    ("resolve", "--as", "delivered"): {"uncertain": "delivered"},
    ("resolve", "--as", "again"): {"uncertain": "queued"},
}


async def _prepare(installation: Installation, script: Script) -> None:
    """A letter in each state, by the number that NUMBERS says."""
    machine = FakeCarrier("tray", answers=deque(ANSWERS.values()))
    async with installation.harness(script) as harness:
        for state in ANSWERS:
            await harness.receive_all(state, LETTER)
        await harness.engine(harness.letter_worker(machine)).run_until_idle()
        for state in STATES[len(ANSWERS) :]:
            await harness.receive_all(state, LETTER)
        await harness.decisions().decide(NUMBERS["held"], Decision.HOLD)
        await harness.decisions().decide(NUMBERS["cancelled"], Decision.CANCEL)
        assert await harness.letter_statuses() == STATES


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder with a letter in each state."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_prepare(installation, script))
    return installation.data


@pytest.mark.parametrize("command", MAY, ids=" ".join)
def test_each_decision_is_taken_where_it_may_be_and_refused_with_the_reason_elsewhere(
    installation: Installation, command: tuple[str, ...]
) -> None:
    done = installation.call("letters", *command, *ALL)
    assert done.code == 1  # some were refused
    expected = {state: MAY[command].get(state, state) for state in STATES}
    assert {state: installation.status(number) for state, number in NUMBERS.items()} == expected
    assert done.out.splitlines() == [
        f"Letter {NUMBERS[state]} is {after} now." for state, after in sorted_by_number(MAY[command])
    ]
    refused = done.err.splitlines()
    assert len(refused) == len(STATES) - len(MAY[command])
    for line in refused:
        number = line.split()[1]
        assert f"`assistant letters log {number}`" in line or "cannot call it back" in line
    assert NAME not in done.out + done.err and PERSONAL_LINE not in done.out + done.err


def sorted_by_number(states: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(states.items(), key=lambda each: NUMBERS[each[0]])


def test_letters_that_all_can_be_decided_about_end_with_0(installation: Installation) -> None:
    number = str(NUMBERS["queued"])
    for command, after in (("hold", "held"), ("release", "queued"), ("hold", "held")):
        done = installation.call("letters", command, number, number)  # twice the same is once
        assert (done.code, done.out, done.err) == (0, f"Letter {number} is {after} now.\n", "")


def test_a_number_that_no_letter_has_holds_up_no_other(installation: Installation) -> None:
    done = installation.call("letters", "hold", "999", str(NUMBERS["queued"]), str(2**63 - 1))
    assert done.code == 1
    assert done.err.splitlines() == [
        f"There is no letter {number}. `assistant letters list` shows those there are."
        for number in (999, 2**63 - 1)
    ]
    assert installation.status(NUMBERS["queued"]) == "held"


@pytest.mark.parametrize("typed", ["n\n", "\n", "no\n", "", "maybe\n", "maybe\nno\n"])
def test_cancel_asks_and_whatever_is_no_yes_changes_nothing(installation: Installation, typed: str) -> None:
    done = installation.call("letters", "cancel", str(NUMBERS["queued"]), str(NUMBERS["held"]), typed=typed)
    assert done.code == 1
    assert "2 letters" in done.out and "for good" in done.out
    assert (installation.status(NUMBERS["queued"]), installation.status(NUMBERS["held"])) == (
        "queued",
        "held",
    )


def test_cancel_goes_on_after_a_yes(installation: Installation) -> None:
    number = str(NUMBERS["queued"])
    done = installation.call("letters", "cancel", number, typed="y\n")
    assert done.code == 0
    assert f"letter {number}" in done.out and f"Letter {number} is cancelled now." in done.out
    assert installation.status(NUMBERS["queued"]) == "cancelled"


def test_resolve_asks_what_became_of_the_letter(installation: Installation) -> None:
    number = str(NUMBERS["uncertain"])
    for typed in ("", "\n", "lost\n"):
        done = installation.call("letters", "resolve", number, typed=typed)
        assert done.code == 1
        assert "delivered" in done.out and "again" in done.out
        assert installation.status(NUMBERS["uncertain"]) == "uncertain"
    done = installation.call("letters", "resolve", number, typed="arrived\ndelivered\n")
    assert done.code == 0
    assert installation.status(NUMBERS["uncertain"]) == "delivered"


def test_every_decision_stands_in_the_letters_log(installation: Installation) -> None:
    number = NUMBERS["queued"]
    for command in (["hold"], ["release"], ["cancel", "--yes"]):
        assert installation.call("letters", *command, str(number)).code == 0
    steps = [(step["status"], step["reason"]) for step in installation.log(number)]
    assert steps[1:] == [
        ("held", "an organiser holds it"),
        ("queued", "an organiser lets it go"),
        ("cancelled", "an organiser cancelled it"),
    ]


def test_letters_of_a_case_that_is_gone_can_still_be_looked_at_and_decided_about(
    installation: Installation,
) -> None:
    with closing(sqlite3.connect(installation.database)) as database, database:
        database.execute("UPDATE letters SET case_slug = 'gone'")
        database.execute("UPDATE lanes SET name = 'gone' WHERE kind = 'letters'")
    assert "gone" in installation.call("letters", "list").out
    assert installation.call("run", "--until-idle").code == 0
    assert installation.status(NUMBERS["queued"]) == "queued"
    number = str(NUMBERS["queued"])
    assert installation.call("letters", "hold", number).code == 0
    refused = installation.call("letters", "release", number)
    assert (refused.code, installation.status(NUMBERS["queued"])) == (1, "held")
    assert "has no office any more: put its case folder back first" in refused.err
    assert installation.call("letters", "cancel", "--yes", number).code == 0
    assert installation.status(NUMBERS["queued"]) == "cancelled"
    arrived = installation.call("letters", "resolve", "--as", "delivered", str(NUMBERS["uncertain"]))
    assert arrived.code == 0


def test_letters_that_were_held_with_their_case_are_released_together(installation: Installation) -> None:
    held = [NUMBERS["queued"], NUMBERS["retry_wait"]]
    for number in held:
        assert installation.call("letters", "hold", str(number)).code == 0
    with closing(sqlite3.connect(installation.database)) as database, database:
        database.execute(
            "UPDATE letter_log SET reason = ? WHERE letter_id IN (?, ?) AND status = 'held'", (REASON, *held)
        )
    assert installation.call("letters", "release", "--case", "gone").sentence.startswith(
        "There is no case 'gone'"
    )
    assert installation.call("letters", "release", "--case", CASE).out == f"2 letters of {CASE} can go.\n"
    assert [installation.status(number) for number in held] == ["queued", "queued"]
    assert installation.status(NUMBERS["held"]) == "held"
    assert installation.call("letters", "release", "--case", CASE).out == f"0 letters of {CASE} can go.\n"


@pytest.mark.parametrize("given", [[], ["1", "--case", CASE]])
def test_letters_to_be_released_are_named_in_one_way(installation: Installation, given: list[str]) -> None:
    done = installation.call("letters", "release", *given)
    assert done.code == 2
    assert "give numbers of letters, or --case" in done.err


def test_ctrl_c_at_the_question_cancels_nothing(installation: Installation) -> None:
    with installation.start("letters", "cancel", str(NUMBERS["queued"])) as asking:
        assert asking.stdout
        shown = b""
        while b"good?" not in shown:
            shown += asking.stdout.read(1)
        asking.send_signal(signal.SIGINT)
        assert finish(asking).code in (1, 130)
    assert installation.status(NUMBERS["queued"]) == "queued"


def test_a_letter_is_cancelled_or_sent_and_never_both(installation: Installation) -> None:
    number = NUMBERS["queued"]
    cancel = ("letters", "cancel", "--yes", str(number))
    with installation.start("run", "--until-idle") as running, installation.start(*cancel) as other:
        cancelled = finish(other)
        assert finish(running).code == 0
    steps = [step["status"] for step in installation.log(number)]
    if cancelled.code == 0:
        assert steps == ["queued", "cancelled"]
    else:
        assert steps == ["queued", "submitting", "sent"]
        assert f"etter {number}" in cancelled.err
    key = [facts["letter"] for facts in installation.facts]
    assert (number in key) == ("sent" in steps)
