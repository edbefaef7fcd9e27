"""What sentences are checked for, and the options of every question."""

from collections.abc import Mapping
from pathlib import Path

from assistant.dialogue.answers import Option, fold
from assistant.dialogue.script import Script
from assistant.domain.cases import Update
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate, Locale, Text, Written
from conversations.organisers import sentences as approving
from conversations.supporters import sentences as after
from tests.support.invented_cases import invented_cases

LOCALES = Path(__file__).parent.parent.parent / "locales"
LENGTH_MAX = 300  # characters; the briefing, the letter and the help are longer


def words_of(sentence: Text, locale: Locale) -> list[str]:
    return [fold(word) for word in sentence.render(locale).unescape().split(",")]


def questions(script: Script) -> dict[str, tuple[Option, ...]]:
    """The options of each question."""
    return {
        "language": tuple(after.language_option(code) for code in script.locales),
        "ready": (after.GO, after.LATER),
        "line": (after.SKIP,),
        "verdict": (after.SEND, after.EDIT, after.STOP),
        "field": (after.NAME, after.COUNTRY, after.PERSONAL_LINE),
        "subscribe": (after.YES, after.NO),
        "forget": (after.FORGET, after.KEEP),
        "resume": (after.CONTINUE, after.AGAIN),
        "verdict of a change": (after.SEND, after.EDIT, after.KEEP_LETTER),
        "withdraw": (after.WITHDRAW, after.SEND_IT),
        "case": tuple(after.case_option(case) for case in invented_cases(script).values()),
    }


def choices(script: Script) -> Mapping[str, tuple[Option, ...]]:
    """The options of each question that only organisers are asked."""
    cases = tuple(approving.case_option(case) for case in invented_cases(script).values())
    update = Update("2011-09-conviction", CaseDate(2011, 9), Written({}))
    every_field = [*approving._FIELDS, "text-en", "text-es", "instead-es"]
    return {
        "check": (approving.SAVE, approving.EDIT, approving.DROP),
        "field": tuple(each for each in approving.fields(every_field) if each.value != "local"),
        "about": (*cases, approving.NO_CASE),
        "news": (approving.update_option(update), approving.WRITE),
        "text": (approving.SKIP,),
        "instead": (approving.instead_option("es", "en"), approving.WRITE_IT),
        "readers": approving.READERS,
        "countries": (approving.EVERYWHERE,),
        "languages": (approving.ALL_LANGUAGES, *map(approving.language_option, script.locales)),
        "when": approving.WHEN,
        "lasts": tuple(approving.lasting(must_end=False)),
        "lasts of an alert": tuple(approving.lasting(must_end=True)),
        "night": (approving.WAIT, approving.URGENT),
        "step": (approving.STEP_LETTER, approving.STEP_READ, approving.STEP_NONE),
        "approve": (approving.APPROVE, approving.NOT_NOW),
        "urgent": (approving.CONFIRM_URGENT, approving.NOT_URGENT),
        "discard": (approving.DISCARD, approving.KEEP_BROADCAST),
        "resume": (approving.RESUME, approving.NOT_YET),
        "role": (*map(approving.role_option, Role), approving.REMOVE, approving.KEEP_ORGANISER),
        "agree": (approving.AGREE, approving.REFUSE),
        "which": cases,
    }
