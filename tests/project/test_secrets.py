"""No secret is in the repository: what looks like one is invented, and says so here."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOKS_LIKE: Mapping[str, re.Pattern[str]] = {
    "a Telegram token": re.compile(r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a Telnyx key": re.compile(r"\bKEY[0-9A-F]{32}_[A-Za-z0-9]{22}\b"),
    "a Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": re.compile(
        r"://[^\s:/@\"'`<>{}$]+:(?P<password>[^\s:/@\"'`<>{}$]{4,})@(?P<host>[^\s/\"'`]+)"
    ),
    "a keyring": re.compile(r"\"keys?\"\s*:\s*[{\[]\s*\"[^\"]{1,40}\"\s*:?\s*\"[A-Za-z0-9+/]{43}=\""),
}
INVENTED_HOST = re.compile(
    r"(?:(?:[\w-]+\.)*(?:example|invalid|test|localhost)(?:\.(?:org|com|net))?|host|server|postgres|db"
    r"|127\.0\.0\.1|\[::1\])(?![\w.-]*\w)"
)
"""Names that lead nowhere (RFC 2606), and those of pages that show how an address is written."""
# What looks like a secret and is none: where it stands, and why.
ALLOWED: Mapping[tuple[str, str], str] = {
    ("docs/letters.md", "user:password@faxserver"): "shows how the address of a fax server is written",
    ("tests/carriers/telnyx/test_settings.py", "SECRET:more@"): "an address that is refused",
    ("tests/carriers/test_probing.py", "letters:secret@"): "an invented login at a port where nobody listens",
}


def tracked() -> list[Path]:
    """Every file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def secrets_in(text: str) -> Iterator[tuple[str, str, int]]:
    """What looks like a secret: its kind, its text, and its line."""
    for what, pattern in LOOKS_LIKE.items():
        for found in pattern.finditer(text):
            host = found.groupdict().get("host")
            if host is None or not INVENTED_HOST.match(host):
                yield what, found[0], text[: found.start()].count("\n") + 1


def is_allowed(file: str, found: str) -> bool:
    """Whether that is known to be no secret there."""
    return any(file == where and part in found for where, part in ALLOWED)


def test_no_file_holds_what_looks_like_a_secret() -> None:
    files = tracked()
    if not files:
        pytest.skip("this is no checkout of the repository")
    assert ROOT / "pyproject.toml" in files
    found = [
        f"{name}:{line}: {what}"
        for name, text in (
            (str(each.relative_to(ROOT)), each.read_text("utf-8", "replace")) for each in files
        )
        for what, said, line in secrets_in(text)
        if not is_allowed(name, said)
    ]
    assert found == []


def test_what_is_allowed_is_there_and_needs_it() -> None:
    for file, part in ALLOWED:
        found = [said for _, said, _ in secrets_in((ROOT / file).read_text("utf-8", "replace"))]
        assert any(part in each for each in found), f"{file} needs no exception any more"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a Telegram token", "TOKEN = '" + "1234567890:" + "A" * 35 + "'"),
        ("a private key", "-----BEGIN " + "RSA PRIVATE KEY-----"),
        ("a private key", "-----BEGIN " + "PRIVATE KEY-----"),
        ("an AWS key", "AKIA" + "ABCDEFGHIJKLMNOP"),
        ("a GitHub token", "ghp_" + "a" * 36),
        ("a Telnyx key", "KEY" + "0" * 32 + "_" + "a" * 22),
        ("a password in an address", "postgresql://bob:" + "hunter22@db.campaign.org/letters"),
        ("a password in an address", "smtp://me%40x:" + "pa55word@mail.provider.net:587"),
        ("a keyring", '{"keys": {"1": "' + "A" * 43 + '="}}'),
    ],
)
def test_a_secret_would_be_found(what: str, text: str) -> None:
    assert [each for each, _, _ in secrets_in(f"first line\n{text}\n")] == [what]


def test_addresses_that_show_how_they_are_written_are_none() -> None:
    shown = "smtp://user:password@mail.example.org:587 hylafax://user:password@host:4559 imap://u:pass@127.0.0.1:1"
    assert list(secrets_in(shown)) == []
