"""`assistant signal`: from a phone number to an account that people can write to, and out of trouble."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from assistant.channels.signal.channel import MODES, account_of
from assistant.channels.signal.client import Client, Identity
from assistant.channels.signal.errors import NO_ACCOUNT
from assistant.cli.output import table
from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured, NotInstalled
from assistant.domain.lanes import Pause
from assistant.services.messages.pauses import end_pauses, pauses
from assistant.settings import Settings
from assistant.wiring import stores

REGISTRATION_PAGE = "https://signalcaptchas.org/registration/generate.html"
CHALLENGE_PAGE = "https://signalcaptchas.org/challenge/generate.html"
CAPTCHA = "signalcaptcha://"
HOW = (
    "Solve the captcha there, then copy the address of the link 'Open Signal' (right click, copy link). "
    f"It begins with {CAPTCHA}, works once, and for some minutes only."
)
STOPPED = (
    "Signal has stopped this number, and everything waits. If a token is shown above: solve the captcha at "
    f"{CHALLENGE_PAGE}, then run: assistant signal unblock TOKEN 'signalcaptcha://...'. If none is shown, it "
    "ends by itself at the time above."
)
CODE = re.compile(r"^[0-9]{3}-?[0-9]{3}$")

app = typer.Typer(
    no_args_is_help=True,
    help="Set up the Signal number, and see to it when Signal stops it.\n\n"
    "A new number: `register`, then `verify`. A number that a phone uses already: `link`.",
)


def _captcha(value: str | None) -> str | None:
    if value is not None and not value.startswith(CAPTCHA):
        raise typer.BadParameter(f"it has to begin with {CAPTCHA}. {HOW}")
    return value


def _code(value: str) -> str:
    if not CODE.match(value):
        raise typer.BadParameter("it has six digits, such as 123-456")
    return value


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show whether people can write to the number, and what Signal has stopped."""
    facts, trouble = asyncio.run(_status(Settings.load()))
    if as_json:
        typer.echo(json.dumps(facts | {"trouble": trouble}, indent=1))
    else:
        table(["fact", "value"], [[name, _shown(value)] for name, value in facts.items()])
    if trouble:
        raise Failure(trouble)


async def _status(settings: Settings) -> tuple[dict[str, object], str | None]:
    """What is known, and what is wrong."""
    number = _number(settings)
    facts: dict[str, object] = {"number": _masked(number)}
    trouble = None
    try:
        async with _connected(settings) as client:
            about = await client.about()
            facts |= {"server": about.version, "mode": about.mode}
            if about.mode not in MODES:
                trouble = "Set MODE=json-rpc in the environment of signal-cli-rest-api, and start it anew."
            elif number not in await client.accounts():
                trouble = NO_ACCOUNT
            else:
                facts["untrusted"] = len(await _untrusted(client))
    except Failure as failure:
        trouble = failure.reason
    stops = await _pauses(settings, number)
    if trouble is None and stops:
        trouble = STOPPED
    elif trouble is None and facts["untrusted"]:
        trouble = "Nothing is sent to people whose safety number has changed: see `assistant signal trust`."
    return facts | {"stopped": [_stop(pause) for pause in stops]}, trouble


@app.command(
    help=f"Register the number in ASSISTANT_SIGNAL_NUMBER; Signal then sends it a code. "
    f"Signal wants a captcha for that: {REGISTRATION_PAGE}\n\n{HOW}"
)
def register(
    captcha: Annotated[
        str | None, typer.Option(callback=_captcha, help=f"From that page, '{CAPTCHA}...' in quotes.")
    ] = None,
    voice: Annotated[
        bool, typer.Option("--voice", help="Get the code by a call, a minute after a first try by SMS.")
    ] = False,
) -> None:
    """See `help`."""

    async def ask(settings: Settings) -> None:
        async with _connected(settings, number=_number(settings)) as client:
            await client.register(captcha, voice=voice)

    asyncio.run(ask(Settings.load()))
    typer.echo(f"Signal {'calls' if voice else 'sends an SMS to'} the number now, with a code of six digits.")
    typer.echo("Then run: assistant signal verify CODE")


@app.command()
def verify(
    code: Annotated[str, typer.Argument(callback=_code, help="The code that came, such as 123-456.")],
    pin: Annotated[
        str | None, typer.Option(help="The number's Signal PIN, if it was registered with one before.")
    ] = None,
) -> None:
    """Finish the registration with the code that Signal sent."""

    async def finish(settings: Settings) -> None:
        async with _connected(settings, number=_number(settings)) as client:
            await client.verify(code, pin)

    asyncio.run(finish(Settings.load()))
    typer.echo("The number is registered. See `assistant signal status`, then start `assistant run`.")


