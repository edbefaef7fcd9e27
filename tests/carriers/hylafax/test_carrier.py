"""Fax over HylaFAX: what is handed over arrives whole, and every refusal says what to do."""

import asyncio
import dataclasses
import ftplib
from concurrent.futures import ThreadPoolExecutor

import pytest
import typst

from assistant.carriers.base import Carrier, Ref, Report
from assistant.carriers.hylafax import client
from assistant.carriers.hylafax.blank_page import has_ink
from assistant.carriers.hylafax.carrier import AT_ONCE, HylaFax
from assistant.domain.errors import Down, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.support.carriers.hylafax import NUMBER, PARCEL, PDF, POLL_INTERVAL, failing
from tests.support.fakes.hylafax.server import FakeHfaxd

# What is handed over


async def test_a_letter_becomes_one_job_that_dials_once_and_holds_the_page_as_it_was(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    ref = await fax.submit(PARCEL)
    assert ref == Ref(LetterStatus.SUBMITTED, "1", POLL_INTERVAL)
    [job] = server.jobs
    assert job.pages == [PDF]
    assert job.parameters == {
        "FROMUSER": "Campaign",
        "DIALSTRING": "0050255550100",
        "EXTERNAL": "0050255550100",
        "JOBINFO": "case-0001",
        "MAXDIALS": "1",
        "MAXTRIES": "1",
        "SENDTIME": "NOW",
        "LASTTIME": "000100",
        "SCHEDPRI": "127",
        "VRES": "196",
        "PAGEWIDTH": "209",
        "PAGELENGTH": "296",
        "NOTIFY": "NONE",
    }


async def test_the_page_is_sent_as_an_image_after_the_list_has_left_type_a(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    await fax.submit(PARCEL)
    order = server.of("TYPE", "FORM", "LIST", "STOT", "SIZE")
    assert order[order.index("STOT") - 1] == "TYPE I"
    assert order.index("FORM PDF") < order.index("STOT") < order.index("SIZE /tmp/doc1.pdf")
    assert "TYPE A" in order[: order.index("STOT")]


def _stored_after_a_list(port: int) -> int | None:
    """What a client stores that forgets TYPE I."""
    with ftplib.FTP() as ftp:  # noqa: S321  HylaFAX has no other protocol
        ftp.connect("127.0.0.1", port, timeout=10)
        ftp.sendcmd("USER campaign")
        ftp.sendcmd("FORM PDF")
        ftp.retrlines("LIST sendq", print)
        with ftp.transfercmd("STOT") as data:
            data.sendall(PDF)
        ftp.voidresp()
        return ftp.size("/tmp/doc1.pdf")  # noqa: S108  on the server


async def test_a_client_that_forgets_it_loses_bytes(server: FakeHfaxd) -> None:
    assert await asyncio.to_thread(_stored_after_a_list, server.port) == len(PDF) - PDF.count(b"\r\n")


async def test_a_page_that_did_not_arrive_whole_is_not_faxed(fax: HylaFax, server: FakeHfaxd) -> None:
    server.loses = 7
    failure = await failing(fax)
    assert not failure.uncertain and not failure.permanent
    assert f"{len(PDF) - 7} of the page's {len(PDF)} bytes" in failure.reason
    assert server.jobs == [] and server.of("JNEW") == []


@pytest.mark.parametrize(
    "pdf",
    [
        b"",
        b"Estimada (Fiscal) Tj",
        PDF[:-20],
        PDF.replace(b"/Page", b"/Cage"),
        PDF.replace(b"(Estimada)", b"()"),
        PDF.replace(b"(Estimada) Tj", b"0 0 99 99 re f"),
        PDF.replace(b"/Length 30", b"/Length 30 /Filter /FlateDecode"),
        PDF.replace(b"/Length 30", b"/Length 30 /Type /Metadata"),
    ],
    ids=["empty", "no PDF", "cut", "no page", "no text", "a white surface", "cannot be inflated", "metadata"],
)
async def test_a_blank_or_broken_page_is_never_faxed(fax: HylaFax, server: FakeHfaxd, pdf: bytes) -> None:
    failure = await failing(fax, dataclasses.replace(PARCEL, pdf=pdf))
    assert failure.permanent and "blank" in failure.reason
    assert server.commands == []


def test_the_ink_of_typst_is_seen_and_its_blank_page_is_blank() -> None:
    def made(source: str) -> bytes:
        pdf = typst.compile(source.encode())
        assert isinstance(pdf, bytes)
        return pdf

    assert has_ink(made("Estimada Fiscal General"))
    assert has_ink(made("#pagebreak()\nx"))
    assert not has_ink(made("#set page(fill: white)\n#pagebreak()"))
    assert not has_ink(made("#rect(fill: white)\n#h(1cm)"))


# What is dialled

HOSTILE = [
    "",
    "+",
    "50255550100",
    "0050255550100",
    "+0050255550100",
    "+502 5555 0100",
    "+502-5555-0100",
    "+50255550100,,911",
    "+50255550100;ATH",
    "+50255550100\r\nJSUBM",
    "+50255550100\n",
    "+50255550100W9",
    "+50255550100@",
    "+50255550100|sh",
    '+50255550100"',
    "+٥٠٢٥٥٥٥٠١٠٠",
    "+５０２５５５５０１００",
    "+5025555010012345",
    "+502555",
    "*67+50255550100",
    "T+50255550100",
]


@pytest.mark.parametrize("to", HOSTILE, ids=ascii)
async def test_nothing_but_an_international_number_is_ever_dialled(
    fax: HylaFax, server: FakeHfaxd, to: str
) -> None:
    assert fax.refuses(to) is not None
    failure = await failing(fax, dataclasses.replace(PARCEL, to=to))
    assert isinstance(failure, Misconfigured) and "case.toml" in failure.reason
    assert server.commands == []


@pytest.mark.parametrize(
    ("prefix", "dialled"), [("00", "0050255550100"), ("", "50255550100"), ("9011", "9011502")]
)
async def test_the_line_dials_its_prefix_before_a_number(
    server: FakeHfaxd, prefix: str, dialled: str
) -> None:
    fax = HylaFax.from_url(f"{server.url}?prefix={prefix}&from=Campaign+for+Norma")
    assert fax.refuses(NUMBER) is None
    await fax.submit(PARCEL)
    [job] = server.jobs
    assert job.parameters["DIALSTRING"].startswith(dialled)
    assert job.parameters["DIALSTRING"].isdecimal()
    assert job.parameters["FROMUSER"] == "Campaign for Norma"


# When things break


async def test_a_crash_after_jsubm_leaves_doubt_and_lookup_ends_it_without_a_second_fax(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    server.fail_next("JSUBM", drop=True, after=True)
    failure = await failing(fax)
    assert failure.uncertain and type(failure) is Failure
    assert await fax.lookup(PARCEL.key) == Ref(LetterStatus.SUBMITTED, "1", POLL_INTERVAL)
    assert (await fax.submit(PARCEL)).reference == "1"
    assert len(server.jobs) == 1


async def test_no_answer_to_jsubm_leaves_doubt(
    fax: HylaFax, server: FakeHfaxd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER", 0.3)
    server.fail_next("JSUBM", slow=5)
    assert (await failing(fax)).uncertain


@pytest.mark.parametrize(
    "command",
    ["HELLO", "USER", "TZONE", "JOBFMT", "TYPE", "PASV", "LIST", "FORM", "STOT", "SIZE", "JNEW", "JPARM"],
)
async def test_a_connection_that_breaks_earlier_leaves_none(
    fax: HylaFax, server: FakeHfaxd, command: str
) -> None:
    server.fail_next(command, drop=True)
    failure = await failing(fax)
    assert isinstance(failure, Down) and not failure.uncertain
    assert "ASSISTANT_FAX_URL" in failure.reason
    assert await fax.lookup(PARCEL.key) is None
    await fax.submit(PARCEL)
    assert len(server.jobs) == 1


async def test_a_connection_that_breaks_at_the_end_changes_nothing(fax: HylaFax, server: FakeHfaxd) -> None:
    server.fail_next("QUIT", drop=True)
    assert (await fax.submit(PARCEL)).reference == "1"


async def test_a_server_that_says_nothing_leaves_the_threads_of_the_disk_alone() -> None:
    callers, all_called, over = 0, asyncio.Event(), asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal callers
        callers += 1
        if callers == AT_ONCE:
            all_called.set()
        await over.wait()
        writer.close()

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))  # as if there were few
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        fax = HylaFax.from_url(f"hylafax://campaign@127.0.0.1:{silent.sockets[0].getsockname()[1]}")
        looks = [asyncio.create_task(fax.lookup(PARCEL.key)) for _ in range(AT_ONCE)]
        async with asyncio.timeout(5):
            await all_called.wait()
            assert await asyncio.to_thread(lambda: "a file") == "a file"
        over.set()
        found = await asyncio.gather(*looks, return_exceptions=True)
    await fax.close()
    assert {type(each) for each in found} == {Down}


async def test_a_scheduler_that_does_not_run_is_told_and_nothing_stays_behind(
    fax: HylaFax, server: FakeHfaxd
) -> None:
    server.scheduler = False
    failure = await failing(fax)
    assert isinstance(failure, Down) and "faxq" in failure.reason
    assert server.jobs == []
    server.scheduler = True
    assert (await fax.submit(PARCEL)).status is LetterStatus.SUBMITTED


async def test_a_refused_fax_that_cannot_be_taken_back_is_in_doubt(fax: HylaFax, server: FakeHfaxd) -> None:
    server.scheduler = False
    server.fail_next("JDELE", answer="504 Cannot delete job: Resource temporarily unavailable.")
    assert (await failing(fax)).uncertain


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("HELLO", "421 Zoë Invented's server is shutting down.", Down),
        ("USER", "530 User +50255550100 access denied.", Misconfigured),
        ("USER", "421 Service not available.", Down),
        ("TYPE", "500 What?", Misconfigured),
        ("STOT", "452 Not enough disk for +50255550100.", Down),
        ("STOT", "553 Zoë Invented may not.", Misconfigured),
        ("JNEW", "200 There you are.", Down),
        ("JPARM", "503 Permission denied: 0050255550100.", Misconfigured),
        ("JSUBM", "504 Cannot submit job 1.", Misconfigured),
        ("LIST", "no protocol of ours, +50255550100", Down),
    ],
)
async def test_every_refusal_says_what_to_do_and_repeats_nothing(
    fax: HylaFax, server: FakeHfaxd, command: str, answer: str, kind: type[Failure]
) -> None:
    server.fail_next(command, answer=answer)
    failure = await failing(fax)
    assert type(failure) is kind and not failure.uncertain
    assert server.jobs == []


async def test_no_server_at_all_is_down_for_everything(server: FakeHfaxd) -> None:
    async with FakeHfaxd() as gone:
        fax = HylaFax.from_url(gone.url)
    assert isinstance(await failing(fax), Down)
    with pytest.raises(Down):
        await fax.lookup(PARCEL.key)
    with pytest.raises(Down):
        await fax.poll({PARCEL.key: "1"})
    assert await fax.cancel(PARCEL.key, "1") is False


async def test_a_host_that_is_no_name_is_down_too() -> None:
    assert isinstance(await failing(HylaFax.from_url(f"hylafax://campaign@{'x' * 70}.invalid")), Down)


async def test_it_is_a_real_carrier_with_no_pages_of_its_own(fax: HylaFax) -> None:
    async def nothing(report: Report) -> bool:
        return False

    carrier: Carrier = fax
    assert (carrier.name, carrier.real, carrier.per_minute, carrier.in_flight) == ("fax", True, 1, 1)
    assert fax.routes(nothing) == ()
    await fax.close()
