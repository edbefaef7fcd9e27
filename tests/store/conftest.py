"""The house of the services' tests, for looking at what it leaves in the database."""

from tests.services.conftest import house

__all__ = ["house"]
