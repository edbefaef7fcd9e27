"""All texts of a case in the dashboard, beside what the check of its folder says."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from assistant.content.cases import Checked
from assistant.content.folder import Finding
from assistant.dialogue.script import Script
from assistant.domain.errors import Misconfigured
from assistant.domain.organisers import Role
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.wiring.content import checked_case
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.publishing import CASE

PATH = f"/dashboard/cases/{CASE}"


@pytest.fixture
def findings() -> list[Finding]:
    """What the check of the folder finds."""
    return []


@pytest.fixture
async def checked(
    store: Store, script: Script, clock: FakeClock, findings: list[Finding]
) -> AsyncIterator[Team]:
    """With a folder of that case."""

    def check(slug: str) -> Checked | None:
        if any(each.where == "unreadable" for each in findings):
            raise Misconfigured("The folder of cases cannot be read.")
        return Checked(slug=slug, case=None, findings=tuple(findings)) if slug == CASE else None

    async with open_dashboard(store, script, clock, check=check) as opened:
        yield opened


async def test_every_text_stands_there_in_every_language(team: Team) -> None:
    case = team.harness.script.cases[CASE]
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        await browser.follow("All its texts")
        texts = [case.title, case.briefing, case.share, *(each.text for each in case.updates.values())]
        texts += [action.title for action in case.actions.values()]
        texts += [target.office for target in case.targets.values()]
        for text in texts:
            for version in text.texts.values():
                assert str(version) in browser.source
        assert "Ana Example" in browser.said and "this one is sent" in browser.said
        assert "Its folder is not there" in browser.said


async def test_the_letter_is_read_as_it_is_printed(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(f"{PATH}/texts")
        path = next(path for path in browser.links.values() if path.endswith(".pdf"))
        async with browser.client.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "application/pdf")
            assert (await answer.read()).startswith(b"%PDF")
        for gone in (f"{PATH}/letters/nothing/nobody.pdf", path.replace(CASE, "nobody")):
            await browser.open(gone)
            assert browser.status == 404


async def test_what_the_check_says_stands_beside_it(checked: Team, findings: list[Finding]) -> None:
    findings += [
        Finding("letter.es.txt", "there is no such file"),
        Finding("share.en.md", "it names nobody & <nothing>", serious=False),
    ]
    async with checked.signed_in("vera", Role.VIEWER) as browser:
        said = await browser.open(f"{PATH}/texts")
        assert "The folder has mistakes." in said and "letter.es.txt : there is no such file" in said
        assert "Please look at these: share.en.md : it names nobody & <nothing>" in said


async def test_however_many_look_at_once_a_folder_is_checked_once(
    store: Store, script: Script, clock: FakeClock
) -> None:
    begun, may_end = list[str](), threading.Event()

    def check(slug: str) -> Checked:
        begun.append(slug)
        may_end.wait(30)
        return Checked(slug=slug, case=None, findings=())

    async with (
        open_dashboard(store, script, clock, check=check) as team,
        team.signed_in("vera", Role.VIEWER) as browser,
    ):

        async def look() -> int:
            async with browser.client.get(f"{PATH}/texts") as answer:
                return answer.status

        looking = [asyncio.create_task(look()) for _ in range(4)]
        await asyncio.sleep(0.3)  # so that all of them could have begun
        may_end.set()
        assert await asyncio.gather(*looking) == [200] * 4
    assert begun == [CASE]


async def test_where_nothing_is_wrong_that_is_said(checked: Team) -> None:
    async with checked.signed_in("vera", Role.VIEWER) as browser:
        assert "Nothing is wrong with it." in await browser.open(f"{PATH}/texts")


async def test_folders_that_cannot_be_read_are_a_sentence(checked: Team, findings: list[Finding]) -> None:
    findings.append(Finding("unreadable", ""))
    async with checked.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(f"{PATH}/texts")
        assert browser.status == 503


def test_the_folder_that_comes_with_the_assistant_is_found_and_no_other() -> None:
    found = checked_case(Settings(), CASE)
    assert found is not None and found.case is not None and found.slug == CASE
    assert checked_case(Settings(), "no-such-case") is None
