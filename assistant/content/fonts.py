"""Our typefaces as typst has them: read once, whoever draws with them, in whichever thread."""

from functools import cache

import typst

from assistant.content import typefaces


@cache
def fonts() -> typst.Fonts:
    """For every compiler of this process."""
    return typst.Fonts(include_system_fonts=False, font_paths=typefaces.folders())
