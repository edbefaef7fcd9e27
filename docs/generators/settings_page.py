"""Writes docs/settings.md from the settings class: meanings, defaults, limits, examples, secrets."""

from collections.abc import Iterator
from pathlib import Path

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from assistant.settings import FILE, SECTION, Settings
from assistant.settings import variable as name_of_variable

PAGE = Path(__file__).parent.parent / "settings.md"
FIELDS = Settings.model_fields

_HEAD = """\
<!-- `make docs` writes this page from assistant/settings.py: change it there. -->

# Settings

Settings are environment variables, or lines of a file `.env` in the folder in which the assistant is started.
A variable goes before a line; an empty one counts as not set. Nothing has to be set to try the assistant.
A name that begins like these and is none of them is told at the start, with the one that may be meant.

**Secrets** can be files: where a setting is marked 🔑, the one with `_FILE` at its end names a file that
holds the value instead, such as a Docker secret; to set both is an error.
Values of secrets stand in no log and in no error.
"""


def page() -> str:
    """docs/settings.md as it has to be."""
    return _HEAD + "".join(_lines())


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"`{name_of_variable(name)}`"


def is_secret(name: str) -> bool:
    """Whether the value may be kept in a file, or must not be shown."""
    return name + FILE in FIELDS or SecretStr in (FIELDS[name].annotation, *_union(FIELDS[name]))


def _lines() -> Iterator[str]:
    for name, field in FIELDS.items():
        if heading := section(field):
            yield f"\n## {heading}\n\n| setting | meaning | default |\n|---|---|---|\n"
        if not (name.endswith(FILE) and name.removesuffix(FILE) in FIELDS):
            yield f"| {_names(name)} | {_meaning(field)} | {_default(field)} |\n"


def section(field: FieldInfo) -> str | None:
    """The heading that stands above a setting; None where it belongs to the section of the one before."""
    extra = field.json_schema_extra
    return str(extra[SECTION]) if isinstance(extra, dict) and SECTION in extra else None


def _names(name: str) -> str:
    both = [variable(name)]
    if name + FILE in FIELDS:
        both.append(f"or {variable(name + FILE)}")
    return " ".join([*both, "🔑"] if is_secret(name) else both)


def _meaning(field: FieldInfo) -> str:
    said = [field.description or ""]
    low = [limit.ge for limit in field.metadata if isinstance(limit, Ge)]
    high = [limit.le for limit in field.metadata if isinstance(limit, Le)]
    if low and high:
        said.append(f"From {low[0]} to {high[0]}.")
    if field.examples:
        said.append("Example: " + " or ".join(f"`{example}`" for example in field.examples))
    return " ".join(said).replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    return f"`{field.default}`" if field.default not in (None, {}) else "not set"


def _union(field: FieldInfo) -> tuple[object, ...]:
    return getattr(field.annotation, "__args__", ())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
