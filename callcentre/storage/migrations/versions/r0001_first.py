"""People, tickets, calls, agents and the way from the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first version."""
    _people()
    _tickets()
    _floor()
    _journal()


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("helplines", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "login_failures",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("locked_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_since", "login_failures", ["since"])
    op.create_table(
        "web_sessions",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("csrf_secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("last_seen_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_web_sessions_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_web_sessions"),
    )
    op.create_index("ix_web_sessions_expires_at", "web_sessions", ["expires_at"])
    op.create_index("ix_web_sessions_user", "web_sessions", ["user"])


def _tickets() -> None:
    op.create_table(
        "docket_series",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_docket_series"),
    )
    op.create_table(
        "tickets",
        sa.Column("docket", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("helpline", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("citizen", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answered_only", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("registered_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("docket", name="pk_tickets"),
    )
    op.create_index("ix_tickets_call", "tickets", ["call"])
    op.create_index("ix_tickets_caller", "tickets", ["caller"])
    op.create_index("ix_tickets_registered_at", "tickets", ["registered_at"])


def _floor() -> None:
    op.create_table(
        "calls",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("dialled", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("caller_raw", sa.Text(), nullable=False),
        sa.Column("helpline", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("arrived_at", sa.Double(), nullable=True),
        sa.Column("queued_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("talk_ended_at", sa.Double(), nullable=True),
        sa.Column("talk_ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("docket", sa.Text(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("parting_agent", sa.Text(), nullable=True),
        sa.Column("parting_at", sa.Double(), nullable=True),
        sa.Column("folded_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_calls"),
    )
    op.create_index("ix_calls_caller_seen_at", "calls", ["caller", "seen_at"])
    op.create_index("ix_calls_seen_at", "calls", ["seen_at"])
    op.create_table(
        "agent_states",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("helplines", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("intent", sa.String(32), nullable=True),
        sa.Column("intent_reason", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=True),
        sa.Column("idle_since", sa.Double(), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("folded_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_agent_states"),
    )
    op.create_table(
        "agent_periods",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "number", name="pk_agent_periods"),
    )
    op.create_index("ix_agent_periods_started_at", "agent_periods", ["started_at"])


def _journal() -> None:
    op.create_table(
        "journal_places",
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journal", name="pk_journal_places"),
    )
    op.create_table(
        "rejected_facts",
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rejected_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("journal", "place", name="pk_rejected_facts"),
    )
