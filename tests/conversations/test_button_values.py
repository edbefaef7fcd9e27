"""What a button says must fit into what platforms carry back."""

from dataclasses import replace

from assistant.dialogue.script import Script
from conversations.supporters.sentences import letter as say
from tests.support.invented_cases import invented_cases

CALLBACK_DATA_MAX = 64  # bytes: Telegram Bot API, InlineKeyboardButton.callback_data
MARK = len("verdict.") + 12 + 1  # a question's name, its digest, and what parts them from the value


def test_the_longest_name_of_a_target_fits(script: Script) -> None:
    target = replace(invented_cases(script)["alma-rivas"].main, slug="a" * 40)
    for option in (say.not_to(target), say.show_letter(target)):
        assert MARK + len(option.value.encode()) <= CALLBACK_DATA_MAX
