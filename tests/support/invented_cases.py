"""Cases of invented people with short texts, beside the one that is shipped."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from markupsafe import escape

from assistant.content.letters import JinjaLetter, read_template
from assistant.dialogue.script import Script
from assistant.domain.actions import ONLY_ACTION, Action, LetterText, newest_first
from assistant.domain.cases import Case
from assistant.domain.letters import ActionRef, Draft, LetterRef, LetterTemplate, Route
from assistant.domain.retention import Retention
from assistant.domain.targets import ONLY_TARGET
from assistant.domain.texts import CaseDate, Written

_LINE_AND_NAME = "{% if line %} {{ line }}{% endif %}\n\n\n{{ name }}\n{{ country }}"


def invented_cases(script: Script) -> Mapping[str, Case]:
    """Alma Rivas and Leyla Aydin, the shipped case, and Ines Quispe, with several actions and targets."""
    shipped = script.cases["norma-cruz"]
    cases = [
        _invented(shipped, "alma-rivas", "Alma Rivas", "Guatemala", "GT"),
        _invented(shipped, "leyla-aydin", "Leyla Aydin", "Türkiye", "TR"),
    ]
    return {case.slug: case for case in (*cases, shipped, _with_several(shipped))}


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


def with_retention(script: Script, **days: int) -> Script:
    """The same script, where an operator has set how many days things are kept."""
    changed = copy.copy(script)
    changed.retention = Retention(**{name: timedelta(days=number) for name, number in days.items()})
    return changed


def closed(case: Case) -> Case:
    """The same case, which has ended."""
    ended = _written(
        f"{case.person} is free. Thank you to everybody who wrote.",
        f"{case.person} está libre. Gracias a quienes escribieron.",
    )
    return replace(case, closed=ended)


def reworded(script: Script) -> Script:
    """The same script, whose letters have another text than before."""
    letters = {language: _letter(f"({language})", language) for language in ("en", "es")}
    return with_cases(script, [with_letters(case, letters) for case in script.cases.values()])


def the_action(case: Case) -> Action:
    """The newest of the case's."""
    return newest_first(case.actions.values())[0]


def with_action(case: Case, **changes: Any) -> Case:  # Any: the fields of `Action`
    """The case with its newest action changed."""
    action = replace(the_action(case), **changes)
    return replace(case, actions={**case.actions, action.slug: action})


def with_another_action(case: Case, slug: str, title: str) -> Case:
    """The case with one action more, which asks the same of the same office, and is newer and open."""
    newest = the_action(case)
    opens = CaseDate(2012, 1, 20)
    another = replace(
        newest, ref=ActionRef(case.slug, slug), title=_written(title, title), opens=opens, action_days=()
    )
    return replace(case, actions={**case.actions, slug: another})


def with_target(case: Case, **changes: Any) -> Case:  # Any: the fields of `Target`
    """The case with the main target of its newest action changed, also where other actions write to it."""
    main = the_action(case).main
    changed = replace(main, **changes)
    actions = {
        slug: replace(action, targets=tuple(changed if each == main else each for each in action.targets))
        for slug, action in case.actions.items()
    }
    return replace(case, actions=actions)


def with_letters(case: Case, letters: Mapping[str, LetterTemplate], version: str = "reworded") -> Case:
    """The case with these letters, by language, in its newest action."""
    texts = {target.slug: LetterText(letters, version) for target in the_action(case).targets}
    return with_action(case, letters=texts)


def ref_of(case: Case) -> LetterRef:
    """A person's letter of its newest action to the main target."""
    action = the_action(case)
    return LetterRef(*action.ref, action.main.slug)


def templates_of(case: Case) -> Mapping[str, LetterTemplate]:
    """What its newest action writes to the main target, by language."""
    action = the_action(case)
    return action.letters[action.main.slug].templates


def draft_of(case: Case, *, name: str, country: str, personal_line: str | None) -> Draft:
    """The letter of its newest action to the main target."""
    action = the_action(case)
    return action.draft(action.main, name=name, country=country, personal_line=personal_line)


