"""Feed a parser by coverage, with atheris: `python -m tests.fuzz.by_coverage NAME FOLDER [OPTIONS]`.

FOLDER holds samples to begin with; what reaches new code is added. OPTIONS are libFuzzer's. It ends with 77
where the parser breaks its word, and leaves the bytes that did it.
"""

import sys
from importlib import import_module


def main(name: str, options: list[str]) -> None:
    """Until libFuzzer's own options end it."""
    atheris = import_module("atheris")  # it is there on some systems only
    with atheris.instrument_imports(include=["assistant"]):
        parsers = import_module("tests.support.parsers").PARSERS
    atheris.Setup([sys.argv[0], *options], parsers[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
