"""Files that nobody wrote: what systems, editors and archives leave in a folder by themselves."""

import re
from fnmatch import translate
from pathlib import Path

_PATTERNS = (
    ".*",  # .DS_Store, ._letter.es.txt, .letter.es.txt.swp, .git, .~lock.letter.es.txt#
    "~*",  # ~$tter.es.txt
    "*~",
    "#*#",
    "*.bak",
    "*.tmp",
    "*.temp",
    "*.swp",
    "*.swo",
    "*.orig",
    "*.rej",
    "*.save",
    "*.part",
    "*.crdownload",
    "*.sb-*",  # TextEdit, while it saves
    "thumbs.db*",
    "ehthumbs*.db",
    "desktop.ini",
    "icon\r",
    "@eadir",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "__macosx",
    "__pycache__",
)


_LEFTOVER = re.compile("|".join(map(translate, _PATTERNS)))


def is_leftover(name: str) -> bool:
    """Whether a file or folder of that name came by itself."""
    return _LEFTOVER.match(name.lower()) is not None


def written(folder: Path) -> list[Path]:
    """What people put into the folder, by name. Raises OSError where it cannot be read."""
    return sorted(file for file in folder.iterdir() if not is_leftover(file.name))
