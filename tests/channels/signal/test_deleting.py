"""What we wrote on Signal can be deleted for a day, one message at a time."""

from datetime import timedelta

import pytest
from markupsafe import Markup

from assistant.channels.signal.channel import Signal
from assistant.channels.signal.errors import UNTRUSTED
from assistant.domain.errors import ChatThrottled, Failure
from assistant.domain.messages import Address, Reply
from tests.support.fakes.signal.people import Person
from tests.support.fakes.signal.server import FakeSignal


async def sent(channel: Signal, person: Person) -> str:
    """The reference of a message."""
    address = Address(channel.account, person.uuid)
    return await channel.send(address, Reply(Markup("3 letters"))) or ""


async def test_a_message_is_deleted_by_its_time(channel: Signal, server: FakeSignal, anna: Person) -> None:
    assert (channel.deletion.within, channel.deletion.at_once) == (timedelta(days=1), 1)
    reference = await sent(channel, anna)
    await channel.delete(Address(channel.account, anna.uuid), [reference])
    assert anna.deleted == [int(reference)]
    assert server.calls[-1] == ("delete", {"recipient": anna.uuid, "timestamp": int(reference)})


async def test_who_has_a_new_phone_is_not_written_to_before_an_operator_has_looked(
    channel: Signal, anna: Person
) -> None:
    reference = await sent(channel, anna)
    anna.trusted = False
    with pytest.raises(Failure) as caught:
        await channel.delete(Address(channel.account, anna.uuid), [reference])
    assert (caught.value.reason, caught.value.permanent) == (UNTRUSTED, False)
    anna.trusted = True
    await channel.delete(Address(channel.account, anna.uuid), [reference])
    assert anna.deleted == [int(reference)]


async def test_a_limit_of_signals_is_waited_for(channel: Signal, server: FakeSignal, anna: Person) -> None:
    reference = await sent(channel, anna)
    server.fail_next("delete", status=429)
    with pytest.raises(ChatThrottled):
        await channel.delete(Address(channel.account, anna.uuid), [reference])


async def test_a_contact_is_emptied_as_far_as_there_is_a_call_for_it(
    channel: Signal, server: FakeSignal, anna: Person
) -> None:
    assert channel.keeps_contacts
    await channel.empty_contact(Address(channel.account, anna.uuid))
    assert server.calls[-1] == ("contacts", {"recipient": anna.uuid, "name": ""})
