"""Cards and flyers: the words of a case in a language, and each picture drawn once."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from markupsafe import Markup

from assistant.dialogue.script import Script
from assistant.domain.cards import CardFacts, CardForm, CardLinks
from assistant.domain.cases import Case
from assistant.domain.errors import Failure
from assistant.domain.figures import FEW
from assistant.domain.organisation import Organisation
from assistant.domain.texts import CaseDate, Written
from assistant.services.cards import AT_ONCE, KEPT, WAITING_MAX, Cards, Draw
from conversations import cards as wording
from tests.support.fakes.channel import FakeClock
from tests.support.invented_cases import closed, invented_cases, with_action
from tests.support.pdf_contents import text

CASE = "norma-cruz"
LINKS = CardLinks("letters.example/norma-cruz", "https://letters.example/norma-cruz?s=flyer")
Made = Callable[..., Cards]


class Drawing:
    """Draws nothing, but remembers what was asked for, and takes as long as it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[CardForm, CardFacts]] = []
        self.go_on = threading.Event()
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, form: CardForm, facts: CardFacts) -> bytes:
        with self._lock:
            self.asked.append((form, facts))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go_on.wait(60)
        with self._lock:
            self.at_once -= 1
        return f"{form} {facts.title} {facts.counter}".encode()

    @property
    def facts(self) -> CardFacts:
        """Of what was asked for last."""
        return self.asked[-1][1]


@pytest.fixture
def drawing() -> Drawing:
    drawing = Drawing()
    drawing.go_on.set()
    return drawing


@pytest.fixture
def make(script: Script, clock: FakeClock) -> Iterator[Made]:
    made: list[Cards] = []

    def make(draw: Draw | None, case: Case | None = None, organisation: Organisation | None = None) -> Cards:
        cases = {CASE: case or invented_cases(script)[CASE]}
        made.append(Cards(cases, script.locales, wording, organisation, clock, draw))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def cards(make: Made, drawing: Drawing) -> Iterator[Cards]:
    yield make(drawing)
    drawing.go_on.set()


@pytest.fixture
def case(script: Script) -> Case:
    return invented_cases(script)[CASE]


# What stands on them


async def test_a_card_says_what_is_asked_in_the_language_of_its_reader(
    cards: Cards, drawing: Drawing
) -> None:
    await cards.svg(CASE, "es", 4312, LINKS)
    assert drawing.facts == CardFacts(
        language="es",
        title="Norma Cruz, Guatemala",
        line="Investigar las amenazas de 2010 y procesar a las personas responsables.",
        counter="Han llegado 4.312 cartas.",
        invitation="Escribir una carta",
        scan="Escanea el código con tu teléfono, o abre el enlace.",
        link=LINKS.shown,
        code_link=LINKS.code,
        code_title="Código QR que abre letters.example/norma-cruz",
        organisation="",
    )


async def test_who_runs_the_assistant_is_named(make: Made, drawing: Drawing) -> None:
    await make(drawing, organisation=Organisation("Letters for Example")).png(CASE, "en", None, LINKS)
    assert drawing.facts.organisation == "Letters for Example"


@pytest.mark.parametrize(
    ("delivered", "counter"),
    [
        (None, ""),
        (0, ""),
        (FEW - 1, ""),
        (FEW, "10 letters have arrived."),
        (4312, "4,312 letters have arrived."),
    ],
)
async def test_fewer_letters_than_may_be_told_are_not_counted_in_public(
    cards: Cards, drawing: Drawing, delivered: int | None, counter: str
) -> None:
    await cards.svg(CASE, "en", delivered, LINKS)
    assert drawing.facts.counter == counter


async def test_an_action_that_says_nothing_shortly_is_told_by_its_first_paragraph(
    make: Made, drawing: Drawing, case: Case
) -> None:
    briefing = Written({"en": Markup("She &amp; others were <b>threatened</b>.\n\nWrite for them.")})
    await make(drawing, with_action(case, asks=None, briefing=briefing)).svg(CASE, "en", None, LINKS)
    assert drawing.facts.line == "She & others were threatened."


async def test_a_case_that_has_ended_says_how_and_invites_to_no_letter(
    make: Made, drawing: Drawing, case: Case
) -> None:
    ended = replace(closed(case), closed=Written({"en": Markup("He was convicted.\n\nThank you.")}))
    await make(drawing, ended).svg(CASE, "en", None, LINKS)
    assert (drawing.facts.line, drawing.facts.invitation) == ("He was convicted.", "Read how it ended")


