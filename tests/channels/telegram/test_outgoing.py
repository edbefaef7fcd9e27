"""What we send arrives on Telegram as it should."""

import pytest
from markupsafe import Markup

from assistant.channels.splitting import utf16
from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.outgoing import CAPTION_MAX, TEXT_MAX
from assistant.channels.typing_indicator import TypingIndicator
from assistant.domain.errors import Failure
from assistant.domain.messages import Button, File, Paper, Reply
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import address_of, calls_of, offsets
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

PDF = File("letter.pdf", "application/pdf", b"%PDF-1.7 invented \x00\xff")
PAPER = Paper("norma-cruz", "es", "Estimada Fiscal General", "office")


async def test_a_message_arrives_with_its_buttons_escaped_and_without_previews(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    text = Markup("<b>{}</b> https://example.org").format("<i>Rosa</i> & {{ co }}")
    buttons = (Button("go", "Yes & <go>"), Button("later", "ليس الآن"))
    reference = await bot.send(
        address_of(anna), Reply(text, buttons, asks="ready", conversation="letter", mark="ready.0123456789ab")
    )
    [message] = await anna.receives()
    assert str(message.id) == reference
    assert message.text == "<i>Rosa</i> & {{ co }} https://example.org"
    assert message.html == "<b>&lt;i&gt;Rosa&lt;/i&gt; &amp; {{ co }}</b> https://example.org"
    assert message.buttons == [
        ("Yes & <go>", "ready.0123456789ab:go"),
        ("ليس الآن", "ready.0123456789ab:later"),
    ]
    [(method, sent)] = [call for call in server.calls if call[0] != "getMe"]
    assert (method, sent["link_preview_options"]) == ("sendMessage", {"is_disabled": True})
    assert [len(row) for row in sent["reply_markup"]["inline_keyboard"]] == [1, 1]


async def test_a_letter_arrives_as_a_file_with_its_caption_and_buttons(bot: Telegram, anna: Person) -> None:
    reply = Reply(Markup("<b>{}</b>").format("<Your> letter"), (Button("send", "Send it"),), mark="v.01")
    reference = await bot.send(address_of(anna), reply, PDF)
    [message] = await anna.receives()
    assert message.file is not None
    assert (message.file.name, message.file.kind, message.file.content) == (
        PDF.name,
        PDF.kind,
        PDF.content,
    )
    assert (str(message.id), message.html, message.text) == (reference, str(reply.html), "<Your> letter")
    assert message.buttons == [("Send it", "v.01:send")]


def long_reply(length: int, attachment: Paper | None = None) -> Reply:
    """A question of so many UTF-16 units, with an emoji over the place where it will be cut."""
    limit = CAPTION_MAX if attachment else TEXT_MAX
    text = "x" * (limit - 1) + "\N{GRINNING FACE}"
    text += "y" * (length - limit - 1)
    return Reply(
        Markup("<b>{}</b>").format(text),
        (Button("a", "A"),),
        asks="q",
        conversation="letter",
        mark="q.01",
        attachment=attachment,
        first=True,
    )


async def test_a_long_text_arrives_in_parts_none_of_which_breaks_an_emoji(
    bot: Telegram, anna: Person
) -> None:
    parts = bot.parts(long_reply(TEXT_MAX + 10))
    for part in parts:
        await bot.send(address_of(anna), part)
    first, last = await anna.receives(2)
    assert (first.text, first.buttons) == ("x" * (TEXT_MAX - 1), [])
    assert (last.text, last.buttons) == ("\N{GRINNING FACE}" + "y" * 9, [("A", "q.01:a")])
    assert last.html.startswith("<b>") and first.html.endswith("</b>")
    assert [(part.asks, part.mark, part.first, part.conversation) for part in parts] == [
        (None, None, True, "letter"),
        ("q", "q.01", False, "letter"),
    ]


async def test_a_long_text_with_a_letter_has_the_file_first_and_the_buttons_last(
    bot: Telegram, anna: Person
) -> None:
    parts = bot.parts(long_reply(2 * CAPTION_MAX + 10, PAPER))
    for part in parts:
        await bot.send(address_of(anna), part, PDF if part.attachment else None)
    messages = await anna.receives(len(parts))
    assert [bool(message.file) for message in messages] == [True] + [False] * (len(parts) - 1)
    assert [bool(message.buttons) for message in messages] == [False] * (len(parts) - 1) + [True]
    assert "".join(message.text for message in messages).count("y") == CAPTION_MAX + 9


@pytest.mark.parametrize("attachment", [None, PAPER])
@pytest.mark.parametrize("length", [1, 1024, 1025, 4096, 4097, 20_000])
def test_parts_stay_as_they_are_and_lose_nothing(
    bot: Telegram, length: int, attachment: Paper | None
) -> None:
    reply = Reply(Markup("{}").format("z" * length), bulk=True, attachment=attachment)
    parts = bot.parts(reply)
    assert [part for each in parts for part in bot.parts(each)] == list(parts)
    assert "".join(part.html for part in parts) == reply.html
    assert all(part.bulk for part in parts)
    assert max(utf16(part.html) for part in parts) <= TEXT_MAX
    assert [part.attachment for part in parts if part.attachment] == ([attachment] if attachment else [])


@pytest.mark.parametrize("html", ["", " \n ", "<b></b>"])
def test_a_blank_text_is_no_message(bot: Telegram, html: str) -> None:
    assert list(bot.parts(Reply(Markup(html)))) == []  # noqa: S704  the test's own


@pytest.mark.parametrize(
    ("rate", "bulk", "paid"), [(1000, True, True), (31, True, True), (1000, False, False)]
)
@pytest.mark.parametrize("file", [None, PDF])
async def test_only_broadcasts_are_paid_for(
    server: FakeTelegram, anna: Person, rate: int, bulk: bool, paid: bool, file: File | None
) -> None:
    await check_rate_spent(server, anna, rate, bulk=bulk, paid=paid, file=file)


@pytest.mark.parametrize("rate", [0, 1, 30])
async def test_what_is_free_is_not_paid_for(server: FakeTelegram, anna: Person, rate: int) -> None:
    await check_rate_spent(server, anna, rate, bulk=True, paid=False)


async def check_rate_spent(
    server: FakeTelegram, anna: Person, rate: int, *, bulk: bool, paid: bool, file: File | None = None
) -> None:
    """Send one with this rate set."""
    channel = Telegram(server.token, server.url, paid_rate=rate)
    await channel.open()
    await channel.send(address_of(anna), Reply(Markup("news"), bulk=bulk), file)
    await channel.close()
    [(_, sent)] = [call for call in server.calls if call[0] != "getMe"]
    assert str(sent.get("allow_paid_broadcast", False)).lower() == str(paid).lower()
    assert channel.pace.bulk == max(rate, 30)


async def test_who_waits_long_for_an_answer_sees_us_typing(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    bot._typing = TypingIndicator(bot._show_typing, bot._courtesies, patience=0.02)
    inbox, bea = Inbox(replies=1), server.person("Bea")
    inbox.gate.clear()
    await anna.write("hello")
    async with reading(bot, inbox):
        await server.until(lambda: anna.actions == ["typing"])
        inbox.gate.set()
        await inbox.gets(1)
        await bot.send(address_of(anna), Reply(Markup("hello")))
    assert (bot._typing._waiting, bea.actions) == ({}, [])


@pytest.mark.parametrize("failure", [None, Failure("locked"), Failure("a bug", permanent=True)])
async def test_who_gets_no_answer_sees_nobody_typing(
    bot: Telegram, server: FakeTelegram, anna: Person, failure: Failure | None
) -> None:
    inbox = Inbox(failure, replies=0)
    await anna.write("thanks")
    async with reading(bot, inbox):
        await server.until(lambda: offsets(server)[-1:] == [100_000_002])
        assert bot._typing._waiting == {}
    assert calls_of(server, "sendChatAction") == []


async def test_a_closed_channel_sends_nothing_until_it_is_opened_again(bot: Telegram, anna: Person) -> None:
    await bot.close()
    with pytest.raises(Failure) as caught:
        await bot.send(address_of(anna), Reply(Markup("hello")))
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)
    await bot.open()
    await bot.send(address_of(anna), Reply(Markup("here again")))
    assert [message.text for message in await anna.receives()] == ["here again"]
