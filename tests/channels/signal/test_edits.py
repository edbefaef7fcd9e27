"""A message of ours on Signal can be changed for a day, by the version that its readers have."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels.signal import client as signal_client
from assistant.channels.signal import edits as module
from assistant.channels.signal.channel import Signal
from assistant.channels.signal.edits import LOST, NO_REFERENCE, TOO_OLD, Edits
from assistant.domain.errors import Failure, Throttled
from assistant.domain.messages import Address, Button, Paper, Reply
from tests.support.fakes.signal.people import Group, Person
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.signal.styles import Style

DAY = 24 * 3600 * 1000  # milliseconds
MINUTE = 60 * 1000


@pytest.fixture(params=["0.100", "0.101"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[FakeSignal]:
    """The fake API, in each version."""
    async with FakeSignal(request.param) as fake:
        yield fake


def at(channel: Signal, who: Person | Group) -> Address:
    """Where she is."""
    return Address(channel.account, who.uuid if isinstance(who, Person) else who.address)


def saying(text: str) -> Reply:
    """A message."""
    return Reply(Markup("{}").format(text))


async def sent(channel: Signal, who: Person | Group, text: str = "3 letters") -> str:
    """The reference of a message."""
    return await channel.send(at(channel, who), saying(text)) or ""


async def edited(channel: Signal, who: Person | Group, reference: str, text: str) -> str:
    """Its reference after it was changed."""
    return await channel.edit(at(channel, who), reference, saying(text)) or ""


async def refusal(channel: Signal, who: Person, reference: str, reply: Reply | None = None) -> str:
    """Why a message cannot be changed any more."""
    with pytest.raises(Failure) as caught:
        await channel.edit(at(channel, who), reference, reply or saying("another"))
    assert (caught.value.permanent, caught.value.uncertain) == (True, False)
    return caught.value.reason


def named(server: FakeSignal) -> list[int | None]:
    """What every message so far was sent instead of."""
    return [body.get("edit_timestamp") for kind, body in server.calls if kind == "send"]


async def test_a_changed_message_arrives_styled_with_its_options(channel: Signal, anna: Person) -> None:
    reference = await sent(channel, anna)
    text = Markup("<b>Ready</b>, {}?").format("*Rosa*")
    now = await channel.edit(at(channel, anna), reference, Reply(text, (Button("go", "Yes"),), mark="r.01"))
    [message] = anna.inbox
    assert message.text == "Ready, *Rosa*?\n\n1. Yes"
    assert message.styles == [Style(0, 5, "BOLD")]
    assert (str(message.timestamp), message.edits) == (now, 1)
    assert now != reference


async def test_every_edit_names_the_newest_version_whatever_it_is_told(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    assert channel.pace.edits == 10
    first = await sent(channel, anna)
    second = await edited(channel, anna, first, "4 letters")
    third = await edited(channel, anna, first, "5 letters")
    fourth = await edited(channel, anna, second, "6 letters")
    await edited(channel, anna, fourth, "7 letters")
    assert named(server) == [None, int(first), int(second), int(third), int(fourth)]
    assert [(message.text, message.edits) for message in anna.inbox] == [("7 letters", 4)]
    assert anna.ignored == []


async def test_after_a_new_start_only_the_newest_version_will_do(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    first = await sent(channel, anna)
    second = await edited(channel, anna, first, "4 letters")
    anew = Signal(server.url, server.number, 0)
    await anew.open()
    await edited(anew, anna, second, "5 letters")
    await anew.close()
    assert [message.text for message in anna.inbox] == ["5 letters"]


async def test_chats_do_not_mix(channel: Signal, server: FakeSignal, anna: Person) -> None:
    group, bea = server.group(), server.person("Bea")
    chats: tuple[Person | Group, ...] = (anna, group, bea)
    references = [await sent(channel, chat) for chat in chats]
    for reference, chat in zip(references, chats, strict=True):
        await edited(channel, chat, reference, f"at {reference}")
        await edited(channel, chat, reference, f"now at {reference}")
    assert [[message.text for message in chat.inbox] for chat in chats] == [
        [f"now at {reference}"] for reference in references
    ]


async def test_the_fake_shows_no_edit_of_anything_but_the_newest_version_of_what_we_wrote_there(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    """As on iOS: assistant/channels/signal/edits.py."""
    old = await sent(channel, anna)
    await edited(channel, anna, old, "4 letters")
    elsewhere, hers = await sent(channel, server.person("Bea")), await anna.write("4 letters")
    anew = Signal(server.url, server.number, 0)
    await anew.open()
    for reference in (old, elsewhere, str(hers)):
        assert await edited(anew, anna, reference, f"instead of {reference}")
    await anew.close()
    assert [message.text for message in anna.inbox] == ["4 letters"]
    assert [message.text for message in anna.ignored] == [
        f"instead of {each}" for each in (old, elsewhere, hers)
    ]


async def test_after_a_day_it_is_too_late(channel: Signal, server: FakeSignal, anna: Person) -> None:
    now = int(await sent(channel, anna))
    assert await refusal(channel, anna, str(now - DAY - MINUTE)) == TOO_OLD
    assert named(server) == [None]
    assert await edited(channel, anna, str(now - DAY + MINUTE), "in time")


@pytest.mark.parametrize("reference", ["", "12a", "-5", "²"])
async def test_what_is_no_reference_is_asked_of_nobody(
    channel: Signal, server: FakeSignal, anna: Person, reference: str
) -> None:
    assert await refusal(channel, anna, reference) == NO_REFERENCE
    assert named(server) == []


async def test_a_message_with_a_letter_stays(channel: Signal, server: FakeSignal, anna: Person) -> None:
    reference = await sent(channel, anna)
    letter = Reply(Markup("Shall we send it?"), attachment=Paper("norma-cruz", "es", "Señor", "office"))
    assert "file" in await refusal(channel, anna, reference, letter)
    assert named(server) == [None]


@pytest.mark.parametrize(
    "fault",
    [
        {"reset": True},
        {"reset": True, "after": True},
        {"hang": 5, "after": True},
        {"status": 429, "body": {}},
    ],
    ids=str,
)
async def test_where_nobody_knows_the_newest_version_there_are_no_more_edits(
    server: FakeSignal,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],  # Any: arguments of `fail_next`
) -> None:
    monkeypatch.setattr(signal_client, "ANSWER", 1.0 if "hang" in fault else 60)
    channel = Signal(server.url, server.number, 0)
    await channel.open()
    reference, other = await sent(channel, anna), await sent(channel, anna)
    server.fail_next("send", **fault)
    with pytest.raises(Failure) as caught:
        await edited(channel, anna, reference, "4 letters")
    assert caught.value.uncertain
    assert await refusal(channel, anna, reference) == LOST
    assert await edited(channel, anna, other, "5 letters")
    await channel.close()
    assert anna.ignored == []


@pytest.mark.parametrize("body", [[], [{}], [{"timestamp": None}], [{"timestamp": "soon"}]], ids=str)
async def test_a_change_taken_without_a_reference_is_the_last_one(
    channel: Signal, server: FakeSignal, anna: Person, body: object
) -> None:
    reference = await sent(channel, anna)
    server.fail_next("send", status=201, body=body, after=True)
    await channel.edit(at(channel, anna), reference, saying("4 letters"))
    assert await refusal(channel, anna, reference) == LOST
    assert [message.text for message in anna.inbox] == ["4 letters"]


async def test_a_change_that_was_surely_not_made_can_be_made_again(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    reference = await sent(channel, anna)
    server.fail_next("send", status=500)
    server.fail_next("send", status=429, body={"challenge_tokens": ["invented"]})
    for kind in (Failure, Throttled):
        with pytest.raises(kind) as caught:
            await edited(channel, anna, reference, "4 letters")
        assert (caught.value.permanent, caught.value.uncertain) == (False, False)
    await edited(channel, anna, reference, "5 letters")
    assert [message.text for message in anna.inbox] == ["5 letters"]


def test_a_server_that_gives_no_new_timestamp_leads_nobody_round_in_circles() -> None:
    versions, now = Edits(), time.time_ns() // 1_000_000
    versions.replaced("anna", now, str(now))
    versions.replaced("anna", now, str(now + 1))
    versions.replaced("anna", now + 1, str(now))
    assert versions.newest("anna", str(now)) == now + 1


def test_what_can_no_longer_be_changed_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = Edits()
    monkeypatch.setattr(module, "_oldest", lambda: 100)
    for number in range(101, 200, 2):
        versions.replaced("anna", number, str(number + 1))
    assert versions.newest("anna", "101") == 102
    monkeypatch.setattr(module, "_oldest", lambda: 150)
    versions.replaced("anna", 200, "201")
    assert min(version for _, version in versions._next) == 151
    assert (versions.newest("anna", "151"), versions.newest("anna", "200")) == (152, 201)
