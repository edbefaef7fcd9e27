"""A message of ours on Telegram is changed as it was sent, and a refusal says why not."""

from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels.telegram import client as telegram_request
from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure, Misconfigured, Throttled, Unreachable
from assistant.domain.messages import Button, File, Reply
from tests.support.channels.telegram_calls import address_of, calls_of
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

GO = Button("go", "Go & <see>", word="/go 12")
NEW = Reply(Markup("<b>{}</b> https://example.org").format("5 < 7 letters"), (GO,), mark="poll.01", bulk=True)
SHORT = 0.5  # seconds; a busy machine needs some to connect


async def failing(bot: Telegram, person: Person, reference: str) -> Failure:
    """How changing a message fails, without a word of what it was to say."""
    with pytest.raises(Failure) as caught:
        await bot.edit(address_of(person), reference, NEW)
    assert caught.value.reason.startswith("Telegram")
    assert "letters" not in caught.value.reason
    return caught.value


async def sent(bot: Telegram, person: Person, file: File | None = None) -> str:
    """The reference of a message."""
    return await bot.send(address_of(person), Reply(Markup("3 letters")), file) or ""


async def test_it_is_asked_for_as_a_message_is_but_nobody_can_pay_for_it(
    server: FakeTelegram, anna: Person
) -> None:
    bot = Telegram(server.token, server.url, paid_rate=1000)
    await bot.open()
    reference = await sent(bot, anna)
    await bot.send(address_of(anna), NEW)
    await bot.edit(address_of(anna), reference, NEW)
    await bot.close()
    [_, asked], [edited] = calls_of(server, "sendMessage"), calls_of(server, "editMessageText")
    assert asked.pop("allow_paid_broadcast") is True
    assert edited.pop("message_id") == int(reference)
    assert edited == asked
    changed, other = anna.inbox
    assert (changed.html, changed.text, changed.buttons) == (other.html, other.text, other.buttons)
    assert changed.buttons == [("Go & <see>", "poll.01:go")]


async def test_it_can_be_changed_as_often_as_one_likes(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    assert bot.pace.edits is None
    reference = await sent(bot, anna)
    for number in range(30):
        reply = Reply(Markup("{} letters").format(number // 2))  # every other one changes nothing
        await bot.edit(address_of(anna), reference, reply)
    assert [message.text for message in anna.inbox] == ["14 letters"]
    assert len(calls_of(server, "editMessageText")) == 30


async def test_what_cannot_be_changed_never_can(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    bea = server.person("Bea")
    hers, document = await anna.write("3 letters"), File("letter.pdf", "application/pdf", b"%PDF invented")
    for reference in (str(hers), await sent(bot, bea), await sent(bot, anna, document), "4711"):
        failure = await failing(bot, anna, reference)
        assert type(failure) is Failure
        assert (failure.permanent, failure.uncertain) == (True, False)
    assert [message.text for message in (*anna.inbox, *bea.inbox)] == ["3 letters", "3 letters"]


Fault = dict[str, Any]  # Any: arguments of `fail_next`
TRY_AGAIN, NEVER, PERHAPS = (False, False), (True, False), (False, True)
FAULTS: list[tuple[Fault, type[Failure], tuple[bool, bool]]] = [
    ({"status": 400, "description": "Bad Request: message can't be edited"}, Failure, NEVER),
    ({"status": 400, "description": "Bad Request: 5 < 7 letters is not modified"}, Failure, NEVER),
    ({"status": 400, "description": "Bad Request: chat not found"}, Unreachable, NEVER),
    ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Unreachable, NEVER),
    ({"retry_after": 7}, Throttled, TRY_AGAIN),
    ({"status": 409, "description": "Conflict: other"}, Failure, TRY_AGAIN),
    ({"status": 502}, Failure, TRY_AGAIN),
    ({"reset": True}, Failure, PERHAPS),
    ({"hang": float("inf"), "after": True}, Failure, PERHAPS),
]


@pytest.mark.parametrize(("fault", "kind", "outcome"), FAULTS, ids=str)
async def test_every_refusal_means_what_it_means_of_a_message(
    bot: Telegram,
    server: FakeTelegram,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    kind: type[Failure],
    outcome: tuple[bool, bool],
) -> None:
    reference = await sent(bot, anna)
    monkeypatch.setattr(telegram_request, "READ", SHORT if "hang" in fault else 20)
    server.fail_next("editMessageText", **fault)
    with pytest.raises(Failure) as caught:
        await bot.edit(address_of(anna), reference, NEW)
    failure = caught.value
    assert type(failure) is kind
    assert (failure.permanent, failure.uncertain, failure.retry_after) == (*outcome, fault.get("retry_after"))


async def test_an_unknown_token_is_told(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    reference = await sent(bot, anna)
    await server.revoke()
    failure = await failing(bot, anna, reference)
    assert isinstance(failure, Misconfigured)
    assert bot.trouble == failure.reason
