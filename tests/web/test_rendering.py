"""Templates are made ready at the start, and nobody waits for that."""

import threading
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from assistant.content.charts import drawing
from assistant.dialogue.script import Script
from assistant.domain.processes import ProcessRole
from assistant.settings import Settings
from assistant.web import rendering
from assistant.web.rendering import Site
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import make_script
from assistant.wiring.pages import page_routes
from assistant.wiring.process import assistant
from tests.content.charts.test_drawing import CHARTS

TEMPLATES = Path(rendering.__file__).parent / "templates"
PAGES = {each.relative_to(TEMPLATES).as_posix() for each in TEMPLATES.rglob("*.html")}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that are compiled from now on, in their order."""
    names: list[str] = []
    compiles = Environment.compile

    def compile_(self: Environment, source: Any, name: str = "", *given: Any) -> Any:  # Any: as Jinja has it
        names.append(name)
        return compiles(self, source, name, *given)

    monkeypatch.setattr(Environment, "compile", compile_)
    drawing._templates.cache_clear()
    return names


def test_once_they_are_ready_nothing_is_compiled_for_anybody(compiled: list[str], script: Script) -> None:
    site = Site(script.locales, script.default_locale)
    site.compile_templates()
    assert set(compiled) > PAGES
    compiled.clear()
    for each in PAGES:
        site._environment.get_template(each)
    for chart in CHARTS:
        drawing.svg(chart)
    assert compiled == []


async def test_whoever_serves_pages_makes_them_ready(compiled: list[str], tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, web_url="https://letters.example.org")
    script = make_script(settings)
    channels = configured_channels(settings, script)
    async with assistant(settings, script, channels, role=ProcessRole.ALL) as served:
        page_routes(served, script, channels, served.turns.handle)
        [thread] = [each for each in threading.enumerate() if each.name == "templates"]
        thread.join(60)
    assert set(compiled) > PAGES
