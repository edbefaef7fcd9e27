"""The passphrase of a keyring, asked for in the terminal, once for each process."""

import getpass
import sys
from functools import cache

from assistant.store.keyring import no_passphrase

QUESTION = "Passphrase of the keyring: "


@cache
def asked_passphrase() -> str:
    """What a person types. Raises Misconfigured where there is none to ask."""
    if sys.stdin is None or not sys.stdin.isatty():
        return no_passphrase()
    try:
        return getpass.getpass(QUESTION)
    except EOFError:
        return no_passphrase()
