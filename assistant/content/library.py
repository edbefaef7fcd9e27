"""The cases as they are now: case folders are looked at again and again, and read anew when they change.

What cannot be used replaces nothing: the last good version of its folder goes on.
"""

import time
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from assistant.content.cases import load_cases, of_one_name, read_folder
from assistant.content.fingerprint import Fingerprint, fingerprint
from assistant.content.leftovers import written
from assistant.content.routing import Routing
from assistant.domain.cases import Case

SETTLES = 1.0  # seconds that a folder stays as it is before it is read: somebody may still be saving it
GONE_AFTER = 10.0  # seconds until a missing folder counts as removed: some tools put a new one in its place
LAST_CASE = "its folder is gone. It goes on, because it is the last case"


@dataclass(frozen=True, slots=True)
class Found:
    """The cases by slug, and why folders cannot be used as they are, by slug."""

    cases: Mapping[str, Case]
    problems: Mapping[str, str] = field(default_factory=dict)


class CaseLibrary(Mapping[str, Case]):
    """Every case by slug, as it is now: whoever holds the library sees each change.

    It is changed on the event loop, and as a whole: nothing changes between two awaits, nor under who goes
    through it.
    """

    def __init__(self, found: Found) -> None:
        self._cases = found.cases
        self._problems = dict(found.problems)

    @property
    def problems(self) -> Mapping[str, str]:
        """Why folders cannot be used as they are, by slug, as it is now; some have a last good version."""
        return self._problems

    def change(self, found: Found) -> None:
        """From now on, it is these."""
        self._cases = found.cases
        self._problems.clear()
        self._problems.update(found.problems)

    def lacks(self, slug: str) -> bool:
        """Whether there is no folder of that name, good or bad."""
        return slug not in self._cases and slug not in self._problems

    def __getitem__(self, slug: str) -> Case:
        return self._cases[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cases)

    def __len__(self) -> int:
        return len(self._cases)

    def keys(self) -> KeysView[str]:
        return self._cases.keys()

    def values(self) -> ValuesView[Case]:
        return self._cases.values()

    def items(self) -> ItemsView[str, Case]:
        return self._cases.items()


_GONE: Fingerprint = {}


@dataclass(slots=True, kw_only=True)
class _Watched:
    """What is known of the folder (or, by mistake, folders) of one name.

    `read`: what it looked like when it was read. `seen`: at the last look, and since when. `case`: its last
    good version.
    """

    read: Fingerprint
    seen: Fingerprint
    since: float
    case: Case | None = None
    problem: str | None = None

    def settled(self, seen: Fingerprint, now: float) -> bool:
        """Whether it has changed since it was read, and then stayed as it is for a while."""
        if seen != self.seen:
            self.seen, self.since = seen, now
        waits = SETTLES if seen != _GONE else GONE_AFTER
        return seen != self.read and now - self.since >= waits


class CaseFolders:
    """Looks at the case folders, and reads those that have changed. It reads files: use it in a thread."""

    def __init__(
        self, roots: Sequence[Path], routing: Routing, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`roots`: the folders that hold case folders. `clock`: seconds."""
        self._roots = roots
        self._routing = routing
        self._clock = clock
        self._watched: dict[str, _Watched] = {}  # by name
        self.unreadable: str | None = None  # why folders of cases could not be looked into: theirs go on

    def read(self) -> Found:
        """All of them, for the first time. Raises Misconfigured as `load_cases` does."""
        seen = {slug: fingerprint(folders) for slug, folders in self._listed().items()}
        problems: dict[str, str] = {}
        cases = load_cases(self._roots, self._routing, problems)
        for slug, looks in seen.items():
            known = _Watched(read=looks, seen=looks, since=self._clock(), problem=problems.get(slug))
            self._watched[slug] = known
            known.case = cases.get(slug)
        return self._found()

    def look(self) -> Found | None:
        """The cases, where a folder has changed, come or gone since the last look; None where none has."""
        before = self._found()
        listed, now = self._listed(), self._clock()
        unknown = partial(_Watched, read=_GONE, seen=_GONE, since=now)
        known = {slug: self._watched.get(slug) or unknown() for slug in listed}
        self._watched = known | {slug: each for slug, each in self._watched.items() if slug not in listed}
        for slug, each in list(self._watched.items()):
            folders = listed.get(slug, [])
            if not folders and self.unreadable:
                continue  # it may be in there
            seen = fingerprint(folders)
            if each.settled(seen, now):
                self._read_again(slug, folders, seen)
        found = self._found()
        return None if found == before else found

    def _listed(self) -> dict[str, list[Path]]:
        """The case folders by their names."""
        listed: dict[str, list[Path]] = {}
        self.unreadable = None
        for root in self._roots:
            try:
                for folder in written(root):
                    if folder.is_dir():
                        listed.setdefault(folder.resolve().name, []).append(folder)
            except OSError as error:
                self.unreadable = f"The folder of cases {root} cannot be read: {error.strerror}."
        return listed

    def _read_again(self, slug: str, folders: Sequence[Path], seen: Fingerprint) -> None:
        known = self._watched[slug]
        if not folders:
            self._remove(slug)
            return
        if len(folders) > 1:
            known.read, known.problem = seen, of_one_name(slug, len(folders)).removesuffix(".")
            return
        checked = read_folder(folders[0], self._routing)
        if fingerprint(folders) == seen:  # otherwise it changes just now, and is read once it has settled
            known.read, known.problem, known.case = seen, checked.problem, checked.case or known.case

    def _remove(self, slug: str) -> None:
        others = any(each.case for other, each in self._watched.items() if other != slug)
        if others or self._watched[slug].case is None:
            del self._watched[slug]
        else:
            self._watched[slug].problem = LAST_CASE

    def _found(self) -> Found:
        cases = {slug: known.case for slug, known in self._watched.items() if known.case}
        problems = {slug: known.problem for slug, known in self._watched.items() if known.problem}
        return Found(cases, problems)
