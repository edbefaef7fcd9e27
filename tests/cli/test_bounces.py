"""`assistant bounces`: what comes back settles the letter that it is about, from a pipe or a Maildir."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.carriers.email.carrier import Email
from assistant.settings import Settings
from assistant.wiring.content import make_script
from tests.support.carriers.email_bounces import OFFICE, ORDINARY, OURS, POSTFIX, TOKEN, VACATION
from tests.support.carriers.email_own_formats import FAILURES, UNCLEAR
from tests.support.fakes.mail_server import MailServer
from tests.support.harness import LETTER, NAME
from tests.support.processes.installation import CASE, Installation

FROM = "Invented Letters <letters@campaign.example>"
ROUTES = {CASE: ["email:office@example.org"]}
MAILED = {
    "routes": json.dumps(ROUTES),
    "smtp_url": "smtp://127.0.0.1:9",  # nothing needs to be sent to read what came back
    "mail_from": FROM,
}


async def _mail(installation: Installation) -> str:
    """Write and mail two letters. Returns the address to which the first one would come back."""
    script = make_script(
        Settings(_env_file=None, routes=ROUTES, smtp_url="smtp://127.0.0.1:9", mail_from=FROM)
    )
    async with installation.harness(script) as harness, MailServer() as server:
        email = Email.from_url(server.url, FROM, harness.store.secret("mail"))
        for person in ("ana", "ben"):
            await harness.receive_all(person, LETTER)
            await harness.engine(harness.letter_worker(email)).run_until_idle()
            harness.clock.advance(minutes=1)
        await email.close()
        first, second = (taken.sender for taken in server.taken)
    assert first and second and first != second
    return first


@pytest.fixture(scope="module")
def mailed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    installation = Installation(tmp_path_factory.mktemp("mailed"))
    return installation.data, asyncio.run(_mail(installation))


@pytest.fixture
def installation(mailed: tuple[Path, str], tmp_path: Path) -> Installation:
    """A folder with two letters that a mail server has taken."""
    shutil.copytree(mailed[0], tmp_path / "data")
    installation = Installation(tmp_path, **MAILED)
    del installation.env["ASSISTANT_CLOCK"]
    return installation


@pytest.fixture
def bounce(mailed: tuple[Path, str]) -> str:
    """The first letter's, as Postfix writes it."""
    token = mailed[1].removeprefix("bounce-").partition("@")[0]
    return POSTFIX.replace(OURS, mailed[1]).replace(TOKEN, token)


@pytest.fixture
def own(mailed: tuple[Path, str]) -> Callable[[str], str]:
    """Makes any message one about the first letter."""
    token = mailed[1].removeprefix("bounce-").partition("@")[0]
    return lambda text: text.replace(TOKEN, token)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    folder = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def read(installation: Installation, mail: str | bytes) -> str:
    """Give that mail to the command, as a mail server's pipe does; returns what it says."""
    done = installation.call("bounces", typed=mail)
    assert (done.code, done.err) == (0, "")
    return done.out


def test_a_bounce_from_a_pipe_settles_its_letter_and_no_other(
    installation: Installation, bounce: str
) -> None:
    process = installation.run("bounces", typed=bounce)
    assert (process.code, process.err) == (0, "")
    assert process.out.startswith("1 bounces settled, 0 of letters that we do not know, 0 other")
    assert [installation.status(number) for number in (1, 2)] == ["failed", "submitted"]
    assert installation.log(1)[-1]["reason"].startswith(
        "The letter came back (5.1.1): there is no such address"
    )
    assert NAME not in process.out
    read(installation, bounce)  # twice is once
    assert [step["status"] for step in installation.log(1)][-2:] == ["submitted", "failed"]


def test_an_office_that_has_the_letter_is_a_good_bounce(installation: Installation, bounce: str) -> None:
    good = bounce.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0")
    assert read(installation, good).startswith("1 bounces settled")
    assert [installation.status(number) for number in (1, 2)] == ["delivered", "submitted"]
    read(installation, bounce)  # comes too late to be true
    assert installation.status(1) == "delivered"


def test_a_bounce_of_a_letter_that_is_not_ours_changes_nothing(installation: Installation) -> None:
    assert "0 bounces settled, 1 of letters that we do not know" in read(installation, POSTFIX)
    assert [installation.status(number) for number in (1, 2)] == ["submitted"] * 2


