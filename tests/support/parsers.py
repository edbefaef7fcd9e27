"""Every parser of bytes from outside, as a function of bytes that raises where the parser breaks its word.

Hypothesis feeds them in tests/fuzz, and atheris does by coverage, in `make test-long`.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistant.carriers.email.html_text import text_of
from assistant.carriers.email.incoming import Addressed, read_mail
from assistant.carriers.hylafax import client as hylafax
from assistant.carriers.hylafax.outcomes import best, outcome
from assistant.carriers.telnyx.webhook import Webhook
from assistant.channels.signal import errors as signal_errors
from assistant.channels.signal import incoming as signal
from assistant.channels.telegram import incoming as telegram
from assistant.content import moments
from assistant.content.actions import BRIEFING_MAX
from assistant.content.cases import read_folder
from assistant.content.countries import Countries
from assistant.content.folder import MARKUP_MAX
from assistant.content.letters import BadTemplate, read_template
from assistant.content.richtext import from_markdown
from assistant.content.toml import BadToml, read_toml
from assistant.dialogue.answers import clean_prose
from assistant.domain import counter_files
from assistant.domain.answers import essence
from assistant.domain.counter import Counter, Proof, findings, read_code
from assistant.domain.messages import Account, Incoming, Open, Press
from assistant.domain.notifications import started_by
from assistant.domain.quotation import without_quotation
from assistant.domain.richtext import plain
from assistant.domain.validation import (
    Refusal,
    clean,
    clean_name,
    clean_personal_line,
    link_in,
    part_at_fault,
    plain_digits,
)
from assistant.services.databases.tombstones import TombstoneFile
from assistant.store.keyring import Keyring
from tests.support.carriers.email_bounces import ALL, NO_NEWS
from tests.support.case_folders import NEW_FORM, ROUTING, write_case
from tests.support.published import CASE, code, proof, publish

BOT, NUMBER = Account("telegram", "123"), "+15550100"
FAX_JOB = b"  12|W|  1| 12|a-letters-key|No answer from remote"
_ANNA = {"id": 1000, "is_bot": False, "first_name": "Anna", "language_code": "es-GT"}
_CHAT = {"id": 1000, "type": "private", "first_name": "Anna"}
_SAID = {"message_id": 9, "date": 1, "chat": _CHAT, "from": _ANNA, "text": "/start norma-cruz_flyer"}
_ASKED = {
    "message_id": 8,
    "date": 1,
    "chat": _CHAT,
    "from": {"id": 123, "is_bot": True},
    "text": "Your name?",
}
UPDATES: list[dict[str, Any]] = [  # Any: JSON
    {"update_id": 5, "message": _SAID},
    {"update_id": 6, "message": {**_SAID, "reply_to_message": _ASKED, "message_thread_id": 3}},
    {"update_id": 7, "edited_message": {**_SAID, "edit_date": 2}},
    {"update_id": 8, "callback_query": {"id": "1", "from": _ANNA, "data": "open:halt:1", "message": _ASKED}},
    {
        "update_id": 9,
        "my_chat_member": {"chat": _CHAT, "from": _ANNA, "new_chat_member": {"status": "kicked"}},
    },
    {"update_id": 10, "message": {**_SAID, "chat": {"id": -5, "type": "group"}}},
]
_DATA = {"timestamp": 1700000000000, "message": "Hello", "expiresInSeconds": 604800}
_FROM = {
    "source": "+15550111",
    "sourceUuid": "00000000-0000-0000-0000-0000000003e8",
    "timestamp": 1700000000000,
}
FRAMES: list[dict[str, Any]] = [  # Any: JSON
    {"envelope": {**_FROM, "dataMessage": _DATA}, "account": NUMBER},
    {
        "envelope": {
            **_FROM,
            "dataMessage": {**_DATA, "quote": {"id": 1, "author": NUMBER, "text": "Your name?"}},
        }
    },
    {"envelope": {**_FROM, "dataMessage": {"reaction": {"emoji": "\U0001f44d", "targetSentTimestamp": 1}}}},
    {"envelope": {**_FROM, "editMessage": {"targetSentTimestamp": 1, "dataMessage": _DATA}}},
    {"envelope": {**_FROM, "dataMessage": {**_DATA, "groupInfo": {"groupId": "abc=", "type": "DELIVER"}}}},
    {"envelope": {**_FROM, "dataMessage": {"attachments": [{"contentType": "image/png"}]}}},
    {"error": "[429] Rate limit", "account": NUMBER},
    {"exception": {"type": "UntrustedIdentityException"}},
]
FAX_EVENT = {
    "data": {
        "event_type": "fax.failed",
        "payload": {
            "fax_id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
            "connection_id": "connection",
            "client_state": "YS1sZXR0ZXJzLWtleQ==",
            "direction": "outbound",
            "failure_reason": "user_busy",
            "created_at": "2012-01-24T15:00:00Z",
        },
    }
}
_OF_CASES = (
    "case.toml",
    "briefing.en.md",
    "faq.en.md",
    "targets/embassies.csv",
    "actions/first/action.toml",
    "actions/first/letter.en.txt",
)


def telegram_update(raw: bytes) -> None:
    """An update, as the webhook and polling get it."""
    with suppress(ValueError, RecursionError):  # no JSON, as the webhook has it
        update = json.loads(raw)
        if isinstance(update, dict):
            understood(update)


def understood(update: telegram.Json) -> Incoming | None:
    """The update in our terms. ValueError is documented: it says that it is no update."""
    pressed = telegram.pressed(update)
    assert pressed is None or isinstance(pressed.keyboard, list)
    with suppress(ValueError):
        found = telegram.incoming(update, BOT)
        if found is not None and isinstance(found.content, Press):
            started_by(found.content)
        return found
    return None


def signal_frame(raw: bytes) -> None:
    """What signal-cli-rest-api sends."""
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError):
        return
    signal.read(frame, Account("signal", "1"), NUMBER)
    signal_errors.failure_of(400, frame)


def telnyx_event(raw: bytes) -> None:
    """What comes to the webhook of a fax, signed."""
    _webhook()._final(raw)


@cache
def _webhook() -> Webhook:
    async def forget(_name: str) -> None:
        """Nothing is kept."""

    return Webhook(
        Ed25519PrivateKey.generate().public_key(),
        "connection",
        lambda: datetime(2012, 1, 24, tzinfo=UTC),
        forget,
    )


def mail(raw: bytes) -> None:
    """What comes to our mailbox: bounces, answers, anything."""
    found = read_mail(raw)
    if isinstance(found, Addressed) and (answer := found.read()):
        essence(without_quotation(answer.content.text), "Ana")


def html_mail(raw: bytes) -> None:
    """The HTML of a mail."""
    without_quotation(text_of(raw.decode("utf-8", "replace")))


def fax_queue(raw: bytes) -> None:
    """The lines with which HylaFAX lists its jobs."""
    found = (hylafax._JOB.fullmatch(line) for line in raw.decode("latin-1").splitlines())
    jobs = [hylafax._job(match) for match in found if match]
    outcome(best(jobs))


def toml(raw: bytes) -> None:
    """A file of facts of a case."""
    with suppress(BadToml):
        read_toml(raw.decode("utf-8", "replace"))


def markdown(raw: bytes) -> None:
    """A text of a case."""
    plain(from_markdown(raw.decode("utf-8", "replace")[: MARKUP_MAX * BRIEFING_MAX]))


def letter(raw: bytes) -> None:
    """A letter of a case."""
    with suppress(BadTemplate):
        template = read_template(raw.decode("utf-8", "replace"), "en")
        template.fill(name="Ana", country="FI", personal_line="A line.")


def case_folder(raw: bytes) -> None:
    """A case folder in which one file is anything: the first byte says which."""
    name = _OF_CASES[raw[0] % len(_OF_CASES)] if raw else _OF_CASES[0]
    with tempfile.TemporaryDirectory() as place:
        folder = write_case(Path(place) / "leyla-aydin", NEW_FORM)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw[1:])
        checked = read_folder(folder, ROUTING)
    assert not any("mistake of ours" in each.what for each in checked.findings), checked.findings


def typed_text(raw: bytes) -> None:
    """What people type: names, lines, links of a chat."""
    typed(raw.decode("utf-8", "replace"))


def typed(text: str) -> None:
    """The same; also halves of characters, which JSON can bring."""
    for cleaned in (clean_name(text), clean_personal_line(text)):
        if isinstance(cleaned, Refusal):
            part_at_fault(clean(text), cleaned)
        else:
            assert cleaned == clean(cleaned), "what was cleaned is clean"
    link_in(text)
    plain_digits(text)
    Open.by_link(text)


def keyring(raw: bytes) -> None:
    """A keyring, from a file or as a command prints it. ValueError is documented: it is none."""
    with suppress(ValueError):
        found = Keyring.parse(raw)
        assert Keyring.parse(found.dump()) == found, "what was read is kept as it is"


def tombstones(raw: bytes) -> None:
    """The file of who was forgotten."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "keyring.tombstones"
        path.write_bytes(raw)
        TombstoneFile(path).read()


