"""The fax carrier on a real T.30 line: `make test-fax`. It takes about six minutes and needs root.

It also holds the fake of tests/support/fakes/hylafax/server.py to what the real server does.
"""

import asyncio
import ftplib
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from assistant.carriers.base import Outcome, Parcel, Ref
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.carriers.hylafax.client import Job, Session
from assistant.content.documents import Documents
from assistant.content.pages import Page
from assistant.dialogue.script import Script
from assistant.domain.errors import Busy, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.rig.pages import HEIGHT, likeness, received, sent
from tests.support.fakes.hylafax import jobs as line
from tests.support.fakes.hylafax.jobs import Ending
from tests.support.invented_cases import draft_of

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("ASSISTANT_TEST_FAX") != "1",
        reason="real fax calls take minutes and need root: make test-fax",
    ),
]

URL = "hylafax://campaign@127.0.0.1:4559?prefix=00&from=Campaign"
OFFICE, BUSY, NO_ROUTE = "+50255550100", "+50255550117", "+50255550103"
NO_ANSWER, VOICE, CUT = "+50255550118", "+50255550116", "+50255550199"
LOOKS = 100  # two seconds apart
RIG = Path(os.environ.get("FAX_RIG", "."))  # where tests/rig/netns.sh keeps everything

WORDS = "Le escribo para pedirle que proteja a las personas inventadas de esta prueba y que investigue. "


def page_of(words: str) -> bytes:
    """A page full of these words as PDF."""
    pdf = typst.compile(f'#set page(paper: "a4", margin: 2.5cm)\n{words * 20}'.encode())
    assert isinstance(pdf, bytes)
    return pdf


def parcel(key: str, to: str, pdf: bytes | None = None) -> Parcel:
    """A letter ready to travel."""
    return Parcel(
        key=key,
        to=to,
        subject="A letter",
        text="Estimada ...",
        pdf=page_of(WORDS) if pdf is None else pdf,
        facts={},
    )


@pytest.fixture
def fax() -> HylaFax:
    """Our carrier, as an operator would set it."""
    return HylaFax.from_url(URL)


async def the_job(fax: HylaFax, key: str) -> Job:
    """The newest job with that key, as the server lists it."""

    def look() -> Job:
        with Session(fax._server) as session:
            return session.jobs()[key][-1]

    return await asyncio.to_thread(look)


async def the_end(fax: HylaFax, key: str, reference: str) -> Outcome:
    """What became of a fax, once the call is over."""
    for _ in range(LOOKS):
        outcome = (await fax.poll({key: reference}))[key]
        if not isinstance(outcome, Ref) or outcome.status is not LetterStatus.SUBMITTED:
            return outcome
        await asyncio.sleep(2)
    raise AssertionError("the call does not end")


async def on_the_line(fax: HylaFax, key: str) -> None:
    """Returns when that fax is being dialled."""
    for _ in range(LOOKS):
        if (await the_job(fax, key)).on_the_line:
            return
        await asyncio.sleep(0.5)
    raise AssertionError("the call does not begin")


async def test_a_letter_reaches_the_office_as_it_was_sent(
    fax: HylaFax, script: Script, tmp_path: Path
) -> None:
    case = script.cases["norma-cruz"]
    draft = draft_of(case, name="Zoë Invented", country="FI", personal_line="My invented aunt grows turnips.")
    written = datetime(2012, 1, 23, 15, tzinfo=UTC)
    pdf = Documents().letter(
        Page(text=draft.text, target=case.main, language=draft.language, written=written)
    )
    began = time.monotonic()
    ref = await fax.submit(parcel("rig-letter", OFFICE, pdf))
    assert (await fax.submit(parcel("rig-letter", OFFICE, pdf))).reference == ref.reference
    delivered = await the_end(fax, "rig-letter", ref.reference)
    took = time.monotonic() - began
    assert isinstance(delivered, Ref) and delivered.status is LetterStatus.DELIVERED
    assert await fax.lookup("rig-letter") == delivered
    [tiff] = (RIG / "office" / "recvq").glob("*.tif")
    page = received(tiff)
    (tmp_path / "sent.pdf").write_bytes(pdf)
    (tmp_path / "other.pdf").write_bytes(page_of(WORDS))
    like, other = likeness(page, sent(tmp_path / "sent.pdf")), likeness(page, sent(tmp_path / "other.pdf"))
    print(
        f"{took:.0f} s, {len(page.rows)} lines, {page.ink} dots, likeness {like:.3f}, to another {other:.3f}"
    )
    assert len(page.rows) <= HEIGHT  # HylaFAX leaves out what is white at the end
    assert like > 0.9
    assert other < 0.7


