"""A mail server on its bad days: what may have been sent is in doubt, all else is tried again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.carriers.email.carrier import Email
from assistant.domain.errors import Busy, Down, Misconfigured
from tests.support.carriers.email_failures import LOGIN, WORDS, connected_carrier, failing, parcel
from tests.support.fakes.mail_server import MailServer


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server without TLS, on loopback."""
    async with MailServer(login=LOGIN) as fake:
        yield fake


@pytest.fixture
async def carrier(server: MailServer) -> AsyncIterator[Email]:
    """Our carrier, to it; it has time."""
    async with connected_carrier(server) as made:
        yield made


async def test_what_the_server_puts_off_is_tried_again(server: MailServer, carrier: Email) -> None:
    for stage, told in (("MAIL", "MAIL"), ("RCPT", "RCPT"), ("DATA", "DATA"), ("end", "DATA")):
        server.fail_next(stage, f"451 4.7.1 {WORDS}")
        failure = await failing(carrier)
        assert (failure.permanent, failure.uncertain, isinstance(failure, Busy)) == (False, False, False)
        assert f"451 4.7.1 at {told}" in failure.reason
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 1)


@pytest.mark.parametrize(("stage", "told"), [("RCPT", "RCPT"), ("DATA", "DATA"), ("end", "DATA")])
async def test_what_the_server_refuses_is_not_tried_again(
    server: MailServer, carrier: Email, stage: str, told: str
) -> None:
    server.fail_next(stage, f"550 5.1.1 {WORDS}")
    failure = await failing(carrier)
    assert (failure.permanent, failure.uncertain) == (True, False)
    assert not isinstance(failure, Misconfigured)
    assert f"550 5.1.1 at {told}" in failure.reason
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 1)


async def test_codes_are_told_only_where_they_are_codes(server: MailServer, carrier: Email) -> None:
    server.fail_next("RCPT", "550 5.1.1.77 is not allowed")
    assert "(550 at RCPT)" in (await failing(carrier)).reason
    server.fail_next("RCPT", "550-5.7.1 one line\r\n550 5.7.1 and another")
    assert "(550 5.7.1 at RCPT)" in (await failing(carrier)).reason


async def test_a_sender_that_is_refused_is_the_operators_to_change(
    server: MailServer, carrier: Email
) -> None:
    server.fail_next("MAIL", f"553 5.7.1 {WORDS}")
    failure = await failing(carrier)
    assert isinstance(failure, Misconfigured)
    assert "ASSISTANT_MAIL_FROM" in failure.reason


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "end"])
async def test_a_login_that_is_wanted_later_is_the_operators_to_change(
    server: MailServer, carrier: Email, stage: str
) -> None:
    server.fail_next(stage, f"530 5.7.0 {WORDS}")
    failure = await failing(carrier)
    assert isinstance(failure, Misconfigured)
    assert "ASSISTANT_SMTP_URL" in failure.reason


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "end"])
async def test_a_server_that_closes_is_down(server: MailServer, carrier: Email, stage: str) -> None:
    server.fail_next(stage, f"421 4.3.2 {WORDS}", close=True)
    failure = await failing(carrier)
    assert isinstance(failure, Down)
    assert not failure.uncertain
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 2)


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("MAIL", "552 5.3.4 x"),
        ("MAIL", "552 x"),
        ("DATA", "554 5.3.4 x"),
        ("end", "552 x"),
        ("RCPT", "552 5.2.3 x"),
    ],
)
async def test_a_letter_that_is_too_large_is_not_tried_again(
    server: MailServer, carrier: Email, stage: str, answer: str
) -> None:
    server.fail_next(stage, answer)
    failure = await failing(carrier)
    assert failure.permanent
    assert not isinstance(failure, Misconfigured)
    assert "too large" in failure.reason


async def test_a_full_mailbox_is_not_a_large_letter(server: MailServer, carrier: Email) -> None:
    server.fail_next("RCPT", "552 5.2.2 full")
    assert "too large" not in (await failing(carrier)).reason


