"""A chat moves from one channel to another: by a code that is typed there."""

import secrets
from datetime import timedelta

MOVE_CODE_LASTS = timedelta(minutes=10)
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that looks like another one
_LENGTH = 8  # of 32 signs each: 10 to the 12


def new_move_code() -> str:
    """A code as it is typed: `K7QM-4TXA`."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    half = _LENGTH // 2
    return f"{signs[:half]}-{signs[half:]}"
