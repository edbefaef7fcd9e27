"""Whether a carrier would take a letter is asked without one, and without leaving anything behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.carriers.base import Carrier
from assistant.carriers.email.carrier import Email
from assistant.carriers.hylafax.carrier import HylaFax
from assistant.carriers.post import Post
from assistant.carriers.telnyx.carrier import Telnyx
from assistant.carriers.tray import Tray
from assistant.domain.errors import Down, Failure, Misconfigured
from tests.support.carriers.email_parcels import FROM, SECRET
from tests.support.fakes.hylafax.server import FakeHfaxd
from tests.support.fakes.mail_server import MailServer
from tests.support.fakes.telnyx.faxes import Refused
from tests.support.fakes.telnyx.server import FakeTelnyx

LIMIT = 20  # seconds
NOBODY = "127.0.0.1:9"  # the port of "discard", where nobody listens


@dataclass
class Other:
    """A carrier and its other side. `letters`: how many that has; `refuse`: what it does not like us for."""

    carrier: Carrier
    letters: Callable[[], int]
    refuse: Callable[[], object]


async def _email(stack: AsyncExitStack, _: Path) -> Other:
    server = await stack.enter_async_context(MailServer())
    carrier = Email.from_url(server.url, FROM, SECRET)
    return Other(carrier, lambda: server.said["MAIL"], lambda: server.fail_next("EHLO", "554 not you"))


async def _hylafax(stack: AsyncExitStack, _: Path) -> Other:
    server = await stack.enter_async_context(FakeHfaxd())
    refuse = lambda: server.fail_next("USER", answer="530 User invented access denied.")  # noqa: E731
    return Other(HylaFax.from_url(server.url), lambda: len(server.of("JNEW", "STOT")), refuse)


async def _telnyx(stack: AsyncExitStack, _: Path) -> Other:
    server = await stack.enter_async_context(FakeTelnyx())
    refuse = lambda: server.fail_next("list", Refused(401, {}))  # noqa: E731
    return Other(Telnyx.from_url(server.setting), lambda: len(server.faxes), refuse)


async def _tray(stack: AsyncExitStack, folder: Path) -> Other:
    tray = folder / "tray"
    tray.mkdir()

    def spoil() -> None:
        tray.rmdir()
        tray.write_text("a file in its place", "utf-8")

    return Other(Tray(tray), lambda: len(list(tray.iterdir())) if tray.is_dir() else 0, spoil)


REMOTE = [_email, _hylafax, _telnyx]


@pytest.fixture
async def other(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Other]:
    """A carrier that works."""
    async with AsyncExitStack() as stack, asyncio.timeout(LIMIT):
        made = await request.param(stack, tmp_path)
        stack.push_async_callback(made.carrier.close)
        yield made


@pytest.mark.parametrize("other", [*REMOTE, _tray], indirect=True)
async def test_a_carrier_that_works_has_nothing_to_say_and_got_nothing(other: Other) -> None:
    await other.carrier.probe()
    await other.carrier.probe()
    assert other.letters() == 0


@pytest.mark.parametrize("other", [*REMOTE, _tray], indirect=True)
async def test_one_that_refuses_us_says_what_to_mend(other: Other) -> None:
    other.refuse()
    with pytest.raises((Misconfigured, Down)) as caught:
        await other.carrier.probe()
    assert caught.value.reason.endswith(".")
    assert other.letters() == 0


@pytest.mark.parametrize(
    "carrier",
    [
        lambda: Email.from_url(f"smtp://{NOBODY}", FROM, SECRET),
        lambda: HylaFax.from_url(f"hylafax://letters:secret@{NOBODY}"),
    ],
    ids=["email", "hylafax"],
)
async def test_one_that_is_not_there_is_down(carrier: Callable[[], Carrier]) -> None:
    with pytest.raises(Down, match=r"see .*ASSISTANT_"):
        await carrier().probe()


async def test_post_needs_nothing() -> None:
    await Post().probe()


def test_a_tray_that_was_never_used_is_not_made(tmp_path: Path) -> None:
    asyncio.run(Tray(tmp_path / "data" / "tray").probe())
    assert list(tmp_path.iterdir()) == []


async def test_a_tray_whose_place_is_taken_by_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Failure, match="cannot be written"):
        await Tray(tmp_path / "data" / "tray").probe()
