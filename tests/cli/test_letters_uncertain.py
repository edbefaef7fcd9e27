"""Where letters are listed stands what to do about those in doubt; many are settled at once."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.store.tables import letters
from tests.support.named_letters import called
from tests.support.processes.installation import CASE, Installation

PEOPLE = ("ana", "ben", "eva", "ida", "leo", "mia", "noe")
TOKENS = [f"{number:x}" * 32 for number in range(1, 5)]
MAIL, FAX, NUMBERED = (1, 2, 3, 4), 5, 6  # the last one of all is not uncertain
LOG = f"""Jan 24 15:00:01 mx postfix/qmgr[1]: 4F: from=<bounce-{TOKENS[0]}@example.org>, size=9
Jan 24 15:00:02 mx postfix/qmgr[1]: 50: from=<bounce-{TOKENS[2].upper()}@example.org>, size=9
Jan 24 15:00:03 mx postfix/qmgr[1]: 51: from=<bounce-{"f" * 32}@example.org>, job 12
"""


async def _prepare(installation: Installation, script: Script) -> None:
    async with installation.harness(script) as harness:
        await harness.queue_letters(*PEOPLE)
        async with harness.store.write() as tx:
            for number, token in zip(MAIL, TOKENS, strict=True):
                doubt = {"status": LetterStatus.UNCERTAIN, "route": "email:office@example.org"}
                await tx.connection.execute(
                    update(letters).where(letters.c.id == number).values(**called(tx, number, token), **doubt)
                )
            for number, reference in ((FAX, None), (NUMBERED, "12")):
                doubt = {"status": LetterStatus.UNCERTAIN, "route": "fax:+50255500001"}
                await tx.connection.execute(
                    update(letters)
                    .where(letters.c.id == number)
                    .values(**called(tx, number, reference), **doubt)
                )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_prepare(installation, script))
    return installation.data


@pytest.fixture
def installation(prepared: Path, tmp_path: Path) -> Installation:
    """Its mail and its faxes are really sent."""
    made = Installation(
        tmp_path,
        smtp_url="smtp://mail.example.org",
        mail_from="Letters <letters@example.org>",
        fax_url="hylafax://campaign@fax.example.org",
    )
    del made.env["ASSISTANT_CLOCK"]
    shutil.copytree(prepared, made.data)
    return made


def _uncertain(installation: Installation) -> list[int]:
    return [row["id"] for row in installation.letters() if row["status"] == "uncertain"]


def test_a_list_ends_with_where_to_look_and_what_to_say_then(installation: Installation) -> None:
    said = installation.call("letters", "list").out.split("\n\n")[1].splitlines()
    assert said[0] == "6 letters are uncertain: they may have arrived, and nothing is sent twice by itself."
    assert said[1].startswith(f"  letter 1: Look for bounce-{TOKENS[0]}@example.org in the log of the mail")
    assert said[5].startswith("  letter 5: Look for a job with JOBINFO norma-cruz-")
    assert "letters show NUMBER" in said[6]
    assert "resolve NUMBER --as delivered" in said[7]
    assert "--references FILE" in said[8]


def test_a_list_of_one_speaks_of_one_and_of_none_says_nothing(installation: Installation) -> None:
    installation.call("letters", "resolve", "1", "2", "3", "4", "5", "--as", "delivered")
    said = installation.call("letters", "list").out
    assert "1 letter is uncertain: it may have arrived" in said
    assert "Look for job 12 with JOBINFO" in said
    assert "uncertain:" not in installation.call("letters", "list", "--status", "delivered").out
    assert "Look for" not in installation.call("letters", "list", "--json").out


def test_one_letter_says_so_too(installation: Installation) -> None:
    shown = installation.call("letters", "show", "2").out
    assert f"bounce-{TOKENS[1]}@example.org" in shown
    assert "resolve NUMBER --as delivered" in shown
    assert TOKENS[1] in installation.json("letters", "show", "2")["evidence"]
    assert "evidence" not in installation.json("letters", "show", "7")
    assert f"bounce-{TOKENS[1]}@example.org" in installation.call("letters", "log", "2").out
    assert isinstance(installation.json("letters", "log", "2"), list)


def test_carriers_that_are_set_wrongly_keep_nobody_from_looking(installation: Installation) -> None:
    installation.set(smtp_url="nonsense")
    done = installation.call("letters", "show", "2")
    assert done.code == 0
    assert "Ask the office, or look where its email was sent from." in done.out


def test_many_are_settled_by_what_a_log_says_after_a_question(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "mail.log"
    file.write_text(LOG, "utf-8")
    command = ("letters", "resolve", "--as", "delivered", "--references", str(file))
    refused = installation.call(*command, typed="n\n")
    assert refused.code == 1
    assert refused.out.splitlines()[:4] == [
        f"Of 6 letters that are uncertain, {file} names:",
        "  1, 3",
        "It does not name, and these stay uncertain:",
        "  2, 4, 5, 6",
    ]
    assert "Shall 2 letters be counted as delivered?" in refused.out
    assert _uncertain(installation) == [1, 2, 3, 4, 5, 6]
    done = installation.call(*command, typed="y\n")
    assert done.code == 0
    assert _uncertain(installation) == [2, 4, 5, 6]
    assert [installation.status(number) for number in (1, 3)] == ["delivered", "delivered"]


def test_a_letter_is_known_by_our_own_name_for_it_and_not_by_a_number(
    installation: Installation, tmp_path: Path
) -> None:
    key = installation.call("letters", "show", str(FAX)).out.split("JOBINFO ")[1].split(" ")[0]
    assert key.startswith(CASE)
    file = tmp_path / "xferfaxlog"
    file.write_bytes(f"01/24/12 15:00\tSEND\t12\tttyS0\t12\t{key}\t\xff\n".encode("latin-1"))
    command = ("letters", "resolve", "--as", "again", "--references", str(file), "--yes")
    assert installation.call(*command).code == 0
    assert _uncertain(installation) == [1, 2, 3, 4, NUMBERED]
    assert installation.status(FAX) == "queued"


def test_nobody_can_be_asked_where_the_text_comes_by_a_pipe(installation: Installation) -> None:
    command = ("letters", "resolve", "--as", "delivered", "--references", "-")
    done = installation.call(*command, typed=LOG)
    assert (done.code, _uncertain(installation)) == (0, [1, 2, 3, 4, 5, 6])
    assert "Nothing has changed" in done.out
    assert installation.call(*command, "--yes", typed=LOG).code == 0
    assert _uncertain(installation) == [2, 4, 5, 6]


def test_a_text_that_names_none_settles_none(installation: Installation, tmp_path: Path) -> None:
    done = installation.call(
        "letters", "resolve", "--as", "delivered", "--references", "-", "--yes", typed="nothing of ours"
    )
    assert done.code == 1
    assert "  none" in done.out
    missing = installation.call(
        "letters", "resolve", "--as", "delivered", "--references", str(tmp_path / "none")
    )
    assert missing.code == 2
    assert "cannot be read" in missing.err


@pytest.mark.parametrize("arguments", [(), ("1", "--references", "-")])
def test_either_numbers_or_a_text_are_given(installation: Installation, arguments: tuple[str, ...]) -> None:
    done = installation.call("letters", "resolve", "--as", "delivered", *arguments)
    assert done.code == 2
    assert "give numbers of letters" in done.err


def test_a_country_is_shown_where_ten_letters_of_the_case_come_from_it(
    installation: Installation, script: Script
) -> None:
    assert {letter["country"] for letter in installation.letters()} == {None}

    async def more() -> None:
        async with installation.harness(script) as harness:
            await harness.queue_letters("pia", "sol", "uma")

    asyncio.run(more())
    assert {letter["country"] for letter in installation.letters()} == {"FI"}
    assert installation.json("letters", "show", "1")["country"] == "FI"
