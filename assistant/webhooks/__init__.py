"""Webhooks out: what we tell other programs by HTTP."""
