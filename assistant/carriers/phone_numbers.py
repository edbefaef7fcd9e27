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


def refusal_of_impossible_number(to: str) -> str | None:
    """Why `to` is no number that a letter can go to, or that its country can have; None where it is one.

    The numbering plan of each country is the one of Google's libphonenumber. It is asked where a number is
    set, not where it is dialled: a plan that has changed since then must not hold up what is queued. The
    answer does not repeat the number.
    """
    import phonenumbers  # 50 milliseconds, where there is a number to look at

    if refusal := refusal_of_number(to):
        return refusal
    try:
        number = phonenumbers.parse(to)
    except phonenumbers.NumberParseException:
        return "no country has the code that the number begins with"
    if not phonenumbers.is_valid_number(number):
        return (
            f"no such number can exist in the country of +{number.country_code}: compare and count its digits"
        )
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != to:
        return f"leave out the 0 behind +{number.country_code}: it is dialled only within the country"
    return None