async def test_the_size_of_a_letter_is_told_before_it_is_sent() -> None:
    async with MailServer(login=LOGIN, size=20_000) as server, connected_carrier(server) as carrier:
        failure = await failing(carrier, parcel(pdf=bytes(20_000)))
        assert "too large" in failure.reason
        assert failure.permanent
        assert server.said["DATA"] == 0


@pytest.mark.parametrize("answer", ["421 4.3.2 later", "554 5.3.2 never"])
@pytest.mark.parametrize("stage", ["start", "EHLO"])
async def test_a_server_that_lets_nobody_in_is_down(
    server: MailServer, carrier: Email, stage: str, answer: str
) -> None:
    server.fail_next(stage, answer, close=True)
    failure = await failing(carrier)
    assert isinstance(failure, Down)
    assert answer[:3] in failure.reason
    await carrier.submit(parcel())


async def test_a_login_that_is_refused_is_the_operators_to_change(server: MailServer, carrier: Email) -> None:
    for mechanism in range(2):
        server.fail_next("AUTH", f"535 5.7.8 {mechanism} {WORDS}")
    failure = await failing(carrier)
    assert isinstance(failure, Misconfigured)
    assert "ASSISTANT_SMTP_URL" in failure.reason
    await carrier.submit(parcel())


async def test_a_login_that_cannot_be_checked_now_is_tried_again(server: MailServer, carrier: Email) -> None:
    for mechanism in range(2):
        server.fail_next("AUTH", f"454 4.7.0 {mechanism} {WORDS}")
    assert isinstance(await failing(carrier), Down)


@pytest.mark.parametrize("answer", ["hello?", "100 what", "250 OK", "999 no", "2500 OK"])
async def test_what_is_no_answer_to_a_whole_letter_leaves_it_in_doubt(
    server: MailServer, carrier: Email, answer: str
) -> None:
    server.fail_next("end", answer)
    if answer.startswith("250"):
        await carrier.submit(parcel())
        return
    assert (await failing(carrier)).uncertain
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 2)


@pytest.mark.parametrize("answer", ["hello?", "100 what", "354 go on", "999 no"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
async def test_what_is_no_answer_before_that_is_down(
    server: MailServer, carrier: Email, stage: str, answer: str
) -> None:
    server.fail_next(stage, answer)
    assert isinstance(await failing(carrier), Down)
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 2)


async def test_a_letter_that_is_not_asked_for_is_not_sent(server: MailServer, carrier: Email) -> None:
    server.fail_next("DATA", "250 OK")
    assert isinstance(await failing(carrier), Down)
    assert server.taken == []


async def test_a_server_that_forgets_nothing_is_left(server: MailServer, carrier: Email) -> None:
    server.fail_next("RCPT", "550 5.1.1 no")
    server.fail_next("RSET", close=True)
    assert (await failing(carrier)).permanent
    server.fail_next("RCPT", "550 5.1.1 no")
    server.fail_next("RSET", "500 what")
    assert (await failing(carrier)).permanent
    await carrier.submit(parcel())
    assert (len(server.taken), server.sessions) == (1, 3)


@pytest.mark.parametrize("stage", ["start", "AUTH", "MAIL", "RCPT", "DATA", "end", "RSET"])
async def test_a_letter_that_is_called_off_midway_confuses_no_other(
    server: MailServer, carrier: Email, stage: str
) -> None:
    if stage == "RSET":
        server.fail_next("RCPT", "550 5.1.1 no")
    server.fail_next(stage, hang=True)
    sending = asyncio.create_task(carrier.submit(parcel("a-1")))
    await server.until(lambda: stage in server.said or (stage == "end" and len(server.taken) == 1))
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    ref = await carrier.submit(parcel("a-2"))
    assert server.taken[-1].sender == f"bounce-{ref.reference}@campaign.example"
    assert server.sessions == 2


async def test_letters_of_many_offices_go_one_by_one(server: MailServer, carrier: Email) -> None:
    sent = await asyncio.gather(*(carrier.submit(parcel(f"a-{number}")) for number in range(20)))
    assert len({ref.reference for ref in sent}) == 20
    assert {letter.sender for letter in server.taken} == {
        f"bounce-{ref.reference}@campaign.example" for ref in sent
    }
    assert server.sessions == 1
