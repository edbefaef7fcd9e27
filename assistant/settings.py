"""Settings: environment variables `ASSISTANT_*`, or a `.env` file, as one validated object."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from annotated_types import Ge, Le
from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from assistant.domain.broadcasts import UNDO, UNDO_ALONE
from assistant.domain.clock import moved_clock, system_clock
from assistant.domain.errors import Misconfigured
from assistant.domain.likeness import NEWCOMER_LETTERS
from assistant.domain.messages import SOURCE
from assistant.domain.organisation import Organisation
from assistant.domain.retention import (
    KEEP_ASKED,
    KEEP_BLOCKED,
    KEEP_DRAFTS,
    KEEP_FAILED,
    KEEP_INACTIVE,
    KEEP_LETTERS,
    Retention,
)

PREFIX = "ASSISTANT_"
FOR_TESTS = "ASSISTANT_TEST_"  # begins variables that are no settings: CONTRIBUTING.md
FILE = "_file"  # ends the name of a setting that names a file with the value of another one
_MINUTE = timedelta(minutes=1)
_DOTENV = ".env"
_ENCODING = "utf-8-sig"  # some editors begin UTF-8 with a mark
_MARK = "\ufeff"  # that mark
SECTION = "section"  # names, at the first setting of each, the sections of docs/settings.md


class Settings(BaseSettings):
    """What an operator can set. Every name below is a variable `ASSISTANT_<NAME>`.

    `make docs` writes docs/settings.md from the descriptions, examples, limits and defaults.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_DOTENV,
        env_file_encoding=_ENCODING,
        extra="ignore",
        env_ignore_empty=True,
    )

    data_dir: Path = Field(
        Path("var"),
        description="The folder for everything that is stored: the database, the keyring and the tray.",
        json_schema_extra={SECTION: "What is kept, and where"},
    )
    database_url: str | None = Field(
        None,
        description="The address of the database. Without it: an SQLite file in the data folder.",
        examples=["postgresql://user:password@host/assistant", "sqlite:////srv/assistant.sqlite"],
    )
    database_url_file: Path | None = Field(None, description="A file that holds this address instead.")
    keyring: Path | None = Field(
        None,
        description="The file with the encryption keys. Without it: `keyring.json` in the data folder. With "
        "PostgreSQL it has to be named.",
        examples=["/srv/keys/keyring.json"],
    )
    keyring_passphrase: SecretStr | None = Field(
        None,
        description="The passphrase that opens the keyring. One that is made new is locked with it. Without "
        "it, it is asked for in the terminal, where the keyring has one.",
        examples=["six words that nobody guesses"],
    )
    keyring_passphrase_file: Path | None = Field(None, description="A file that holds it instead.")
    keyring_command: str | None = Field(
        None,
        description="A command that prints the keyring, instead of a file: it may ask a key server, a TPM, "
        "`pass` or `age`. No shell reads it.",
        examples=["age --decrypt --identity /run/keys/age.txt /srv/keyring.age"],
    )
    keep_letters: int = Field(
        KEEP_LETTERS.usual,
        ge=KEEP_LETTERS.least,
        le=KEEP_LETTERS.most,
        description="Days that the text of a letter is kept after it was sent, and its files in the tray. "
        "Mail that comes back later takes no other route.",
        json_schema_extra={SECTION: "How long things are kept"},
    )
    keep_failed: int = Field(
        KEEP_FAILED.usual,
        ge=KEEP_FAILED.least,
        le=KEEP_FAILED.most,
        description="Days that the text of a letter is kept after it failed or was cancelled. Until then it "
        "can be tried again.",
    )
    keep_drafts: int = Field(
        KEEP_DRAFTS.usual,
        ge=KEEP_DRAFTS.least,
        le=KEEP_DRAFTS.most,
        description="Days that a letter which nobody finishes is kept, with its answers.",
    )
    keep_inactive: int = Field(
        KEEP_INACTIVE.usual,
        ge=KEEP_INACTIVE.least,
        le=KEEP_INACTIVE.most,
        description="Days without a message, after which who gets news is asked whether they still want it. "
        f"{KEEP_ASKED.days} days later the chat is deleted, and so are chats without news.",
    )
    keep_blocked: int = Field(
        KEEP_BLOCKED.usual,
        ge=KEEP_BLOCKED.least,
        le=KEEP_BLOCKED.most,
        description="Days until the chat of a person who has blocked us is deleted.",
    )
    cases_dir: Path | None = Field(
        None,
        description="A folder with case folders of your own, beside those that come with the assistant.",
        json_schema_extra={SECTION: "Cases and letters"},
    )
    routes: dict[str, list[str]] = Field(
        {},
        description="How the letters of a case travel, best route first, as JSON. It goes before what the "
        "case folder says.",
        examples=['{"norma-cruz": ["fax:+50255550100", "tray"]}'],
    )
    sources: str | None = Field(
        None,
        description="Words behind a case in links of yours, with commas between them: how many chats each "
        "brings is counted by the day. Other words are not: one that somebody chose could name a person.",
        examples=["flyer,newsletter,radio"],
    )
    undo_minutes: float = Field(
        10,
        ge=0,
        le=1440,
        description="Minutes that a letter waits at least, so that its writer can change or withdraw it.",
    )
    read_every_line: bool = Field(
        False,
        description="Hold each letter with a sentence of its writer's own until an approver has read it, "
        "whatever is in it. Otherwise those are held in which something could harm.",
        examples=["true"],
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server. `smtp://` switches to TLS before it logs in, `smtps://` is TLS from "
        "the start. Without it, no letter is sent by email.",
        examples=["smtp://user:password@mail.example.org:587"],
        json_schema_extra={SECTION: "Email and fax"},
    )
    smtp_url_file: Path | None = Field(None, description="A file that holds this address instead.")
    mail_from: str | None = Field(
        None,
        description="Our own address, from which letters are mailed.",
        examples=["Letters <letters@campaign.example>"],
    )
    mail_inbox: SecretStr | None = Field(
        None,
        description="The mailbox to which mail to our own addresses comes: what comes back, and answers. "
        "`assistant run` watches it over IMAP. `imaps://` is TLS from the start, `imap://` switches to TLS "
        "before it logs in. Without it, use `assistant mail`.",
        examples=["imaps://user:password@mail.example.org/INBOX"],
    )
    mail_inbox_file: Path | None = Field(None, description="A file that holds this address instead.")
    fax_url: SecretStr | None = Field(
        None,
        description="What sends faxes: a HylaFAX server or Telnyx. Without it, no letter is sent by fax.",
        examples=["hylafax://user:password@host:4559", "telnyx://KEY@api.telnyx.com/CONNECTION_ID?from=..."],
    )
    fax_url_file: Path | None = Field(None, description="A file that holds this address instead.")
    newcomer_letters: int = Field(
        NEWCOMER_LETTERS,
        ge=1,
        le=100_000,
        description="How many letters an hour to one office stand among all others where their chats were "
        "made within the last day. More are not refused: the office gets the others first.",
        examples=["200"],
    )
    approvals: int = Field(
        2,
        ge=1,
        le=2,
        description="How many persons it takes to start an update or an alert. 1 is for a team of one: what "
        f"that person approves then waits {UNDO_ALONE // _MINUTE} minutes instead of {UNDO // _MINUTE}.",
        json_schema_extra={SECTION: "Updates and alerts"},
    )
    telegram_token: SecretStr | None = Field(
        None,
        description="The bot's token, from @BotFather. Without it, the assistant is not on Telegram.",
        examples=["123456:the-token-from-BotFather"],
        json_schema_extra={SECTION: "Telegram"},
    )
    telegram_token_file: Path | None = Field(None, description="A file that holds the token instead.")
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="The address of the Bot API server."
    )
    telegram_webhook_url: str | None = Field(
        None,
        description="The public https address at which Telegram calls us. Without it, we ask Telegram.",
        examples=["https://assistant.example.org/telegram"],
    )
    telegram_paid_rate: int = Field(
        0,
        ge=0,
        le=1000,
        description="Broadcast messages a second that you pay for in Telegram Stars. 0: 30 a second, which "
        "are free.",
    )
    web_url: str | None = Field(
        None,
        description="The address of our web pages, as people see it: a chat for everybody, and a page for "
        "each case. A reverse proxy passes it on to `ASSISTANT_LISTEN`. Without it, there are no such pages.",
        examples=["https://letters.example.org"],
        json_schema_extra={SECTION: "Web pages"},
    )
    organisation_name: str | None = Field(
        None,
        description="Who runs the assistant, as people who ask `about` read it. Without it, they read that "
        "nobody is named.",
        examples=["Letters for Example"],
        json_schema_extra={SECTION: "Organisation"},
    )
    organisation_page: str | None = Field(
        None,
        description="Its page on the web, where people can check that the assistant is yours.",
        examples=["https://example.org/letters"],
    )
    organisation_contact: str | None = Field(
        None,
        description="How to reach a person there, also about data that is kept.",
        examples=["letters@example.org"],
    )
    signal_api_url: str | None = Field(
        None,
        description="The address of signal-cli-rest-api. Without it, the assistant is not on Signal.",
        examples=["http://127.0.0.1:8081"],
        json_schema_extra={SECTION: "Signal"},
    )
    signal_number: str | None = Field(
        None, description="Our phone number on Signal, with + and its country.", examples=["+15550100"]
    )
    signal_expiry: int = Field(
        604_800,
        ge=0,
        le=2_419_200,
        description="Seconds until the messages of a new chat vanish, from when they are read; 604800 is a "
        "week. 0: they stay.",
    )
    flood_chat_burst: int = Field(
        12,
        ge=4,
        le=1000,
        description="How many messages of one chat are read at once. What comes beyond is passed over: the "
        "person is told once, and words such as *stop* and *forget* still work.",
        json_schema_extra={SECTION: "Floods"},
    )
    flood_chat_per_minute: int = Field(
        6, ge=1, le=600, description="How many more messages of one chat are read a minute after that."
    )
    flood_all_per_minute: int = Field(
        12_000,
        ge=60,
        le=1_000_000,
        description="How many messages of all chats together each process reads a minute. Beyond that, "
        "people who have not written lately wait first.",
    )
    webhooks: SecretStr | None = Field(
        None,
        description="Addresses of other programs that are told of events, each with its secret, as JSON: see "
        "docs/webhooks.md. `https://`, or `http://` on this machine alone. A secret is `whsec_` and 24 to 64 "
        "bytes in base64. Give it to every process, and to the shell.",
        examples=['{"https://hooks.example.org/letters": "whsec_..."}'],
        json_schema_extra={SECTION: "Webhooks"},
    )
    webhooks_file: Path | None = Field(None, description="A file that holds it instead.")
    listen: str = Field(
        "127.0.0.1:8080",
        description="Where the web server listens, `host:port`, for webhooks, `/healthz`, `/readyz` and "
        "`/metrics`. `none`: there is no web server.",
        json_schema_extra={SECTION: "The server"},
    )
    connections: int = Field(
        500,
        ge=20,
        le=10_000,
        description="How many connections the web server takes at once. Where there are more, the one that "
        "has waited longest for a request gives way.",
    )
    engine: Literal["embedded", "procrastinate"] = Field(
        "embedded",
        description="What runs the lanes. `embedded`: one process does everything. `procrastinate`: any "
        "number of processes do, on one PostgreSQL: see docs/scaling.md.",
    )
    log: Literal["text", "json"] = Field(
        "text",
        description="How `assistant run` writes its log: `text` for people, `json` for programs, one object "
        "a line.",
    )
    clock: str | None = Field(
        None,
        description="For rehearsals: the moment at which the clock begins, and after `@` how many times "
        "faster than real time it goes. Without it, the real time.",
        examples=["2012-01-23T14:55:00Z", "2012-01-23T14:55:00Z@600"],
    )

    @field_validator("*", mode="before")
    @classmethod
    def _trimmed(cls, value: object) -> object:
        """Without what editors and shells leave around a value: marks, spaces, ends of lines."""
        return value.strip(_MARK + " \t\r\n") if isinstance(value, str) else value

    @field_validator("sources")
    @classmethod
    def _words(cls, value: str | None) -> str | None:
        for word in (value or "").split(","):
            if value and not SOURCE.match(word.strip()):
                raise ValueError(f"'{word.strip()}' is no word of 1 to 20 letters a to z, digits and hyphens")
        return value

    @field_validator("telegram_api_url", "telegram_webhook_url", "signal_api_url", "web_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(("http://", "https://")):
            raise ValueError("it has to begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("telegram_api_url")
    @classmethod
    def _server_alone(cls, value: str) -> str:
        """Many libraries want this address with `/bot` at its end: it is understood, too."""
        return re.sub(r"/+bot([0-9]+:[A-Za-z0-9_-]+)?$", "", value)

    @field_validator("signal_number")
    @classmethod
    def _number(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\+[1-9][0-9]{6,14}", value):
            raise ValueError("it has to be a phone number with + and its country, such as +15550100")
        return value

    @field_validator("clock")
    @classmethod
    def _moment(cls, value: str | None) -> str | None:
        if value is not None:
            moved_clock(value, system_clock())
        return value

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises Misconfigured, naming the variable that is wrong.

        Variables that look like settings, and are none, are told on standard error: nobody looks for a name
        that has no effect.
        """
        loaded, strange = cls.read()
        for name, meant in strange.items():
            hint = f"Did you mean {meant}?" if meant else "docs/settings.md lists all that there are."
            sys.stderr.write(f"assistant: There is no setting {name}: it is ignored. {hint}\n")
        return loaded

    @classmethod
    def read(cls) -> tuple[Self, Mapping[str, str | None]]:
        """The same, with the variables that look like settings and are none: see `unknown`."""
        try:
            loaded = cls()
            written = dotenv_values(_DOTENV, encoding=_ENCODING) if Path(_DOTENV).is_file() else {}
        except ValidationError as error:
            raise Misconfigured(_sentence(error.errors()[0])) from None
        except SettingsError:
            raise Misconfigured(_ROUTES) from None
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"The file .env cannot be read: {_why(error)}.") from None
        return loaded, unknown([*os.environ, *written])

    @property
    def database(self) -> str:
        """The address of the database. Raises Misconfigured where its file cannot be read."""
        named = self._value("database_url")
        # In an address a % begins a coded character, and a ? what follows the file.
        path = str(self.database_file).replace("%", "%25").replace("?", "%3F")
        return named or f"sqlite:///{path}"

    @property
    def database_file(self) -> Path:
        """Where the database is unless its address is set."""
        return self.data_dir / "assistant.sqlite"

    @property
    def has_database_elsewhere(self) -> bool:
        """Whether the address of the database is set."""
        return bool(self.database_url or self.database_url_file)

    @property
    def keyring_path(self) -> Path:
        """Where the encryption keys are."""
        return self.keyring or self.data_dir / "keyring.json"

    @property
    def has_keyring_elsewhere(self) -> bool:
        """Whether it is set where the keyring is."""
        return bool(self.keyring or self.keyring_command)

    @property
    def generation_file(self) -> Path:
        """What the database's number was last: beside the keyring, or where nobody may write there, here."""
        name = f"{self.keyring_path.stem}.generation.json"
        beside = self.keyring_path.parent
        return (beside if os.access(beside, os.W_OK) else self.data_dir) / name

    @property
    def tombstones_file(self) -> Path:
        """Who was forgotten, as digests: beside the file of the database's number."""
        return self.generation_file.with_name(f"{self.keyring_path.stem}.tombstones")

    @property
    def counted_sources(self) -> frozenset[str]:
        """The words of links that are counted."""
        return frozenset(word.strip() for word in (self.sources or "").split(",") if word.strip())

    @property
    def tray(self) -> Path:
        """Where the tray puts letters."""
        return self.data_dir / "tray"

    @property
    def rehearsal(self) -> Path:
        """Since when the clock is moved: every process of a rehearsal goes by the same time."""
        return self.data_dir / "rehearsal.json"

    @property
    def told_case_problems(self) -> Path:
        """What is wrong with case folders, as far as the owners were told."""
        return self.data_dir / "told-case-problems.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that works on the lanes of this folder."""
        return self.data_dir / "engine.lock"

    @property
    def organisation(self) -> Organisation | None:
        """Who runs the assistant, where a name is given."""
        if self.organisation_name is None:
            return None
        return Organisation(self.organisation_name, self.organisation_page, self.organisation_contact)

    @property
    def retention(self) -> Retention:
        """How long things are kept."""
        return Retention(
            letters=timedelta(days=self.keep_letters),
            failed=timedelta(days=self.keep_failed),
            drafts=timedelta(days=self.keep_drafts),
            inactive=timedelta(days=self.keep_inactive),
            blocked=timedelta(days=self.keep_blocked),
        )

    def passphrase(self) -> str | None:
        """What opens the keyring; None where it is asked for. Raises Misconfigured where that is unknown."""
        return self._value("keyring_passphrase")

    def telegram(self) -> str | None:
        """The bot's token; None where there is no bot. Raises Misconfigured where its file cannot be read."""
        return self._value("telegram_token")

    def smtp(self) -> str | None:
        """The address of the mail server, with its password. Raises Misconfigured where it cannot be read."""
        return self._value("smtp_url")

    def inbox(self) -> str | None:
        """The address of the mailbox, with its password. Raises Misconfigured where it cannot be read."""
        return self._value("mail_inbox")

    def fax(self) -> str | None:
        """The address of what sends faxes, with its secret. Raises Misconfigured where it cannot be read."""
        return self._value("fax_url")

    def webhooks_written(self) -> str | None:
        """Whom we tell of events, with the secrets. Raises Misconfigured where that cannot be read."""
        return self._value("webhooks")

    def _value(self, name: str) -> str | None:
        """What was set, or what the file holds that was named instead; None where neither is.

        Raises Misconfigured where both are, or the file cannot be read.
        """
        value, path = getattr(self, name), getattr(self, name + FILE)
        if value and path:
            both = f"{variable(name)} and {variable(name + FILE)}"
            raise Misconfigured(f"{both} are both set, and only one can count: unset the other.")
        if path:
            return _in_file(name + FILE, path)
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    @contextmanager
    def blaming(self, name: str) -> Iterator[None]:
        """Has a Misconfigured name the variable that the value came from: where it is a file, that one."""
        try:
            yield
        except Misconfigured as error:
            if not getattr(self, name + FILE):
                raise
            named = re.sub(rf"\b{variable(name)}\b", variable(name + FILE), error.reason)
            raise Misconfigured(named) from error

    @property
    def undo(self) -> timedelta:
        """How long a letter can be changed at least."""
        return timedelta(minutes=self.undo_minutes)

    def signal(self) -> tuple[str, str] | None:
        """Where signal-cli-rest-api is, and our number there; None where there is no Signal.

        Raises Misconfigured where only one of them is set.
        """
        if self.signal_api_url and self.signal_number:
            return self.signal_api_url, self.signal_number
        if self.signal_api_url or self.signal_number:
            missing = "SIGNAL_NUMBER" if self.signal_api_url else "SIGNAL_API_URL"
            raise Misconfigured(f"{PREFIX}{missing} is not set: Signal needs both its address and a number.")
        return None


_ROUTES = f'{PREFIX}ROUTES: write JSON, such as {{"norma-cruz": ["fax:+50255550100", "tray"]}}.'


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name}".upper()


def unknown(names: Iterable[str]) -> Mapping[str, str | None]:
    """Those of the variables that look like settings and are none, each with the one that may be meant."""
    known = {variable(name) for name in Settings.model_fields}
    found: dict[str, str | None] = {}
    for each in names:
        name = each.strip(_MARK).upper()
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOR_TESTS):
            found[each] = _nearest(name.removeprefix(PREFIX))
        elif not name.startswith(PREFIX) and (meant := get_close_matches(name, known, 1, _SURE)):
            found[each] = meant[0]
    return found


_LIKELY, _SURE = (
    0.6,
    0.9,
)  # how alike two names are, of 1: behind the prefix, and with a prefix that is misspelt


def _nearest(name: str) -> str | None:
    known = [each.upper() for each in Settings.model_fields]
    words = set(name.split("_"))
    within = [each for each in known if words <= set(each.split("_"))]
    meant = [*get_close_matches(name, known, 1, _LIKELY), *within]
    return variable(meant[0]) if meant else None


def _sentence(error: ErrorDetails) -> str:
    """What is wrong, and how to write it instead. What was written is not repeated: it may be a secret."""
    name = str(error["loc"][0])
    if name == "routes":
        return _ROUTES
    field = Settings.model_fields[name]
    if field.annotation in (int, float):
        low = next(each.ge for each in field.metadata if isinstance(each, Ge))
        high = next(each.le for each in field.metadata if isinstance(each, Le))
        number = "a whole number" if field.annotation is int else "a number"
        return f"{variable(name)}: write {number} from {low} to {high}, such as {field.default}."
    return f"{variable(name)}: {error['msg'].removeprefix('Value error, ').rstrip('.')}."


def _in_file(name: str, path: Path) -> str:
    try:
        value = path.read_text(_ENCODING).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable(name)} cannot be read: {_why(error)}.") from None
    if not value:
        raise Misconfigured(f"{variable(name)} names an empty file.")
    return value


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "unknown error" if isinstance(error, OSError) else "save it as UTF-8"
