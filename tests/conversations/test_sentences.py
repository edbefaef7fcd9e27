"""The catalogues: every sentence in every language, with the same places, tags and words to type."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

import conversations
from assistant.content import letters
from assistant.dialogue.answers import Fault
from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from assistant.domain.organisers import Role
from assistant.domain.richtext import plain
from assistant.domain.texts import render
from assistant.domain.validation import Refusal
from conversations import commands
from conversations.supporters import sentences as supporters
from conversations.supporters.sentences import navigation
from tests.support import supporter_sentences
from tests.support.organiser_sentences import team_of
from tests.support.sentences import LENGTH_MAX, LOCALES, questions, word_lists, words_of
from tests.support.supporter_sentences import all_supporter_sentences

WORDS_MAX = 20  # of one sentence
CATALOGUES = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/assistant.po"))
BOLD = re.compile(r"<b>([^<{]+)</b>")
TAG = re.compile(r"</?\w+")


def extracted() -> set[str | tuple[str, ...]]:
    """The sentences that stand in conversations/ and in letters, as `make messages` finds them."""
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "Sentence": (1, 3)}
    spoken = extract_from_dir(Path(conversations.__file__).parent, keywords=keywords)
    written = extract_from_file("python", letters.__file__, keywords=keywords)
    return {each[2] for each in spoken} | {each[1] for each in written}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def messages(language: str) -> list[Message]:
    return [message for message in read(LOCALES / language / "LC_MESSAGES" / "assistant.po") if message.id]


def forms(said: str | Iterable[str] | None) -> list[str]:
    """A message's text, or its plural forms."""
    return [said] if isinstance(said, str) else list(said or ())


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# The catalogues


def test_template_holds_every_sentence_and_no_other() -> None:
    template = {message.id for message in read(LOCALES / "assistant.pot") if message.id}
    assert template == extracted()


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_sentence_is_translated(language: str) -> None:
    translated = {message.id: message for message in messages(language)}
    assert set(translated) == extracted()
    for message in translated.values():
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in forms(message.string)), message.id


@pytest.mark.parametrize("language", CATALOGUES)
def test_translations_have_the_same_places_and_tags(language: str) -> None:
    for message in messages(language):
        original = forms(message.id)[-1]
        for form in forms(message.string):
            assert places(form) == places(original), message.id
            assert Counter(TAG.findall(form)) == Counter(TAG.findall(original)), message.id


@pytest.mark.parametrize("language", CATALOGUES)
def test_translations_keep_lines_and_the_space_around(language: str) -> None:
    for message in messages(language):
        original = forms(message.id)[-1]
        for form in forms(message.string):
            assert form == form.strip()
            assert form.count("\n") == original.count("\n"), message.id


# What people read


LONGER = {"hello", "preview", "help_text"}  # the briefing, the letter and the help


def test_every_message_of_the_supporters_is_looked_at() -> None:
    """Whoever adds a sentence adds it to those that are checked below."""
    said = {
        f"{path.stem}.{each.name}"
        for path in Path(supporters.__file__).parent.glob("*.py")
        for each in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
        if each.name not in LONGER and ast.unparse(each.returns or each) in ("Text", "list[Text]")
    }
    listed = ast.parse(Path(supporter_sentences.__file__).read_text(encoding="utf-8"))
    looked_at = {ast.unparse(each.func) for each in ast.walk(listed) if isinstance(each, ast.Call)}
    assert len(said) > 50
    assert said <= looked_at


def test_messages_are_short(script: Script) -> None:
    for locale in script.locales.values():
        for name, said in all_supporter_sentences(script).items():
            text = plain(said.render(locale))
            assert text.strip(), name
            assert len(text) <= LENGTH_MAX, f"{name} ({locale.language}) has {len(text)} characters"


def test_sentences_are_short(script: Script) -> None:
    for locale in script.locales.values():
        for message in read(LOCALES / "assistant.pot"):
            if message.id in word_lists():
                continue
            text = locale.gettext(forms(message.id)[0]) if message.id else ""
            for sentence in re.split(r"[.?!:;\n]", text):
                assert len(sentence.split()) <= WORDS_MAX, sentence


def test_durations_come_from_where_they_are_decided() -> None:
    """No sentence has one typed: `{duration}` says it.

    `{number} a second` is a pace, and `wait a minute` an idiom.
    """
    amounts = "a|an|one|two|three|four|five|six|seven|eight|nine|ten|half|couple of|[0-9]+"
    units = "second|minute|hour|day|week|month|year"
    typed = re.compile(
        rf"(?<!\}} )(?<!wait )\b({amounts}) ({units})s?\b(?! person)|\b({amounts}) in the (morning|evening)",
        re.IGNORECASE,
    )
    assert typed.search("It works once, for ten minutes.") and typed.search("from nine in the evening")
    sentences = [
        form
        for message in read(LOCALES / "assistant.pot")
        if message.id and message.id not in word_lists()
        for form in forms(message.id)
    ]
    assert [each for each in sentences if typed.search(each)] == []


def test_menu_and_profile_fit_on_every_platform(script: Script) -> None:
    """The limits are Telegram's: BotCommand, setMyShortDescription and setMyDescription of its Bot API."""
    for locale in script.locales.values():
        shown = commands.menu(locale, team_of(Role.OWNER))
        assert len(shown) == len(commands.MENU) + len(commands.TEAM_MENU) <= 100
        for word, meaning in shown.items():
            assert re.fullmatch("[a-z0-9_]{1,32}", word)
            assert 1 <= len(meaning) <= 256, word
        assert 1 <= len(plain(commands.profile_about().render(locale))) <= 120
        assert 1 <= len(plain(commands.profile_description().render(locale))) <= 512


