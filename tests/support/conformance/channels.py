"""All channels, and for which of them a test is."""

import pytest

from tests.support.conformance.driver import Driver, Feature
from tests.support.conformance.memory import Memory
from tests.support.conformance.signal import Signal100, Signal101
from tests.support.conformance.telegram import ByWebhook, Polling
from tests.support.conformance.terminal import AsJson, InWords
from tests.support.conformance.web import WebPage

ALL: tuple[type[Driver], ...] = (Polling, ByWebhook, Signal100, Signal101, InWords, AsJson, Memory, WebPage)


def for_channels_with(*features: Feature) -> pytest.MarkDecorator:
    """Run the test once for each channel that has all these features."""
    having = [kind for kind in ALL if not kind.lacks.keys() & set(features)]
    assert having, features
    return pytest.mark.parametrize("driver", having, indirect=True, ids=[kind.name for kind in having])
