"""Logs for operators: one line an event, to standard error, without anything personal."""

import logging
import os
import re
import sys

import structlog
import typer
from structlog.typing import EventDict, WrappedLogger

_TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{10,}")


def set_up_logging(*, as_json: bool = False) -> None:
    """Structured lines for our own events; other libraries only where they warn.

    What belongs together has the same `turn`, `letter`, or `lane` and `step`: numbers that name nobody.
    """
    as_text = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() and "NO_COLOR" not in os.environ)
    logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # what it warns of, we tell in our own words
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _place_of_error,
            _redact,
            structlog.processors.JSONRenderer() if as_json else as_text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def tell_end(reason: str) -> None:
    """Why the process ends: a sentence for people, or a line of the log where programs read that."""
    if isinstance(structlog.get_config()["processors"][-1], structlog.processors.JSONRenderer):
        structlog.get_logger().error("ended", reason=reason)
    else:
        typer.echo(f"assistant: {reason}", err=True)


def speak_plainly() -> None:
    """For who chats at this terminal: only what they should know, as sentences without a time."""
    structlog.configure(
        processors=[_place_of_error, _redact, _sentence],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _sentence(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    """Its words, and what else is known in brackets."""
    said = str(event.pop("event"))
    facts = ", ".join(f"{name}: {value}" for name, value in event.items())
    return f"{said[:1].upper()}{said[1:]}{f' ({facts})' if facts else ''}."


def _place_of_error(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The type and place of an exception, in place of its words, which may be a person's."""
    if event.pop("exc_info", None):
        kind, _, place = sys.exc_info()
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        if kind is not None and place is not None:
            event["error"] = f"{kind.__name__} at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    return event


def _redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The last line of defence: what looks like a bot's token never gets out."""
    return {
        key: _TOKEN.sub("[token]", value) if isinstance(value, str) else value for key, value in event.items()
    }
