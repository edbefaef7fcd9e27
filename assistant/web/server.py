"""The web server: what platforms and operators call. It belongs behind a reverse proxy, which brings TLS."""

import asyncio
import errno
import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from assistant.domain.errors import Failure, Misconfigured
from assistant.web.connections import MOST, Connections, in_time

NONE = "none"  # the address of no server
BODY_MAX = 64 * 1024  # bytes of one request
BACKLOG = 128  # connections that wait to be accepted
PATIENCE = 2.0  # seconds that requests in flight have at the end

_ADDRESS = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/\[\]]+)):(?P<port>[0-9]{1,5})")
_PORT_MAX = 65535

# Those of https://owasp.org/www-project-secure-headers/ that matter here; a page may say otherwise.
_CAREFUL = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",  # browsers pass it over where they came by plain HTTP
    "Cache-Control": "no-store",
}

log = structlog.get_logger()


@asynccontextmanager
async def serve(listen: str, routes: Sequence[web.RouteDef], most: int = MOST) -> AsyncIterator[str | None]:
    """Answer on `listen`, which is `host:port` or `none`, until the end; then finish what is in flight.

    `most`: connections that are taken at once. Gives the address with its real port (0 picks one), or None.
    Raises Misconfigured where it cannot be had.
    """
    if listen == NONE:
        yield None
        return
    host, port = _parsed(listen)
    runner = web.AppRunner(_application(routes), access_log=None, shutdown_timeout=PATIENCE)
    await runner.setup()
    assert runner.server is not None  # noqa: S101  it is set up
    connections = Connections(_connect(runner.server), most)
    try:
        server = await _start(connections, host, port, listen)
        try:
            address = _address(server)
            log.info("listening", address=address)
            yield address
        finally:
            server.close()
    finally:
        await runner.cleanup()


def check_address(listen: str) -> None:
    """Raises Misconfigured where that can be no address to listen on."""
    if listen != NONE:
        _parsed(listen)


def check_free(listen: str) -> None:
    """Raises Misconfigured where nobody can listen there, because another program does."""
    host, port = _parsed(listen)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            tried.listen()
    except OSError as error:
        raise Misconfigured(f"ASSISTANT_LISTEN: {listen} {_why(error)}.") from None


def _parsed(listen: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(listen)
    if found is None or int(found["port"]) > _PORT_MAX:
        raise Misconfigured("ASSISTANT_LISTEN has to be host:port, such as 127.0.0.1:8080, or none.")
    return found["v6"] or found["name"], int(found["port"])


async def _start(connections: Connections, host: str, port: int, listen: str) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(connections, host, port, backlog=BACKLOG, reuse_address=True)
    except OSError as error:
        raise Misconfigured(f"ASSISTANT_LISTEN: {listen} {_why(error)}.") from None


def _address(server: asyncio.Server) -> str:
    """Where it listens, with its real port."""
    bound, number = server.sockets[0].getsockname()[:2]
    return f"[{bound}]:{number}" if ":" in bound else f"{bound}:{number}"


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is taken by another program; end it, or choose another port"
    if error.errno is not None and error.errno > 0:
        return f"cannot be used: {os.strerror(error.errno)}"  # asyncio's own words repeat the address
    return f"cannot be used: {error.strerror or 'unknown error'}"


class _Handler(web.RequestHandler):
    """Requests of one connection. What is none is refused without a word of it.

    aiohttp quotes what it cannot read, to the caller and to the log: there may be a name or a token in it.
    """

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a request failed in a way it should not", error=type(exc).__name__)
        headers = {**_CAREFUL, hdrs.SERVER: ""}  # aiohttp would say what it is
        response = web.Response(status=status, text=f"{HTTPStatus(status).phrase}\n", headers=headers)
        response.force_close()
        return response


def _connect(server: web.Server) -> Callable[[], asyncio.Protocol]:
    """What speaks HTTP on a new connection."""
    loop = asyncio.get_running_loop()
    return lambda: _Handler(server, loop=loop, access_log=None)  # type: ignore[arg-type]  # None is none


def _application(routes: Sequence[web.RouteDef]) -> web.Application:
    application = web.Application(middlewares=[in_time, _quiet], client_max_size=BODY_MAX)
    application.add_routes(routes)
    application.on_response_prepare.append(_reticent)
    return application


@web.middleware
async def _quiet(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is told to the log, not to the caller; never the path, which may be a secret."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Failure as failure:
        log.error("a request could not be handled", reason=failure.reason)
        return web.Response(status=503, text="Try again later.\n")
    except Exception:
        log.exception("a request failed in a way it should not")
        return web.Response(status=500, text="This is a mistake of ours.\n")


async def _reticent(_request: web.Request, response: web.StreamResponse) -> None:
    """What we run is nobody's business, and browsers do with an answer only what it is for."""
    response.headers.popall(hdrs.SERVER, None)
    for name, value in _CAREFUL.items():
        response.headers.setdefault(name, value)
