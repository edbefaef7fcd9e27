"""`assistant organisers`: a code from the shell, a person in a chat, and out again."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from assistant.content.i18n import load_locales
from assistant.dialogue.script import Script
from assistant.domain.richtext import plain
from conversations.organisers.sentences.team import wrong_code
from tests.support.cli_broadcasts import TEAM, prepare
from tests.support.processes.installation import Completed, Installation

CODE = re.compile(r"^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$")
WRONG = plain(wrong_code().render(load_locales()["en"]))
LATER = "2026-11-24T15:11:00Z"  # eleven minutes after the clock of commands begins


def invite(installation: Installation, role: str = "drafter") -> str:
    """A code, as the shell shows it."""
    done = installation.call("organisers", "invite", "--role", role)
    assert done.code == 0
    return next(line for line in done.out.splitlines() if CODE.match(line))


def write(installation: Installation, who: str, *lines: str) -> str:
    """What that person is told in a terminal when they write these lines."""
    typed = "".join(f"{line}\n" for line in lines)
    done = installation.run("chat", "--as", who, "--language", "en", typed=typed)
    assert done.code == 0
    return done.out


def team(installation: Installation) -> list[dict[str, object]]:
    """The team, as the shell lists it."""
    listed: list[dict[str, object]] = json.loads(installation.call("organisers", "list", "--json").out)
    return listed


def test_a_code_makes_one_person_an_organiser_once(tmp_path: Path) -> None:
    installation = Installation(tmp_path).make()
    done = installation.run("organisers", "invite", "--role", "approver")
    code = done.out.splitlines()[0]
    assert CODE.match(code)
    assert "within 10 minutes" in done.out and f"/organiser {code}" in done.out and "approver" in done.out
    told = write(installation, "Olga", f"/organiser {code.lower()}", "Olga Invented")
    assert "You are in the team, Olga Invented" in told
    assert WRONG in write(installation, "Mallory", f"/organiser {code}", "Mallory")
    assert team(installation) == [{"number": 1, "role": "approver", "name": "Olga Invented"}]
    listed = installation.call("organisers", "list").out.splitlines()
    assert [line.split() for line in listed] == [
        ["number", "role", "name"],
        ["1", "approver", "Olga", "Invented"],
    ]
    stored = installation.database.read_bytes()
    for secret in (code, code.replace("-", ""), "Olga"):
        assert secret.encode() not in stored


def test_after_ten_minutes_a_code_makes_nobody_an_organiser(tmp_path: Path) -> None:
    installation = Installation(tmp_path).make()
    code = invite(installation, "owner")
    installation.set(clock=LATER)
    assert WRONG in write(installation, "Olga", f"/organiser {code}", "Olga")
    assert team(installation) == []


def test_a_team_without_anybody_is_told_how_to_begin(tmp_path: Path) -> None:
    installation = Installation(tmp_path).make()
    done = installation.call("organisers", "list")
    assert done.out.split() == ["number", "role", "name"]
    assert "assistant organisers invite --role owner" in done.err


# Taking somebody out


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder with a team."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(prepare(installation, script))
    return installation.data


def names(installation: Installation) -> list[object]:
    return [each["name"] for each in team(installation)]


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "maybe\nno\n"])
def test_removing_asks_and_whatever_is_no_yes_changes_nothing(installation: Installation, typed: str) -> None:
    done = installation.call("organisers", "remove", "2", typed=typed)
    assert done.code == 1
    assert "Shall Abel, approver, be taken out of the team?" in done.out
    assert names(installation) == list(TEAM)


def test_who_is_removed_may_do_nothing_any_more_and_the_others_are_told(
    installation: Installation, script: Script
) -> None:
    done = installation.call("organisers", "remove", "2", typed="y\n")
    assert (done.code, done.out.splitlines()[-1]) == (0, "Abel is no longer in the team.")
    assert names(installation) == ["Olga", "Dora"]

    async def ask() -> tuple[list[str], str]:
        async with installation.harness(script) as harness:
            harness.clock.advance(days=10_000)  # later than the clock of commands
            await harness.engine().run_until_idle()
            told = harness.texts_to("Olga")
            await harness.receive("Abel", "/broadcasts")
            return told, harness.last_text_to("Abel")

    told, answer = asyncio.run(ask())
    assert any("Abel" in each for each in told)
    assert "We do not know that word" in answer


def test_somebody_who_is_not_there_cannot_be_removed(installation: Installation) -> None:
    for number in ("9", str(2**63 - 1)):
        done: Completed = installation.call("organisers", "remove", number, "--yes")
        assert (done.code, done.out) == (1, "")
        assert done.sentence.startswith(f"There is no organiser {number}. `assistant organisers list`")
    assert names(installation) == list(TEAM)


def test_a_broken_case_folder_keeps_nobody_in_the_team(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "cases" / "rosa-example").mkdir(parents=True)
    (tmp_path / "cases" / "rosa-example" / "case.toml").write_text("person = ")
    installation.set(cases_dir=tmp_path / "cases", telegram_token="nonsense")
    assert installation.call("organisers", "remove", "1", "--yes").code == 0
    assert names(installation) == ["Abel", "Dora"]


def test_the_shell_resumes_a_case_where_no_two_people_can(tmp_path: Path) -> None:
    installation = Installation(tmp_path).make()
    assert installation.call("cases", "resume", "norma-cruz", "--yes").code == 1
    write(installation, "Olga", f"/organiser {invite(installation, 'owner')}", "Olga Invented")
    write(installation, "Olga", "/pause norma-cruz")
    alone = write(installation, "Olga", "/resume norma-cruz")
    assert "nobody else in the team can agree" in alone
    assert "We have asked" not in alone
    done = installation.call("cases", "resume", "norma-cruz", "--yes")
    assert (done.code, done.out) == (0, "norma-cruz is resumed.\n")
    assert "Nothing is halted or paused" in write(installation, "Olga", "/resume")
