"""What a channel learns of a message it brought: whether it was taken, and how many replies follow."""

from assistant.domain.messages import Handled, Open, Press, Unreadable
from tests.support.harness import LETTER, Harness


async def test_an_answer_that_is_taken(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:-1])
    before = len(harness.texts_to("ana"))
    handled = await harness.receive("ana", LETTER[-1])
    assert handled == Handled(accepted=True, replies=2)
    assert len(harness.texts_to("ana")) == before + 2


async def test_an_answer_that_is_refused(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:3])
    assert await harness.receive("ana", "Atlantis of the invented") == Handled(accepted=False, replies=1)


async def test_a_button_of_a_question_that_is_gone(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:3])
    menu = next(reply for reply in harness.channel.sent["ana"] if reply.buttons)
    assert menu.mark
    stale = await harness.receive("ana", Press(menu.mark, menu.buttons[0].value))
    assert stale == Handled(accepted=False, replies=1)


async def test_a_message_that_is_delivered_twice(harness: Harness) -> None:
    await harness.receive("ana", "hello", "m-1")
    assert await harness.receive("ana", "hello", "m-1") == Handled(accepted=False, replies=0)
    assert len(harness.texts_to("ana")) == 1


async def test_a_chat_that_is_opened(harness: Harness) -> None:
    opened = await harness.receive("ana", Open("norma-cruz"), language="en")
    assert opened == Handled(accepted=True, replies=1)
    assert len(harness.texts_to("ana")) == 1


async def test_something_we_cannot_read(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:3])
    assert await harness.receive("ana", Unreadable("voice")) == Handled(accepted=False, replies=1)


async def test_replies_are_counted_as_messages(harness: Harness) -> None:
    harness.channel.part_max = 40
    handled = await harness.receive("ana", "hello")
    assert handled.replies == len(harness.texts_to("ana")) > 1


async def test_papers_that_the_channel_cannot_show_are_not_counted(harness: Harness) -> None:
    for shows_files, count in ((False, 1), (True, 2)):
        harness.channel.shows_files = shows_files
        before = len(harness.texts_to("ana"))
        handled = await harness.receive("ana", "mydata", language="en")
        assert handled.replies == len(harness.texts_to("ana")) - before == count
