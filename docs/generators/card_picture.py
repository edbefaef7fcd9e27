"""Draws docs/card.svg, the card of the shipped case, as `assistant cases card` does.

The number of letters and the organisation are invented: they stand where yours will.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from assistant.domain.cards import card_links
from assistant.domain.clock import moved_clock
from assistant.domain.organisation import Organisation
from assistant.services.cards import Cards
from assistant.settings import Settings
from assistant.wiring.content import make_content
from conversations import cards as wording

PICTURE = Path(__file__).parent.parent / "card.svg"
CASE = "norma-cruz"
DELIVERED = 4312
LINK = "https://letters.example/norma-cruz"
TODAY = "2026-11-24T12:00:00Z"


def picture() -> str:
    """The card in English."""
    return asyncio.run(_drawn()).decode()


async def _drawn() -> bytes:
    content = make_content(Settings(_env_file=None, cases_dir=None))
    clock = moved_clock(TODAY, datetime.now(UTC))
    organisation = Organisation("Letters for Example")
    cards = Cards(content.cases, content.locales, wording, organisation, clock)
    try:
        return await cards.svg(CASE, "en", DELIVERED, card_links(LINK))
    finally:
        cards.close()


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