async def test_a_case_without_an_open_action_invites_to_read(
    make: Made, drawing: Drawing, case: Case
) -> None:
    await make(drawing, with_action(case, closes=CaseDate(2011, 12))).svg(CASE, "en", None, LINKS)
    assert drawing.facts.invitation == "Read more"
    assert drawing.facts.line.startswith("Norma Cruz leads the Survivors' Foundation")
    assert "47 death threats" not in drawing.facts.line


async def test_the_three_pictures_are_drawn_for_those_who_ask(make: Made) -> None:
    real = make(None)
    assert (await real.svg(CASE, "en", 4312, LINKS)).startswith(b"<svg ")
    assert (await real.png(CASE, "en", 4312, LINKS)).startswith(b"\x89PNG")
    read = text(await real.flyer(CASE, "es", None, LINKS))
    assert "Investigar las amenazas de 2010" in read
    assert LINKS.shown in read


@pytest.mark.parametrize(("slug", "language"), [("no-such-case", "en"), (CASE, "xx"), ("../etc", "en")])
async def test_a_case_or_language_that_is_not_known_has_no_card(
    cards: Cards, slug: str, language: str
) -> None:
    with pytest.raises(Failure, match="no card") as refused:
        await cards.svg(slug, language, None, LINKS)
    assert refused.value.permanent


# How often they are drawn


async def test_a_hundred_who_ask_at_once_get_one_picture(cards: Cards, drawing: Drawing) -> None:
    drawing.go_on.clear()
    asking = [asyncio.create_task(cards.svg(CASE, "en", 4312, LINKS)) for _ in range(100)]
    await asyncio.sleep(0)
    drawing.go_on.set()
    assert len(set(await asyncio.gather(*asking))) == 1
    assert len(drawing.asked) == 1


async def test_a_picture_is_drawn_anew_when_anything_on_it_changes(cards: Cards, drawing: Drawing) -> None:
    other = CardLinks("letters.example/other", "https://letters.example/other")
    for _ in range(2):
        for language in ("en", "es"):
            await cards.svg(CASE, language, 4312, LINKS)
        await cards.svg(CASE, "en", 4313, LINKS)
        await cards.svg(CASE, "en", 4313, other)
        await cards.png(CASE, "en", 4313, other)
    assert len(drawing.asked) == 5


async def test_only_the_pictures_asked_for_last_are_kept(cards: Cards, drawing: Drawing) -> None:
    first, *others = range(100, 100 + KEPT)
    for delivered in (first, *others, first, 1000):
        await cards.svg(CASE, "en", delivered, LINKS)
    assert len(drawing.asked) == KEPT + 1
    await cards.svg(CASE, "en", first, LINKS)
    assert len(drawing.asked) == KEPT + 1
    await cards.svg(CASE, "en", others[0], LINKS)
    assert len(drawing.asked) == KEPT + 2


async def test_two_are_drawn_at_once_eight_wait_and_more_are_asked_to_come_back(
    cards: Cards, drawing: Drawing
) -> None:
    drawing.go_on.clear()
    numbers = count(100)
    asking = [
        asyncio.create_task(cards.svg(CASE, "en", next(numbers), LINKS)) for _ in range(AT_ONCE + WAITING_MAX)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Failure, match="Too many") as refused:
        await cards.svg(CASE, "en", next(numbers), LINKS)
    assert refused.value.retry_after
    assert not refused.value.permanent
    same = asyncio.create_task(cards.svg(CASE, "en", 100, LINKS))  # nothing more to draw
    await asyncio.sleep(0)
    drawing.go_on.set()
    assert len(set(await asyncio.gather(*asking))) == len(asking)
    assert await same == await asking[0]
    assert drawing.most_at_once <= AT_ONCE
    assert await cards.svg(CASE, "en", next(numbers), LINKS)


async def test_who_leaves_ends_the_picture_for_nobody_else(cards: Cards, drawing: Drawing) -> None:
    drawing.go_on.clear()
    impatient, patient = (asyncio.create_task(cards.svg(CASE, "en", 4312, LINKS)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    drawing.go_on.set()
    assert await patient
    assert len(drawing.asked) == 1


async def test_what_failed_is_tried_again(make: Made, drawing: Drawing) -> None:
    failures = [Failure("It did not work.")]

    def draw(form: CardForm, facts: CardFacts) -> bytes:
        if failures:
            raise failures.pop()
        return drawing(form, facts)

    cards = make(draw)
    with pytest.raises(Failure, match="It did not work"):
        await cards.svg(CASE, "en", 4312, LINKS)
    assert await cards.svg(CASE, "en", 4312, LINKS)
