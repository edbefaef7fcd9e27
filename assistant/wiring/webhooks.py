"""Settings become the endpoints of webhooks."""

from collections.abc import Sequence

from assistant.domain.errors import Misconfigured
from assistant.domain.webhooks import Endpoint
from assistant.settings import Settings
from assistant.webhooks.settings import endpoints_of


def configured_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """The endpoints that the settings name. Raises Misconfigured where they are set wrongly."""
    with settings.blaming("webhooks"):
        return endpoints_of(settings.webhooks_written())


def usable_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """The same; none where they are set wrongly, which stops nobody who has something to stop."""
    try:
        return configured_endpoints(settings)
    except Misconfigured:
        return ()
