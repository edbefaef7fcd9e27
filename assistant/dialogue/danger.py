"""Whether it may be dangerous for somebody to write to us."""

from collections.abc import Mapping

from assistant.dialogue.state import State
from assistant.domain.cases import Case
from assistant.domain.texts import country_code


def lives_with_danger(cases: Mapping[str, Case], state: State, *, careful: bool, country: str | None) -> bool:
    """By the country that they have named last; `careful` where they have named none.

    `careful`: what was known before. `country`: the one that this was about, by its code.
    """
    for frame in reversed(state.frames):
        named, case = frame.answer("country"), cases.get(frame.about or "")
        if named and named.value and case:
            code = country_code(named.value)
            return case.is_careful(code) or (careful and country == code)
    return careful
