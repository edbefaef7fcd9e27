"""Texts with every character that means something to a platform, each beside each."""

from itertools import product

from tests.support.conformance.driver import PRIVATE

SPECIAL = (
    *"<>&\"'*_~`|\\[](){}#+-=.!?:;/@$%^,1",
    "&amp;",
    "<b>",
    "{{x}}",
    "%s",
    "é",
    "e\N{COMBINING ACUTE ACCENT}",
    "ñ",
    "ß",
    "ع",
    "שָׁ",
    "की",
    "中",
    "\N{RIGHT-TO-LEFT MARK}",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "\N{ZERO WIDTH JOINER}",
    "\N{NO-BREAK SPACE}",
    "\N{GRINNING FACE}",
    "👋🏾",
    "👩‍👩‍👧",
    "🇬🇹",
    "\N{REPLACEMENT CHARACTER}",
)


def texts() -> list[str]:
    """Every two of them side by side: for each, a text of it with all the others."""
    pairs = {first: "".join(f"{a}{b}" for a, b in product([first], SPECIAL)) for first in SPECIAL}
    return [f"{PRIVATE} {pair} {PRIVATE}" for pair in pairs.values()]
