"""The figures of a case: counted from what is stored, and shown together."""

import pytest

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.steps import Step
from assistant.services.figures import figures_of_case
from assistant.services.sources import letters_by_source
from tests.support.answers import answer, mailed
from tests.support.harness import CASE, LETTER, Harness
from tests.support.many_letters import insert_letters, insert_steps

pytestmark = pytest.mark.both_databases
L = LetterStatus


async def _shown(harness: Harness) -> dict[str, dict[str, str]]:
    shown = await figures_of_case(harness.store, CASE)
    tables = {
        "funnel": shown.funnel,
        "letters": {"written": shown.written} | {each.value: shown.stages[each] for each in shown.stages},
        "countries": {**shown.countries, "elsewhere": shown.elsewhere},
        "sources": shown.sources,
    }
    return {name: {key: str(count) for key, count in table.items()} for name, table in tables.items()}


async def test_of_few_people_nothing_is_said_but_that_they_are_few(harness: Harness) -> None:
    before = await _shown(harness)
    await harness.receive_all("ana", LETTER)
    await harness.receive_all("ben", LETTER[:5])
    after = await _shown(harness)
    assert {text for table in after.values() for text in table.values()} == {"<10", "<19"}
    assert before == after


async def test_many_are_counted_by_where_they_are_and_where_they_came_from(harness: Harness) -> None:
    await insert_steps(harness, dict(zip(Step, (900, 700, 650, 645, 500, 400), strict=True)))
    await insert_letters(harness, {(L.DELIVERED, "FI"): 200, (L.SENT, "FI"): 90, (L.CANCELLED, "FI"): 35})
    await insert_letters(
        harness, {(L.QUEUED, "GT"): 40, (L.SUBMITTED, "CL"): 7, (L.HELD, "AR"): 8}, source="flyer"
    )
    await insert_letters(harness, {(L.FAILED, "GT"): 2, (L.RETRY_WAIT, "GT"): 1}, source="poster")
    await insert_letters(harness, {(L.DELIVERED, "SE"): 77}, case="another-case")
    assert await _shown(harness) == {
        "funnel": {
            "opened": "900",
            "began": "700",
            "country": "645+",
            "name": "645",
            "previewed": "500",
            "confirmed": "400",
            "left": "297",
            "arrived": "200",
            "answered": "<10",
        },
        "letters": {"written": "348", "waiting": "40+", "sent": "97", "arrived": "200", "failed": "<10"},
        "countries": {"FI": "290", "GT": "43", "elsewhere": "15"},
        "sources": {"flyer": "40+", "poster": "<10"},
    }


async def test_letters_that_an_office_has_answered_are_counted_once_each(harness: Harness) -> None:
    people = [f"person{number}" for number in range(30)]
    await mailed(harness, *people)
    reader = harness.mail_reader()
    for number in range(1, 12):
        assert await reader.read(answer(number, number=number))
    assert await reader.read(answer(1, "And one more word.", number=99))
    assert (await _shown(harness))["funnel"]["answered"] == "11"


async def test_a_source_of_all_cases_tells_nothing_that_a_case_hides(harness: Harness) -> None:
    await insert_letters(harness, {(L.DELIVERED, "FI"): 40}, source="flyer")
    await insert_letters(harness, {(L.DELIVERED, "FI"): 20, (L.CANCELLED, "FI"): 9}, source="poster")
    assert await letters_by_source(harness.store) == {"flyer": "40", "poster": "20"}
    await insert_letters(harness, {(L.DELIVERED, "FI"): 3}, case="another-case", source="flyer")
    assert await letters_by_source(harness.store) == {"flyer": "40+", "poster": "20"}
