"""TOML of case folders, read within limits: whoever wrote it must not hold us up."""

import re
import tomllib
from decimal import Decimal
from typing import Any

from assistant.content.casefile_errors import explain_toml

_PARTS_MAX = 16  # of a key such as target.office.en: tomllib takes their square in time
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*){{{_PARTS_MAX}}}")


class BadToml(ValueError):
    """It is no TOML that we read. Its words say which line, and what to write."""


def read_toml(text: str) -> dict[str, Any]:
    """What it says, with numbers that have a point as Decimal. Raises BadToml."""
    if long := _LONG_KEY.search(text):
        line = text[: long.start()].count("\n") + 1
        raise BadToml(
            f"cannot be read: line {line}: a name has more than {_PARTS_MAX} parts with dots between them"
        )
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadToml(explain_toml(error, text)) from error
    except RecursionError:
        raise BadToml("cannot be read: its brackets stand too deep within each other") from None
    except (ValueError, ArithmeticError):  # of the number itself
        raise BadToml("cannot be read: a number in it is too long") from None
