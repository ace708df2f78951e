"""What the menus have kept: the notice, judgements, messages, texts to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables; of calls and tickets before, nothing of it is known."""
    _calls()
    _tickets()
    _messages()
    _outbox()


def _calls() -> None:
    op.add_column("calls", sa.Column("notice_version", sa.Text(), nullable=True))
    for name in ("recorded", "solved"):
        op.add_column("calls", sa.Column(name, sa.Boolean(), nullable=True))
    for name in ("self_served", "message_left"):
        op.add_column("calls", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("rating", sa.Integer(), nullable=True))


def _tickets() -> None:
    op.add_column("tickets", sa.Column("solved", sa.Boolean(), nullable=True))
    op.add_column("tickets", sa.Column("rating", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("judged_at", sa.Double(), nullable=True))


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("docket", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("docket", name=op.f("pk_messages")),
    )
    for name in ("call", "left_at"):
        op.create_index(op.f(f"ix_messages_{name}"), "messages", [name])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wanted_at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("text", name=op.f("pk_outbox")),
    )
    for name in ("call", "wanted_at", "state"):
        op.create_index(op.f(f"ix_outbox_{name}"), "outbox", [name])
