"""Telephone numbers in routes: written one way only, so that nothing but digits can ever be dialled."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def refusal_of_number(to: str) -> str | None:
    """Why `to` is no international number, for who writes case folders; None where it is one.

    ITU-T E.164 (6.2.1): `+`, a country code, which never begins with 0, and at most 15 digits in all. No
    office has fewer than 7. Nothing else is understood: no spaces, no `00`, no letters that command a modem.
    """
    if _E164.fullmatch(to):
        return None
    return "write the number with + and its country code, digits only, without spaces, such as +50255550100"
