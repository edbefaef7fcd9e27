"""Pure turns a second: no database, no channel. The whole letter, in two languages, over and over."""

import json
import time
from dataclasses import replace

from assistant.dialogue.router import turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.messages import Content, Open, TextMessage
from assistant.settings import Settings
from assistant.wiring.content import make_script

SECONDS = 3.0
TALK: tuple[Content, ...] = (
    Open(),
    TextMessage("go"),
    TextMessage("Guatemala"),
    TextMessage("Ana Example"),
    TextMessage("I read about her."),
    TextMessage("edit"),
    TextMessage("name"),
    TextMessage("Ana B. Example"),
    TextMessage("help"),
    TextMessage("send"),
    TextMessage("yes"),
)
LETTER = [  # messages have ids, by which edits name them
    replace(content, ref=str(number)) if isinstance(content, TextMessage) else content
    for number, content in enumerate(TALK)
]


def one_letter(script: Script, language: str, *, stored: bool) -> int:
    """Talk it through; returns how many turns that took. `stored`: through JSON between turns, as in life."""
    person, state = Person(language=language), State()
    for content in LETTER:
        taken = turn(script, person, state, content)
        state = State.load(json.loads(json.dumps(taken.state.dump()))) if stored else taken.state
        if not taken.state.frames:
            person = replace(person, language=language)
    return len(LETTER)


def main() -> None:
    script = make_script(Settings())
    for stored in (False, True):
        for language in script.locales:
            one_letter(script, language, stored=stored)
        turns, start = 0, time.process_time()
        while time.process_time() - start < SECONDS:
            for language in script.locales:
                turns += one_letter(script, language, stored=stored)
        rate = turns / (time.process_time() - start)
        print(f"{'through JSON' if stored else 'pure':>14}: {rate:9,.0f} turns/s on one core")


if __name__ == "__main__":
    main()
