"""Languages by what people call them: by their code, in English, or as their own speakers do."""

from collections.abc import Mapping
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

from assistant.content.territories import fold


def language_code(text: str) -> str | None:
    """The code of the language that is named so, such as `es` or `pt-BR`; None where none is."""
    written = text.strip().replace("_", "-")
    if "-" in written or len(written) <= 3:  # Babel takes longer words apart: `english`
        try:
            return str(babel_locale(written)).replace("_", "-")
        except (UnknownLocaleError, ValueError, TypeError):
            pass
    return _names().get(fold(text))


def language_name(code: str) -> str:
    """What English calls the language."""
    return babel_locale(code).get_display_name("en") or code


def direction(code: str) -> str:
    """`ltr` or `rtl`: in which direction it is written."""
    return babel_locale(code).text_direction


def babel_locale(code: str) -> Locale:
    """CLDR's data for the language. Raises ValueError where it is none."""
    return Locale.parse(code, sep="-")


@cache
def _names() -> Mapping[str, str]:
    """The codes of languages without script and country, by folded name: English names go first."""
    names: dict[str, str] = {}
    english = Locale.parse("en").languages
    plain = [each for each in locale_identifiers() if each.isalpha() and each.islower() and each != "root"]
    for code in plain:
        names.setdefault(fold(english.get(code, code)), code)
    for code in plain:
        names.setdefault(fold(Locale.parse(code).get_display_name() or code), code)
    return names
