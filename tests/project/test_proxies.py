"""The reverse proxies of deploy/: they let the pages through and nothing else, and tell nobody who reads."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assistant.dialogue.script import Script
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.web.guard import Guard
from assistant.wiring.content import make_cards
from tests.support.fakes.channel import FakeClock
from tests.support.visitor import Pages, Visitor, open_site, routes_of

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
NGINX = DEPLOY / "nginx" / "assistant.conf"
CADDY = DEPLOY / "caddy" / "Caddyfile"
NAME = "letters.example.org"
OURS = ("/metrics", "/readyz", "/healthz")
_WHERE = f"{os.environ.get('PATH', '')}:/usr/sbin"
PROGRAMS = {each: shutil.which(each, path=_WHERE) for each in ("nginx", "caddy")}


def let_through(file: Path) -> list[re.Pattern[str]]:
    """What paths may be like."""
    text = file.read_text("utf-8")
    found: list[str] = re.findall(
        r'^\s*(?:location ~ "(.+)" \{|@pages path_regexp (.+))$', text, re.MULTILINE
    )
    return [re.compile("".join(each)) for each in found]


@pytest.mark.parametrize("file", [NGINX, CADDY], ids=["nginx", "caddy"])
async def test_every_address_of_a_page_is_let_through(
    store: Store, script: Script, clock: FakeClock, file: Path
) -> None:
    [pattern] = let_through(file)
    async with open_site(store, script, clock) as site:
        with closing(make_cards(Settings(_env_file=None), script)) as cards:
            _, routes = routes_of(site.harness, site.channel, Guard(), cards, ())
    paths = {_example(each.path) for each in routes}
    assert {"/", "/chat", "/chat/news", "/chat/file/12", "/norma-cruz/counter-12.json"} <= paths
    assert [each for each in paths if not pattern.search(each)] == []
    assert all(pattern.search(each) for each in ("/telegram", "/telnyx"))  # webhooks


def _example(path: str) -> str:
    named = re.sub(r"\{case:.*?\*\}", "norma-cruz", path)
    return re.sub(r"\{number:[^}]*\}{1,2}", "12", named)


@pytest.mark.parametrize("file", [NGINX, CADDY], ids=["nginx", "caddy"])
@pytest.mark.parametrize(
    "path", ["/.env", "/metrics/", "/chat/../metrics", "/a/b", "/static/../metrics", "//metrics"]
)
def test_nothing_else_is(file: Path, path: str) -> None:
    [pattern] = let_through(file)
    assert not pattern.search(path)


def test_what_is_for_the_operator_is_not_found() -> None:
    nginx, caddy = NGINX.read_text("utf-8"), CADDY.read_text("utf-8")
    for path in OURS:
        assert f"location = {path} {{ return 404; }}" in nginx
    assert f"@ours path {' '.join(OURS)}\n\thandle @ours {{\n\t\trespond 404\n" in caddy
    assert caddy.index("handle @ours") < caddy.index("handle @pages")  # the first one that fits counts


def test_no_log_says_who_reads() -> None:
    nginx, caddy = NGINX.read_text("utf-8"), CADDY.read_text("utf-8")
    servers = nginx.count("server {")
    assert nginx.count("access_log off;") == nginx.count("error.log crit;") == servers == 2
    assert "exclude http.log.error http.handlers.reverse_proxy" in caddy
    assert "log {" not in caddy.partition(f"{NAME} {{")[2]


# With the programs themselves, where they are installed.


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, as they are behind https."""
    async with open_site(store, script, clock, f"https://{NAME}") as opened:
        yield opened


@pytest.fixture(params=list(PROGRAMS))
async def proxy(request: pytest.FixtureRequest, site: Pages, tmp_path: Path) -> AsyncIterator["Proxy"]:
    """Each proxy with the file of deploy/, before the pages."""
    async with _before(site.address, request.param, tmp_path) as started:
        yield started


