"""Telegram, through its Bot API: docs/decisions/0014-telegram.md."""
