"""The process that compiles letterheads of cases: `python -m assistant.content.letterhead_process FD ...`.

`letterhead_compiler` starts it, and says why. It reads jobs from the socket FD and answers each, until the
other end is closed. What a letterhead can read are the files that came with it: typst gets them from
memory, and its root and its folders of packages are no folders. Behind FD stand the folders of typefaces.
"""

import io
import resource
import socket
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typst

from assistant.content.frames import Frame, receive, send

if TYPE_CHECKING:
    from pypdf import PdfReader

MEMORY = 1 << 30  # bytes of address space: a letter takes a third of that, most of it for typefaces
COMPUTING = 5  # seconds of CPU time for a job: a usual letter takes a hundredth of one
_NOWHERE = "/dev/null"  # nothing can lie below it
_TOLD_MAX = 2000  # characters of what typst says is wrong
_TEXT_MAX = 50_000  # characters of a page


def main(descriptor: int, typefaces: list[str]) -> None:
    """Do jobs until nobody sends any more."""
    warnings.simplefilter("ignore")
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)  # it would hold letters
    letterheads = _Letterheads(typefaces)
    with socket.socket(fileno=descriptor) as peer:
        while (job := receive(peer)) is not None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + COMPUTING + 1)
            send(peer, _text_of(job.body) if job.head["do"] == "read" else letterheads.compile(job))


def _limit(kind: int, most: int) -> None:
    """What takes more ends this process."""
    _soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


class _Letterheads:
    """The letterheads that it has, by their digest, and typst."""

    def __init__(self, typefaces: list[str]) -> None:
        self._files: dict[str, Any] = {}  # typst's stubs do not know of files in memory
        self._compiler = typst.Compiler(
            b"",
            root=_NOWHERE,
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[*typefaces]),
            package_path=_NOWHERE,
            package_cache_path=_NOWHERE,
        )

    def compile(self, job: Frame) -> Frame:
        """What came out and on how many pages, or what is wrong, in typst's words."""
        head = job.head
        if head["forget"]:
            self._files.clear()
        if head["files"] is not None:
            self._files[head["letterhead"]] = _parted(head["files"], job.body)
        files, letter = self._files[head["letterhead"]], {"letter": head["letter"]}
        try:
            made = self._compiler.compile(files, format=head["form"], sys_inputs=letter, timestamp=0)
        except typst.TypstError as error:
            return Frame({"wrong": error.message[:_TOLD_MAX], "where": error.diagnostic[:_TOLD_MAX]})
        if not isinstance(made, bytes):  # pictures of several pages come apart
            return Frame({"pages": len(made or [])})
        return Frame({"pages": _reader(made).get_num_pages() if head["form"] == "pdf" else 1}, made)


def _parted(sizes: Mapping[str, int], contents: bytes) -> dict[str, bytes]:
    stream = io.BytesIO(contents)
    return {name: stream.read(size) for name, size in sizes.items()}


def _text_of(pdf: bytes) -> Frame:
    """What can be read on its first page."""
    return Frame({}, _reader(pdf).pages[0].extract_text()[:_TEXT_MAX].encode("utf-8", "replace"))


def _reader(pdf: bytes) -> "PdfReader":
    from pypdf import PdfReader  # who imports this for its limits does not need it

    return PdfReader(io.BytesIO(pdf))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