@pytest.fixture(params=list(PROGRAMS))
async def lonely(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator["Proxy"]:
    """Each proxy, and no process behind it."""
    async with _before(f"127.0.0.1:{_free_port()}", request.param, tmp_path) as started:
        yield started


@asynccontextmanager
async def _before(address: str, name: str, folder: Path) -> AsyncIterator["Proxy"]:
    program = PROGRAMS[name]
    if program is None:
        pytest.skip(f"{name} is not on this machine")
    port = _free_port()
    _certificate(folder)
    arguments = (_nginx if name == "nginx" else _caddy)(program, folder, address, port)
    async with _running(arguments, folder, port):
        yield Proxy(port, folder)


class Proxy:
    """One that runs. `logged`: all that it has written."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self._folder = folder

    @property
    def logged(self) -> str:
        return "".join(each.read_text("utf-8") for each in self._folder.glob("*.log"))

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Visitor]:
        """A browser that finds the name here."""
        connector = TCPConnector(resolver=_Here(), ssl=False)
        async with ClientSession(f"https://{NAME}:{self.port}", connector=connector) as client:
            yield Visitor(client)


class _Here(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _nginx(program: str, folder: Path, server: str, port: int) -> list[str]:
    ours = NGINX.read_text("utf-8")
    for old, new in (
        ("127.0.0.1:8080", server),
        (f"/etc/letsencrypt/live/{NAME}", str(folder)),
        ("/var/log/nginx", str(folder)),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("    listen [::]:80;\n", ""),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{_free_port()}"),
    ):
        assert old in ours
        ours = ours.replace(old, new)
    (folder / "assistant.conf").write_text(ours, "utf-8")
    temporary = "".join(
        f"{each}_temp_path {folder};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/main.log; events {{}}\n"
        f"http {{ {temporary} access_log {folder}/access.log; include {folder}/assistant.conf; }}\n"
    )
    arguments = [program, "-e", f"{folder}/main.log", "-c", f"{folder}/nginx.conf"]
    tried = subprocess.run([*arguments, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    return arguments


def _caddy(program: str, folder: Path, server: str, port: int) -> list[str]:
    ours = CADDY.read_text("utf-8").replace("127.0.0.1:8080", server)
    with_certificate = f"https://{NAME}:{port} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"
    ours = ours.replace(f"\n{NAME} {{", f"\n{with_certificate}")
    ours = ours.replace("\n{\n", "\n{\n\tadmin off\n\tauto_https disable_redirects\n", 1)
    (folder / "Caddyfile").write_text(ours, "utf-8")
    return [program, "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]


@asynccontextmanager
async def _running(arguments: list[str], folder: Path, port: int) -> AsyncIterator[None]:
    at_home = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with (folder / "said.log").open("wb") as said:
        process = await asyncio.create_subprocess_exec(*arguments, stdout=said, stderr=said, env=at_home)
        try:
            async with asyncio.timeout(30):
                while not await _listens(port):
                    assert process.returncode is None, (folder / "said.log").read_text()
                    await asyncio.sleep(0.05)
            yield
        finally:
            process.terminate()
            await process.wait()


async def _listens(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


async def test_a_chat_goes_through_it_and_its_news_at_once(proxy: Proxy, site: Pages) -> None:
    async with proxy.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        assert "Which country" in visitor.last
        assert {each.key for each in visitor.client.cookie_jar} == {"__Host-chat"}
        after = visitor.page.hidden["after"]
        async with visitor.client.get(f"/chat/news?after={after}") as news:
            await visitor.write("Finland")
            async with asyncio.timeout(20):
                while not (await news.content.readline()).startswith(b"id:"):
                    pass


async def test_what_is_for_the_operator_and_what_does_not_exist_are_not_found(proxy: Proxy) -> None:
    async with proxy.visitor() as visitor:
        for path in (*OURS, "/metrics/", "/%6detrics", "/.env"):
            await visitor.open(path)
            assert visitor.status == 404, path


async def test_nobody_chooses_their_address(proxy: Proxy) -> None:
    async with proxy.visitor() as visitor:
        for number in range(200):
            await visitor._ask("GET", "/chat", X_Forwarded_For=f"203.0.113.{number}")
            if visitor.status == 429:
                return
    raise AssertionError("all those addresses were believed")


async def test_nobody_who_reads_is_named_in_its_logs(proxy: Proxy) -> None:
    async with proxy.visitor() as visitor:
        await visitor.open("/chat?case=norma-cruz")
        await visitor.write("Finland")
        await visitor.open("/nowhere/at/all")
    assert "norma-cruz" not in proxy.logged and "nowhere" not in proxy.logged
    assert "127.0.0.1" not in proxy.logged


async def test_where_no_process_answers_people_read_so_and_are_not_named_either(lonely: Proxy) -> None:
    async with lonely.visitor() as visitor:
        assert "We are away for a moment." in await visitor.open("/chat?case=norma-cruz")
        assert visitor.status == 503
        assert 'id="note"' in visitor.source and "hx-swap-oob" in visitor.source  # for a page that is open
    assert "norma-cruz" not in lonely.logged
    assert "127.0.0.1" not in lonely.logged
