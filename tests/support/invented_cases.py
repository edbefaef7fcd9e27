"""Cases of invented people with short texts, beside the one that is shipped."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from markupsafe import escape

from assistant.content.letters import JinjaLetter, read_template
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.texts import Written

_LINE_AND_NAME = "{% if line %} {{ line }}{% endif %}\n\n\n{{ name }}\n{{ country }}"


def invented_cases(script: Script) -> Mapping[str, Case]:
    """Alma Rivas and Leyla Aydin, and the shipped case."""
    shipped = script.cases["norma-cruz"]
    cases = [
        _invented(shipped, "alma-rivas", "Alma Rivas", "Guatemala", "GT"),
        _invented(shipped, "leyla-aydin", "Leyla Aydin", "Türkiye", "TR"),
    ]
    return {case.slug: case for case in (*cases, shipped)}


def many_cases(script: Script, count: int) -> Mapping[str, Case]:
    """So many: Person Aba of Place 1, Person Abe ..., each with a name of its own."""
    shipped = script.cases["norma-cruz"]
    names = (f"{one}{two}{three}" for one in "BDFGKLMN" for two in "aeiou" for three in "bdfgklmnprst")
    cases = [
        _invented(shipped, f"person-{name.casefold()}", f"Person {name}", "Guatemala", "GT")
        for name in islice(names, count)
    ]
    return {case.slug: case for case in cases}


def with_cases(script: Script, cases: Iterable[Case]) -> Script:
    """The same script about other cases."""
    changed = copy.copy(script)
    changed.cases = {case.slug: case for case in cases}
    return changed


def reworded(script: Script) -> Script:
    """The same script, whose letters have another text than before."""
    letters = {language: _letter(f"({language})", language) for language in ("en", "es")}
    return with_cases(script, [replace(case, letters=letters) for case in script.cases.values()])


def _invented(shipped: Case, slug: str, person: str, place: str, country: str) -> Case:
    return replace(
        shipped,
        slug=slug,
        person=person,
        title=_written(f"{person}, {place}", f"{person}, {place}"),
        briefing=_written(f"{person} was arrested.", f"{person} fue arrestada."),
        share=_written(f"I wrote for {person}.", f"Escribí por {person}."),
        follow={"en": ("https://example.org/en",), "es": ("https://example.org/es",)},
        target=replace(
            shipped.target,
            country=country,
            office=_written("the Minister of Justice", "la Ministra de Justicia"),
            language="es",
        ),
        letters={
            "en": _letter(f"Dear Minister,\n\n{person} was arrested.", "en"),
            "es": _letter(f"Señora Ministra:\n\n{person} fue arrestada.", "es"),
        },
        updates={},
        action_days=(),
    )


def _written(english: str, spanish: str) -> Written:
    return Written({"en": escape(english), "es": escape(spanish)})


def _letter(text: str, language: str) -> JinjaLetter:
    return read_template(text + _LINE_AND_NAME, language)