@pytest.mark.parametrize(
    "mail", ["", "nonsense", "\n\n\n", ORDINARY, VACATION, "\x00" * 1000, b"\xff\xfe\x80" * 50_000]
)
def test_what_is_no_bounce_changes_nothing(installation: Installation, mail: str | bytes) -> None:
    assert "0 bounces settled, 0 of letters that we do not know, 1 other" in read(installation, mail)
    assert [installation.status(number) for number in (1, 2)] == ["submitted"] * 2


def test_a_maildir_is_read_once(installation: Installation, bounce: str, maildir: Path) -> None:
    (maildir / "new" / "1.host").write_text(bounce)
    (maildir / "new" / "2.host").write_text(POSTFIX)
    (maildir / "new" / "3.host").write_text("nonsense")
    (maildir / "cur" / "4.host:2,S").write_text("somebody has read this")
    (maildir / "cur" / "5.host:2,").write_text(ORDINARY)
    (maildir / "tmp" / "6.host").write_text(bounce)
    done = installation.call("bounces", "--maildir", str(maildir))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 bounces settled, 1 of letters that we do not know, 2 other")
    assert [installation.status(number) for number in (1, 2)] == ["failed", "submitted"]
    assert sorted(file.name for file in (maildir / "cur").iterdir()) == [
        f"{number}.host:2,S" for number in (1, 2, 3, 4, 5)
    ]
    assert list((maildir / "new").iterdir()) == []
    again = installation.call("bounces", "--maildir", str(maildir))
    assert again.out.startswith("0 bounces settled, 0 of letters that we do not know, 0 other")


def test_what_is_not_understood_is_left_to_a_person_who_decides_once(
    installation: Installation, own: Callable[[str], str], maildir: Path
) -> None:
    (maildir / "new" / "1.host").write_text(own(UNCLEAR["no address"]))
    (maildir / "new" / "2.host").write_text(own(FAILURES["qmail"][0]).replace(OFFICE, "someone@example.net"))
    done = installation.call("bounces", "--maildir", str(maildir))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 bounces settled")
    assert "\n1 could not be understood: look at them." in done.out
    assert [installation.status(number) for number in (1, 2)] == ["uncertain", "submitted"]
    assert "could not be understood" in installation.log(1)[-1]["reason"]
    assert sorted(file.name for file in (maildir / "cur").iterdir()) == ["1.host:2,F", "2.host:2,S"]
    assert installation.call("letters", "resolve", "1", "--as", "again").code == 0
    again = installation.call("bounces", "--maildir", str(maildir))
    assert "1 could not be understood" in again.out
    assert installation.status(1) == "queued"


def test_what_is_not_understood_in_a_pipe_leaves_its_letter_uncertain(
    installation: Installation, own: Callable[[str], str]
) -> None:
    said = read(installation, own(UNCLEAR["a quarantine"]))
    assert "0 bounces settled" in said and "1 could not be understood: look at them." in said
    assert installation.status(1) == "uncertain"
    assert "understood" not in read(installation, UNCLEAR["a quarantine"])  # of no letter of ours


def test_a_server_in_its_own_words_settles_a_letter(
    installation: Installation, own: Callable[[str], str]
) -> None:
    assert read(installation, own(FAILURES["qmail"][0])).startswith("1 bounces settled")
    assert installation.status(1) == "failed"
    assert "(5.1.1): there is no such address" in installation.log(1)[-1]["reason"]


def test_one_member_of_an_alias_leaves_the_letter_uncertain(installation: Installation, bounce: str) -> None:
    member = bounce.replace("Final-Recipient: rfc822; office@", "Final-Recipient: rfc822; member@")
    assert read(installation, member).startswith("1 bounces settled")
    assert installation.status(1) == "uncertain"
    assert "another address" in installation.log(1)[-1]["reason"]


def test_a_folder_that_is_no_maildir_is_told(installation: Installation, tmp_path: Path) -> None:
    done = installation.call("bounces", "--maildir", str(tmp_path))
    assert (done.code, done.out) == (1, "")
    assert f"{tmp_path} is no Maildir: it has no folders new and cur" in done.err
    for wrong in ("nowhere", "data/keyring.json"):
        assert installation.call("bounces", "--maildir", wrong).code == 2


def test_bounces_are_read_where_no_mail_is_sent_any_more(installation: Installation, bounce: str) -> None:
    installation.set(routes="{}", smtp_url="", mail_from="")
    assert read(installation, bounce).startswith("1 bounces settled")
    assert installation.status(1) == "failed"
