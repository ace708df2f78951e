"""The PIN code of a ticket's place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked for it before."""
    op.add_column("tickets", sa.Column("pincode", sa.Text(), nullable=True))
