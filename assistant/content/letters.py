"""Letter templates: a text with `{{ name }}`, `{{ country }}`, `{{ line }}` and the like, no more.

The sandbox alone would still run `'a' * 10**8`, so a template may hold nothing but those placeholders:
no call, no filter, no arithmetic.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.content.i18n import load_locales
from assistant.content.territories import called
from assistant.domain.texts import Sentence, in_plain_text

PLACEHOLDERS = ("name", "country", "line", "salutation", "office")
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Not, nodes.And, nodes.Or)
_IF, _ENDIF = re.compile(r"\{%-?\s*if\b"), re.compile(r"\{%-?\s*endif\b")
_ = Sentence
_A_SUPPORTER = _("A supporter")
_environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class BadTemplate(ValueError):
    """A letter template holds something that a letter cannot have."""


@dataclass(frozen=True, kw_only=True)
class JinjaLetter:
    """A `LetterTemplate` in one language. `file`: where it stands in its case folder."""

    language: str
    source: str
    placeholders: frozenset[str]
    macro: Callable[[str, str, str, str, str], str]
    file: str

    def fill(
        self,
        *,
        name: str,
        country: str,
        personal_line: str | None,
        salutation: str = "",
        office: str = "",
    ) -> str:
        """The letter's text; the country is named in the letter's language."""
        home = called(country, self.language)
        signed = name or nameless(self.language)
        return str(self.macro(signed, home, personal_line or "", salutation, office)).strip()


@cache
def nameless(language: str) -> str:
    """What stands in the place of a name; nothing where we do not speak that language: then the country alone
    stands under the letter."""
    locales = load_locales()
    spoken = locales.get(language) or locales.get(language.split("-")[0])
    return in_plain_text(_A_SUPPORTER, spoken) if spoken else ""


def read_template(source: str, language: str, file: str = "") -> JinjaLetter:
    """The template in `source`. Raises BadTemplate with a sentence for who wrote it."""
    try:
        return _read(source, language, file)
    except TemplateSyntaxError as error:
        raise BadTemplate(_advice(source, error.lineno)) from error
    except (RecursionError, SyntaxError) as error:
        raise BadTemplate("the placeholders stand too deep within each other") from error


def _advice(source: str, number: int) -> str:
    """What to write, where the line `number` cannot be read."""
    lines = source.splitlines()
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    opened, closed = (_numbers(pattern, lines) for pattern in (_IF, _ENDIF))
    if len(opened) > len(closed):
        return f"line {opened[-1]}: {{% if line %}} has no {{% endif %}}; write it below {{{{ line }}}}"
    if len(closed) > len(opened):
        return f"line {closed[-1]}: {{% endif %}} has no {{% if line %}}; write it above {{{{ line }}}}"
    if line.count("{{") != line.count("}}"):
        return f"line {number}: a placeholder stands between two {{ and two }}, such as {{{{ name }}}}"
    if line.count("{%") != line.count("%}"):
        return f"line {number}: a condition stands between {{% and %}}, such as {{% if line %}}"
    if "{%" in line:
        return f"line {number}: only {{% if line %}} and {{% endif %}} can stand between {{% and %}}"
    return (
        f"line {number}: a placeholder is written like {{{{ name }}}}, with nothing else between the braces"
    )


def _numbers(pattern: re.Pattern[str], lines: Sequence[str]) -> list[int]:
    return [number for number, line in enumerate(lines, 1) for _ in pattern.finditer(line)]


def _read(source: str, language: str, file: str) -> JinjaLetter:
    tree = _environment.parse(source)
    for node in _all_nodes(tree):
        if isinstance(node, nodes.Name):
            if node.name not in PLACEHOLDERS:
                known = ", ".join(f"{{{{ {each} }}}}" for each in PLACEHOLDERS)
                raise BadTemplate(f"unknown placeholder {{{{ {node.name} }}}}; known are {known}")
        elif not isinstance(node, _ALLOWED):
            raise BadTemplate("only placeholders and {% if line %} can stand in a letter")
    used = frozenset(node.name for node in tree.find_all(nodes.Name))
    if "name" not in used:
        raise BadTemplate("the letter is not signed: {{ name }} is missing")
    # A macro, because it is filled without a new context: seven times as fast as rendering a template.
    wrapped = f"{{% macro letter({', '.join(PLACEHOLDERS)}) %}}{source}\n{{% endmacro %}}"
    macro = _environment.from_string(wrapped).module.letter  # type: ignore[attr-defined]
    return JinjaLetter(language=language, source=source, placeholders=used, macro=macro, file=file)


def _all_nodes(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(each for child in node.iter_child_nodes() for each in _all_nodes(child))]