@pytest.mark.parametrize(
    ("to", "ending", "kind", "uncertain"),
    [
        (BUSY, line.BUSY, Busy, False),
        (NO_ROUTE, line.NO_ROUTE, Busy, False),
        (VOICE, line.VOICE, Failure, False),
        (CUT, line.CUT, Failure, True),
    ],
    ids=["busy", "no route", "a person answers", "the line is cut"],
)
async def test_calls_that_fail_end_as_the_fake_says(
    fax: HylaFax, to: str, ending: Ending, kind: type[Failure], uncertain: bool
) -> None:
    key = f"rig-{to[-3:]}"
    began = time.monotonic()
    ref = await fax.submit(parcel(key, to))
    outcome = await the_end(fax, key, ref.reference)
    print(f"{ending.status}: {time.monotonic() - began:.0f} s")
    assert type(outcome) is kind
    assert outcome.uncertain is uncertain
    job = await the_job(fax, key)
    assert Ending(job.state, job.tries, job.dials, job.status) == ending


async def test_a_page_that_cannot_be_read_is_not_dialled(fax: HylaFax) -> None:
    broken = b"%PDF-1.7 /Type /Page << /Length 12 >> stream\n(Estimada) Tj\nendstream %%EOF"
    ref = await fax.submit(parcel("rig-broken", OFFICE, broken))
    outcome = await the_end(fax, "rig-broken", ref.reference)
    assert type(outcome) is Failure and not outcome.uncertain
    job = await the_job(fax, "rig-broken")
    assert Ending(job.state, job.tries, job.dials, job.status) == line.BAD_PAGE


async def test_what_waits_is_called_back_and_what_is_on_the_line_is_not(fax: HylaFax) -> None:
    ringing = await fax.submit(parcel("rig-ringing", NO_ANSWER))
    await on_the_line(fax, "rig-ringing")
    waiting = await fax.submit(parcel("rig-waiting", OFFICE))
    assert await fax.cancel("rig-waiting", waiting.reference) is True
    killed = await the_job(fax, "rig-waiting")
    assert Ending(killed.state, killed.tries, killed.dials, killed.status) == line.KILLED
    assert await fax.cancel("rig-ringing", ringing.reference) is False
    assert type(await the_end(fax, "rig-ringing", ringing.reference)) is Busy
    job = await the_job(fax, "rig-ringing")
    assert Ending(job.state, job.tries, job.dials, job.status) == line.NO_ANSWER
    assert await fax.cancel("rig-ringing", ringing.reference) is True


@pytest.mark.parametrize(("to", "seconds"), [("+50255550127", 0), ("+50255550128", 0.05)])
async def test_a_crash_at_jsubm_makes_no_second_call(
    fax: HylaFax, monkeypatch: pytest.MonkeyPatch, to: str, seconds: float
) -> None:
    """At once HylaFAX drops the job with the connection; a moment later it keeps it."""
    said = ftplib.FTP.voidcmd

    def crashing(ftp: ftplib.FTP, command: str) -> str:
        if command != "JSUBM":
            return said(ftp, command)
        ftp.putcmd(command)
        time.sleep(seconds)
        ftp.close()
        raise EOFError

    monkeypatch.setattr(ftplib.FTP, "voidcmd", crashing)
    key = f"rig-crash-{to[-3:]}"
    with pytest.raises(Failure) as caught:
        await fax.submit(parcel(key, to))
    assert caught.value.uncertain
    monkeypatch.undo()
    await asyncio.sleep(1)
    found = await fax.lookup(key)
    ref = await fax.submit(parcel(key, to))
    print(f"after {seconds} s:", found)
    assert found is None or found.reference == ref.reference
    assert type(await the_end(fax, key, ref.reference)) is Busy
    assert (RIG / "exchange.log").read_text("utf-8").count(f"call to 00{to[1:]}:") == 1


async def test_logins_are_refused_and_taken_as_the_fake_does() -> None:
    for login in ("nobody", "guarded", "guarded:wrong"):
        with pytest.raises(Misconfigured, match="ASSISTANT_FAX_URL"):
            await HylaFax.from_url(URL.replace("campaign", login)).lookup("rig-letter")
    guarded = HylaFax.from_url(URL.replace("campaign", "guarded:invented"))
    assert await guarded.lookup("rig-none") is None
