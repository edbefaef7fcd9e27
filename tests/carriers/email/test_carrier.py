"""Letters by email: handed to a real mail server, on one connection, and to addresses only."""

import datetime
import re
from collections.abc import AsyncIterator

import pytest

from assistant.carriers.base import Carrier
from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.client import Patience
from assistant.carriers.email.settings import Server
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.email_parcels import FROM, SECRET, parcel
from tests.support.fakes.mail_server import MailServer


@pytest.fixture
async def carrier(server: MailServer) -> AsyncIterator[Email]:
    """Our carrier, to it."""
    made = Email.from_url(server.url, FROM, SECRET)
    yield made
    await made.close()


def test_it_is_a_carrier_whose_letters_leave(carrier: Email) -> None:
    like_all: Carrier = carrier
    assert (like_all.name, like_all.real, like_all.per_minute, like_all.in_flight) == ("email", True, 10, 1)


async def test_a_letter_is_taken_and_known_by_its_token(server: MailServer, carrier: Email) -> None:
    ref = await carrier.submit(parcel())
    assert re.fullmatch("[0-9a-f]{32}", ref.reference)
    assert (ref.status, ref.look_in) == (LetterStatus.SUBMITTED, datetime.timedelta(days=2))
    [letter] = server.taken
    assert letter.sender == f"bounce-{ref.reference}@campaign.example"
    assert letter.recipients == ["office@example.org"]
    assert server.greeted_by == "campaign.example"


async def test_the_same_letter_has_the_same_token_and_others_have_others(
    server: MailServer, carrier: Email
) -> None:
    first, again, other = [(await carrier.submit(parcel(key))).reference for key in ("a-1", "a-1", "a-2")]
    assert first == again != other
    elsewhere = Email.from_url(server.url, FROM, bytes(32))
    assert (await elsewhere.submit(parcel("a-1"))).reference != first
    await elsewhere.close()


async def test_letters_share_a_connection(server: MailServer, carrier: Email) -> None:
    for number in range(5):
        await carrier.submit(parcel(f"case-{number}"))
    assert (len(server.taken), server.sessions, server.said["EHLO"]) == (5, 1, 1)


async def test_a_connection_that_was_closed_between_letters_is_made_anew(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel("a-1"))
    await server.drop()
    await carrier.submit(parcel("a-2"))
    assert (len(server.taken), server.sessions) == (2, 2)


async def test_a_server_that_closes_when_it_is_asked_again_is_asked_anew(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel("a-1"))
    server.fail_next("MAIL", "421 4.4.2 timeout exceeded", close=True)
    await carrier.submit(parcel("a-2"))
    server.fail_next("MAIL", close=True)
    await carrier.submit(parcel("a-3"))
    assert (len(server.taken), server.sessions) == (3, 3)


async def test_a_connection_that_was_idle_for_long_is_not_trusted(server: MailServer) -> None:
    carrier = Email(Server.parse(server.url), Sender.parse(FROM), SECRET, Patience(idle=0))
    await carrier.submit(parcel("a-1"))
    await carrier.submit(parcel("a-2"))
    assert (len(server.taken), server.sessions, server.said["MAIL"]) == (2, 2, 2)
    await carrier.close()


async def test_goodbye_is_said(server: MailServer, carrier: Email) -> None:
    await carrier.submit(parcel())
    await carrier.close()
    assert server.said["QUIT"] == 1
    await server.until(lambda: server.connected == 0)
    await carrier.close()


async def test_a_goodbye_is_not_waited_for_long(server: MailServer) -> None:
    carrier = Email(Server.parse(server.url), Sender.parse(FROM), SECRET, Patience(goodbye=0.05))
    await carrier.submit(parcel())
    server.fail_next("QUIT", hang=True)
    await carrier.close()
    await server.until(lambda: server.connected == 0)


async def test_what_comes_back_is_asked_to_leave_out_the_text() -> None:
    async with MailServer(dsn=True) as server:
        carrier = Email.from_url(server.url, FROM, SECRET)
        ref = await carrier.submit(parcel())
        assert f"RET=HDRS ENVID={ref.reference}" in server.taken[0].options
        await carrier.close()


async def test_an_office_with_a_domain_in_another_script_gets_its_letter(
    server: MailServer, carrier: Email
) -> None:
    await carrier.submit(parcel(to="oficina@fiscalía.example"))
    assert server.taken[0].recipients == ["oficina@xn--fiscala-dza.example"]


async def test_nothing_is_heard_within_two_days_so_it_was_sent(carrier: Email) -> None:
    found = await carrier.poll({"a-1": "f" * 32, "a-2": "e" * 32})
    assert {
        key: (ref.status, ref.reference) for key, ref in found.items() if not isinstance(ref, Failure)
    } == {
        "a-1": (LetterStatus.SENT, "f" * 32),
        "a-2": (LetterStatus.SENT, "e" * 32),
    }


async def test_what_a_mail_server_has_cannot_be_asked_for_nor_called_back(carrier: Email) -> None:
    with pytest.raises(Failure) as caught:
        await carrier.lookup("case-0001")
    assert caught.value.uncertain
    assert not await carrier.cancel("case-0001", "f" * 32)


# Addresses


@pytest.mark.parametrize(
    "to",
    [
        "office@example.org",
        "o.ffice+fiscal@mp.example.org",
        "o'brien@example.org",
        "office@a-b.example",
        "oficina@fiscalía.example",
        "office@xn--fiscala-dza.example",
        f"{'l' * 64}@example.org",
    ],
)
def test_addresses_of_offices(carrier: Email, to: str) -> None:
    assert carrier.refuses(to) is None


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("", "write the office's address"),
        ("office", "exactly one @"),
        ("a@b@example.org", "exactly one @"),
        ("Office <office@example.org>", "one address only"),
        ("office@example.org,x@example.org", "one address only"),
        ("office@example.org x@example.org", "one address only"),
        ("office@example.org\r\nBcc: x@example.org", "one address only"),
        ("office@example.org\u2028x", "one address only"),
        ('"of fice"@example.org', "one address only"),
        ("office(hello)@example.org", "one address only"),
        ("office@[127.0.0.1]", "one address only"),
        ("buzón@example.org", "before the @"),
        (".office@example.org", "before the @"),
        ("of..fice@example.org", "before the @"),
        ("of\x00fice@example.org", "before the @"),
        ("=?utf-8?q?x?=@example.org", "before the @"),
        (f"{'l' * 65}@example.org", "before the @"),
        ("office@", "after the @"),
        ("office@example", "after the @"),
        ("office@127.0.0.1", "after the @"),
        ("office@-a.example.org", "after the @"),
        ("office@exa_mple.org", "after the @"),
        ("office@example..org", "after the @"),
        ("office@fiscalía..example", "after the @"),
        (f"office@{'í' * 70}.example", "after the @"),
        ("office@straße.example", "xn--"),
        (f"office@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example", "longer than 254"),
    ],
)
async def test_what_is_no_address_is_told_and_never_used(
    server: MailServer, carrier: Email, to: str, why: str
) -> None:
    assert why in (carrier.refuses(to) or "")
    with pytest.raises(Failure) as caught:
        await carrier.submit(parcel(to=to))
    assert caught.value.permanent
    assert server.sessions == 0