def country(raw: bytes) -> None:
    """Where people say that they live: what is found can be named."""
    text = raw.decode("utf-8", "replace")
    for language in ("en", "es"):
        found = _gazetteer().find(text, language)
        assert all(_gazetteer().knows(each) for each in found.codes)
        assert not found.called or _gazetteer().knows(found.called)


@cache
def _gazetteer() -> Countries:
    return Countries()


def counter_file(raw: bytes) -> None:
    """A file of a counter, which somebody got from anywhere, and a code as it is typed."""
    text = raw.decode("utf-8", "replace")
    with suppress(counter_files.BadFile):
        found = counter_files.read(text)
        if isinstance(found, Counter):
            findings(found, {})
            assert counter_files.read(counter_files.counter_file(found)) == found
        if isinstance(found, Proof):
            found.shows(code(1))
    shown = read_code(text)
    assert shown is None or read_code(shown) == shown


def organisers_text(raw: bytes) -> None:
    """What organisers write to others, and the moment that they name."""
    text = raw.decode("utf-8", "replace")
    assert clean_prose(clean_prose(text)) == clean_prose(text), "what was cleaned is clean"
    for language in ("en", "es"):
        moments.read(text, language, datetime(2012, 1, 24))  # noqa: DTZ001  on a clock without a zone


