"""Languages by code and by name."""

import pytest

from assistant.content.languages import direction, language_code, language_name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("es", "es"),
        (" PT-br ", "pt-BR"),
        ("zh_Hant", "zh-Hant"),
        ("Spanish", "es"),
        ("español", "es"),
        ("العربية", "ar"),
        ("DEUTSCH", "de"),
        ("klingon", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_language_is_known_by_its_code_and_names(text: str, code: str | None) -> None:
    assert language_code(text) == code


def test_what_is_shown_of_a_language() -> None:
    assert [language_name(each) for each in ("es", "pt-BR")] == ["Spanish", "Portuguese (Brazil)"]
    assert [direction(each) for each in ("es", "ar", "he", "zh-Hant")] == ["ltr", "rtl", "rtl", "ltr"]