def _invented(shipped: Case, slug: str, person: str, place: str, country: str) -> Case:
    return replace(
        shipped,
        slug=slug,
        person=person,
        title=_written(f"{person}, {place}", f"{person}, {place}"),
        briefing=_written(f"{person} was arrested.", f"{person} fue arrestada."),
        share=_written(f"I wrote for {person}.", f"Escribí por {person}."),
        follow={"en": ("https://example.org/en",), "es": ("https://example.org/es",)},
        actions={ONLY_ACTION: _one_action(shipped, slug, person, country)},
        updates={},
    )


def _with_several(shipped: Case) -> Case:
    """Ines Quispe: *Free her* to three offices, one of them by country; *Give her a lawyer* in May 2012."""
    case = _invented(shipped, "ines-quispe", "Ines Quispe", "Peru", "PE")
    minister = replace(case.main, slug="minister")
    mayor = replace(
        minister, slug="mayor", office=_written("the Mayor of Lima", "el Alcalde de Lima"), routes=(_EMAIL,)
    )
    in_chile, elsewhere = (
        replace(
            minister,
            slug=slug,
            office=_written(f"the Embassy of Peru in {place}", f"la Embajada del Perú en {lugar}"),
            routes=(_EMAIL,),
            **whom,
        )
        for slug, place, lugar, whom in (
            ("embassy-cl", "Chile", "Chile", {"serves": frozenset({"CL"})}),
            ("embassy-de", "Germany", "Alemania", {"others": True}),
        )
    )
    targets = (minister, mayor, in_chile, elsewhere)
    text = case.actions[ONLY_ACTION].letters[ONLY_TARGET]
    salutation = _letter("Dear Minister,\n\nPlease free Ines Quispe.", "en")
    embassy = LetterText(
        {"en": _letter("Dear Ambassador,\n\nPlease pass this on.", "en"), **_spanish(text)}, "e"
    )
    free = replace(
        case.actions[ONLY_ACTION],
        ref=ActionRef(case.slug, "free-her"),
        title=_written("Free Ines Quispe", "Libertad para Ines Quispe"),
        asks=_written("Free her at once.", "Que la liberen ya."),
        opens=CaseDate(2012, 1),
        closes=CaseDate(2012, 2, 20),
        targets=targets,
        letters={
            target.slug: embassy
            if target in (in_chile, elsewhere)
            else LetterText({"en": salutation, **_spanish(text)}, "m")
            for target in targets
        },
    )
    lawyer = replace(
        free,
        ref=ActionRef(case.slug, "lawyer"),
        title=_written("A lawyer for Ines Quispe", "Un abogado para Ines Quispe"),
        asks=_written("Give her a lawyer.", "Que tenga un abogado."),
        opens=CaseDate(2012, 2, 10),
        closes=CaseDate(2012, 5, 31),
        targets=(minister,),
    )
    return replace(case, actions={"free-her": free, "lawyer": lawyer})


def _spanish(text: LetterText) -> dict[str, LetterTemplate]:
    return {"es": text.templates["es"]}


_EMAIL = Route("email", "office@example.org")


def _one_action(shipped: Case, slug: str, person: str, country: str) -> Action:
    target = replace(
        shipped.main,
        slug=ONLY_TARGET,
        country=country,
        office=_written("the Minister of Justice", "la Ministra de Justicia"),
        language="es",
    )
    letters = {
        "en": _letter(f"Dear Minister,\n\n{person} was arrested.", "en"),
        "es": _letter(f"Señora Ministra:\n\n{person} fue arrestada.", "es"),
    }
    return replace(
        the_action(shipped),
        ref=ActionRef(slug, ONLY_ACTION),
        title=_written(person, person),
        targets=(target,),
        letters={ONLY_TARGET: LetterText(letters, "invented")},
        action_days=(),
        opens=None,
        closes=None,
        briefing=None,
        formerly=(),
    )


def _written(english: str, spanish: str) -> Written:
    return Written({"en": escape(english), "es": escape(spanish)})


def _letter(text: str, language: str) -> JinjaLetter:
    return read_template(text + _LINE_AND_NAME, language)
