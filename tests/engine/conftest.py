"""The house of the services' tests, whose lanes the engine runs."""

from tests.services.conftest import house

__all__ = ["house"]
