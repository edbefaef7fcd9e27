"""Answers of offices, in the dashboard."""

from assistant.domain.answers import AnswerStatus
from assistant.domain.organisers import Role
from assistant.services.letters.answers import AnswerOverview
from tests.support.answers import SAID, answer, mailed
from tests.support.dashboard import Team

PATH = "/dashboard/answers"
HOSTILE = 'We have <b onclick="alert(1)">read</b> it.'
NEW, PASSED, ASIDE = AnswerStatus.NEW, AnswerStatus.PASSED, AnswerStatus.SET_ASIDE


async def answered(team: Team, *texts: str) -> None:
    """A letter for each of these texts, which answers it."""
    await mailed(team.harness, *(f"writer {number}" for number in range(len(texts))))
    reader = team.harness.mail_reader()
    for number, text in enumerate(texts, 1):
        assert await reader.read(answer(number, text, number=number))


async def statuses(team: Team) -> list[AnswerStatus]:
    return [each.status for each in await AnswerOverview(team.harness.store).listed()]


async def told(team: Team) -> int:
    """How many people have read an answer."""
    await team.harness.engine().run_until_idle()
    texts = [text for number in range(3) for text in team.harness.texts_to(f"writer {number}")]
    return sum("The office has answered" in text for text in texts)


async def test_those_that_say_the_same_are_shown_once_and_passed_on_together(team: Team) -> None:
    await answered(team, SAID, SAID, "Another answer.")
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.follow("3 answers of offices wait")
        assert browser.path == PATH and browser.said.count("We have opened an investigation.") == 1
        assert "2 answers that say the same" in browser.said
        assert "Passed on: 2 answers" in await browser.press("Pass on all of them")
        assert "investigation" not in browser.said and "Another answer." in browser.said
    assert await statuses(team) == [PASSED, PASSED, NEW]
    assert await told(team) == 2


async def test_one_of_them_is_set_aside_alone(team: Team) -> None:
    await answered(team, SAID, SAID)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "Set aside: 1 answer" in await browser.press("Set it aside")
    assert await statuses(team) == [ASIDE, NEW]
    assert await told(team) == 0


async def test_what_an_office_writes_is_text(team: Team) -> None:
    await answered(team, HOSTILE)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "<b onclick" not in browser.source and "&lt;b onclick=" in browser.source


async def test_an_answer_that_somebody_else_has_settled_is_not_passed_on(team: Team) -> None:
    await answered(team, SAID)
    async with team.signed_in("abel", Role.APPROVER) as one, team.signed_in("olga") as two:
        await one.open(PATH)
        await two.open(PATH)
        await one.press("Set it aside")
        await two.press("Pass it on")
        assert two.status == 409 and "It may have changed in the meantime" in two.said
    assert await statuses(team) == [ASIDE]


async def test_an_old_page_passes_on_no_more_than_it_showed(team: Team) -> None:
    await answered(team, SAID, SAID)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        await mailed(team.harness, "writer 2")
        assert await team.harness.mail_reader().read(answer(3, SAID, number=3))
        assert "Passed on: 2 answers" in await browser.press("Pass on all of them")
    assert await statuses(team) == [PASSED, PASSED, NEW]


async def test_who_may_not_approve_reads_no_answer_and_settles_none(team: Team) -> None:
    await answered(team, SAID)
    async with team.signed_in("dora", Role.DRAFTER) as browser:
        assert "Answers of offices" not in browser.links
        assert "Your role in the team does not include this" in await browser.open(PATH)
        assert "investigation" not in browser.source
        await browser.post(f"{PATH}/1/pass", {"last": "1"})
        assert browser.status == 409
    assert await statuses(team) == [NEW]


async def test_another_site_and_nobody_settle_nothing(team: Team) -> None:
    await answered(team, SAID)
    async with team.browser() as stranger, team.signed_in("abel", Role.APPROVER) as browser:
        await stranger.post(f"{PATH}/1/pass")
        assert stranger.status == 401
        await browser.post(f"{PATH}/1/pass", Sec_Fetch_Site="cross-site")
        assert browser.status == 403
    assert await statuses(team) == [NEW]
