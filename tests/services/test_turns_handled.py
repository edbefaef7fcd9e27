"""What a channel learns of a message it brought: whether it was taken, and how many replies follow."""

from assistant.domain.messages import Handled, Open, Press, Unreadable
from tests.support.harness import LETTER, House


async def test_an_answer_that_is_taken(house: House) -> None:
    await house.hear("ana", "hello")
    handled = await house.hear("ana", "English")
    assert handled == Handled(accepted=True, replies=2)
    assert len(house.read("ana")) == 1 + 2


async def test_an_answer_that_is_refused(house: House) -> None:
    await house.hear_all("ana", LETTER[:4])
    assert await house.hear("ana", "Atlantis of the invented") == Handled(accepted=False, replies=1)


async def test_a_button_of_a_question_that_is_gone(house: House) -> None:
    await house.hear_all("ana", LETTER[:3])
    menu = next(reply for reply in house.channel.sent["ana"] if reply.buttons)
    assert menu.mark
    stale = await house.hear("ana", Press(menu.mark, menu.buttons[0].value))
    assert stale == Handled(accepted=False, replies=1)


async def test_a_message_that_is_delivered_twice(house: House) -> None:
    await house.hear("ana", "hello", "m-1")
    assert await house.hear("ana", "hello", "m-1") == Handled(accepted=False, replies=0)
    assert len(house.read("ana")) == 1


async def test_a_chat_that_is_opened(house: House) -> None:
    assert await house.hear("ana", Open("norma-cruz"), language="en") == Handled(accepted=True, replies=2)


async def test_something_we_cannot_read(house: House) -> None:
    await house.hear_all("ana", LETTER[:3])
    assert await house.hear("ana", Unreadable("voice")) == Handled(accepted=False, replies=1)


async def test_replies_are_counted_as_messages(house: House) -> None:
    house.channel.part_max = 40
    handled = await house.hear("ana", "hello")
    assert handled.replies == len(house.read("ana")) > 1


async def test_papers_that_the_channel_cannot_show_are_not_counted(house: House) -> None:
    await house.hear_all("ana", LETTER[:5])
    before = len(house.read("ana"))
    handled = await house.hear("ana", LETTER[5])
    assert handled.replies == len(house.read("ana")) - before
