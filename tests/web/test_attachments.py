"""Files that are made when somebody opens them."""

import asyncio

from assistant.content.preview import sample_draft
from assistant.domain.messages import Paper
from assistant.web.attachments import Attachments
from tests.support.harness import Harness
from tests.support.publishing import CASE


async def test_however_many_open_letters_one_that_is_sent_is_printed_next(
    harness: Harness,
) -> None:
    action = next(iter(harness.script.cases[CASE].actions.values()))
    draft = sample_draft(action, action.main)
    paper = Paper(draft.case, draft.language, draft.text, draft.target)
    ended: list[str] = []
    attachments = Attachments(harness.printer, harness.clock)

    async def look() -> None:
        await attachments.made(paper)
        ended.append("looked at")

    looking = [asyncio.create_task(look()) for _ in range(20)]
    await asyncio.sleep(0)  # they have all begun
    await harness.printer.pdf(draft.case, draft.target, draft.language, draft.text, harness.clock())
    ended.append("sent")
    await asyncio.gather(*looking)
    assert ended.index("sent") <= 2
