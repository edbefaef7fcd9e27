"""What comes back broken, nested or huge: it does no harm, and is read as far as it can be."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.carriers.email.bounces import LARGEST, read_bounce
from tests.support.carriers.email_bounces import ALL, EXCHANGE, OURS, POSTFIX, TOKEN, report_of
from tests.support.carriers.email_own_formats import DELAYS, FAILURES, UNCLEAR, told


def test_junk_in_eight_bits_does_no_harm() -> None:
    junk = bytes(range(128, 256))
    for text in ALL.values():
        raw = text.encode().replace(b"could not", junk).replace(b"Subject: ", b"Subject: " + junk)
        raw = raw.replace(b"Office", junk).replace(b"Final-Recipient: rfc822", b"Final-Recipient: " + junk)
        report = read_bounce(b"Delivered-To: " + junk + b"\n" + raw)
        assert report is not None
        assert report.reference == TOKEN


def test_a_gateway_may_wrap_a_report() -> None:
    outer = f'To: {OURS}\nContent-Type: multipart/mixed; boundary="outer"\n\n--outer\n'
    assert report_of(f"{outer}{POSTFIX}\n--outer\nContent-Type: text/plain\n\nScanned.\n--outer--\n")


def test_a_report_that_somebody_forwards_is_no_news() -> None:
    assert read_bounce(f"To: {OURS}\nContent-Type: message/rfc822\n\n{POSTFIX}".encode()) is None
    outer = f'To: {OURS}\nContent-Type: multipart/mixed; boundary="outer"\n\n--outer\n'
    assert read_bounce(f"{outer}Content-Type: message/rfc822\n\n{POSTFIX}\n--outer--\n".encode()) is None


def test_what_is_missing_at_the_end_is_not_missed() -> None:
    head, boundary, _ = POSTFIX.partition(
        "--4TXyz.1700000001/mail.campaign.example\nContent-Description: Und"
    )
    assert boundary
    assert "(5.1.1)" in report_of(head)
    assert "(5.1.1)" in report_of(POSTFIX.replace("This is a MIME", "\0This is a MIME"))
    assert "(5.1.1)" in report_of(POSTFIX.replace("message/delivery-status", "text/plain"))
    headers_only = read_bounce(POSTFIX.partition("\n\n")[0].encode())
    assert headers_only is not None
    assert not headers_only.understood


def test_a_report_with_a_huge_letter_in_it_is_read() -> None:
    huge = EXCHANGE.replace("Sra. Fiscal:", "Sra. Fiscal:\n" * (LARGEST // 2))
    assert len(huge) > 5 * LARGEST
    assert "(5.2.2)" in report_of(huge)


@pytest.mark.parametrize("line", ["a@" * 50_000, "a" * 100_000, "- " * 50_000, "(expanded from " * 10_000])
def test_what_would_take_minutes_to_search_is_left_to_a_person(line: str) -> None:
    bounce = read_bounce(told(line).encode())
    assert bounce is not None
    assert not bounce.understood


def test_a_message_without_a_bottom_does_no_harm() -> None:
    for kind, depth in (("message/rfc822", 20_000), ("message/delivery-status", 20_000)):
        assert read_bounce(f"Content-Type: {kind}\n\n".encode() * depth) is None
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(5_000))
    assert read_bounce(nested.encode()) is None


SAMPLES = [*ALL.values(), *DELAYS.values(), *UNCLEAR.values(), *(text for text, _ in FAILURES.values())]


def harmless(raw: bytes) -> None:
    """It is read without an error; what it says, if anything, is said of a letter with a whole token."""
    report = read_bounce(raw)
    assert report is None or (report.reference is not None and len(report.reference) == 32)


@given(st.binary())
def test_any_bytes_do_no_harm(raw: bytes) -> None:
    harmless(raw)


@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False), st.integers(1, 30))
def test_any_broken_report_does_no_harm(text: str, chance: random.Random, wounds: int) -> None:
    raw = bytearray(text.encode())
    for _ in range(wounds):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                del raw[at : at + chance.randrange(40)]
            case 1:
                raw[at:at] = chance.randbytes(chance.randrange(10))
            case 2:
                raw[at] = chance.randrange(256)
            case 3:
                start = chance.randrange(len(raw))
                raw[at:at] = raw[start : start + chance.randrange(300)]
            case _:
                lines = raw.split(b"\n")
                chance.shuffle(lines)
                raw = bytearray(b"\n".join(lines)) if chance.random() < 0.1 else raw
        raw = raw or bytearray(b"x")
    harmless(bytes(raw))


@given(st.lists(st.sampled_from([line for text in SAMPLES for line in text.splitlines()]), max_size=80))
def test_any_lines_of_reports_do_no_harm(lines: list[str]) -> None:
    harmless("\n".join(lines).encode())
