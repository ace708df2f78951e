"""Where each agent's phone is registered, since there may be several Asterisks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of agents seated before, the router finds it out by itself."""
    op.add_column("agent_states", sa.Column("node", sa.Text(), server_default="", nullable=False))
