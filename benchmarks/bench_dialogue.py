"""Pure turns a second: no database, no channel. The whole letter, in two languages, over and over."""

import json
import time
from dataclasses import replace

from assistant.app import make_script
from assistant.dialogue.router import turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.messages import Content, Open, Text
from assistant.settings import Settings

SECONDS = 3.0
TALK: tuple[Content, ...] = (
    Open(),
    Text("go"),
    Text("Ana Example"),
    Text("Guatemala"),
    Text("I read about her."),
    Text("edit"),
    Text("name"),
    Text("Ana B. Example"),
    Text("help"),
    Text("send"),
    Text("yes"),
)
LETTER = [  # messages have ids, by which edits name them
    replace(content, ref=str(number)) if isinstance(content, Text) else content
    for number, content in enumerate(TALK)
]


def one_letter(script: Script, language: str, *, stored: bool) -> int:
    """Talk it through; returns how many turns that took. `stored`: through JSON between turns, as in life."""
    person, state = Person(language), State()
    for content in LETTER:
        taken = turn(script, person, state, content)
        state = State.load(json.loads(json.dumps(taken.state.dump()))) if stored else taken.state
        if not taken.state.frames:
            person = replace(person, language=language)
    return len(LETTER)


def main() -> None:
    script = make_script(Settings())
    for stored in (False, True):
        for language in script.tongues:
            one_letter(script, language, stored=stored)
        turns, start = 0, time.process_time()
        while time.process_time() - start < SECONDS:
            for language in script.tongues:
                turns += one_letter(script, language, stored=stored)
        rate = turns / (time.process_time() - start)
        print(f"{'through JSON' if stored else 'pure':>14}: {rate:9,.0f} turns/s on one core")


if __name__ == "__main__":
    main()
