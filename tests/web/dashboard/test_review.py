"""Letters that wait to be read, in the dashboard."""

import pytest

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from tests.support.dashboard import Team
from tests.support.harness import NAME
from tests.support.organisers import audit_entries

PATH = "/dashboard/review"
THREAT = "We will kill you."
LINK = 'Please read https://example.org/<img src=x onerror="alert(1)">'
ALL = "Do it with all"
TICKED = "Do it with those"


async def write(team: Team, *lines: str) -> None:
    """A letter with each of these lines, by a person of its own."""
    for number, line in enumerate(lines):
        told = ["hello", "English", "go", "Finland", NAME, line, "send", "no"]
        await team.harness.receive_all(f"writer {number}", told)


async def test_a_line_is_shown_as_text_with_why_it_is_held_and_without_who_wrote_it(team: Team) -> None:
    await write(team, LINK)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        assert "1 letter waits until you have read it" in browser.said
        await browser.follow("1 letter waits")
        assert browser.path == PATH
        assert "Number 1 , letter to" in browser.said and "a link" in browser.said
        assert 'dir="auto">Please read https://example.org/&lt;img src=x' in browser.source
        assert "<img" not in browser.source and NAME not in browser.source


async def test_those_that_are_ticked_are_let_go_and_the_others_stay(team: Team) -> None:
    await write(team, THREAT, THREAT, THREAT)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        said = await browser.press(TICKED, decision="release", **{"letter-1": "yes", "letter-3": "yes"})
        assert "2 letters can be sent." in said and "Number 2" in said
    held, queued = LetterStatus.HELD, LetterStatus.QUEUED
    assert await team.harness.letter_statuses() == [queued, held, queued]
    assert [each.action for each in await audit_entries(team.harness)][-2:] == ["review release"] * 2


async def test_all_that_are_shown_are_refused_with_one_press_and_their_writers_are_told(team: Team) -> None:
    await write(team, THREAT, LINK)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "2 letters are refused." in await browser.press(ALL, decision="refuse", reason="words")
        assert "No letter waits to be read." in browser.said
    assert set(await team.harness.letter_statuses()) == {LetterStatus.CANCELLED}


async def test_a_letter_goes_without_its_line(team: Team) -> None:
    await write(team, LINK, THREAT)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "2 letters can be sent, without the sentences." in await browser.press(
            ALL, decision="without-line"
        )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"decision": "release"}, "Please tick a letter first."),
        ({"letter-1": "yes"}, "Please say first what shall become of them."),
        ({"letter-1": "yes", "decision": "burn"}, "Please say first what shall become of them."),
        ({"letter-1": "yes", "decision": "refuse"}, "Please say first why you refuse them."),
    ],
)
async def test_what_is_missing_is_said_and_what_was_chosen_stays(
    team: Team, fields: dict[str, str], said: str
) -> None:
    await write(team, THREAT)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert said in await browser.press(TICKED, **fields)
        assert browser.status == 422
        kept = browser.forms[-1].fields
        assert ("letter-1" in kept, "decision" in kept) == (
            "letter-1" in fields,
            fields.get("decision") in ("release", "refuse"),
        )
    assert await team.harness.letter_statuses() == [LetterStatus.HELD]


async def test_a_letter_that_is_held_for_its_name_does_not_go_without_its_line(team: Team) -> None:
    told = ["hello", "English", "go", "Finland", "Norma Cruz"]
    await team.harness.receive_all("ana", told)
    if "“" in team.harness.last_text_to("ana"):  # it is asked whether that is their name
        await team.harness.receive("ana", "yes")
    await team.harness.receive_all("ana", ["An invented line.", "send", "no"])
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "cannot be left out" in await browser.press("Do it with 1", decision="without-line")
    assert await team.harness.letter_statuses() == [LetterStatus.HELD]


async def test_an_old_page_decides_about_nothing_and_keeps_the_other_ticks(team: Team) -> None:
    await write(team, THREAT, THREAT)
    async with (
        team.signed_in("abel", Role.APPROVER) as one,
        team.signed_in("olga", Role.APPROVER) as two,
    ):
        await one.open(PATH)
        await two.open(PATH)
        await one.press(TICKED, decision="release", **{"letter-1": "yes"})
        both = {"letter-1": "yes", "letter-2": "yes"}
        said = await two.press(TICKED, decision="refuse", reason="words", **both)
        assert two.status == 409 and "One of these has been decided about meanwhile" in said
        assert await team.harness.letter_statuses() == [LetterStatus.QUEUED, LetterStatus.HELD]
        assert "1 letter is refused." in await two.press(TICKED)


async def test_who_may_not_approve_sees_no_line_and_decides_about_none(team: Team) -> None:
    await write(team, THREAT)
    async with team.signed_in("dora", Role.DRAFTER) as browser:
        assert "Letters to read" not in browser.links and "until you have read" not in browser.said
        assert "Your role in the team does not include this" in await browser.open(PATH)
        assert THREAT not in browser.source
        await browser.post(PATH, {"letter-1": "yes", "decision": "release", "which": "ticked"})
        assert browser.status == 409 and "That was not done" in browser.said
    assert await team.harness.letter_statuses() == [LetterStatus.HELD]


async def test_another_site_and_nobody_decide_about_nothing(team: Team) -> None:
    await write(team, THREAT)
    fields = {"letter-1": "yes", "decision": "release", "which": "ticked"}
    async with team.browser() as stranger, team.signed_in("abel", Role.APPROVER) as browser:
        await stranger.post(PATH, fields)
        assert stranger.status == 401
        await browser.post(PATH, fields, Sec_Fetch_Site="cross-site")
        assert browser.status == 403
    assert await team.harness.letter_statuses() == [LetterStatus.HELD]


async def test_a_hundred_letters_are_decided_about_with_one_press(team: Team) -> None:
    async with team.signed_in("abel", Role.APPROVER) as browser:
        ticked = {f"letter-{number}": "yes" for number in range(1, 101)}
        await browser.post(PATH, {**ticked, "decision": "release", "which": "ticked"})
        assert browser.status == 409, "the form was read, and there are no such letters"
