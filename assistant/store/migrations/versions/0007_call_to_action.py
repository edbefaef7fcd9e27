"""What the button of an announcement leads to is called by its name in stored announcements, too."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Rename the key. Within a text JSON writes a quote as `\\"`, so that this is never part of one."""
    op.execute(
        "UPDATE broadcasts SET announcement = replace(announcement, '\"step\":', '\"call_to_action\":')"
    )
