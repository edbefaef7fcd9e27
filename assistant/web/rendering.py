"""Pages for browsers: templates, languages, and the files that go with them."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.content.charts import drawing
from assistant.domain.texts import Locale, Text, render

HTML = "text/html"
SMALL = 512  # bytes: what is shorter is not compressed
_HERE = Path(__file__).parent
_SCRIPTS = ("htmx.min.js", "hx-sse.min.js", "hx-upsert.min.js", "away.js")  # all but the last as they came
_FOREVER = "public, max-age=31536000, immutable"  # the name holds a digest of what is in it
_KINDS = {"css": "text/css", "js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages name by what is in it."""

    name: str
    kind: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/static/{self.name}"


def _asset(name: str, content: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(f"{stem}-{digest}.{ending}", _KINDS[ending], content)


class Site:
    """What all pages have in common. `locales`: by code; `default`: for who reads none of them."""

    def __init__(self, locales: Mapping[str, Locale], default: Locale) -> None:
        self._locales = locales
        self._default = default
        static = _HERE / "static"
        self.style = _asset("page.css", (static / "page.css").read_bytes())
        self.dashboard_style = _asset("dashboard.css", (static / "dashboard.css").read_bytes())
        self.script = _asset("page.js", b"\n".join((static / each).read_bytes() for each in _SCRIPTS))
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def compile_templates(self) -> None:
        """Make every template ready, those of charts, too: otherwise who sees a page first waits for them.

        Measured: half a second of a core for all of them, up to 85 ms for one.
        """
        for name in self._environment.list_templates():
            self._environment.get_template(name)
        drawing.compile_templates()

    @cached_property
    def languages(self) -> Sequence[Locale]:
        """Every language there is."""
        return tuple(self._locales.values())

    def locale(self, request: web.Request, chosen: str | None = None) -> Locale:
        """The language to speak: the one that is chosen, or the best that the browser names."""
        for code in (chosen, *_accepted(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))):
            if code and (found := self._locales.get(code.casefold()) or self._locales.get(_main(code))):
                return found
        return self._default

    def understands(self, request: web.Request) -> bool:
        """Whether the browser names a language that we speak."""
        codes = _accepted(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        return any(_main(each) in self._locales for each in codes)

    def page(self, template: str, locale: Locale, said: Mapping[str, Text], **values: Any) -> str:
        """A page, or a part of one. `said`: the sentences that it may have, by what they are.

        `values`: Any, as Jinja has it.
        """
        return self._environment.get_template(template).render(
            locale=locale,
            said=_Sentences(said, locale),
            rendered=lambda text: render(text, locale),
            style=self.style.path,
            dashboard_style=self.dashboard_style.path,
            script=self.script.path,
            languages=self.languages,
            **values,
        )

    def routes(self) -> Sequence[web.RouteDef]:
        """The files that go with the pages."""
        return [
            web.get(each.path, _Served(each).answer)
            for each in (self.style, self.dashboard_style, self.script)
        ]


class _Sentences:
    """Sentences in one language, for templates."""

    def __init__(self, said: Mapping[str, Text], locale: Locale) -> None:
        self._said = said
        self._locale = locale

    def __getitem__(self, name: str) -> Markup:
        return render(self._said[name], self._locale)


class _Served:
    """A file as it is sent: it never changes under its name."""

    def __init__(self, asset: Asset) -> None:
        self._asset = asset
        self._packed = gzip.compress(asset.content, 9, mtime=0)

    async def answer(self, request: web.Request) -> web.Response:
        headers = {hdrs.CACHE_CONTROL: _FOREVER, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        body = self._asset.content
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            body = self._packed
        return web.Response(body=body, content_type=self._asset.kind, charset="utf-8", headers=headers)


def html_response(request: web.Request, text: str, status: int = 200, **headers: str) -> web.Response:
    """A page, compressed where the browser takes that. Nobody on the way keeps it unless `headers` say so."""
    said = {
        hdrs.CACHE_CONTROL: "no-store",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    body = text.encode()
    said[hdrs.VARY] = "Accept-Encoding, Accept-Language"
    if len(body) > SMALL and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        body = gzip.compress(body, 6, mtime=0)
        said[hdrs.CONTENT_ENCODING] = "gzip"
    return web.Response(body=body, status=status, content_type=HTML, charset="utf-8", headers=said)


def _accepted(header: str) -> Sequence[str]:
    """The codes in a header such as `es-MX,es;q=0.9,en;q=0.5`, best first (RFC 9110, 12.5.4)."""
    found: list[tuple[float, str]] = []
    for each in header.split(",")[:20]:
        code, *parameters = (part.strip() for part in each.split(";"))
        found.append((-_quality(parameters), code))
    return [code for quality, code in sorted(found, key=lambda each: each[0]) if code and quality]


def _quality(parameters: Sequence[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _main(code: str) -> str:
    return code.partition("-")[0].casefold()
