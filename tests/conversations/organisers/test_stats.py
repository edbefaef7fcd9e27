"""What an organiser sees of a case: its figures, and pictures of what may be said of them."""

from dataclasses import replace

import pytest

from assistant.dialogue.script import Script
from assistant.domain.charts import Funnel, Thermometer, WorldMap
from assistant.domain.figures import ActionFigures, CaseFigures, Origins
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Picture, Reply
from assistant.domain.organisers import Role
from assistant.domain.steps import Step
from assistant.store.messages import dump_reply, load_reply
from tests.support.dialogue_organisers import organiser
from tests.support.harness import Harness
from tests.support.invented_cases import with_cases
from tests.support.offices import REF
from tests.support.organisers import join
from tests.support.publishing import CASE
from tests.support.transcript import Chat

GOAL = 500
COUNTRIES = {"GT": 1200, "DE": 45, "MT": 30, "FI": 3}


def looking(script: Script, *, left: int = 0, countries: dict[str, int] | None = None) -> Chat:
    """Somebody who may look, at a case with one action that has a goal."""
    case = script.cases[CASE]
    actions = {
        slug: replace(each, goal=GOAL if slug == REF.action else None) for slug, each in case.actions.items()
    }
    chat = organiser(with_cases(script, [replace(case, actions=actions)]), Role.VIEWER)
    sent = left or sum((countries or {}).values())
    figures = CaseFigures(
        actions={REF.action: ActionFigures(letters={LetterStatus.SENT: sent})},
        written=Origins(countries or {}),
    )
    assert chat.person.team
    chat.person = replace(chat.person, team=replace(chat.person.team, figures={CASE: figures}))
    return chat


def charts(replies: tuple[Reply, ...]) -> dict[type, Picture]:
    return {
        type(each.attachment.chart): each.attachment
        for each in replies
        if isinstance(each.attachment, Picture)
    }


def the_map(replies: tuple[Reply, ...]) -> WorldMap:
    chart = charts(replies)[WorldMap].chart
    assert isinstance(chart, WorldMap)
    return chart


@pytest.mark.parametrize("word", ["/stats", "figures", "/estadisticas", "/cifras"])
def test_the_figures_come_with_pictures_in_both_languages(script: Script, word: str) -> None:
    replies = looking(script, left=310, countries=COUNTRIES).send(word).replies
    assert set(charts(replies)) == {Thermometer, WorldMap}
    assert any("310" in reply.html for reply in replies if reply.attachment is None)


@pytest.mark.parametrize(
    ("left", "count", "shown"), [(310, 280, "280+"), (317, 290, "290+"), (9, None, "<10")]
)
def test_the_thermometer_is_as_high_as_what_is_said(
    script: Script, left: int, count: int | None, shown: str
) -> None:
    chart = charts(looking(script, left=left).send("/stats").replies)[Thermometer].chart
    assert isinstance(chart, Thermometer)
    assert (chart.reached.count, chart.reached.shown) == (count, shown)
    assert (chart.goal.count, chart.goal.shown) == (GOAL, "500")


def test_how_far_people_come_is_a_funnel_with_its_figures(script: Script) -> None:
    chat = looking(script, left=1278, countries=COUNTRIES)
    assert chat.person.team
    counted = chat.person.team.figures[CASE]
    steps = {step: 2000 - 100 * place for place, step in enumerate(Step)}
    chat.person = replace(
        chat.person, team=replace(chat.person.team, figures={CASE: replace(counted, steps=steps)})
    )
    replies = chat.send("/stats").replies
    chart = charts(replies)[Funnel].chart
    assert isinstance(chart, Funnel)
    assert [bar.count for bar in chart.steps][:6] == list(steps.values())
    [beside] = [each.html for each in replies if each.attachment and "How far" in each.html]
    assert "Came to write: 2,000" in beside and "Letters answered: &lt;10" in beside


def test_a_country_with_few_letters_is_neither_on_the_map_nor_beside_it(script: Script) -> None:
    replies = looking(script, left=1278, countries=COUNTRIES).send("/stats").replies
    assert [place.code for place in the_map(replies).places] == ["GT", "DE", "MT"]
    assert "Finland" not in "".join(dump_reply(each) for each in replies)


def test_nor_can_it_be_worked_out_from_the_others(script: Script) -> None:
    """The second smallest is hidden, too: the picture does not hold its number."""
    replies = looking(script, left=1278, countries=COUNTRIES).send("/stats").replies
    counts = {place.code: place.bar.count for place in the_map(replies).places}
    assert counts["GT"] == 1200
    assert counts["MT"] is None
    assert '"count": 30' not in "".join(dump_reply(each) for each in replies)


def test_the_map_says_how_many_countries_are_too_small_for_it_and_they_are_listed(script: Script) -> None:
    replies = looking(script, countries={"GT": 40, "MT": 30}).send("/stats").replies
    chart = the_map(replies)
    assert chart.note == "1 country with letters is too small for this map."
    [beside] = [each.html for each in replies if each.attachment and "Malta" in each.html]
    assert "Malta: 20+" in beside  # that nobody has written from elsewhere is not said


def test_of_many_countries_most_are_counted_beside_the_map(script: Script) -> None:
    codes = ["GT", "DE", "MX", "ES", "FR", "IT", "SE", "NO", "PE", "CL", "AR"]
    replies = looking(script, countries=dict.fromkeys(codes, 20)).send("/stats").replies
    [beside] = [each.html for each in replies if each.attachment and "•" in each.html]
    assert (beside.count("•"), "more countries" in beside) == (9, True)  # eight, and those elsewhere
    assert len(the_map(replies).places) >= len(codes) - 1


def test_where_no_country_may_be_named_there_is_no_map(script: Script) -> None:
    assert WorldMap not in charts(looking(script, left=9, countries={"GT": 9}).send("/stats").replies)


def test_of_several_cases_it_is_asked_which(script: Script) -> None:
    chat = looking(script, left=310, countries=COUNTRIES)
    case = chat.script.cases[CASE]
    other = replace(case, slug="other")
    chat.script = with_cases(chat.script, [case, other])
    chat.send("/stats")
    assert chat.question.asks == "case"
    assert charts(chat.send("2").replies).keys() == {Thermometer}
    chat.send("/stats")
    assert WorldMap in charts(chat.send("1").replies)


def test_what_is_said_is_kept_as_it_was_until_it_is_drawn(script: Script) -> None:
    for reply in looking(script, left=310, countries=COUNTRIES).send("/stats").replies:
        assert load_reply(dump_reply(reply)) == reply


async def test_letters_that_were_written_reach_an_organiser_as_a_picture(harness: Harness) -> None:
    harness.channel.shows_files = True
    await join(harness, "vera", Role.VIEWER)
    await harness.queue_letters(*(f"writer{number}" for number in range(11)))
    await harness.receive("vera", "/stats")
    files = [each for each in harness.channel.files if each is not None]
    [picture] = [each for each in files if each.kind == "image/png"]
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert (picture.name, len(picture.content) > 10_000) == ("figures.png", True)
