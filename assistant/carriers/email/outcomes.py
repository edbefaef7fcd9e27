"""What a mail server's answers mean for a letter (RFC 5321, section 4.2; RFC 3463).

Only the numbers of an answer are told: its text often quotes addresses.
"""

import re

from assistant.carriers.email.settings import SETTING
from assistant.domain.errors import Down, Failure, Misconfigured

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?![.\d])")
_LOGIN = {530, 534, 535, 538}  # RFC 4954, section 6
_TOO_LARGE = {"5.2.3", "5.3.4"}
_CLOSING = 421


def refusal(stage: str, code: int, text: str) -> Failure:
    """What follows from an answer to `stage`: MAIL, RCPT, DATA, or AUTH and whatever comes before them."""
    found = _ENHANCED.match(text.strip())
    status = found[0] if found else ""
    told = f"{code} {status}".strip() + f" at {stage}"
    if not 400 <= code <= 599:
        return Down(f"The mail server does not answer as one ({told}): see {SETTING}.")
    if code in _LOGIN or (stage == "AUTH" and code >= 500):
        return Misconfigured(f"The mail server wants another login ({told}): see {SETTING}.")
    if stage not in _REFUSED:
        return Down(f"The mail server does not let us in now ({told}).")
    if code == _CLOSING:
        return Down(f"The mail server takes nothing now ({told}).")
    if code < 500:
        return Failure(f"The mail server put the letter off ({told}); it is tried again.")
    if status in _TOO_LARGE or (code == 552 and stage != "RCPT" and not status.startswith("5.2.")):
        return Failure(f"The letter is too large for the mail server ({told}).", permanent=True)
    return _REFUSED[stage](told)


def _sender_refused(told: str) -> Failure:
    # It refuses every letter in the same way, so they wait rather than fail one after another.
    return Misconfigured(f"The mail server refuses our address ({told}): see ASSISTANT_MAIL_FROM.")


def _office_refused(told: str) -> Failure:
    where = "see the address in the file of the case, and whether the server sends mail elsewhere for us"
    return Failure(f"The mail server refuses the office's address ({told}): {where}.", permanent=True)


def _letter_refused(told: str) -> Failure:
    return Failure(f"The mail server refuses the letter ({told}).", permanent=True)


_REFUSED = {"MAIL": _sender_refused, "RCPT": _office_refused, "DATA": _letter_refused}
