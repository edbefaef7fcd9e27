"""What happens to a button that is pressed: always an answer, and one choice left where it counted."""

from collections.abc import Sequence

import pytest
from markupsafe import Markup
from structlog.testing import capture_logs

from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.outgoing import keyboard
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Button, Press, Reply
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import address_of, all_incoming, calls_of, offsets
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

YES = Button("send", "Send it")
MARK = "verdict.0123456789ab"


def question(*buttons: Button) -> Reply:
    """A preview with these buttons, or with the usual ones."""
    return Reply(
        Markup("Shall we send it?"), buttons or (YES, Button("stop", "Stop")), asks="verdict", mark=MARK
    )


async def pressed(bot: Telegram, server: FakeTelegram, person: Person, inbox: Inbox) -> None:
    """Send it is pressed, and everything has come of it that comes of it."""
    await bot.send(address_of(person), question())
    query = await person.press("Send it")
    async with reading(bot, inbox):
        await server.until(lambda: query in server.answered)
        await server.until(lambda: offsets(server)[-1:] == [100_000_002])
    await bot.close()


async def test_a_choice_that_counts_is_all_that_is_left_of_the_keyboard(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox()
    await pressed(bot, server, anna, inbox)
    assert inbox.contents == [Press(MARK, "send")]
    [message] = anna.inbox
    assert (message.text, message.buttons) == ("Shall we send it?", [("✓ Send it", "done")])


async def test_a_choice_under_a_document_is_shown_the_same_way(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    keys = {"inline_keyboard": [[{"text": "Send it", "callback_data": f"{MARK}:send"}]]}
    message = server.add_message(anna, {"id": 123456, "is_bot": True, "first_name": "x"}, {"caption": "…"})
    message |= {"document": {"file_id": "a", "file_unique_id": "b"}, "reply_markup": keys}
    await server.add_press(anna.user, message, "Send it")
    async with reading(bot, Inbox()):
        await server.until(lambda: bool(calls_of(server, "editMessageReplyMarkup")))
    [edit] = calls_of(server, "editMessageReplyMarkup")
    assert (edit["chat_id"], edit["message_id"]) == (anna.id, message["message_id"])


async def test_a_choice_that_does_not_count_leaves_the_keyboard_as_it_is(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await pressed(bot, server, anna, Inbox(accepted=False))
    assert [label for label, _ in anna.inbox[0].buttons] == ["Send it", "Stop"]


async def test_a_choice_already_made_does_nothing_more_but_is_answered(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await pressed(bot, server, anna, Inbox())
    await bot.open()
    inbox = Inbox()
    again = await anna.press("✓ Send it")
    async with reading(bot, inbox):
        await server.until(lambda: again in server.answered)
    assert inbox.taken == []
    assert len(calls_of(server, "editMessageReplyMarkup")) == 1


async def test_a_press_under_a_message_too_old_to_show_counts_all_the_same(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    number = int(await bot.send(address_of(anna), question()) or 0)
    query = await anna.press("Send it")
    old: Json = {"message_id": number, "chat": anna.chat, "date": 0}
    server.updates[-1]["callback_query"]["message"] = old
    taken = await all_incoming(bot, server)
    assert [each.content for each in taken] == [Press(MARK, "send")]
    await server.until(lambda: server.answered == [query])
    assert calls_of(server, "editMessageReplyMarkup") == []


@pytest.mark.parametrize(
    ("failure", "label"),
    [
        (None, "✓ Send it"),
        (Failure("locked"), "✓ Send it"),
        (Misconfigured("The disk is full."), "✓ Send it"),
        (Failure("a bug", permanent=True), "Send it"),
    ],
)
async def test_a_press_is_answered_whatever_becomes_of_it(
    bot: Telegram, server: FakeTelegram, anna: Person, failure: Failure | None, label: str
) -> None:
    inbox = Inbox(failure)
    await pressed(bot, server, anna, inbox)
    assert {each.content for each in (*inbox.taken, *inbox.refused)} == {Press(MARK, "send")}
    assert anna.inbox[0].buttons[0][0] == label


JUNK: list[Json] = [
    {"data": "without a mark"},
    {"data": ":"},
    {"game_short_name": "chess"},
    {"inline_message_id": "7", "message": None, "data": f"{MARK}:send"},
]


@pytest.mark.parametrize("junk", JUNK, ids=str)
async def test_a_press_that_means_nothing_to_us_is_answered(
    bot: Telegram, server: FakeTelegram, anna: Person, junk: Json
) -> None:
    await bot.send(address_of(anna), question())
    query = await anna.press("Send it")
    press = server.updates[-1]["callback_query"]
    del press["data"]
    server.updates[-1]["callback_query"] = {k: v for k, v in (press | junk).items() if v is not None}
    taken = await all_incoming(bot, server)
    assert not [each for each in taken if each.content == Press(MARK, "send")]
    await server.until(lambda: server.answered == [query])


@pytest.mark.parametrize("method", ["answerCallbackQuery", "editMessageReplyMarkup"])
@pytest.mark.parametrize("fault", [{"status": 400}, {"status": 502}, {"retry_after": 600}, {"reset": True}])
async def test_courtesies_that_fail_harm_nothing(
    bot: Telegram, server: FakeTelegram, anna: Person, method: str, fault: Json
) -> None:
    server.fail_next(method, **fault)
    inbox = Inbox()
    await bot.send(address_of(anna), question())
    await anna.press("Send it")
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await server.until(lambda: bool(calls_of(server, method)))
            await anna.write("and now?")
            await inbox.gets(2)
        await bot.close()
    assert [each["event"] for each in logs] == ["a courtesy failed"]
    assert bot.trouble is None


VALUES: Sequence[tuple[str, bool]] = [
    ("v" * 43, True),
    ("v" * 44, False),
    ("é" * 21, True),
    ("é" * 22, False),
]


@pytest.mark.parametrize(("value", "fits"), VALUES)
async def test_a_button_carries_64_bytes_and_what_is_longer_is_typed(
    bot: Telegram, anna: Person, value: str, fits: bool
) -> None:
    (part,) = bot.parts(question(Button(value, "x"), Button("b", "y")))
    await bot.send(address_of(anna), part)
    (message,) = anna.inbox
    if fits:
        assert message.buttons == [("x", f"{MARK}:{value}"), ("y", f"{MARK}:b")]
    else:
        assert (message.text, message.buttons) == ("Shall we send it?\n\n1. x\n2. y", [])


@pytest.mark.parametrize(
    ("count", "label", "fits"),
    [
        (100, "x", True),
        (101, "x", False),
        (100, "x" * 10, True),
        (100, "x" * 60, False),
        (60, "я" * 30, False),
    ],
)
async def test_a_keyboard_has_100_buttons_and_10_kilobytes(
    bot: Telegram, anna: Person, count: int, label: str, fits: bool
) -> None:
    whole = question(*(Button(str(number), f"{label}{number}") for number in range(count)))
    parts = bot.parts(whole)
    for part in parts:
        await bot.send(address_of(anna), part)
    assert (parts == (whole,)) == fits
    assert bool(anna.inbox[-1].buttons) == fits
    assert (parts[-1].asks, parts[-1].mark) == (whole.asks, whole.mark)


def test_what_could_be_typed_changes_no_keyboard() -> None:
    plain, typed = (question(Button("go", "Go", word)) for word in (None, "/go 12"))
    assert keyboard(plain) == keyboard(typed)


def test_no_buttons_are_no_keyboard() -> None:
    assert keyboard(Reply(Markup("hello"))) is None
