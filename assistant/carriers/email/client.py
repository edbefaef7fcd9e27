"""One conversation with the mail server, kept open from letter to letter (RFC 5321)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol

from assistant.carriers.base import Telling
from assistant.carriers.email.message import Mail
from assistant.carriers.email.outcomes import refusal
from assistant.carriers.email.settings import SETTING, Server, Tls
from assistant.domain.errors import Down, Failure, Misconfigured

_TAKEN = range(200, 300)
_REFUSED = range(400, 600)
_GO_ON = 354
_GLANCE = 0.01  # seconds between two looks at how much of a large letter has left

IN_DOUBT = "The mail server took the letter, and did not say whether it sends it: it may have arrived."


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, in seconds.

    `verdict`: for the answer to a whole letter; RFC 5321, section 4.5.3.2.6 wants ten minutes, because who
    gives up earlier cannot know whether it was taken. `idle`: a connection unused for longer is not used
    again: routers forget it without a word.
    """

    connect: float = 30.0
    answer: float = 60.0
    verdict: float = 600.0
    idle: float = 60.0
    goodbye: float = 1.0


class Connection:
    """Connects by itself, where it has to; one letter at a time."""

    def __init__(self, server: Server, hello: str, patience: Patience) -> None:
        """`hello`: the domain that we say we are."""
        self._server = server
        self._hello = hello
        self._patience = patience
        self._lock = asyncio.Lock()
        self._smtp: SMTP | None = None
        self._used = 0.0  # when, by the loop's clock

    async def send(self, mail: Mail, telling: Telling) -> None:
        """Hand one message over. Raises Failure; `uncertain` only where the whole of it had left us.

        `telling` is called between the message and its end, without which a server takes nothing.
        """
        async with self._lock:
            try:
                smtp = await self._begin(mail)
                await self._hand_over(smtp, mail, telling)
                self._used = asyncio.get_running_loop().time()
            except Failure as failure:
                await self._recover(failure)
                raise
            except BaseException:  # cancelled: the next answer would be one to an old question
                self._drop()
                raise

    async def probe(self) -> None:
        """Connect as for a letter, over a connection of its own, and end it. Raises Down, Misconfigured."""
        smtp = await self._connect()
        try:
            async with asyncio.timeout(self._patience.goodbye):
                await smtp.quit()
        except (SMTPException, OSError):
            pass  # it would have worked
        finally:
            smtp.close()

    async def close(self) -> None:
        """Say goodbye, briefly."""
        async with self._lock:
            try:
                if self._smtp is not None:
                    async with asyncio.timeout(self._patience.goodbye):
                        await self._smtp.quit()
            except (SMTPException, OSError):
                pass  # it may well be gone
            finally:
                self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    async def _recover(self, failure: Failure) -> None:
        """Make the connection fit for the next letter, or end it."""
        if self._smtp is None or isinstance(failure, Down):
            self._drop()
            return
        try:
            async with asyncio.timeout(self._patience.answer):
                await self._smtp.rset()
            self._used = asyncio.get_running_loop().time()
        except (SMTPException, OSError):
            self._drop()
        except BaseException:
            self._drop()
            raise

    @contextlib.asynccontextmanager
    async def _asking(self, stage: str, patience: float | None = None) -> AsyncIterator[None]:
        """Tell in our terms what happens on the way to the end of a letter."""
        try:
            async with asyncio.timeout(patience or self._patience.answer):
                yield
        except SMTPResponseException as answer:
            raise refusal(stage, answer.code, answer.message) from None
        except (SMTPException, OSError):
            self._drop()
            told = f"The mail server broke off, or fell silent, before a letter was whole ({stage})."
            # Where it is the letter's fault, it must not hold up all others: it uses up its attempts.
            raise (Down(told) if stage == "MAIL" else Failure(told)) from None

    # Before the letter

    async def _begin(self, mail: Mail) -> SMTP:
        """MAIL, on the old connection where it still works: nothing can have been sent before that."""
        if (smtp := self._kept()) is not None:
            with contextlib.suppress(Down):  # such as 421: it has waited for too long, and closes
                await self._from(smtp, mail)
                return smtp
        self._drop()
        smtp = self._smtp = await self._connect()
        await self._from(smtp, mail)
        return smtp

    def _kept(self) -> SMTP | None:
        if self._smtp is None or not self._smtp.is_connected:
            return None
        idle = asyncio.get_running_loop().time() - self._used
        return self._smtp if idle < self._patience.idle else None

    async def _from(self, smtp: SMTP, mail: Mail) -> None:
        options = [f"SIZE={len(mail.content)}"] if smtp.supports_extension("size") else []
        if smtp.supports_extension("dsn"):  # RFC 3461: what comes back leaves out the letter's text
            options += ["RET=HDRS", f"ENVID={mail.token}"]
        async with self._asking("MAIL"):
            await smtp.mail(mail.sender, options=options)

    async def _connect(self) -> SMTP:
        server = self._server
        # Its own timeouts are asyncio.wait_for, which can lose a cancellation before Python 3.12 (gh-86296):
        # what is called off would wait on.
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._hello,
            timeout=None,
            use_tls=server.tls is Tls.AT_ONCE,
            start_tls=server.tls is Tls.STARTTLS,
            tls_context=server.context,
        )
        try:
            async with _opening(self._patience.connect):
                await smtp.connect()
            await self._introduce(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    async def _introduce(self, smtp: SMTP) -> None:
        async with _opening(self._patience.answer):
            await smtp.ehlo()
        if self._server.user is None or self._server.password is None:
            return
        if not smtp.supported_auth_methods:
            raise Misconfigured(
                f"The mail server offers no login by password: see the user, the port and tls in {SETTING}."
            )
        async with _opening(self._patience.answer):
            await smtp.login(self._server.user, self._server.password)

    # The letter

    async def _hand_over(self, smtp: SMTP, mail: Mail, telling: Telling) -> None:
        async with self._asking("RCPT"):
            await smtp.rcpt(mail.recipient)
        async with self._asking("DATA", self._patience.verdict):
            async with asyncio.timeout(self._patience.answer):
                answer = await smtp.execute_command(b"DATA")
            if answer.code != _GO_ON:
                raise SMTPResponseException(answer.code, answer.message)
            protocol = _speaking(smtp)
            protocol.write(mail.content.replace(b"\r\n.", b"\r\n.."))  # RFC 5321, section 4.5.2
            await self._left(smtp)
        try:
            await telling()
        except BaseException:
            self._drop()  # whatever were said now would be part of the letter
            raise
        async with self._asking("DATA"):
            _speaking(smtp).write(b".\r\n")
        await self._verdict(protocol)

    async def _verdict(self, protocol: SMTPProtocol) -> None:
        code, text = 0, ""
        with contextlib.suppress(SMTPException, OSError):
            async with asyncio.timeout(self._patience.verdict):
                code, text = await protocol.read_response()
        if code in _REFUSED:
            raise refusal("DATA", code, text)
        if code not in _TAKEN:
            self._drop()
            raise Failure(IN_DOUBT, uncertain=True)

    async def _left(self, smtp: SMTP) -> None:
        """Until all is on its way: the end is written after it, and nothing is taken without its end."""
        while _waiting(smtp.transport):  # noqa: ASYNC110  # only the transport knows, and it tells nobody
            await asyncio.sleep(_GLANCE)


def _speaking(smtp: SMTP) -> SMTPProtocol:
    if smtp.protocol is None:
        raise SMTPServerDisconnected("closed")
    return smtp.protocol


def _waiting(transport: asyncio.BaseTransport | None) -> bool:
    """Whether some of what was written has not been handed to the system yet."""
    return isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > 0


@contextlib.asynccontextmanager
async def _opening(patience: float) -> AsyncIterator[None]:
    """Tell in our terms what happens before the first letter."""
    try:
        async with asyncio.timeout(patience):
            yield
    except SMTPAuthenticationError as answer:
        raise refusal("AUTH", answer.code, answer.message) from None
    except SMTPResponseException as answer:
        raise refusal("the start", answer.code, answer.message) from None
    except (SMTPException, OSError) as error:
        raise _unreached(error) from None


def _unreached(error: BaseException) -> Down:
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(
        error.__cause__, ssl.SSLCertVerificationError
    ):
        return Down(
            f"The certificate of the mail server cannot be trusted: see host and cafile in {SETTING}."
        )
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Down(
            f"The mail server does not encrypt as it should: see smtp or smtps and the port in {SETTING}."
        )
    if isinstance(error, SMTPException) and "STARTTLS" in error.message:
        return Down(f"The mail server offers no STARTTLS, so that nothing is sent to it: see {SETTING}.")
    return Down(f"The mail server cannot be reached: see host and port in {SETTING}.")
