"""What is said is looked at in every language."""

import pytest

from assistant.dialogue.script import Script
from assistant.settings import Settings
from assistant.wiring.content import make_script


@pytest.fixture(scope="session")
def script() -> Script:
    """The conversations, sentences and cases as they are shipped."""
    return make_script(Settings(_env_file=None))
