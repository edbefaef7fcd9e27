"""What we send arrives as it should, and every refusal becomes a Failure that says what to do."""

from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels import telegram_request
from assistant.channels.telegram import Telegram
from assistant.domain.errors import Failure, Unreachable
from assistant.domain.messages import Address, Button, Reply
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_people import Person


@pytest.fixture
def anna(server: FakeTelegram) -> Person:
    """Somebody to write to."""
    return server.person("Anna")


def at(person: Person | int) -> Address:
    """Her address."""
    return Address("telegram", "123456", str(person if isinstance(person, int) else person.id))


async def failing(bot: Telegram, person: Person | int, reply: Reply | None = None) -> Failure:
    """How sending fails."""
    with pytest.raises(Failure) as caught:
        await bot.send(at(person), reply or Reply(Markup("hello")))
    assert "invented-token" not in caught.value.reason
    return caught.value


async def test_a_message_arrives_with_its_buttons_escaped_and_without_previews(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    text = Markup("<b>{}</b> https://example.org").format("<i>Rosa</i> & {{ co }}")
    buttons = (Button("go", "Yes & <go>"), Button("later", "ليس الآن"))
    await bot.send(at(anna), Reply(text, buttons, "ready", "letter", "ready.0123456789ab"))
    [message] = await anna.receives()
    assert message.text == "<i>Rosa</i> & {{ co }} https://example.org"
    assert message.html == "<b>&lt;i&gt;Rosa&lt;/i&gt; &amp; {{ co }}</b> https://example.org"
    assert message.buttons == [
        ("Yes & <go>", "ready.0123456789ab:go"),
        ("ليس الآن", "ready.0123456789ab:later"),
    ]
    [(method, sent)] = server.calls
    assert (method, sent["link_preview_options"]) == ("sendMessage", {"is_disabled": True})
    assert [len(row) for row in sent["reply_markup"]["inline_keyboard"]] == [1, 1]


async def test_a_button_that_telegram_would_not_take_is_our_mistake(bot: Telegram, anna: Person) -> None:
    reply = Reply(Markup("x"), (Button("v" * 60, "x"),), "ready", "letter", "ready.0123")
    failure = await failing(bot, anna, reply)
    assert failure.permanent and "ready" in failure.reason


async def test_people_who_cannot_be_written_to(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    assert isinstance(await failing(bot, 4711), Unreachable)
    for status, description in (
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the group chat"),
        (400, "Bad Request: chat not found"),
    ):
        server.fail_next("sendMessage", status=status, description=description)
        assert isinstance(await failing(bot, anna), Unreachable)
    await anna.block()
    assert (await failing(bot, anna)).permanent


@pytest.mark.parametrize(
    ("fault", "permanent", "uncertain", "retry_after"),
    [
        ({"retry_after": 2282}, False, False, 2282),
        ({"status": 400, "description": "Bad Request: message is too long"}, True, False, None),
        ({"status": 502}, False, False, None),
        ({"status": 500, "description": "Internal Server Error"}, False, False, None),
        ({"status": 401}, False, False, None),
        ({"status": 409, "description": "Conflict: other"}, False, False, None),
        ({"reset": True}, False, True, None),
        ({"reset": True, "after": True}, False, True, None),
        ({"hang": 0.2}, False, True, None),
        ({"hang": 0.2, "after": True}, False, True, None),
    ],
    ids=str,
)
async def test_every_refusal_says_what_to_do(
    bot: Telegram,
    server: FakeTelegram,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],  # Any: arguments of `fail_next`
    permanent: bool,
    uncertain: bool,
    retry_after: float | None,
) -> None:
    monkeypatch.setattr(telegram_request, "READ", 0.05)
    server.fail_next("sendMessage", **fault)
    failure = await failing(bot, anna)
    assert not isinstance(failure, Unreachable)
    assert (failure.permanent, failure.uncertain, failure.retry_after) == (permanent, uncertain, retry_after)
    assert failure.reason.startswith("Telegram")


async def test_no_server_at_all_is_no_uncertainty(anna: Person) -> None:
    nobody = Telegram(FakeTelegram.token, "http://127.0.0.1:9")
    await nobody.open()
    failure = await failing(nobody, anna)
    await nobody.close()
    assert (failure.permanent, failure.uncertain) == (False, False)
    assert failure.reason == "Telegram cannot be reached."


async def test_a_closed_channel_sends_nothing(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    await bot.close()
    assert not (await failing(bot, anna)).uncertain
    await bot.open()
    await bot.send(at(anna), Reply(Markup("here again")))
    assert [message.text for message in await anna.receives()] == ["here again"]
