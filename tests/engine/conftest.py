"""The harness of the services' tests, whose lanes the engine runs."""

from tests.services.conftest import harness

__all__ = ["harness"]
