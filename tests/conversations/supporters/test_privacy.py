"""What *privacy* says in the chat is what is kept: held against the registry of columns, in each language."""

import re
from datetime import timedelta

import pytest

from assistant.content.i18n import load_locales
from assistant.domain.privacy import Topic
from assistant.domain.retention import (
    KEEP_BLOCKED,
    KEEP_CAREFUL,
    KEEP_DRAFTS,
    KEEP_FAILED,
    KEEP_INACTIVE,
    KEEP_LETTERS,
    Retention,
)
from assistant.domain.richtext import plain
from assistant.domain.texts import Text
from assistant.store.columns import ABOUT, COLUMNS, COUNTED, OF_NOBODY, OF_THE_TEAM, Privacy
from assistant.store.tables import metadata
from conversations.organisers.formatting import lasting_for
from conversations.supporters.sentences import account as say

LOCALES = load_locales()
ENCRYPTED = {topic for _, topics in say.ENCRYPTED for topic in topics}
READABLE = {topic for _, topics in say.READABLE for topic in topics}
NOT_TOLD = {Topic.CODES, Topic.NUMBERS}
"""Codes have a sentence of their own; numbers of rows tell nothing of a person."""
USUAL = Retention()
SET = Retention(
    letters=timedelta(days=3),
    failed=timedelta(days=60),
    drafts=timedelta(days=5),
    inactive=timedelta(days=180),
    blocked=timedelta(days=90),
)
LEAST = Retention(
    letters=timedelta(days=KEEP_LETTERS.least),
    failed=timedelta(days=KEEP_FAILED.least),
    drafts=timedelta(days=KEEP_DRAFTS.least),
    inactive=timedelta(days=KEEP_INACTIVE.least),
    blocked=timedelta(days=KEEP_BLOCKED.least),
)
LEADS_TO_A_PERSON = {"chat_id", "letter_id"}


def _topics_of(*kinds: Privacy) -> set[Topic]:
    return {
        topic
        for table, columns in ABOUT.items()
        for column, topic in columns.items()
        if COLUMNS[table][column] in kinds
    }


def _said(language: str, retention: Retention = USUAL) -> str:
    return "\n".join(_rendered(each, language) for each in say.privacy(["tray"], "Telegram", retention))


def _rendered(text: Text, language: str) -> str:
    return plain(text.render(LOCALES[language]))


def test_each_table_is_of_somebody_or_of_nobody() -> None:
    sorts = [set(ABOUT), OF_NOBODY, OF_THE_TEAM, COUNTED]
    assert sorted(each for sort in sorts for each in sort) == sorted(metadata.tables)
    leading = {
        name for name, table in metadata.tables.items() if LEADS_TO_A_PERSON & {each.key for each in table.c}
    }
    assert leading <= set(ABOUT)


def test_each_column_that_leads_to_a_person_has_a_kind() -> None:
    assert {table: set(columns) for table, columns in ABOUT.items()} == {
        table: {each.key for each in metadata.tables[table].c} for table in ABOUT
    }


def test_what_is_said_to_be_encrypted_is_sealed_in_every_column() -> None:
    assert _topics_of(Privacy.SEALED) - NOT_TOLD == ENCRYPTED
    readable = _topics_of(Privacy.CLEAR, Privacy.COUNT)
    assert not ENCRYPTED & readable, "a kind of which a column is readable is not encrypted"


def test_what_is_readable_is_said_to_be_and_nothing_else() -> None:
    assert _topics_of(Privacy.CLEAR, Privacy.COUNT) - NOT_TOLD == READABLE
    assert set(Topic) == ENCRYPTED | READABLE | NOT_TOLD


@pytest.mark.parametrize("language", LOCALES)
def test_every_kind_is_said_in_the_chat(language: str) -> None:
    encrypted, readable = say.privacy(["tray"], "Telegram", USUAL)[1:3]
    for told, message in ((say.ENCRYPTED, encrypted), (say.READABLE, readable)):
        for sentence, _ in told:
            assert _rendered(sentence, language) in _rendered(message, language)
    assert {"en": "They do not say who you are", "es": "No dicen quién eres"}[language] in _said(language)


@pytest.mark.parametrize("retention", [USUAL, SET, LEAST])
@pytest.mark.parametrize("language", LOCALES)
def test_the_durations_are_those_in_force_and_no_others(language: str, retention: Retention) -> None:
    in_force = {
        retention.drafts,
        retention.letters,
        retention.failed,
        retention.inactive + timedelta(days=30),
        KEEP_CAREFUL,
    }
    said = _said(language, retention)
    told = {int(each) for each in re.findall(r"(\d+)", said)}
    spoken = (re.findall(r"\d+", _rendered(lasting_for(each), language)) for each in in_force)
    assert told == {int(number) for each in spoken for number in each}
    for each in in_force:
        assert _rendered(lasting_for(each), language) in said


@pytest.mark.parametrize("language", LOCALES)
def test_it_names_the_ways_to_see_and_to_delete_it(language: str) -> None:
    words = {"en": ("mydata", "forget"), "es": ("mis datos", "borrar")}[language]
    assert all(word in _said(language) for word in words)
