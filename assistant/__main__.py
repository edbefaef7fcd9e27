"""`python -m assistant` is `assistant`. Ctrl-C ends it without a word, from its first moment on."""

import sys

INTERRUPTED = 130  # the exit code, as shells have it


def main() -> None:
    """The entry point of the `assistant` command."""
    try:
        from assistant.cli import main  # takes a moment, in which Ctrl-C may come

        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
