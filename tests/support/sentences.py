"""What sentences are checked for, and the options of every question."""

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from markupsafe import escape

import conversations
from assistant.dialogue.options import Option
from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from assistant.domain.actions import Action
from assistant.domain.cases import Update
from assistant.domain.letters import ActionRef
from assistant.domain.organisers import Role
from assistant.domain.targets import Target
from assistant.domain.texts import CaseDate, Locale, Sentence, Text, Written
from conversations import commands
from conversations.organisers.sentences import answers, approving, drafting, review, shared
from conversations.organisers.sentences import team as team_sentences
from conversations.supporters.sentences import account as account_sentences
from conversations.supporters.sentences import letter as letter_sentences
from conversations.supporters.sentences import navigation as navigation_sentences
from conversations.supporters.sentences import shared as shared_sentences
from conversations.supporters.sentences import subscriptions as subscriptions_sentences
from conversations.supporters.sentences import written_letters
from tests.support.invented_cases import invented_cases, the_action

LOCALES = Path(__file__).parent.parent.parent / "locales"
LENGTH_MAX = 300  # characters; the briefing, the letter and the help are longer


def words_of(sentence: Text, locale: Locale) -> list[str]:
    return [fold(word) for word in sentence.render(locale).unescape().split(",")]


def questions(script: Script) -> dict[str, tuple[Option, ...]]:
    """The options of each question."""
    cases = invented_cases(script)
    first, second = cases["alma-rivas"], cases["leyla-aydin"]
    targets = [_called(first.main, "president", "Alma"), _called(second.main, "minister", "Leyla")]
    return {
        "language": tuple(account_sentences.language_option(code) for code in script.locales),
        "ready": (letter_sentences.GO, letter_sentences.LATER),
        "name": (letter_sentences.KEEP_NAME, letter_sentences.OTHER_NAME),
        "line": (letter_sentences.SKIP,),
        "action": tuple(map(letter_sentences.action_option, _two_actions(script))),
        "again": (letter_sentences.SIGN_AGAIN, letter_sentences.SIGN_OTHERWISE),
        "targets": (
            letter_sentences.TO_ALL,
            *(letter_sentences.not_to(each) for each in targets),
        ),
        "verdict": (
            letter_sentences.SEND,
            letter_sentences.EDIT,
            *map(letter_sentences.show_letter, targets[1:]),
            letter_sentences.PAGE,
            letter_sentences.STOP,
        ),
        "field": (*letter_sentences.FIELDS, letter_sentences.TARGETS, letter_sentences.NOTHING),
        "subscribe": (shared_sentences.YES, shared_sentences.NO),
        "only": (subscriptions_sentences.END_ALL,),
        "stop": (
            subscriptions_sentences.only_this(first),
            subscriptions_sentences.ALL_CASES,
            subscriptions_sentences.NOT_THAT,
        ),
        "forget": (account_sentences.FORGET, account_sentences.KEEP),
        "resume": (navigation_sentences.CONTINUE, navigation_sentences.AGAIN),
        "verdict of a change": (letter_sentences.SEND, letter_sentences.EDIT, written_letters.KEEP_LETTER),
        "withdraw": (*written_letters.whether_to_withdraw(1), *written_letters.whether_to_withdraw(2)),
        "case": tuple(shared_sentences.case_option(case) for case in cases.values()),
    }


def _two_actions(script: Script) -> list[Action]:
    cases = invented_cases(script)
    named = [(slug, the_action(cases[slug])) for slug in ("alma-rivas", "leyla-aydin")]
    return [replace(action, ref=ActionRef("either", slug)) for slug, action in named]


def _called(target: Target, slug: str, office: str) -> Target:
    """The target by those names; the same in every language."""
    return replace(target, slug=slug, office=Written({each: escape(office) for each in target.office.texts}))


def choices(script: Script) -> Mapping[str, tuple[Option, ...]]:
    """The options of each question that only organisers are asked."""
    cases = tuple(shared.case_option(case) for case in invented_cases(script).values())
    update = Update(slug="2011-09-conviction", date=CaseDate(2011, 9), text=Written({}))
    every_field = [*drafting._FIELDS, "text-en", "text-es", "instead-es"]
    return {
        "check": (drafting.SAVE, drafting.EDIT, drafting.DROP),
        "field": tuple(each for each in drafting.fields(every_field) if each.value != "local"),
        "about": (*cases, drafting.NO_CASE),
        "news": (drafting.update_option(update), drafting.WRITE),
        "text": (drafting.SKIP,),
        "instead": (drafting.instead_option("es", "en"), drafting.WRITE_IT),
        "readers": drafting.READERS,
        "countries": (drafting.EVERYWHERE,),
        "languages": (drafting.ALL_LANGUAGES, *map(drafting.language_option, script.locales)),
        "when": drafting.WHEN,
        "lasts": tuple(drafting.lasting(must_end=False)),
        "lasts of an alert": tuple(drafting.lasting(must_end=True)),
        "night": (drafting.WAIT, drafting.URGENT),
        "action": tuple(map(drafting.action_option, _two_actions(script))),
        "waiting": (drafting.LETTERS_LEAVE, drafting.LETTERS_WAIT),
        "matters": (team_sentences.MATTERS, team_sentences.SPELLING),
        "step": (drafting.STEP_LETTER, drafting.STEP_READ, drafting.STEP_NONE),
        "approve": (approving.APPROVE, approving.NOT_NOW),
        "urgent": (approving.CONFIRM_URGENT, approving.NOT_URGENT),
        "discard": (approving.DISCARD, approving.KEEP_BROADCAST),
        "resume": (approving.RESUME, approving.NOT_YET),
        "role": (
            *map(team_sentences.role_option, Role),
            team_sentences.REMOVE,
            team_sentences.KEEP_ORGANISER,
        ),
        "settle": (*answers.decisions(1), answers.WHOLE, answers.LATER),
        "settle of several": (*answers.decisions(2), answers.ONLY_THIS, answers.WHOLE, answers.LATER),
        "decide": tuple(review.decisions(1, without_line=True)),
        "decide about several": tuple(review.decisions(2, without_line=True)),
        "why": (*review.REASONS, review.LATER),
        "agree": (team_sentences.AGREE, team_sentences.REFUSE),
        "which": cases,
    }


@functools.cache
def word_lists() -> frozenset[str]:
    """The sentences that nobody reads: words that may be typed, separated by commas."""
    doubts = letter_sentences.NAME_DOUBTS
    lists = [
        *commands.COMMANDS.values(),
        *commands.QUIET.values(),
        *commands.TEAM.values(),
        *commands.TOPICS.values(),
        commands.ASKING,
        commands.ASKING_US,
        commands.COURTESIES,
        commands.POLITE,
        commands.THANKS,
    ]
    lines = letter_sentences.LINE_DOUBTS
    named = (
        doubts.none,
        doubts.beginnings,
        doubts.before,
        doubts.perhaps_before,
        lines.none,
        lines.beginnings,
    )
    messages = {each.message for each in (*lists, *named) if isinstance(each, Sentence)}
    return frozenset(messages | set(_words_of_options()))


def _words_of_options() -> Iterator[str]:
    """What may be typed for an option: the third argument of `Option`, wherever one is made."""
    for path in Path(conversations.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(
                    func=ast.Name(id="Option"),
                    args=[_, _, ast.Call(args=[ast.Constant(value=str(words))])],
                ):
                    yield words
