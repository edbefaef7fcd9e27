"""Files that the bot sends, as its reader gets them."""

import pytest
from aiohttp import ClientSession, FormData
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from tests.support.fakes.telegram.people import Person

BUTTON = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Send", callback_data="send"))
PDF = b"%PDF-1.7 invented"


async def test_a_document_arrives_whole(anna: Person, bot: Bot) -> None:
    sent = await bot.send_document(
        anna.id, PDF, "<b>Your letter</b>", filename="carta-ñ.pdf", parse_mode="HTML", reply_markup=BUTTON
    )
    [letter] = await anna.receives()
    assert letter.file
    assert (letter.file.name, letter.file.kind, letter.file.content) == (
        "carta-ñ.pdf",
        "application/pdf",
        PDF,
    )
    assert (letter.html, letter.text) == ("<b>Your letter</b>", "Your letter")
    assert letter.buttons == [("Send", "send")]
    assert sent.document and sent.document.file_size == len(PDF)
    assert sent.caption_entities[0].type == "bold"

    await bot.send_document(anna.id, sent.document.file_id)
    assert (anna.inbox[-1].file, anna.inbox[-1].text) == (letter.file, "")
    await anna.press("Send", letter)
    await sent.edit_reply_markup(None)
    assert (anna.inbox[0].buttons, anna.inbox[0].file) == ([], letter.file)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await sent.edit_text("other")


async def test_a_file_may_be_attached_under_another_name(anna: Person, http: ClientSession) -> None:
    form = FormData({"chat_id": str(anna.id), "document": "attach://letter"})
    form.add_field("letter", PDF, filename="letter.pdf", content_type="application/pdf")
    async with http.post("sendDocument", data=form) as response:
        assert response.status == 200
    assert anna.inbox[0].file and anna.inbox[0].file.content == PDF


async def test_a_caption_has_at_most_1024_units(anna: Person, bot: Bot) -> None:
    await bot.send_document(anna.id, PDF, "<i>" + "😀" * 512 + "</i>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(anna.id, PDF, "😀" * 512 + "a")
    assert len(anna.inbox) == 1


async def test_a_bad_document_is_refused(anna: Person, bot: Bot, http: ClientSession) -> None:
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(anna.id, b"")
    with pytest.raises(BadRequest, match="Wrong remote file identifier"):
        await bot.send_document(anna.id, "nothing")
    async with http.post("sendDocument", json={"chat_id": anna.id}) as response:
        description = (await response.json())["description"]
    assert description == "Bad Request: there is no document in the request"