def test_button_labels_fit_on_a_phone(script: Script) -> None:
    for locale in script.locales.values():
        for options in questions(script).values():
            for option in options:
                assert 0 < len(render(option.label, locale).unescape()) <= 30, option.value


def test_counts_have_their_own_form(script: Script) -> None:
    for locale in script.locales.values():
        faults = (Fault(length=length, limit=300) for length in (1, 400))
        one, many = (commands.refused(Refusal.TOO_LONG, each).render(locale) for each in faults)
        assert one.replace("1", "400") != many


# What people type


EVERYBODY = {**commands.COMMANDS, **commands.QUIET}
ALL = {**EVERYBODY, **commands.TEAM}


def test_no_word_means_two_commands(script: Script) -> None:
    meant: dict[str, set[str]] = {}
    for locale in script.locales.values():
        for command, sentence in ALL.items():
            for word in (command, *words_of(sentence, locale)):
                meant.setdefault(word, set()).add(command)
    assert {word: commands for word, commands in meant.items() if len(commands) > 1} == {}
    assert all(meant), "an empty word"
    assert len(ALL) == len(commands.COMMANDS) + len(commands.QUIET) + len(commands.TEAM)


def test_every_command_can_be_typed_in_every_language(script: Script) -> None:
    for locale in script.locales.values():
        for command, sentence in ALL.items():
            for word in words_of(sentence, locale):
                for typed in (word, f"/{word}", word.upper(), f" {word}. "):
                    assert script.command(typed, team=True) == command, typed
                    assert script.command(typed) == (command if command in EVERYBODY else None), typed


def test_every_command_has_a_conversation_or_is_the_routers(script: Script) -> None:
    assert set(ALL) - set(script.conversations) == {"start", "back"}


def test_every_word_of_the_menu_works_with_a_slash(script: Script) -> None:
    for locale in script.locales.values():
        for command in [*commands.MENU, *commands.TEAM_MENU]:
            word = commands.MenuWord(command).render(locale)
            assert script.command(f"/{word}", team=True) == ("start" if command == "letter" else command)
    assert set(commands.COMMANDS) == {"start", *commands.MENU} - {"letter"}
    assert set(commands.TEAM) == set(commands.TEAM_MENU)


def test_menus_have_the_words_of_their_readers(script: Script) -> None:
    assert [
        str(commands.MenuWord(each).render(script.locales["es"])) for each in ("letter", "withdraw", "help")
    ] == ["carta", "retirar", "ayuda"]
    viewer, nobody = (commands.menu(script.locales["es"], each) for each in (team_of(Role.VIEWER), None))
    assert "detener" in viewer and "aprobar" not in viewer
    assert "detener" not in nobody and "carta" in nobody


def test_a_thumbs_up_can_mean_one_option_at_most(script: Script) -> None:
    agreeing = {
        question: [option.value for option in options if option.agrees]
        for question, options in questions(script).items()
    }
    assert {question: values for question, values in agreeing.items() if values} == {
        "name": ["yes"],
        "again": ["yes"],
        "targets": ["all"],
        "ready": ["go"],
        "verdict": ["send"],
        "subscribe": ["yes"],
        "forget": ["yes"],
        "resume": ["continue"],
        "withdraw": ["yes", "yes"],
        "verdict of a change": ["send"],
    }


def test_no_word_means_two_options_of_one_question(script: Script) -> None:
    for locale in script.locales.values():
        for question, options in questions(script).items():
            meant: dict[str, set[str]] = {}
            for option in options:
                words = words_of(option.also, locale) if option.also else []
                for word in (option.value, fold(render(option.label, locale).unescape()), *words):
                    meant.setdefault(word, set()).add(option.value)
            twice = {word for word, values in meant.items() if len(values) > 1}
            assert not twice, f"{question} ({locale.language})"
            assert all(meant), f"an empty word of {question} ({locale.language})"
            assert not any(word.isdecimal() for word in meant), question


def test_words_to_write_are_words_of_that_language(script: Script) -> None:
    """Those of organisers have a slash."""
    for locale in script.locales.values():
        own = {
            word: command for command, sentence in EVERYBODY.items() for word in words_of(sentence, locale)
        }
        for message in read(LOCALES / "assistant.pot"):
            original = forms(message.id)[0] if message.id else ""
            bold = BOLD.findall(locale.gettext(original)) if original else []
            told = [own.get(fold(word)) for word in bold if word[0] != "/"]
            plainly = [word for word in BOLD.findall(original) if word[0] != "/"]
            assert told == [script.command(word) for word in plainly], original
            slashed, in_english = (
                [script.command(word.split()[0], team=True) for word in words if word[0] == "/"]
                for words in (bold, BOLD.findall(original))
            )
            assert slashed == in_english, original
            assert None not in (*told, *slashed), original


def test_help_names_every_command(script: Script) -> None:
    for locale in script.locales.values():
        told = {script.command(word) for word in BOLD.findall(navigation.help_text().render(locale))}
        assert told == set(commands.COMMANDS) - {"help"}
