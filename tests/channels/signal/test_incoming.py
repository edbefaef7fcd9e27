"""What people do in Signal becomes incoming messages, each as what it is; the rest is passed over."""

from typing import Any

import pytest
from markupsafe import Markup
from structlog.testing import capture_logs

from assistant.channels.signal.channel import Signal
from assistant.domain.messages import (
    Address,
    Approval,
    Edited,
    GroupChat,
    Incoming,
    Reply,
    TextMessage,
    Unreadable,
)
from tests.support.channels.signal_inbox import SignalInbox, listening
from tests.support.fakes.signal.people import Person, Received
from tests.support.fakes.signal.server import FakeSignal

THUMBS = "\N{THUMBS UP SIGN}"


def at(channel: Signal, person: str) -> Address:
    """An address over this channel."""
    return Address(channel.account, person)


async def sent(channel: Signal, person: Person, text: str = "Shall we send it?") -> Received:
    """A message of ours."""
    await channel.send(at(channel, person.uuid), Reply(Markup("{}").format(text)))
    return (await person.receives())[0]


async def test_a_text_comes_with_its_address_and_its_timestamp(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        timestamp = str(await anna.write("  Hola\n*Rosa* "))
        await turns.gets(1)
    content = TextMessage("  Hola\n*Rosa* ", ref=timestamp)
    assert turns.taken == [Incoming(at(channel, anna.uuid), timestamp, content)]
    assert turns.taken[0].address.account == channel.account


async def test_people_are_the_same_with_and_without_their_number(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna", "+15550111")
    async with listening(channel, server, turns):
        await anna.write("shown")
        anna.number = None
        await anna.write("hidden")
        await turns.gets(2)
    assert [each.address.person for each in turns.taken] == [anna.uuid] * 2


async def test_an_edit_names_the_message_it_changes(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        first = await anna.write("Ana")
        second = await anna.edit(first, "Anna")
        third = await anna.edit(second, "Anna Example")
        await turns.gets(3)
    assert turns.contents[1:] == [
        Edited(str(first), "Anna", new_ref=str(second)),
        Edited(str(second), "Anna Example", new_ref=str(third)),
    ]
    assert [each.id for each in turns.taken] == [str(first), str(second), str(third)]


async def test_a_quote_of_ours_names_it_and_a_quote_of_their_own_does_not(
    channel: Signal, server: FakeSignal
) -> None:
    turns, anna = SignalInbox(), server.person("Anna", "+15550111")
    async with listening(channel, server, turns):
        ours = await sent(channel, anna)
        await anna.write("1", quoting=ours)
        hidden = {"id": 5, "authorNumber": None, "author": server.uuid, "authorUuid": server.uuid}
        await anna.send({"message": "2", "quote": hidden})
        own = {"id": 6, "authorNumber": anna.number, "author": anna.number, "authorUuid": anna.uuid}
        await anna.send({"message": "3", "quote": own})
        friend = {"id": 7, "authorNumber": "+15550112", "author": "+15550112"}
        await anna.send({"message": "4", "quote": friend})
        await anna.send({"message": "5", "quote": {"id": None, "author": None}})
        await turns.gets(5)
    assert [each.quotes for each in turns.taken] == [str(ours.timestamp), "5", None, None, None]


async def test_a_thumbs_up_on_a_message_of_ours_is_an_approval(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        ours = await sent(channel, anna)
        theirs = await anna.write("hello")
        await anna.react(ours, "\N{HEAVY BLACK HEART}")
        await anna.react(ours, THUMBS, remove=True)
        await anna.react(theirs)
        await anna.react(ours)
        await anna.react(ours, f"{THUMBS}\N{EMOJI MODIFIER FITZPATRICK TYPE-6}")
        await turns.gets(3)
    assert turns.contents[1:] == [Approval(), Approval()]
    assert [each.quotes for each in turns.taken] == [None, str(ours.timestamp), str(ours.timestamp)]


SENT_ON_PURPOSE: list[tuple[dict[str, Any], str]] = [
    ({"attachments": [{"contentType": "image/jpeg"}]}, "photo"),
    ({"attachments": [{"contentType": "audio/aac", "voiceNote": True}]}, "voice"),
    ({"attachments": [{"contentType": "video/mp4"}]}, "video"),
    ({"attachments": [{"contentType": None}, "?"]}, "document"),
    ({"sticker": {"packId": "aa", "stickerId": 1}}, "sticker"),
    ({"contacts": [{"name": {"display": "Invented"}}]}, "contact"),
    ({"payment": {"note": "", "receipt": "aa"}}, "payment"),
    ({"pollCreate": {"question": "?", "options": ["a", "b"]}}, "poll"),
    ({"viewOnce": True, "attachments": [{"contentType": "image/jpeg"}]}, "view-once"),
    ({"giftBadge": {"level": 1}}, "giftBadge"),
    ({"aKindOfNextYear": ["strange"], "aFlagOfNextYear": True}, "aKindOfNextYear"),
]


@pytest.mark.parametrize(("data", "kind"), SENT_ON_PURPOSE, ids=str)
async def test_what_we_cannot_read_is_said_to_be_so(
    channel: Signal, server: FakeSignal, data: dict[str, Any], kind: str
) -> None:
    turns = SignalInbox()
    async with listening(channel, server, turns):
        await server.person("Anna").send(data)
        await turns.gets(1)
    assert turns.contents == [Unreadable(kind)]


async def test_a_text_is_read_whatever_stands_beside_it(channel: Signal, server: FakeSignal) -> None:
    turns = SignalInbox()
    async with listening(channel, server, turns):
        await server.person("Anna").send({"message": "Rosa", "aPartOfNextYear": {"strange": True}})
        await turns.gets(1)
    [content] = turns.contents
    assert isinstance(content, TextMessage) and content.text == "Rosa"


async def test_a_photo_with_words_is_a_photo(channel: Signal, server: FakeSignal) -> None:
    turns = SignalInbox()
    async with listening(channel, server, turns):
        await server.person("Anna").send_photo("My name is Anna")
        await turns.gets(1)
    assert turns.contents == [Unreadable("photo")]


async def test_the_rest_of_a_long_text_is_no_file(channel: Signal, server: FakeSignal) -> None:
    turns = SignalInbox()
    rest = {"contentType": "text/x-signal-plain", "filename": None, "id": "invented"}
    async with listening(channel, server, turns):
        await server.person("Anna").send({"message": "My name is Anna", "attachments": [rest]})
        await turns.gets(1)
    [content] = turns.contents
    assert isinstance(content, TextMessage) and content.text == "My name is Anna"


IGNORED_DATA: list[dict[str, Any]] = [
    {"isExpirationUpdate": True, "expiresInSeconds": 60},
    {"remoteDelete": {"timestamp": 1}},
    {"pollVote": {"author": "x", "optionIndexes": [0]}},
    {"pollTerminate": {"targetSentTimestamp": 1}},
    {"aFlagOfNextYear": True, "aCountOfNextYear": 5, "previews": [{"url": "x"}]},
    {"message": ""},
    {"message": None, "attachments": []},
    {"message": 5, "quote": "?", "groupInfo": None, "reaction": []},
    {"groupInfo": {"type": "DELIVER", "groupId": "aa"}, "remoteDelete": {"timestamp": 1}},
    {"groupInfo": {"type": "DELIVER"}, "message": "in a group of no name"},
]
IGNORED_BESIDE: list[dict[str, Any]] = [
    {"receiptMessage": {"when": 1, "isDelivery": True, "isRead": False, "timestamps": [1]}},
    {"typingMessage": {"action": "STARTED", "timestamp": 1}},
    {"syncMessage": {}},
    {"syncMessage": {"sentMessage": {"message": "from our phone", "timestamp": 1}}},
    {"callMessage": {"offerMessage": {"id": 1}}},
    {"storyMessage": {"allowsReplies": True}},
    {"dataMessage": None},
    {"dataMessage": {}},
    {"editMessage": {"targetSentTimestamp": None, "dataMessage": {"message": "x"}}},
    {"editMessage": {"targetSentTimestamp": 1, "dataMessage": None}},
    {"aKindOfNextYear": {"strange": True}},
    {"sourceUuid": None, "source": None, "dataMessage": {"message": "from nobody"}},
    {"timestamp": None, "dataMessage": {"message": "from no time"}},
    {"timestamp": "soon", "dataMessage": {"message": "from no time"}},
]


async def test_what_is_no_message_is_ignored_and_what_follows_is_heard(
    channel: Signal, server: FakeSignal
) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    with capture_logs() as logs:
        async with listening(channel, server, turns):
            for data in IGNORED_DATA:
                await anna.send(data)
            for beside in IGNORED_BESIDE:
                await anna.report(beside)
            for raw in (
                "no JSON",
                "[" * 5000,
                "null",
                "[]",
                "5",
                "{}",
                '{"envelope": []}',
                '{"envelope": {}}',
            ):
                await server.report_raw(raw)
            await server.report({"error": "invented private words"})
            await anna.report({"sourceNumber": server.number, "dataMessage": {"message": "my own words"}})
            last = await anna.write("heard")
            await turns.gets(1)
    assert turns.contents == [TextMessage("heard", ref=str(last))]
    assert not any(word in str(logs) for word in ("invented", "from n", "my own", anna.uuid, "5550100"))


async def test_an_exception_is_logged_by_its_kind_and_an_untrusted_key_with_what_to_do(
    channel: Signal, server: FakeSignal
) -> None:
    turns, anna = SignalInbox(), server.person("Anna", "+15550111")
    kinds = ["ProtocolUntrustedIdentityException", "InvalidMessageException", "+15550111 said hello", None]
    with capture_logs() as logs:
        async with listening(channel, server, turns):
            for kind in kinds:
                envelope = {"sourceUuid": anna.uuid, "sourceNumber": anna.number, "timestamp": 1}
                error = {"message": f"{anna.number} said hello", "type": kind}
                await server.report({"account": server.number, "envelope": envelope, "exception": error})
            await anna.write("heard")
            await turns.gets(1)
    noted = [entry for entry in logs if entry["event"] == "a signal message could not be read"]
    assert [entry["kind"] for entry in noted] == [*kinds[:2], "exception", "exception"]
    assert ["assistant signal trust" in entry.get("advice", "") for entry in noted] == [
        True,
        False,
        False,
        False,
    ]
    assert "5550111" not in str(logs) and "hello" not in str(logs)


async def test_a_group_is_answered_as_a_group(channel: Signal, server: FakeSignal) -> None:
    turns, anna, group = SignalInbox(), server.person("Anna"), server.group()
    async with listening(channel, server, turns):
        await anna.write("hello all", group=group)
        await anna.send({"groupInfo": {"groupId": group.id, "type": "UPDATE"}})
        await turns.gets(2)
        await channel.send(turns.taken[0].address, Reply(Markup("One at a time, please.")))
    assert [(each.content, each.quotes) for each in turns.taken] == [(GroupChat(), None)] * 2
    assert {each.address for each in turns.taken} == {at(channel, group.address)}
    assert [message.text for message in group.inbox] == ["One at a time, please."]
    assert anna.receipts == []