@app.command()
def link(
    image: Annotated[Path, typer.Option(help="Where to put the picture of the code.")] = Path(
        "signal-link.png"
    ),
    uri: Annotated[bool, typer.Option("--uri", help="Print the code's text; make no picture.")] = False,
    name: Annotated[str, typer.Option(help="How the phone lists this device.")] = "assistant",
) -> None:
    """Share the number of a phone that has Signal already: the phone has to scan a code."""

    async def ask(settings: Settings) -> None:
        async with _connected(settings) as client:
            if uri:
                typer.echo(await client.link_uri(name))
                return
            picture = await client.link_image(name)
        try:
            image.write_bytes(picture)
        except OSError as error:
            raise Misconfigured(f"The file {image} cannot be written: {error.strerror}.") from None
        typer.echo(f"Open {image}, and scan it within some minutes: in Signal on the phone, Settings, Linked")
        typer.echo("devices, Link a new device. Then delete the picture, set ASSISTANT_SIGNAL_NUMBER to the")
        typer.echo("phone's number, and see `assistant signal status`.")

    asyncio.run(ask(Settings.load()))


@app.command(
    help=f"End a stop: Signal wants a captcha from whoever writes to many people. {CHALLENGE_PAGE}\n\n{HOW}"
)
def unblock(
    token: Annotated[str, typer.Argument(help="From `assistant signal status`.")],
    captcha: Annotated[
        str, typer.Argument(callback=_captcha, help=f"From that page, '{CAPTCHA}...' in quotes.")
    ],
) -> None:
    """See `help`."""

    async def submit(settings: Settings) -> None:
        number = _number(settings)
        async with _connected(settings) as client:
            for each in token.split():
                await client.submit_rate_limit_challenge(each, captcha)
        with suppress(NotInstalled):
            async with stores.open_store(settings) as store:
                await end_pauses(store, account_of(number), system_clock())

    asyncio.run(submit(Settings.load()))
    typer.echo("Signal lets the number send again. What waited is on its way.")


@app.command()
def trust(
    safety_number: Annotated[
        list[str] | None, typer.Argument(help="Sixty digits; without them, people are listed.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--list", help="List trusted people too.")] = False,
) -> None:
    """Trust a person whose safety number has changed, or list them.

    It changes with a new phone, and also when somebody else pretends to be that person. So ask them, in
    another way than Signal, which number their phone shows for this chat: trust it only if it is the same.
    """
    given = re.sub(r"\s", "", "".join(safety_number or []))
    if given and not re.fullmatch(r"[0-9]{60}", given):
        raise typer.BadParameter("it has sixty digits", param_hint="SAFETY_NUMBER")
    settings = Settings.load()
    if given:
        asyncio.run(_trust(settings, given))
        typer.echo("This safety number is trusted now. What waited for this person is sent when it is due.")
        return
    people = asyncio.run(_people(settings, everybody=everybody))
    rows = [
        [_masked(person.number), person.status.lower(), _in_fives(person.safety_number)] for person in people
    ]
    table(["person", "status", "safety number"], rows)


async def _people(settings: Settings, *, everybody: bool) -> list[Identity]:
    async with _connected(settings, number=_number(settings)) as client:
        return await client.identities() if everybody else await _untrusted(client)


async def _trust(settings: Settings, safety_number: str) -> None:
    async with _connected(settings, number=_number(settings)) as client:
        for person in await _untrusted(client):
            name = person.number or person.uuid
            if name and person.safety_number == safety_number:
                await client.trust(name, safety_number)
                return
    raise Failure("Nobody untrusted has this safety number: `assistant signal trust` shows who has which.")


async def _untrusted(client: Client) -> list[Identity]:
    return [person for person in await client.identities() if not person.trusted]


async def _pauses(settings: Settings, number: str) -> Sequence[Pause]:
    """None where nothing is stored yet: numbers are set up before the assistant runs."""
    with suppress(NotInstalled):
        async with stores.open_store(settings) as store:
            return await pauses(store, account_of(number), system_clock())
    return ()


@asynccontextmanager
async def _connected(settings: Settings, number: str | None = None) -> AsyncIterator[Client]:
    """A client, for `number` or that of the settings."""
    if settings.signal_api_url is None:
        raise Misconfigured(
            "Set ASSISTANT_SIGNAL_API_URL to the address of your signal-cli-rest-api, "
            "such as http://127.0.0.1:8081."
        )
    client = Client(settings.signal_api_url, number or settings.signal_number or "")
    await client.open()
    try:
        yield client
    finally:
        await client.close()


def _number(settings: Settings) -> str:
    if settings.signal_number is None:
        raise Misconfigured("Set ASSISTANT_SIGNAL_NUMBER to the phone number, such as +15550100.")
    return settings.signal_number


def _masked(number: str) -> str:
    return f"...{number[-2:]}" if number else "hidden"


def _in_fives(digits: str) -> str:
    return " ".join(re.findall(".{1,5}", digits))


def _stop(pause: Pause) -> dict[str, str | None]:
    return {"kind": pause.kind, "until": f"{pause.until:%Y-%m-%dT%H:%M:%SZ}", "note": pause.note}


def _shown(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return "; ".join(" ".join(str(part) for part in stop.values() if part) for stop in value) or "nothing"
