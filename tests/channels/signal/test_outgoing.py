"""What we send arrives as it should, and every refusal becomes a Failure that says what to do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels.signal import client as signal_client
from assistant.channels.signal.channel import Signal
from assistant.domain.errors import ChatThrottled, Failure, Misconfigured, Throttled, Unreachable
from assistant.domain.messages import Address, Button, File, Paper, Reply
from tests.support.fakes.signal.people import Network, Person
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.signal.styles import Style

WEEK = 604_800
HELLO = Reply(Markup("hello"))
FIRST = Reply(Markup("hello"), first=True)


@pytest.fixture(params=["0.100", "0.101"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[FakeSignal]:
    """The fake API, in each version."""
    async with FakeSignal(request.param) as fake:
        yield fake


@pytest.fixture
async def channel(server: FakeSignal) -> AsyncIterator[Signal]:
    """Our channel, open."""
    opened = Signal(server.url, server.number, WEEK)
    await opened.open()
    yield opened
    await opened.close()


def at(channel: Signal, who: Person | str) -> Address:
    """Where she is."""
    return Address(channel.account, who if isinstance(who, str) else who.uuid)


async def failing(channel: Signal, who: Person | str, reply: Reply = HELLO) -> Failure:
    """How sending fails, without a word about whom or what."""
    with pytest.raises(Failure) as caught:
        await channel.send(at(channel, who), reply)
    person = who if isinstance(who, str) else who.uuid
    assert not any(word in caught.value.reason for word in (person, "5550100", "hello", "invented"))
    return caught.value


def refusing(error: str) -> dict[str, Any]:  # Any: JSON
    """A request that was refused, in these words."""
    return {"status": 400, "body": {"error": error}}


def unsent(reason: str) -> dict[str, Any]:  # Any: JSON
    """A message that 0.101 took, and that reached nobody."""
    errors = {"recipients": [{"number": Network.number, "uuid": None, "reason": reason}]}
    return {"status": 201, "body": [{"timestamp": "1718816184062", "errors": errors}]}


async def test_a_message_arrives_styled_with_numbered_options(channel: Signal, anna: Person) -> None:
    text = Markup("<b>Ready</b>, {}?").format("*Rosa*")
    reply = Reply(
        text,
        (Button("go", "Yes"), Button("no", "Not now")),
        asks="ready",
        conversation="letter",
        mark="ready.0123",
    )
    reference = await channel.send(at(channel, anna), reply)
    [message] = await anna.receives()
    assert message.text == "Ready, *Rosa*?\n\n1. Yes\n2. Not now"
    assert message.styles == [Style(0, 5, "BOLD")]
    assert reference == str(message.timestamp)


async def test_a_letter_is_shown_as_a_file_with_its_caption(channel: Signal, anna: Person) -> None:
    reply = Reply(Markup("Shall we send it?"), attachment=Paper("norma-cruz", "es", "Señor", "office"))
    await channel.send(at(channel, anna), reply, File("letter.pdf", "application/pdf", b"%PDF invented"))
    [message] = await anna.receives()
    assert message.text == "Shall we send it?"
    assert message.attachments == [("application/pdf", "letter.pdf", b"%PDF invented")]


async def test_a_new_chat_gets_its_timer_before_its_first_message_and_never_again(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    server.fail_next("contacts", status=500)
    assert not (await failing(channel, anna, FIRST)).permanent
    server.fail_next("send", status=500)
    await failing(channel, anna, FIRST)
    for reply in (FIRST, HELLO):
        await channel.send(at(channel, anna), reply)
    assert anna.expiries == [WEEK]
    assert [message.expiry for message in anna.inbox] == [WEEK, WEEK]


async def test_a_chat_whose_timer_cannot_be_set_is_answered_all_the_same(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    server.fail_next("contacts", status=400, body="not understood")
    await channel.send(at(channel, anna), FIRST)
    assert [message.expiry for message in anna.inbox] == [0]


async def test_a_limit_met_by_the_timer_says_that_the_message_has_not_left(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    server.fail_next("contacts", status=429, body={})
    with pytest.raises(ChatThrottled) as caught:
        await channel.send(at(channel, anna), FIRST)
    assert not caught.value.uncertain
    await channel.send(at(channel, anna), FIRST)
    assert [message.expiry for message in anna.inbox] == [WEEK]


async def test_without_an_expiry_and_in_groups_timers_are_left_alone(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    group = server.group()
    await channel.send(at(channel, group.address), FIRST)
    lasting = Signal(server.url, server.number, 0)
    await lasting.open()
    await lasting.send(at(lasting, anna), FIRST)
    await lasting.close()
    assert [message.text for message in (*group.inbox, *anna.inbox)] == ["hello", "hello"]
    assert anna.expiries == []


async def test_a_limit_pauses_everything_and_names_what_lifts_it(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    server.tokens = ["invented-token-1", "invented-token-2"]
    failure = await failing(channel, anna)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.replies, failure.uncertain) == (3600, True, False)
    assert failure.note == "invented-token-1 invented-token-2"
    assert "assistant signal unblock" in failure.reason


@pytest.mark.parametrize(
    "body", [{"challenge_tokens": [""]}, {"challenge_tokens": None}, {}, "no JSON", "[]"]
)
async def test_a_limit_without_a_token_may_be_a_message_that_arrived(
    channel: Signal, server: FakeSignal, anna: Person, body: dict[str, Any] | str
) -> None:
    server.fail_next("send", status=429, body=body, after=True)
    failure = await failing(channel, anna)
    assert isinstance(failure, ChatThrottled)
    assert (failure.uncertain, failure.account_pause) == (True, 3600)


@pytest.mark.parametrize("reason", ["RATE_LIMIT_FAILURE", "NETWORK_FAILURE"])
async def test_a_token_that_stands_beside_one_recipient_is_wanted_from_our_account(
    channel: Signal, server: FakeSignal, anna: Person, reason: str
) -> None:
    fault = unsent(reason)
    fault["body"][0]["errors"]["recipients"][0]["token"] = "invented-token"
    server.fail_next("send", **fault)
    failure = await failing(channel, anna)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.replies, failure.note) == (3600, True, "invented-token")


async def test_people_who_left_signal_and_people_whose_key_changed(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    anna.registered = False
    gone = await failing(channel, anna)
    assert isinstance(gone, Unreachable) == (server.version == "0.101")  # 0.100 does not tell
    assert gone.permanent == (server.version == "0.101")
    anna.registered, anna.trusted = True, False
    untrusted = await failing(channel, anna)
    assert not untrusted.permanent and "assistant signal trust" in untrusted.reason
    assert anna.inbox == []


@pytest.mark.parametrize(
    ("fault", "kind", "permanent", "uncertain", "retry_after"),
    [
        ({"status": 500}, Failure, False, False, None),
        ({"status": 502, "body": "<html>"}, Failure, False, False, None),
        ({"status": 404, "body": "no"}, Failure, False, False, None),
        (refusing("Failed to send message"), Failure, False, False, None),
        (refusing("Something of next year"), Failure, False, False, None),
        (refusing("Couldn't process request - x"), Failure, True, False, None),
        ({"status": 400, "body": "cannot parse"}, Failure, True, False, None),
        (refusing("Specified account does not exist"), Misconfigured, False, False, None),
        (unsent("NETWORK_FAILURE"), Failure, False, False, None),
        (unsent("INVALID_PRE_KEY_FAILURE"), Failure, False, False, None),
        (unsent("NEXT_YEARS_FAILURE"), Failure, False, False, None),
        (unsent("RATE_LIMIT_FAILURE"), ChatThrottled, False, False, None),
        (refusing("Failed to send message due to rate limiting"), ChatThrottled, False, True, None),
        (
            refusing("Failed to send message: [429] Rate limit exceeded: 429 (RateLimitException)"),
            ChatThrottled,
            False,
            True,
            None,
        ),
        (
            refusing("Failed to send message: [413] Rate limit exceeded: 413"),
            ChatThrottled,
            False,
            True,
            None,
        ),
        (unsent("UNREGISTERED_FAILURE"), Unreachable, True, False, None),
        ({"reset": True}, Failure, True, True, None),
        ({"reset": True, "after": True}, Failure, True, True, None),
        ({"hang": 5}, Failure, True, True, None),
        ({"hang": 5, "after": True}, Failure, True, True, None),
    ],
    ids=str,
)
async def test_every_refusal_says_what_to_do(
    server: FakeSignal,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],  # Any: arguments of `fail_next`
    kind: type[Failure],
    permanent: bool,
    uncertain: bool,
    retry_after: float | None,
) -> None:
    if "hang" in fault:
        monkeypatch.setattr(signal_client, "ANSWER", 1.0)
    channel = Signal(server.url, server.number, WEEK)
    await channel.open()
    server.fail_next("send", **fault)
    failure = await failing(channel, anna)
    await channel.close()
    assert type(failure) is kind
    assert (failure.permanent, failure.uncertain, failure.retry_after) == (permanent, uncertain, retry_after)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        None,
        "sent",
        [{}],
        [None],
        [{"timestamp": None, "errors": None}],
        {"errors": {"recipients": []}},
    ],
    ids=str,
)
async def test_a_message_taken_without_a_reference_is_a_message_taken(
    channel: Signal, server: FakeSignal, anna: Person, body: object
) -> None:  # fmt: skip
    server.fail_next("send", status=201, body=body)
    assert await channel.send(at(channel, anna), HELLO) is None


async def test_no_server_at_all_is_no_uncertainty(anna: Person) -> None:
    nobody = Signal("http://127.0.0.1:9", Network.number, WEEK)
    await nobody.open()
    failure = await failing(nobody, anna)
    await nobody.close()
    assert (failure.permanent, failure.uncertain) == (False, False)
    assert "ASSISTANT_SIGNAL_API_URL" in failure.reason


async def test_a_closed_channel_sends_nothing(channel: Signal, anna: Person) -> None:
    await channel.close()
    assert not (await failing(channel, anna)).uncertain
    await channel.open()
    await channel.send(at(channel, anna), Reply(Markup("here again")))
    assert [message.text for message in await anna.receives()] == ["here again"]


async def test_the_number_is_in_no_address_of_ours_and_has_to_be_one(channel: Signal) -> None:
    assert channel.account.channel == "signal" and "5550100" not in str(channel.account)
    assert channel.account != Signal("http://127.0.0.1:9", "+15550101", WEEK).account
    for wrong in ("", "15550100", "+1 555 0100", "+1555010x"):
        with pytest.raises(Misconfigured, match="ASSISTANT_SIGNAL_NUMBER"):
            Signal("http://127.0.0.1:9", wrong, WEEK)
