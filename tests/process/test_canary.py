"""Names, lines, addresses and tokens that stand nowhere by chance go through everything, on a bad day.

Then every byte that the assistant has left is searched for them: by who has the disk, the log, the database
server with its own log, or the port. Nothing is tidied up before that.
"""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.web import Response
from sqlalchemy import select

from assistant.store.crypto import Vault
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats, letters
from assistant.wiring.content import CASES
from tests.support.answers import answer
from tests.support.canary import CORE, Canaries, Searched, files, opened, said
from tests.support.fakes.imap_server import ImapServer
from tests.support.fakes.mail_server import MailServer
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.fakes.webhook_receiver import SECRET, Receiver, receiving
from tests.support.processes.installation import LETTER, TIMEOUT, Installation, Program
from tests.support.processes.own_postgres import OwnPostgres, own_postgres
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import until_said
from tests.support.processes.signal_supporters import Supporter as OnSignal
from tests.support.processes.telegram_supporters import Supporter as OnTelegram
from tests.support.visitor import Visitor

CASE = "rosa-example"
TOKEN, PASSWORD = f"123456:TEST-{CORE}-token", f"{CORE}-password"
HOOK = f"/{CORE}-hook"  # the path of an address of webhooks
IN_FULL = """
log_statement = all
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
log_min_error_statement = debug5
wal_compression = off
"""  # the log of the database's own server, as somebody sets it who looks for a mistake
REFUSING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused: %', NEW USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refusing BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse();
"""
LETTERHEAD = """
#let letter = json(bytes(sys.inputs.letter))
#set text(font: letter.font, lang: letter.language, fallback: false)
#set document(title: letter.title, date: none)
#if repr(letter).contains(regex("Cleo...quill")) { panic(repr(letter)) }
#let show-line(line) = for run in line { text(font: run.font, run.text) }
#letter.paragraphs.map(paragraph => paragraph.lines.map(show-line).join(linebreak())).join(parbreak())
"""


@dataclass(frozen=True)
class Who:
    """Somebody of whom nothing may be readable."""

    name: str
    line: str
    address: str
    profile: str


ANA = Who(
    f"Ana{CORE}", f"My aunt grows ana{CORE}turnips in her garden.", "7345678901234", f"Profileana{CORE}"
)
BEN = Who(
    f"Ben{CORE}",
    f"My uncle sings ben{CORE}songs on Sundays.",
    "5c1f9d2e-77aa-4b0c-9d11-0c3b6e5f7a21",
    f"Profileben{CORE}",
)
CLEO = Who(
    f"Cleo{CORE}", f"My cousin paints cleo{CORE}boats by the lake.", "7345678905678", f"Profilecleo{CORE}"
)
OLGA = Who(
    f"Olga{CORE}", f"My father cooks olga{CORE}soups for us.", "7345678909012", f"Profileolga{CORE}"
)  # an organiser, too
DAN = Who(  # on the web: the address is the token of a cookie, which we make
    f"Dan{CORE}", f"My sister plants dan{CORE}trees by the road.", "", f"Profiledan{CORE}"
)
BEN_NUMBER = "+15550177471193"
EVERYBODY = (ANA, BEN, CLEO, OLGA, DAN)
QUOTED = " ".join([BEN_NUMBER, *(word for who in EVERYBODY for word in (who.name, who.line, who.address))])


def canaries(of: Sequence[Who], code: str, token: str) -> Canaries:
    """What of these people may be found nowhere, and our own secrets."""
    wanted = Canaries({"the bot's token": f"{CORE}-token", "the mail server's password": PASSWORD})
    wanted.words["the webhook's path"] = HOOK.strip("/")
    wanted.words["the webhook's secret"] = SECRET.removeprefix("whsec_")
    wanted.code("the invitation", code)
    wanted.code("the invitation, as it is typed", code.replace("-", ""))
    for who in of:
        wanted.words[f"name of {who.name}"] = who.name
        wanted.words[f"profile of {who.name}"] = who.profile
        wanted.words[f"line of {who.name}"] = next(word for word in who.line.split() if CORE in word)
        if who is DAN:
            wanted.words["Dan's token"] = token or who.name
        elif who is BEN:
            wanted.identity("Ben's identity", who.address)
            wanted.number("Ben's number", int(BEN_NUMBER))
        else:
            wanted.number(f"number of {who.name}", int(who.address))
    return wanted


@dataclass
class Place:
    """Where it all happens: an installation, the fakes around it, and the database of it."""

    folder: Path
    here: Installation
    telegram: FakeTelegram
    signal: FakeSignal
    mail: MailServer
    mailbox: ImapServer
    receiver: Receiver
    listen: str
    postgres: OwnPostgres | None
    url: str | None
    code: str = ""
    token: str = ""  # of Dan\'s browser
    web: dict[str, bytes] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What its processes write."""
        return self.folder / "logs" / "assistant.log"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Program]:
        """A process of it, which is killed in the end if it has not ended."""
        with self.log.open("ab") as log:

            def write_there() -> None:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)

            process = self.here.start("run", first=write_there)
        try:
            await until_said(self.listen, {"database": "ok", "telegram": "ok", "signal": "ok"})
            yield process
        finally:
            process.kill()
            with process:
                pass
            if sys.exc_info()[0]:
                print(self.log.read_text("utf-8", "replace"))

    async def logged(self, words: str) -> None:
        """Wait until the log has said that."""
        async with asyncio.timeout(TIMEOUT):
            while words not in self.log.read_text("utf-8", "replace"):  # noqa: ASYNC110  another process's
                await asyncio.sleep(0.05)

    async def letters_are(self, *statuses: str) -> None:
        """Wait until they are, the first one first."""
        found: list[str] = []
        try:
            async with asyncio.timeout(TIMEOUT), self.here.store() as store:
                while found != list(statuses):
                    await asyncio.sleep(0.1)
                    async with store.read() as tx:
                        query = select(letters.c.status).order_by(letters.c.id)
                        found = list(await tx.connection.scalars(query))
        except TimeoutError:
            raise TimeoutError(f"letters never were {statuses}, but: {found}") from None

    async def tray_is_empty(self) -> None:
        """Wait until the files of who was forgotten are gone, which is done next."""
        async with asyncio.timeout(TIMEOUT):
            while self.here.tray:  # noqa: ASYNC110  another process's doing
                await asyncio.sleep(0.05)

    async def chats(self) -> list[int]:
        """The numbers of all chats, by who wrote to us first."""
        async with self.here.store() as store, store.read() as tx:
            return list(await tx.connection.scalars(select(chats.c.id).order_by(chats.c.id)))

    def write_to_disk(self) -> None:
        """PostgreSQL does so by itself, in its own time; then there is more to be found."""
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("ANALYZE")
                connection.execute("CHECKPOINT")

    async def destroy_old_keys(self) -> None:
        """What happens by itself within three weeks; what is copied afterwards only has the new key."""
        for words in (("rotate",), ("destroy", "--at-once", "--yes")):
            done = await asyncio.to_thread(self.here.run, "keys", *words)
            assert done.code == 0, done.err
        self.write_to_disk()

    async def opened(self, chats: Sequence[int]) -> set[int]:
        """Which of these chats somebody reads with the disk that the database is on, and the keyring."""
        vault = Vault(KeyringFile(self.here.data / "keyring.json"))
        return await asyncio.to_thread(lambda: opened(vault, self.stored(), chats))

    @asynccontextmanager
    async def database_refuses(self) -> AsyncIterator[None]:
        """Meanwhile no message is stored, and PostgreSQL quotes in its log what it should have been."""
        if self.url is None:
            with closing(sqlite3.connect(self.here.database, timeout=TIMEOUT)) as database:
                database.execute(
                    "CREATE TRIGGER refusing BEFORE INSERT ON messages"
                    " BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
                yield
                database.execute("DROP TRIGGER refusing")
            return
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(REFUSING)
            yield
            connection.execute("DROP TRIGGER refusing ON messages")

    async def ask_the_port(self) -> None:
        """Note what it says to whoever is beside it."""
        async with ClientSession() as http:
            for path in ("/metrics", "/readyz", "/healthz", f"/{CORE}"):
                async with http.get(f"http://{self.listen}{path}") as answer:
                    self.web[f"port {path}"] = str(answer.headers).encode() + await answer.read()
        assert b"assistant_" in self.web["port /metrics"]

    async def search(self, of: Sequence[Who], process: Program | None = None) -> Searched:
        """Everything for what may be nowhere. The fakes go on answering meanwhile."""
        return await asyncio.to_thread(self._search, of, process)

    def _search(self, of: Sequence[Who], process: Program | None) -> Searched:
        searched, wanted = Searched(), canaries(of, self.code, self.token)
        for place, content in self._contents(process):
            searched.look(wanted, place, content)
        print(f"looked at {searched.places} places, {searched.read} bytes, and found {searched.hits}")
        return searched

    def _contents(self, process: Program | None) -> Iterable[tuple[str, bytes]]:
        yield from files(self.folder)
        if self.postgres:
            for name, content in files(self.postgres.folder):
                yield f"postgresql/{name}", content
        yield from self.web.items()
        if process is not None:
            yield "command line", Path(f"/proc/{process.pid}/cmdline").read_bytes()

    def stored(self) -> bytes:
        """The database's bytes, however it is kept."""
        folder = self.postgres.folder if self.postgres else self.here.data
        return b"\0".join(content for _, content in files(folder))


@asynccontextmanager
async def somewhere(folder: Path, database: str) -> AsyncIterator[Place]:
    """Such a place, with an organiser's invitation."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        telegram.token = TOKEN
        signal = await stack.enter_async_context(FakeSignal())
        mail = await stack.enter_async_context(MailServer(login=("letters", PASSWORD)))
        mailbox = await stack.enter_async_context(ImapServer())
        receiver = await stack.enter_async_context(receiving(HOOK))
        listen = stack.enter_context(reserved())
        postgres = url = None
        if database == "postgresql":
            postgres = await stack.enter_async_context(own_postgres(IN_FULL))
            url = postgres.address
        for name in ("installation", "installation/tmp", "installation/logs"):
            (folder / name).mkdir()
        write_case(folder / "cases" / CASE)
        here = Installation(
            folder / "installation",
            url,
            flood_chat_burst="100",
            log="json" if postgres else "text",
        )
        del here.env["ASSISTANT_CLOCK"]  # which would keep letters from a real mail server
        assert here.call("db", "migrate").code == 0
        invited = here.call("organisers", "invite", "--role", "owner")
        here.env |= {"TMPDIR": str(here.folder / "tmp"), "PYTHONASYNCIODEBUG": "1"}
        here.set(
            cases_dir=folder / "cases",
            routes=json.dumps({CASE: ["email:office@example.org", "tray"]}),
            telegram_token=TOKEN,
            telegram_api_url=telegram.url,
            signal_api_url=signal.url,
            signal_number=signal.number,
            smtp_url=f"smtp://letters:{PASSWORD}@127.0.0.1:{mail.port}",
            mail_from="Letters <letters@campaign.example>",
            mail_inbox=mailbox.url,
            webhooks=receiver.setting,
            listen=listen,
            web_url=f"http://{listen}",
        )
        place = Place(here.folder, here, telegram, signal, mail, mailbox, receiver, listen, postgres, url)
        place.code = invited.out.splitlines()[0]
        if url:
            keep_uncompressed(url)
        yield place


def write_case(folder: Path) -> None:
    """The case, with that letterhead, and an office that is open whenever this test runs."""
    shutil.copytree(CASES / "norma-cruz", folder)
    hours = {"closes": '"23:59"', "opens": '"00:00"', "workdays": "[1, 2, 3, 4, 5, 6, 7]"}
    hours |= {"weekends": '"send"', "holidays": '"send"'}
    hours["timezone"] = '"Etc/UTC"' if 2 < datetime.now(UTC).hour < 21 else '"Asia/Tokyo"'
    for each in folder.rglob("*.*"):
        written = each.read_text("utf-8").replace("Norma Cruz", "Rosa Example")
        if each.parent.name == "targets":
            for name, value in hours.items():
                written = re.sub(rf"^{name} = .*$", f"{name} = {value}", written, flags=re.MULTILINE)
        each.write_text(written, "utf-8")
    (folder / "letterhead.typ").write_text(LETTERHEAD, "utf-8")


def keep_uncompressed(url: str) -> None:
    """What is long is stored as it is: compressed it could be read all the same, and not be found here."""
    with psycopg.connect(url, autocommit=True) as connection:
        query = (
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attnum > 0 AND NOT attisdropped AND relkind = 'r' AND attstorage IN ('x', 'm')"
            " AND relnamespace = 'public'::regnamespace"
        )
        for table, column in connection.execute(query).fetchall():
            connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STORAGE EXTERNAL'.encode())


class People:
    """Those who write, and what goes wrong for them."""

    def __init__(self, place: Place, client: ClientSession) -> None:
        self._place, server = place, place.telegram
        self.dan = Visitor(client)
        olga, ana, cleo = (Person(server, int(who.address), who.profile, "en") for who in (OLGA, ANA, CLEO))
        answers = LETTER | {"country": "Finland"}
        del answers["verdict"]  # they wait at their letter's last question
        self.olga = OnTelegram(server, olga, answers | {"name": OLGA.name, "line": OLGA.line})
        self.ana = OnTelegram(server, ana, answers | {"name": ANA.name, "line": ANA.line})
        self.cleo = OnTelegram(server, cleo, answers | {"name": CLEO.name, "line": CLEO.line})
        person = place.signal.person(BEN.profile, BEN_NUMBER)
        person.uuid = BEN.address
        self.ben = OnSignal(place.signal, person)

    async def write_letters(self) -> None:
        """Each up to the question whether it shall be sent; the organiser joins the team."""
        await self.olga.person.write(f"/organiser {self._place.code}")
        await self.olga.until("shall the team call you")
        await self.olga.person.write(OLGA.name)
        await self.olga.until("You are in the team")
        for each in (self.olga, self.ana, self.cleo):
            await each.person.write(f"/start {CASE}")
            await each.until("Shall we send it?")
        await self.ben.person.write(f"/start {CASE}")
        for words, said_back in (
            ("1. English", "1"),
            ("1. Write the letter", "1"),
            ("Which country", "Finland"),
            ("What shall stand", BEN.name),
            ("1. Skip", BEN.line),
        ):
            await self.ben.hears(words)
            await self.ben.person.write(said_back)
        await self.ben.hears("Shall we send it?")
        await self._write_on_the_web()

    async def _write_on_the_web(self) -> None:
        await self.dan.open(f"/chat?case={CASE}")
        await self.dan.press("Write the letter")
        for said_back in ("Finland", DAN.name, DAN.line):
            await self.dan.write(said_back)
        assert "Shall we send it?" in self.dan.source
        self._place.token = next(each.value for each in self.dan.client.cookie_jar if each.key == "chat")

    async def have_bad_luck(self) -> None:
        """Platforms refuse and quote what we say, gateways fail, lines break, the database stores nothing."""
        for fault in (
            {"status": 400, "description": f"Bad Request: {QUOTED}"},
            {"status": 502, "garbage": f"<html>{QUOTED}</html>"},
            {"reset": True},
        ):
            self._place.telegram.fail_next("sendMessage", to=self.ana.person, **fault)
            await self.ana.person.write("help")
            await self._place.telegram.until(self._telegram_has_failed, TIMEOUT)
        for fault in (
            {"status": 400, "body": {"error": f"Failed: {QUOTED}"}},
            {"status": 502, "body": f"<html>{QUOTED}</html>"},
            {"reset": True},
        ):
            self._place.signal.fail_next("send", **fault)
            await self.ben.person.write("help")
            await self._place.signal.until(self._signal_has_failed, TIMEOUT)
        async with self._place.database_refuses():
            await self.ana.person.write("my name is " + ANA.name)
            await self._place.logged("telegram cannot be read for now")
            await self.dan.write("my name is " + DAN.name)
            assert self.dan.status == 503 and DAN.name in self.dan.page.typed
            await self.dan.open("/chat?name=" + DAN.name)

    def _telegram_has_failed(self) -> bool:
        return not self._place.telegram._faults["sendMessage"]

    def _signal_has_failed(self) -> bool:
        return not self._place.signal._faults["send"]

    async def send_letters(self) -> None:
        """One is put off, one refused, one cannot be printed, one is taken, and answered by the office."""
        place = self._place
        place.mail.fail_next("end", f"451 4.3.0 not now: {QUOTED}")
        place.mail.fail_next("end", f"554 5.7.1 never: {QUOTED}")
        await self._send(self.ana)
        await place.letters_are("retry_wait")
        await self.ben.person.write("send")
        await self.ben.hears("Shall we write to you")
        await self.ben.person.write("yes")
        await place.letters_are("retry_wait", "sent")
        await self._send(self.cleo)
        await self._send(self.olga)
        await place.letters_are("retry_wait", "sent", "held", "submitted")
        [taken] = place.mail.taken
        token = str(taken.sender).removeprefix("bounce-").partition("@")[0]
        await place.mailbox.put(answer(token, QUOTED))
        await place.mailbox.put(QUOTED.encode())
        await place.mailbox.until_flags({"Seen"}, {"Seen"})

    async def _send(self, who: OnTelegram) -> None:
        await who.person.write("send")
        await who.until("Shall we write to you")
        await who.person.write("yes")

    async def pause(self) -> None:
        """The organiser pauses the case, of which another program is told, when it has got over a failure."""
        receiver = self._place.receiver
        receiver.answers.append(Response(status=500, text=QUOTED, headers={"X-Quoted": QUOTED}))
        await self.olga.person.write(f"/pause {CASE}")
        await receiver.until(2, TIMEOUT)
        assert receiver.types == ["case.paused"] * 2
        delivered = [f"{each.raw} {each.headers}" for each in receiver.came]
        self._place.web["webhook"] = "\n".join(delivered).encode()
        await self._place.ask_the_port()

    async def forget(self) -> None:
        """Three of them have had enough."""
        await self.ana.person.write("mydata")
        await self.ana.until("what we keep about you")
        await self.ana.person.write("forget")
        await self.ana.until("Shall we delete everything")
        await self.ana.person.write("yes")
        await self.ana.until("It is deleted")
        await self.ben.person.write("forget")
        await self.ben.hears("Shall we delete everything")
        await self.ben.person.write("yes")
        await self.ben.hears("It is deleted")
        await self.dan.open("/chat")
        await self.dan.write("forget")
        await self.dan.press("Yes")
        assert "It is deleted" in self.dan.source


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.timeout(600)  # of which most is waiting: for a mail every six seconds, and for starts
async def test_nothing_personal_is_left_anywhere_after_a_bad_day(tmp_path: Path, database: str) -> None:
    async with (
        somewhere(tmp_path, database) as place,
        ClientSession(f"http://{place.listen}", cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        people = People(place, client)
        async with place.running() as process:
            await people.write_letters()
            await people.have_bad_luck()
            await people.send_letters()
            await place.ask_the_port()
            place.write_to_disk()
            only_in_the_tray(await place.search(EVERYBODY, process))
        only_in_the_tray(await place.search(EVERYBODY))  # it was killed in the middle of everything
        assert CASE.encode() in place.stored(), "what is not personal is readable: we do look there"
        everybody = await place.chats()
        assert await place.opened(everybody) == set(everybody), "and with the keyring everything is"
        olga, _ana, cleo, _ben, _dan = everybody

        async with place.running() as process:
            await people.pause()
            await people.forget()
            await place.tray_is_empty()
            place.write_to_disk()
            assert said((await place.search(EVERYBODY, process)).hits) == ""
            if place.postgres is None:
                assert await place.opened(everybody) == {olga, cleo}
            process.terminate()
            assert await asyncio.to_thread(process.wait) == 0
        await place.destroy_old_keys()
        assert said((await place.search(EVERYBODY)).hits) == ""
        assert await place.opened(everybody) == {olga, cleo}


def only_in_the_tray(searched: Searched) -> None:
    """Ben's letter is there, for the people of the campaign, who pass it on: its facts, as a file of JSON.

    The printed page beside it is compressed. The mails that left are on the other side.
    """
    elsewhere = {place: found for place, found in searched.hits.items() if not place.startswith("data/tray/")}
    assert said(elsewhere) == ""
    assert list(searched.hits.values()) == [{f"name of {BEN.name}", f"line of {BEN.name}"}]
