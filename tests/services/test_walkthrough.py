"""A walk-through says what a chat says, and does nothing."""

from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import func, select

from assistant.domain.effects import Forget, QueueLetter, Subscribe, Withdraw
from assistant.domain.messages import Open, Press, TextMessage
from assistant.domain.richtext import plain
from assistant.services.walkthrough import Exchange, WalkThrough
from assistant.store.tables import chats, letters, messages, steps
from tests.support.harness import LETTER, Harness
from tests.support.publishing import CASE

ANSWERS = LETTER[2:]  # what follows where the language is known

WALKS = {
    "a letter": ANSWERS,
    "a slip, a word for help, and back": [
        "go",
        "Finlnd",
        "help",
        "back",
        "Finland",
        "back",
        "Chad",
        "Ana",
        "skip",
    ],
    "a letter that is changed after it was queued": [*ANSWERS, "undo", "change", "no"],
    "a letter that is withdrawn": [*ANSWERS, "undo", "withdraw", "yes"],
    "updates that are left again": [*ANSWERS, "stop"],
    "another language on the way": ["go", "español", "Finlandia"],
    "everything forgotten, and a new beginning": [*ANSWERS, "forget", "yes", "hello", "go"],
    "questions, and something that nobody understands": ["who are you?", "go", "42", "???", "/nonsense"],
}


def _walk(harness: Harness) -> WalkThrough:
    return WalkThrough(harness.script, partial(harness.turns.newcomer, harness.channel.account))


async def _walked(harness: Harness, said: Sequence[str], language: str = "en") -> list[Exchange]:
    written = [TextMessage(text, ref=str(number)) for number, text in enumerate(said)]
    return await _walk(harness).play(CASE, language, written)


def _read(exchanges: Sequence[Exchange]) -> list[str]:
    return [plain(reply.html) for each in exchanges for reply in each.replies if reply.erasure is None]


@pytest.mark.parametrize("said", WALKS.values(), ids=WALKS)
async def test_it_says_what_a_chat_says(harness: Harness, said: Sequence[str]) -> None:
    walked = _read(await _walked(harness, said))
    await harness.receive("ana", Open(CASE), language="en")
    for text in said:
        await harness.receive("ana", text, language="en")
    assert walked == harness.texts_to("ana")


async def test_it_says_so_in_every_language(harness: Harness) -> None:
    for language in harness.script.locales:
        await harness.receive(language, Open(CASE), language=language)
        assert _read(await _walked(harness, [], language)) == harness.texts_to(language)


async def test_a_button_reads_as_what_stands_on_it(harness: Harness) -> None:
    [opened] = await _walked(harness, [])
    button = opened.replies[-1].buttons[0]
    mark = opened.replies[-1].mark
    assert mark
    _, pressed = await _walk(harness).play(CASE, "en", [Press(mark, button.value)])
    [_, typed] = await _walked(harness, [button.label])
    assert pressed.heard == button.label
    assert _read([pressed]) == _read([typed])


async def test_an_old_button_is_told_to_be_old_as_in_a_chat(harness: Harness) -> None:
    _, pressed = await _walk(harness).play(CASE, "en", [Press("nothing.0", "yes")])
    await harness.receive("ana", Open(CASE), language="en")
    await harness.receive("ana", Press("nothing.0", "yes"))
    assert _read([pressed]) == harness.texts_to("ana")[-1:]


async def test_what_would_be_done_is_told_and_nothing_is_done(harness: Harness) -> None:
    said = [*ANSWERS, "undo", "withdraw", "yes", "forget", "yes"]
    done = [effect for each in await _walked(harness, said) for effect in each.effects]
    kinds = [type(each) for each in done]
    assert {QueueLetter, Subscribe, Withdraw, Forget} <= set(kinds)
    for table in (chats, letters, messages, steps):
        [row] = await harness.rows(select(func.count().label("count")).select_from(table))
        assert row["count"] == 0
