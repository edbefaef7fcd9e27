"""The languages in which tests type and read. Sentences are looked at in every language that we speak."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from assistant.content.i18n import CatalogueLocale, load_locales
from assistant.dialogue.script import Script
from assistant.domain.cases import Case, Update
from assistant.domain.texts import Locale, Written
from assistant.settings import Settings
from assistant.wiring import content
from assistant.wiring.content import make_script
from tests.support.invented_cases import with_cases

CHATS = ("en", "es")
"""Those of the golden chats and of the saved states: they stay as they are when a language is added."""


def script_in(languages: Collection[str]) -> Script:
    """The conversations and cases as they are shipped, with these languages and their news only."""
    locales: dict[str, Locale] = {}
    for code, each in load_locales().items():
        assert isinstance(each, CatalogueLocale)
        if code in languages:
            locales[code] = replace(each, siblings=locales)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "load_locales", lambda: locales)
        script = make_script(Settings(_env_file=None))
    return with_cases(script, [_with_news_in(languages, case) for case in script.cases.values()])


def _with_news_in(languages: Collection[str], case: Case) -> Case:
    news = {slug: _in(languages, each) for slug, each in case.updates.items()}
    return replace(case, updates=news)


def _in(languages: Collection[str], update: Update) -> Update:
    texts = {each: text for each, text in update.text.texts.items() if each in languages}
    return replace(update, text=Written(texts))
