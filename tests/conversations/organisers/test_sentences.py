"""What organisers read and type: as short and plain as what supporters read, in every language."""

import re

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from assistant.domain.organisers import Role
from assistant.domain.richtext import plain
from assistant.domain.texts import render
from conversations import broadcast_message, commands
from conversations.organisers import formatting
from conversations.organisers.sentences import team as team_sentences
from tests.support.invented_cases import invented_cases
from tests.support.organiser_sentences import (
    CORRECTION,
    COUNTS,
    FULL,
    ORGANISERS,
    PLAIN,
    all_notifications,
    all_organiser_sentences,
    long_sentences,
    team_of,
)
from tests.support.sentences import LENGTH_MAX, LOCALES, choices, words_of

MESSAGE_MAX = 4096  # characters that Telegram takes
LABEL_MAX = 30  # characters of a button


def test_messages_to_organisers_are_short(script: Script) -> None:
    for locale in script.locales.values():
        for name, said in all_organiser_sentences(script).items():
            text = plain(said.render(locale))
            assert text.strip(), name
            assert len(text) <= LENGTH_MAX, f"{name} ({locale.language}) has {len(text)} characters"


def test_longer_ones_fit_into_one_message(script: Script) -> None:
    for locale in script.locales.values():
        for name, said in long_sentences(script).items():
            assert 0 < len(plain(said.render(locale))) <= MESSAGE_MAX, name


def test_one_question_a_message(script: Script) -> None:
    for locale in script.locales.values():
        for name, said in {**all_organiser_sentences(script), **long_sentences(script)}.items():
            assert plain(said.render(locale)).count("?") <= 1, f"{name} ({locale.language})"


def test_button_labels_fit_on_a_phone(script: Script) -> None:
    for locale in script.locales.values():
        options = {
            f"{question} {option.value}": render(option.label, locale).unescape()
            for question, offered in choices(script).items()
            for option in offered
        }
        doors = {
            f"{name} {door.conversation}": render(door.label, locale).unescape()
            for name, told in all_notifications(script).items()
            for door in told.doors
        }
        for name, label in (options | doors).items():
            assert 0 < len(label) <= LABEL_MAX, f"{name} ({locale.language}): {label}"


def test_no_word_means_two_options_of_one_question(script: Script) -> None:
    for locale in script.locales.values():
        for question, options in choices(script).items():
            meant: dict[str, set[str]] = {}
            for option in options:
                words = words_of(option.also, locale) if option.also else []
                for word in (option.value, fold(render(option.label, locale).unescape()), *words):
                    meant.setdefault(word, set()).add(option.value)
            twice = {word for word, values in meant.items() if len(values) > 1}
            assert not twice, f"{question} ({locale.language})"
            assert all(meant), f"an empty word of {question} ({locale.language})"
            assert not any(word.isdecimal() for word in meant), question


def test_only_a_test_to_oneself_is_started_by_a_thumbs_up(script: Script) -> None:
    agreeing = {question for question, options in choices(script).items() if any(o.agrees for o in options)}
    assert agreeing == {"check"}


def test_what_can_be_pressed_can_be_typed(script: Script) -> None:
    """A button that begins something names a word that does the same, in each language."""
    case = invented_cases(script)["norma-cruz"]
    doors = [door for told in all_notifications(script).values() for door in told.doors]
    under_news = [broadcast_message.door(each, case) for each in (FULL, CORRECTION)]
    doors += [door for door in under_news if door]
    assert (len(doors) > 2, broadcast_message.door(PLAIN, case)) == (True, None)
    for locale in script.locales.values():
        for door in doors:
            typed = render(door.word, locale).unescape()
            begun = script.command_with_argument(typed, team=True)
            assert begun is not None, typed
            assert begun[0] in (door.conversation, "start"), typed
            assert door.argument.startswith(begun[1]), typed


def test_every_role_reads_what_it_can_write(script: Script) -> None:
    locale = script.locales["en"]
    named = {role: team_sentences.words(team_of(role)).render(locale) for role in Role}
    assert [word for word in ("/halt", "/pause") if word not in named[Role.VIEWER]] == []
    assert [word for word in ("/alert", "/approve") if word in named[Role.VIEWER]] == []
    assert "/approve" not in named[Role.DRAFTER]
    assert [word for word in commands.TEAM if f"/{word}" not in named[Role.OWNER]] == []


def test_the_page_for_organisers_has_the_words_of_the_chat(script: Script) -> None:
    """Those with a slash work, and what stands in italics is a button."""
    page = (LOCALES.parent / "docs" / "organisers.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(/[a-z]+)", page))
    assert [word for word in words if script.command(word, team=True) is None] == []
    assert [word for word in commands.TEAM if f"/{word}" not in words] == []
    labels = set(re.findall(r"(?<![*\w])\*([^*]+)\*(?!\*)", page))
    known = {
        render(option.label, script.locales["en"]) for each in choices(script).values() for option in each
    }
    known |= {
        door.label.render(script.locales["en"])
        for told in all_notifications(script).values()
        for door in told.doors
    }
    assert labels - known == set()
    assert len(labels) > 5


def test_a_preview_says_how_many_and_how_long(script: Script) -> None:
    alert = long_sentences(script)["preview"].render(script.locales["en"])
    assert "4,320 people" in alert
    assert "Telegram: 4,300+ people, in 2 minutes" in plain(alert)
    assert "English: 4,300+ people" in plain(alert) and "Spanish: <10 people" in plain(alert)
    assert "Signal: <10 people. This account is not connected now." in plain(alert)
    assert [count.people for count in COUNTS] == [4312, 1, 7]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than 2 minutes"),
        (119 * 60, "119 minutes"),
        (120 * 60, "2 hours"),
        (47 * 3600, "47 hours"),
        (72 * 3600, "3 days"),
    ],
)
def test_durations_are_said_roughly(script: Script, seconds: float, said: str) -> None:
    assert formatting.duration(seconds).render(script.locales["en"]) == said


def test_who_did_it_is_named(script: Script) -> None:
    for locale in script.locales.values():
        told = all_notifications(script)
        assert plain(told["halted"].said.render(locale)).startswith("Vera")
        assert ORGANISERS[1].name in told["wanted role"].said.render(locale)
