"""Every parser of bytes from outside takes whatever comes."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.carriers.telnyx.outcomes import fax_of
from assistant.channels.signal import incoming as signal
from assistant.domain.messages import Account
from tests.support.chance import budget
from tests.support.parsers import FAX_EVENT, FRAMES, NUMBER, PARSERS, SAMPLES, typed, understood

LONG = budget(60_000, 250_000)  # bytes: what takes the square of it in time does not come to its end
FRAGMENTS = st.sampled_from(
    [
        *(
            b"[",
            b"(",
            b"{",
            b"<",
            b">",
            b'"',
            b"'",
            b"`",
            b"*",
            b"_",
            b"~",
            b"\\",
            b"/",
            b"&",
            b"#",
            b"=",
            b".",
        ),
        *(b" ", b"\n", b"\t", b"\r\n", b"\0", b":", b";", b",", b"-", b"|", b"@", b"%", b"a", b"1", b"\xff"),
        *(b"a.", b"[[", b"{{", b"{% if line %}", b"> ", b"- ", b"![", b"](", b"<a ", b"<!--", b"&#", b"**a"),
        *(b'{"a":', b"[a]\n", b"a=1\n", b'"a".', b"--x\n", b"Content-Type: multipart/mixed; boundary=x\n\n"),
        *("\N{COMBINING ACUTE ACCENT}".encode(), "\N{RIGHT-TO-LEFT OVERRIDE}".encode(), b"www.a"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)

Json = dict[str, Any]  # Any: JSON


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_as_it_should_be_is_read(name: str) -> None:
    for sample in SAMPLES[name]:
        PARSERS[name](sample)


@pytest.mark.parametrize("name", PARSERS)
@given(raw=st.binary(max_size=500))
def test_any_bytes_do_no_harm(name: str, raw: bytes) -> None:
    PARSERS[name](raw)


@pytest.mark.parametrize("name", PARSERS)
@given(chance=st.randoms(use_true_random=False), wounds=st.integers(1, 10))
def test_what_is_broken_does_no_harm(name: str, chance: random.Random, wounds: int) -> None:
    PARSERS[name](wounded(chance.choice(SAMPLES[name]), chance, wounds))


@pytest.mark.parametrize("name", PARSERS)
@given(parts=st.lists(FRAGMENTS, min_size=1, max_size=3), end=st.lists(FRAGMENTS, max_size=2))
def test_what_is_long_comes_to_an_end(name: str, parts: list[bytes], end: list[bytes]) -> None:
    part = b"".join(parts)
    PARSERS[name]((part * (LONG // len(part)) + b"".join(end))[:LONG])


def wounded(sample: bytes, chance: random.Random, wounds: int) -> bytes:
    """The sample with something deleted, doubled, moved or replaced, so many times."""
    raw = bytearray(sample)
    for _ in range(wounds):
        at, length = chance.randrange(len(raw) + 1), chance.randrange(20)
        match chance.randrange(4):
            case 0:
                del raw[at : at + length]
            case 1:
                raw[at:at] = chance.randbytes(length)
            case 2:
                raw[at:at] = raw[at : at + length]
            case _:
                raw[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(raw)


def swapped(told: Any, chance: random.Random, other: object) -> Any:
    """The same JSON with something else in one place of it."""
    if isinstance(told, dict) and told and chance.random() < 0.8:
        key = chance.choice(sorted(told))
        return {**told, key: swapped(told[key], chance, other)}
    if isinstance(told, list) and told and chance.random() < 0.8:
        at = chance.randrange(len(told))
        return [*told[:at], swapped(told[at], chance, other), *told[at + 1 :]]
    return other


@given(st.sampled_from(SAMPLES["telegram_update"]), st.randoms(use_true_random=False), JSON)
def test_an_update_may_say_anything_anywhere(sample: bytes, chance: random.Random, other: object) -> None:
    update = swapped(json.loads(sample), chance, other)
    if isinstance(update, dict):
        understood(update)


@given(st.text(max_size=80))
def test_a_button_may_carry_anything(data: str) -> None:
    [update] = [json.loads(each) for each in SAMPLES["telegram_update"] if b"callback_query" in each]
    update["callback_query"]["data"] = data
    understood(update)


@given(st.sampled_from(FRAMES), st.randoms(use_true_random=False), JSON)
def test_a_frame_of_signal_may_say_anything_anywhere(
    frame: Json, chance: random.Random, other: object
) -> None:
    signal.read(swapped(frame, chance, other), Account("signal", "1"), NUMBER)


@given(st.randoms(use_true_random=False), JSON)
def test_an_event_of_telnyx_may_say_anything_anywhere(chance: random.Random, other: object) -> None:
    event = swapped(FAX_EVENT, chance, other)
    PARSERS["telnyx_event"](json.dumps(event).encode())
    fax_of(event)


@given(st.text(st.characters(), max_size=400))  # with halves of characters
def test_people_may_type_anything(text: str) -> None:
    typed(text)
