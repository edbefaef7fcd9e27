"""The harness of the services' tests, for looking at what it leaves in the database."""

from tests.services.conftest import harness

__all__ = ["harness"]
