"""Settings of carriers, wrong in every way: the sentence names the variable, and nothing secret."""

import json
from pathlib import Path

import pytest

from tests.support.processes.installation import CASE, Installation

FROM = "Invented Letters <letters@campaign.example>"
SECRET = "hunter2"
KEY = "A" * 43 + "="  # base64 of 32 bytes

SMTP = {
    "mail.example:587": "begin with smtp://",
    f"http://rosa:{SECRET}@mail.example": "begin with smtp://",
    f"smtp://rosa:{SECRET}@": "host is missing",
    f"smtp://rosa:{SECRET}@mail.example:many": "host or port cannot be read",
    f"smtp://rosa:{SECRET}@mail.example:99999": "host or port cannot be read",
    f"smtp://rosa:{SECRET}/x@mail.example": "%2F",
    f"smtp://rosa:{SECRET}#x@mail.example": "special characters",
    f"smtp://{SECRET}@mail.example": "user and password go together",
    f"smtp://:{SECRET}@mail.example": "user and password go together",
    f"smtp://rosa:{SECRET}@mail.example/folder": "nothing after the port but options",
    f"smtp://rosa:{SECRET}@mail.example?tls=never": "tls is none or starttls",
    f"smtp://rosa:{SECRET}@mail.example?speed=high": "the only options are tls=none and cafile=",
    f"smtps://rosa:{SECRET}@mail.example?tls=none": "encrypted from the start",
    f"smtp://rosa:{SECRET}@mail.example?cafile=/no/such/file": "cafile of ASSISTANT_SMTP_URL",
}
SENDER = {
    "": "ASSISTANT_MAIL_FROM is not set",
    "nobody": "ASSISTANT_MAIL_FROM is not 'Name <address>': an address has exactly one @",
    "Letters <letters@>": "ASSISTANT_MAIL_FROM is not 'Name <address>'",
    "a@campaign.example, b@campaign.example": "one address only",
    "=?utf-8?q?Letters?= <letters@campaign.example>": "ASSISTANT_MAIL_FROM: the name may hold no",
    f"{'l' * 40}@campaign.example": "ASSISTANT_MAIL_FROM is too long",
}
FAX = {
    "fax.example": "begin with hylafax:// or telnyx://",
    f"http://rosa:{SECRET}@fax.example": "begin with hylafax:// or telnyx://",
    f"HYLAFAX://rosa:{SECRET}@fax.example": "begin with hylafax:// or telnyx://",
    "hylafax://fax.example": "it names no user",
    f"hylafax://rosa:{SECRET}@": "it names no host",
    f"hylafax://rosa:{SECRET}@fax.example:many": "port",
    f"hylafax://rosa:{SECRET}@fax.example/tray": "no path",
    f"hylafax://rosa:{SECRET}%22@fax.example": "password",
    f"hylafax://rosa:{SECRET}@fax.example?prefix=ATDT": "prefix",
    f"hylafax://rosa:{SECRET}@fax.example?speed=9600": "only options are prefix and from",
    f"telnyx://{SECRET}@api.telnyx.com": "id of the Fax Application",
    f"telnyx://{SECRET}@api.telnyx.com/1": "number that faxes come from",
    f"telnyx://{SECRET}@api.telnyx.com/1?from=12": "wrong from",
    f"telnyx://rosa:{SECRET}@api.telnyx.com/1?from=%2B12025550100": "API key alone",
    f"telnyx://{SECRET}@/1?from=%2B12025550100": "names no host",
    f"telnyx://{SECRET}@api.telnyx.com/1?from=%2B12025550100&public_key=short": "public_key",
    f"telnyx://{SECRET}@api.telnyx.com/1?from=%2B12025550100&token=x": "unknown",
}
GOOD: list[dict[str, str]] = [
    {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "letters@campaign.example"},
    {"smtp_url": f"smtp://rosa:{SECRET}@mail.example", "mail_from": FROM},
    {"smtp_url": f"smtps://rosa%40campaign.example:{SECRET}%2F@mail.example:465", "mail_from": FROM},
    {"smtp_url": f" smtp://rosa:{SECRET}@mail.example:25?tls=none ", "mail_from": FROM},
    {"fax_url": f"hylafax://rosa:{SECRET}@127.0.0.1:9?prefix=00&from=Campaign"},
    {"fax_url": f"telnyx://{SECRET}@api.telnyx.com/1?from=+12025550100&public_key={KEY}"},
]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation in real time, where letters may really leave."""
    return Installation(tmp_path, clock="")


def told(installation: Installation, **settings: str | Path) -> str:
    """What an organiser and an operator are told with these settings, the same in every command."""
    installation.set(**settings)
    said = [installation.call(*each) for each in (["letters", "hold", "1"], ["cases", "check"], ["bounces"])]
    assert {(done.code, done.out) for done in said} == {(1, "")}
    [sentence] = {done.err for done in said}
    assert sentence.startswith("assistant: ") and len(sentence.splitlines()) == 1
    assert SECRET not in sentence
    assert not installation.data.exists()
    return sentence


@pytest.mark.parametrize("url", SMTP)
def test_a_mail_server_that_cannot_be_one(installation: Installation, url: str) -> None:
    sentence = told(installation, smtp_url=url, mail_from=FROM)
    assert "ASSISTANT_SMTP_URL" in sentence and SMTP[url] in sentence


@pytest.mark.parametrize("sender", SENDER)
def test_an_address_of_ours_that_cannot_be_one(installation: Installation, sender: str) -> None:
    assert SENDER[sender] in told(
        installation, smtp_url=f"smtp://rosa:{SECRET}@mail.example", mail_from=sender
    )


@pytest.mark.parametrize("url", FAX)
def test_a_fax_server_that_cannot_be_one(installation: Installation, url: str) -> None:
    sentence = told(installation, fax_url=url)
    assert "ASSISTANT_FAX_URL" in sentence and FAX[url] in sentence


@pytest.mark.parametrize("name", ["smtp_url", "fax_url"])
def test_an_address_may_stand_in_a_file_and_is_told_by_the_files_setting(
    installation: Installation, tmp_path: Path, name: str
) -> None:
    variable, file = f"ASSISTANT_{name.upper()}", tmp_path / "secret"
    installation.set(mail_from=FROM, **{f"{name}_file": file})
    assert f"{variable}_FILE cannot be read: No such file or directory." in told(installation)
    file.mkdir()
    assert f"{variable}_FILE cannot be read: Is a directory." in told(installation)
    file.rmdir()
    file.write_bytes(b"\xff\xfe")
    assert f"{variable}_FILE cannot be read: save it as UTF-8." in told(installation)
    file.write_text(" \n")
    assert f"{variable}_FILE names an empty file." in told(installation)
    file.write_text(f"ftp://rosa:{SECRET}@host.example\n")
    assert f"{variable}_FILE " in told(installation)
    good = GOOD[1]["smtp_url"] if name == "smtp_url" else GOOD[4]["fax_url"]
    file.write_text(f"{good}\n")
    assert installation.call("cases", "check").code == 0


@pytest.mark.parametrize("settings", GOOD, ids=lambda each: next(iter(each.values())).partition(":")[0])
def test_what_can_be_used_is_used_and_never_shown(
    installation: Installation, settings: dict[str, str]
) -> None:
    installation.make().set(**settings)
    way, to = ("email", "office@example.org") if "smtp_url" in settings else ("fax", "+50255550100")
    installation.set(routes=json.dumps({CASE: [f"{way}:{to}", "tray"]}))
    shown = [
        installation.call(*each)
        for each in (["cases", "check"], ["letters", "hold", "1"], ["letters", "list"])
    ]
    assert [done.code for done in shown] == [0, 1, 0]
    assert shown[0].out.startswith(f"{CASE}: good\n")
    assert "There is no letter 1. " in shown[1].err
    assert SECRET not in "".join(done.out + done.err for done in shown)


# Routes


ROUTES = {
    '["tray"]': "ASSISTANT_ROUTES",
    "7": "ASSISTANT_ROUTES",
    json.dumps({CASE: "tray"}): "ASSISTANT_ROUTES",
    json.dumps({CASE: [7]}): "ASSISTANT_ROUTES",
    json.dumps({CASE: ["pigeon"]}): "no carrier for 'pigeon'",
    json.dumps({CASE: [""]}): "no carrier for ''",
    json.dumps({CASE: ["tray", "fax:+50255550100"]}): "no carrier for 'fax'",
    json.dumps({CASE: ["email:office@example.org"]}): "no carrier for 'email'",
    json.dumps({CASE: ["tray:somewhere"]}): "without an address",
    json.dumps({CASE: ["post"]}): "write the address behind it",
    json.dumps({CASE: ["post:;;"]}): "write the address behind it",
    json.dumps({CASE: ["post:" + ";".join("1234567")]}): "at most 6 lines",
    json.dumps({CASE: ["post:" + "x" * 51]}): "of 50 characters",
}


@pytest.mark.parametrize("routes", ROUTES)
def test_routes_that_no_letter_can_take(installation: Installation, routes: str) -> None:
    installation.set(routes=routes)
    done = installation.call("letters", "list", "--case", CASE)
    assert (done.code, done.out) == (1, "")
    assert "ASSISTANT_ROUTES" in done.err and ROUTES[routes] in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("route", "why"),
    [
        ("email:", "write the office's address"),
        ("email:office", "exactly one @"),
        ("email:Office <office@example.org>", "one address only"),
        ("email:a@example.org,b@example.org", "one address only"),
        ("fax:", "with + and its country code, digits only"),
        ("fax:55550100", "with + and its country code, digits only"),
        ("fax:+502 5555 0100", "with + and its country code, digits only"),
        ("fax:+50255550100,,1", "with + and its country code, digits only"),
        ("fax:ATDT911", "with + and its country code, digits only"),
    ],
)
def test_addresses_that_their_carrier_refuses(installation: Installation, route: str, why: str) -> None:
    installation.set(**GOOD[1], **GOOD[4], routes=json.dumps({CASE: [route]}))
    done = installation.call("cases", "check")
    assert done.code == 1
    assert f"WRONG ASSISTANT_ROUTES: routes: {route.partition(':')[0]}: " in done.out and why in done.out
    assert SECRET not in done.out + done.err


def test_routes_that_an_operator_sets_go_before_those_of_the_case(installation: Installation) -> None:
    for routes in (["post:Street 1;Town", "tray"], ["tray"]):
        installation.set(routes=json.dumps({CASE: routes}))
        done = installation.call("cases", "check")
        assert done.code == 0 and done.out.startswith(f"{CASE}: good\n")
        assert "route" not in done.out


# The time to change a letter


@pytest.mark.parametrize("minutes", ["soon", "-1", "1441", "10,5", "nan", "inf", "ten minutes"])
def test_a_time_for_changes_that_cannot_be(installation: Installation, minutes: str) -> None:
    assert "ASSISTANT_UNDO_MINUTES: " in told(installation, undo_minutes=minutes)


@pytest.mark.parametrize("minutes", ["0", "0.5", "1440", ""])
def test_a_time_for_changes_that_can_be(installation: Installation, minutes: str) -> None:
    installation.set(undo_minutes=minutes)
    assert installation.call("cases", "check").code == 0
