"""What supervisors put before callers, and the times of surge mode."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was announced before."""
    op.create_table(
        "announcements",
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("helplines", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("announcement", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_made_at"), "announcements", ["made_at"])
    op.create_table(
        "surges",
        sa.Column("declared_at", sa.Double(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("declared_by", sa.Text()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("declared_at", name=op.f("pk_surges")),
    )
