"""Build hook: compiles the .po catalogues, which are what people edit, into the wheel as .mo files."""

import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own generic parameter is private
    """Adds `assistant/locales/<language>/LC_MESSAGES/assistant.mo` for every catalogue in `locales/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # Any: hatchling's signature
        if version == "editable":  # a checkout reads its .po files itself
            return
        built = Path(tempfile.mkdtemp())
        for source in sorted(Path(self.root, "locales").glob("*/LC_MESSAGES/*.po")):
            language = source.parts[-3]
            with source.open("rb") as text:
                catalogue = read_po(text, locale=language)
            compiled = built / f"{language}.mo"
            with compiled.open("wb") as target:
                write_mo(target, catalogue)
            inside = f"assistant/locales/{language}/LC_MESSAGES/assistant.mo"
            build_data["force_include"][str(compiled)] = inside
