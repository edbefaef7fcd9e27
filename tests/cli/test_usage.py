"""Help, and what happens to those who need it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assistant.cli import app
from tests.support.processes.installation import CASE, Installation

COMMANDS = {
    (): [
        *(
            "chat",
            "run",
            "status",
            "doctor",
            "mail",
            "bounces",
            "cases",
            "letters",
            "review",
            "answers",
            "updates",
            "broadcasts",
            "organisers",
            "audit",
            "counter",
            "verify",
            "webhooks",
            "db",
            "keys",
            "forget",
            "retention",
            "signal",
        ),
        *("signal", "ASSISTANT_DATA_DIR"),
    ],
    ("chat",): ["--as", "--language", "--case", "--json"],
    ("run",): ["--until-idle", "ASSISTANT_TELEGRAM_TOKEN"],
    ("status",): ["--json", "Nothing personal", "assistant doctor"],
    ("doctor",): ["--json", "Exit code 1", "no mail and no fax", "no secret"],
    ("languages",): ["list", "check"],
    ("languages", "list"): ["--json"],
    ("languages", "check"): [
        "French",
        "--all",
        "--json",
        "words to type",
        "docs/translating.md",
        "Exit code 1",
    ],
    ("actions",): ["list", "reword"],
    ("actions", "reword"): ["--matters", "--spelling", "agree", "norma-cruz--fax-2012"],
    ("actions", "list"): ["--case", "--json", "withdrawn"],
    ("cases",): [
        *("list", "new", "convert", "check", "preview", "card", "sources", "figures", "resume", "confirm"),
        "translated",
    ],
    ("cases", "figures"): ["CASE", "--json", "withdrawn", "<10", "40+", "elsewhere", "Nobody is followed"],
    ("cases", "sources"): ["--json", "norma-cruz_flyer"],
    ("cases", "list"): ["--json"],
    ("cases", "new"): ["folder", "nothing is overwritten", "answers.txt"],
    ("cases", "convert"): ["case", "--to", "--target", "--action", "stays as it is"],
    ("cases", "check"): ["slug", "--watch", "Ctrl-C"],
    ("cases", "translated"): ["slug", "languages", "--yes", "translations.toml", "no broadcast"],
    ("cases", "preview"): ["slug", "--html", "--pdf", "side by side"],
    ("cases", "card"): ["CASE", "FOLDER", "--link", "--language", "QR code", "are replaced"],
    ("cases", "resume"): ["--yes", "norma-cruz"],
    ("cases", "confirm"): ["--yes", "not there before", "an approver"],
    ("bounces",): ["--maildir", "standard input", "bounce-", "change nothing"],
    ("mail",): [
        "--maildir",
        "standard input",
        "bounce-",
        "letters+",
        "change nothing",
        "ASSISTANT_MAIL_INBOX",
    ],
    ("review",): ["list", "release", "without-line", "refuse", "Who wrote them is not shown"],
    ("review", "list"): ["--json", "name:"],
    ("review", "release"): ["numbers", "--json", "all of these, or none"],
    ("review", "without-line"): ["numbers", "--json", "told so"],
    ("review", "refuse"): ["numbers", "--reason", "--json", "words", "contact", "can write again"],
    ("answers",): ["list", "count", "show", "pass", "set-aside", "somebody has looked at it"],
    ("answers", "list"): ["--case", "--action", "--status", "--kind", "--json", "say the same"],
    ("answers", "count"): ["--json", "by case"],
    ("answers", "show"): ["number", "--whole", "--json", "the name of who wrote"],
    ("answers", "pass"): ["number", "--same", "--json", "cannot be undone"],
    ("answers", "set-aside"): ["number", "--same", "--json", "cannot be undone"],
    ("letters",): [
        *("list", "show", "log", "retry", "hold", "release", "cancel", "resolve", "plan", "print", "posted"),
        "Nothing personal is shown",
    ],
    ("letters", "retry"): ["numbers", "assistant letters list", "failed"],
    ("letters", "hold"): ["numbers", "assistant letters list", "until they are released"],
    ("letters", "release"): ["numbers", "assistant letters list", "held", "--restored", "--case"],
    ("letters", "cancel"): ["numbers", "--yes", "cannot be undone", "--restored"],
    ("letters", "resolve"): [
        "numbers",
        "--as",
        "--references",
        "--restored",
        "--yes",
        "delivered",
        "again",
        "sent",
        "Ask the office",
    ],
    ("letters", "plan"): ["CASE", "--target", "--json", "last one", "held", "those of each office"],
    ("letters", "print"): ["CASE", "--run", "--out", "assistant letters posted", "1,000"],
    ("letters", "posted"): ["CASE", "RUN", "--out", "writers are told"],
    ("letters", "list"): ["--case", "--action", "--target", "--status", "--json"],
    ("letters", "show"): ["number", "--json"],
    ("letters", "log"): ["number", "--json"],
    ("signal",): ["status", "register", "verify", "link", "unblock", "trust"],
    ("signal", "status"): ["--json"],
    ("signal", "register"): ["--captcha", "--voice", "signalcaptchas.org/registration"],
    ("signal", "verify"): ["code", "--pin"],
    ("signal", "link"): ["--image", "--uri", "--name"],
    ("signal", "unblock"): ["token", "captcha", "signalcaptchas.org/challenge"],
    ("signal", "trust"): ["safety_number", "--list"],
    ("updates",): ["list", "assistant broadcasts draft"],
    ("updates", "list"): ["case", "--json"],
    ("broadcasts",): [
        *("list", "show", "draft", "propose", "approve", "halt", "resume", "discard", "watch"),
        *("asks another person", "a few minutes", "at once, without a question"),
    ],
    ("broadcasts", "list"): ["--all", "--json", "UTC"],
    ("broadcasts", "show"): ["number", "--json", "how long it takes"],
    ("broadcasts", "draft"): [
        *("--update", "--alert", "--correct", "--text", "--fallback", "--button", "--case", "--readers"),
        *("--country", "--language", "--at", "--local", "--lasts", "--urgent", "--draft-only"),
        *("another person has approved it", f"--update {CASE}/2011-09-conviction", "600 characters"),
        *("all: who asked for the news of the case", "2012-01-23T15:00Z", "'2012-01-23 10:00'"),
    ],
    ("broadcasts", "propose"): ["number", "approve"],
    ("broadcasts", "approve"): [
        "number",
        "--people",
        "--urgent",
        "--yes",
        "1,000",
        "a few minutes",
        "one person",
    ],
    ("broadcasts", "halt"): ["number", "--all", "without a question", "resume", "nobody gets it twice"],
    ("broadcasts", "resume"): ["number", "--yes", "have not got it"],
    ("broadcasts", "discard"): ["number", "--yes", "cannot be undone"],
    ("broadcasts", "watch"): ["number", "Ctrl-C", "stops nothing", "Exit code"],
    ("organisers",): [
        "invite",
        "link",
        "list",
        "remove",
        "viewer",
        "drafter",
        "approver",
        "owner",
        "can halt",
    ],
    ("organisers", "link"): ["works once", "opens it can do", "/dashboard"],
    ("organisers", "invite"): ["--role", "viewer|drafter|approver|owner", "once", "as long as it says"],
    ("organisers", "list"): ["--json", "number, role"],
    ("organisers", "remove"): ["number", "--yes", "at once"],
    ("audit",): ["list", "verify", "Nothing of supporters"],
    ("audit", "list"): ["--limit", "--json", "shell", "assistant organisers list"],
    ("audit", "verify"): ["--code", "Owners", "newest entries were removed"],
    ("counter",): ["key", "export", "proof", "assistant verify", "Nothing in it tells who wrote"],
    ("counter", "key"): ["--json", "where the assistant cannot change it"],
    ("counter", "export"): ["CASE", "FOLDER", "once the day is over", "at least 10"],
    ("counter", "proof"): ["CASE", "CODE", "only once"],
    ("verify",): [
        "CODE",
        "FILES",
        "--key",
        "--earlier",
        "--json",
        "standard input",
        "no server",
        "Exit code 0",
    ],
    ("webhooks",): ["list", "test", "ASSISTANT_WEBHOOKS", "Nothing of any person"],
    ("webhooks", "list"): ["--json", "three days", "a few signs"],
    ("webhooks", "test"): ["NAME", "tried once", "Exit code 1"],
    ("db",): ["backup", "check", "restore", "copy", "migrate", "keyring is never in them"],
    ("db", "restore"): ["file", "--yes", "is kept", "letters are held", "told in their chat"],
    ("db", "backup"): ["file", "--force", "while the assistant works", "Neither the keyring nor the tray"],
    ("db", "copy"): ["--to", "--to-file", "postgresql://", "empty", "Nothing changes here"],
    ("db", "check"): ["file", "nothing is changed", "Exit code 1"],
    ("retention",): ["--dry-run", "--json", "every hour", "60 days", "asked", "can be set"],
    ("forget",): ["channel", "address", "--yes", "standard input", "by mail", "cancelled"],
    ("keys",): ["status", "rotate", "destroy", "new", "passphrase", "nobody can read a copy"],
    ("keys", "status"): ["--json", "how many chats", "destroyed"],
    ("keys", "rotate"): ["--print", "after a theft", "assistant keys destroy"],
    ("keys", "destroy"): ["--at-once", "--yes", "--print", "two weeks", "Older backups"],
    ("keys", "new"): ["secret"],
    ("keys", "passphrase"): ["--remove", "assistant run", "ASSISTANT_KEYRING_PASSPHRASE_FILE"],
    ("db", "migrate"): ["where there are none", "assistant run", "refuses"],
}

NEWS = "2011-09-conviction"
DRAFT = ("broadcasts", "draft")
WRONG = {
    (): "Usage",
    ("sing",): "No such command",
    ("chat", "--loudly"): "No such option",
    ("chat", "--language", "tlh"): "we speak en, es",
    ("chat", "--case", "nobody"): f"there is {CASE}",
    ("chat", "--as"): "requires an argument",
    ("letters",): "Usage",
    ("letters", "list", "--status", "lost"): "is not one of",
    ("letters", "show"): "Missing argument",
    ("letters", "show", "first"): "valid integer",
    ("letters", "hold"): "Missing argument",
    ("letters", "retry", "first"): "valid integer",
    ("letters", "cancel", "--yes", "0"): "greater than or equal to 1",
    ("letters", "release", str(2**63)): "less than or equal to",
    ("letters", "resolve", "1", "--as", "lost"): "is not one of 'delivered', 'again', 'sent'",
    ("letters", "plan"): "Missing argument",
    ("letters", "plan", "nobody"): "there is no case",
    ("letters", "print", "nobody"): "there is no case",
    ("letters", "print", CASE, "--out", __file__): "is a file",
    ("letters", "posted", CASE): "Missing argument",
    ("letters", "posted", "nobody", "1"): "there is no case",
    ("bounces", "--maildir", "/no/such/folder"): "does not exist",
    ("mail", "--maildir", "/no/such/folder"): "does not exist",
    ("answers", "list", "--case", "nobody"): f"there is {CASE}",
    ("answers", "show", "0"): "number",
    ("review", "release"): "Missing argument",
    ("review", "refuse", "1", "--reason", "unkind"): "is not one of",
    ("updates", "list", "nobody"): f"there is {CASE}",
    ("updates", "publish", CASE, NEWS): "No such command",
    ("broadcasts",): "Usage",
    ("broadcasts", "show"): "Missing argument",
    ("broadcasts", "show", "first"): "valid integer",
    ("broadcasts", "approve", "0"): "greater than or equal to 1",
    ("broadcasts", "approve", "1", "--people", "many"): "valid integer",
    ("broadcasts", "watch", str(2**63)): "less than or equal to",
    ("broadcasts", "halt"): "name a broadcast, or give --all",
    ("broadcasts", "stop", "1", "--all"): "name a broadcast, or give --all",
    (*DRAFT,): "give one of them",
    (*DRAFT, "--alert", "--update", f"{CASE}/{NEWS}"): "give one of them",
    (*DRAFT, "--update", NEWS): f"there is no case '{NEWS}'; there is {CASE}",
    (*DRAFT, "--update", f"{CASE}/1999-nothing"): f"{CASE}/{NEWS}",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--text", "en=-"): "leave out --text and --case",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--case", CASE): "leave out --text and --case",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--button", "none"): "letter or read",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--fallback", "es=en"): "there is a text in es",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--country", "Atlantis"): "we do not know 'Atlantis'",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--country", "Kongo"): "Did you mean CD, CG?",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--language", "tlh"): "we speak en, es",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--readers", "enemies"): "is not one of",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--at", "2012-01-23T15:00Z"): "passed already",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--at", "2100-01-23T15:00"): "with its time zone",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--at", "soon"): "2012-01-23T15:00Z",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--local", "2012-01-23 10:00"): "passed already",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--local", "10:00"): "'2012-01-23 10:00'",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--at", "x", "--local", "y"): "give one of them",
    (*DRAFT, "--update", f"{CASE}/{NEWS}", "--lasts", "0"): "greater than or equal to 1",
    (*DRAFT, "--alert"): "an alert must have an end",
    (*DRAFT, "--alert", "--lasts", "6"): "--text en=alert.txt",
    (*DRAFT, "--alert", "--lasts", "6", "--case", "nobody"): "there is no case 'nobody'",
    (*DRAFT, "--alert", "--lasts", "6", "--button", "letter"): "without --case",
    (*DRAFT, "--correct", "1"): "--text en=alert.txt",
    (*DRAFT, "--correct", "1", "--readers", "all"): "exactly those who got that one",
    ("organisers", "invite"): "Missing option",
    ("organisers", "invite", "--role", "king"): "is not one of",
    ("organisers", "remove"): "Missing argument",
    ("organisers", "link"): "Missing argument",
    ("audit", "list", "--limit", "0"): "greater than or equal to 1",
    ("audit", "verify", "--code", "12ab"): "64 signs",
    ("verify",): "Missing argument",
    ("verify", "/no/such/folder"): "there is no file or folder '/no/such/folder'",
    ("verify", "1000-0000-0000-0000-000Y"): "there is no file or folder",
    ("verify", "1000-0000-0000-0000-000Z", __file__): "look for a slip",
    ("verify", __file__, "--key", "12"): "a key has 64 signs",
    ("counter", "export", CASE): "Missing argument",
    ("counter", "proof", CASE, "1000"): "look for a slip",
    ("db", "backup"): "Missing argument",
    ("db", "copy"): "give one of --to and --to-file",
    ("db", "copy", "--to", "x", "--to-file", "y"): "give one of --to and --to-file",
    ("db", "copy", "--to-file", "/no/such/file"): "cannot be read",
    ("db", "restore"): "Missing argument",
    ("letters", "release", "1", "--restored"): "give numbers of letters, or --restored",
    ("letters", "resolve", "--restored", "--as", "again"): "with --restored it is --as sent",
    ("signal", "verify", "12"): "six digits",
    ("signal", "unblock", "token", "no-captcha"): "signalcaptcha://",
    ("cases", "check", "nobody"): "there is no case",
    ("cases", "new", "Amina Diallo"): "use small letters",
    ("cases", "convert", CASE): "Missing option",
    ("cases", "convert", "nobody", "--to", "new"): "there is no case",
    ("languages", "check", "en"): "give a language that is translated into",
    ("cases", "translated", CASE, "xx"): "there is no translation into xx",
    ("cases", "preview", CASE, "--html", "/no/such/folder/page.html"): "cannot be written",
    ("cases", "card", CASE, "out"): "give one, or set ASSISTANT_WEB_URL",
    ("cases", "card", CASE, "out", "--link", "norma-cruz"): "begin with https://",
    ("webhooks", "test"): "Missing argument",
    ("run", "--for-ever"): "No such option",
}


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """The exit code and everything written, on one line."""
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1"})
    return done.exit_code, re.sub(r"[\s│]+", " ", done.output)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_mentions_everything_the_command_takes(command: tuple[str, ...]) -> None:
    code, shown = run([*command, "--help"])
    assert code == 0
    assert [word for word in COMMANDS[command] if word not in shown] == []


def test_the_list_of_commands_above_is_complete() -> None:
    found: set[tuple[str, ...]] = {()}
    group = typer.main.get_group(app)
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found |= {
            (name,),
            *((name, inner) for inner, each in getattr(command, "commands", {}).items() if not each.hidden),
        }
    assert found == COMMANDS.keys()


def test_a_slip_is_told_with_the_command_that_was_meant() -> None:
    for slip, meant in ((["lettres"], "letters"), (["letters", "lst"], "list")):
        code, shown = run(slip)
        assert code == 2
        assert f"Did you mean '{meant}'?" in shown


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    code, shown = run(arguments)
    assert code == 2
    assert WRONG[arguments] in shown
    assert not (tmp_path / "data").exists()


def test_the_command_itself_ends_with_the_same_codes(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    assert installation.run("--help").code == 0
    for arguments in (["chat", "--language", "tlh"], ["chat", "--as", b"\xff"], ["broadcasts", "draft"]):
        wrong = installation.run(*arguments)
        assert (wrong.code, wrong.out) == (2, "")
        assert wrong.err.startswith("Usage: ")
    assert not installation.data.exists()
