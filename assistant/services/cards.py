"""Cards and flyers of cases, for pages and platforms that ask for them."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from markupsafe import Markup

from assistant.domain.actions import Action
from assistant.domain.cards import CardFacts, CardForm, CardLinks
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.figures import figure
from assistant.domain.organisation import Organisation
from assistant.domain.texts import Locale, Text

AT_ONCE = 2  # pictures that are drawn at the same moment
WAITING_MAX = 8  # pictures that wait for that
KEPT = 64  # pictures, of which none has more than about 200 kB
RETRY_AFTER = 2.0  # seconds: so long ten pictures take on a slow machine

Draw = Callable[[CardForm, CardFacts], bytes]
_Key = tuple[CardForm, CardFacts]


class Wording(Protocol):
    """What stands on them. `action`: the one that is open, where one is."""

    def about(self, case: Case, action: Action | None) -> Text:
        """What is asked, or has happened; of several paragraphs the first is shown."""

    def delivered(self, letters: int) -> Text:
        """How many letters have arrived."""

    def invitation(self, case: Case, action: Action | None) -> Text:
        """What can be done."""

    def scan(self) -> Text:
        """What to do with the code."""

    def code(self, link: str) -> Text:
        """What a screen reader says of the code."""


class Cards:
    """Draws cards and flyers in threads of their own, each picture once while nothing on it changes.

    `delivered`: how many letters of the case have arrived; None, or fewer than may be told: nothing is said
    of it. Every picture raises Failure: permanent where it cannot be drawn, or the case or language is not
    known; with `retry_after` where too many pictures are being drawn.
    """

    def __init__(
        self,
        cases: Mapping[str, Case],
        locales: Mapping[str, Locale],
        wording: Wording,
        organisation: Organisation | None,
        clock: Clock,
        draw: Draw | None = None,
    ) -> None:
        """`draw`: called in one of `AT_ONCE` threads; None: as `content.cards` does."""
        self._cases = cases
        self._locales = locales
        self._wording = wording
        self._organisation = organisation
        self._clock = clock
        self._draw = draw or _draw
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="cards")
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._drawing: dict[_Key, asyncio.Future[bytes]] = {}

    async def svg(self, case: str, language: str, delivered: int | None, links: CardLinks) -> bytes:
        """The card for pages, in UTF-8."""
        return await self.picture(CardForm.SVG, case, language, delivered, links)

    async def png(self, case: str, language: str, delivered: int | None, links: CardLinks) -> bytes:
        """The card for platforms."""
        return await self.picture(CardForm.PNG, case, language, delivered, links)

    async def flyer(self, case: str, language: str, delivered: int | None, links: CardLinks) -> bytes:
        """The flyer, a PDF."""
        return await self.picture(CardForm.PDF, case, language, delivered, links)

    async def picture(
        self, form: CardForm, case: str, language: str, delivered: int | None, links: CardLinks
    ) -> bytes:
        """The card or the flyer of the case."""
        return await self._drawn((form, self._facts(case, language, delivered, links)))

    def close(self) -> None:
        """End the threads; what waits for them is not drawn."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _facts(self, slug: str, language: str, delivered: int | None, links: CardLinks) -> CardFacts:
        case, locale = self._cases.get(slug), self._locales.get(language)
        if case is None or locale is None:
            raise Failure("There is no card of that case in that language.", permanent=True)
        say = self._wording
        action = next(iter(case.open_actions(self._clock())), None)
        exact = None if delivered is None else figure(delivered).exact
        return CardFacts(
            language=language,
            title=_plain(case.title.render(locale)),
            line=_plain(say.about(case, action).render(locale)),
            counter="" if exact is None else _plain(say.delivered(exact).render(locale)),
            invitation=_plain(say.invitation(case, action).render(locale)),
            scan=_plain(say.scan().render(locale)),
            link=links.shown,
            code_link=links.code,
            code_title=_plain(say.code(links.shown).render(locale)),
            organisation=self._organisation.name if self._organisation else "",
        )

    async def _drawn(self, key: _Key) -> bytes:
        """The picture, which all who ask for it meanwhile wait for. Nobody who leaves ends it for others."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        drawing = self._drawing.get(key)
        if drawing is None:
            if len(self._drawing) >= AT_ONCE + WAITING_MAX:
                raise Failure(
                    "Too many cards are being drawn: try again in a moment.", retry_after=RETRY_AFTER
                )
            drawing = asyncio.get_running_loop().run_in_executor(self._threads, self._draw, *key)
            self._drawing[key] = drawing
            drawing.add_done_callback(partial(self._keep, key))
        return await asyncio.shield(drawing)

    def _keep(self, key: _Key, drawn: asyncio.Future[bytes]) -> None:
        del self._drawing[key]
        if drawn.cancelled() or drawn.exception():
            return
        self._kept[key] = drawn.result()
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _draw(form: CardForm, facts: CardFacts) -> bytes:
    from assistant.content.cards import draw  # typst, where something is drawn at all

    return draw(form, facts)


def _plain(html: Markup) -> str:
    """The first paragraph on one line, without markup."""
    return Markup(html.partition("\n\n")[0]).striptags()  # noqa: S704  rich text of ours
