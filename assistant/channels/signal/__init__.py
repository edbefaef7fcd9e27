"""Signal, through signal-cli-rest-api: docs/decisions/0012-signal.md."""
