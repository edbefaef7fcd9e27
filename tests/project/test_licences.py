"""What is installed may be used and passed on with the assistant (AGPL-3.0-or-later)."""

import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

LOCKS = Path(__file__).parents[2] / "requirements"
ACCEPTED = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CNRI-Python",
        "ISC",
        "LGPL-3.0-only",  # a library, used as one: section 4 of it
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "OFL-1.1",
        "PSF-2.0",
    }
)
"""SPDX's names of licences that go together with ours."""
# What projects write that do not use SPDX's names: in `License`, or as a classifier.
SAID: Mapping[str, str] = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
}
# What says nothing, or several things, in its metadata: its licence, and where that stands.
EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "atheris": ("Apache-2.0", "its LICENSE"),  # for `make test-long`, where it can be installed
    "imapclient": ("BSD-3-Clause", "its COPYING"),
}
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_OPERATORS = re.compile(r"\s+(?:AND|OR)\s+|[()]")


def pinned() -> set[str]:
    """Every distribution in the locks."""
    return {name for lock in LOCKS.glob("*.txt") for name in _PINNED.findall(lock.read_text("utf-8"))}


def licences_of(facts: metadata.PackageMetadata) -> set[str]:
    """SPDX's names of what a distribution says, or its own words where they are none that we know."""
    if expressions := facts.get_all("License-Expression"):
        return {part.strip() for part in _OPERATORS.split(expressions[0]) if part.strip()}
    classifiers = [each for each in facts.get_all("Classifier") or () if "License ::" in each]
    said = [each.split(" :: ")[-1] for each in classifiers]
    said = [each for each in said if each not in ("OSI Approved", "DFSG approved")]
    if not said:
        said = [each.strip().split("\n")[0] for each in facts.get_all("License") or [""]]
    return {SAID.get(each, each) for each in said}


def refused() -> Iterator[str]:
    """Distributions whose licences are not accepted, or not known."""
    for name in sorted(pinned()):
        try:
            found = licences_of(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            continue  # for another system: it is looked at where it is installed
        if name in EXCEPTIONS:
            found = {EXCEPTIONS[name][0]}
        if not found <= ACCEPTED:
            yield f"{name}: {', '.join(sorted(found)) or 'says nothing'}"


def test_every_distribution_has_a_licence_that_goes_together_with_ours() -> None:
    assert len(pinned()) > 50
    assert list(refused()) == []


def test_exceptions_are_needed() -> None:
    for name in EXCEPTIONS:
        assert name in pinned()
        if find_spec(name) is None:
            continue
        assert not licences_of(metadata.metadata(name)) <= ACCEPTED, f"{name} says it by itself now"


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("License-Expression: GPL-2.0-only", False),
        ("License-Expression: MIT OR Proprietary", False),
        ("License: Commercial", False),
        ("Classifier: License :: Other/Proprietary License", False),
        ("Name: says-nothing", False),
        ("License-Expression: Apache-2.0 AND (MIT OR BSD-3-Clause)", True),
        ("Classifier: License :: OSI Approved :: MIT License", True),
    ],
)
def test_a_licence_is_known_by_what_its_distribution_says(tmp_path: Path, said: str, accepted: bool) -> None:
    folder = tmp_path / "invented-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\n{said}\nVersion: 1.0\n")
    facts = metadata.Distribution.at(folder).metadata
    assert (licences_of(facts) <= ACCEPTED) is accepted