PARSERS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        telegram_update,
        signal_frame,
        telnyx_event,
        mail,
        html_mail,
        fax_queue,
        toml,
        markdown,
        letter,
        case_folder,
        typed_text,
        keyring,
        tombstones,
        country,
        counter_file,
        organisers_text,
    )
}


SAMPLES: Mapping[str, list[bytes]] = {
    "telegram_update": [json.dumps(each).encode() for each in UPDATES],
    "signal_frame": [json.dumps(each).encode() for each in FRAMES],
    "telnyx_event": [json.dumps(FAX_EVENT).encode()],
    "mail": [each.encode() for each in (*ALL.values(), *NO_NEWS.values())],
    "html_mail": [
        b"<p>Dear <b>Ana</b>,</p><blockquote>You wrote: <a href='https://example.org'>x</a></blockquote>"
    ],
    "fax_queue": [FAX_JOB],
    "toml": [each.encode() for name, each in NEW_FORM.items() if name.endswith(".toml")],
    "markdown": [b"# Title\n\n**bold** *it* [link](https://example.org)\n\n> quote\n\n- one\n- two\n"],
    "letter": [each.encode() for name, each in NEW_FORM.items() if name.endswith(".txt")],
    "case_folder": [bytes([at]) + NEW_FORM[name].encode() for at, name in enumerate(_OF_CASES)],
    "typed_text": [" Ana Mar\u00eda \u202e evil.example ".encode(), "\u0995\u09cd\u09b7\u09ae".encode()],
    "tombstones": [b"\n00ff00ff00ff00ff00ff00ff00ff00ff\n"],
    "country": [b"Guatemala", "Per\u00fa".encode(), b"I live in Gutemala", b"congo"],
    "counter_file": [
        counter_files.counter_file(publish(10, 11)[0]).encode(),
        counter_files.leaves_file(counter_files.BatchLeaves(CASE, 1, publish(10)[1][1])).encode(),
        counter_files.proof_file(proof()).encode(),
    ],
    "organisers_text": [b"Write today.\n\nThank you!", b"2012-01-23 09:00", b"Monday 9:00"],
    "keyring": [Keyring.new(datetime(2012, 1, 24, tzinfo=UTC)).dump()],
}
"""Something that each of them can read."""
