"""Fax through Telnyx's Programmable Fax API: https://developers.telnyx.com/docs/programmable-fax."""

from assistant.carriers.telnyx.carrier import Telnyx

__all__ = ["Telnyx"]
