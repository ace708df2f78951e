"""What the complete router knows: abilities of agents; places, turnings-away and callbacks of calls."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; whoever waits or talks now stays where he is."""
    _abilities("users")
    _abilities("agent_states")
    _add("agent_states", "answered", sa.Integer(), "0")
    _calls()
    _places()
    _callbacks()


def _abilities(table: str) -> None:
    for column in ("pools", "skills", "helpline_order"):
        _add(table, column, sa.Text(), "")


def _calls() -> None:
    _add("calls", "category", sa.Text(), "")
    _add("calls", "turned_away", sa.String(32))
    _add("calls", "declined", sa.Integer(), "0")
    _add("calls", "unreachable", sa.Integer(), "0")
    _add("calls", "since", sa.Double(), "0")
    op.execute("UPDATE calls SET since = coalesce(answered_at, queued_at, seen_at)")


def _places() -> None:
    _add("calls", "place_at", sa.Double())
    _add("calls", "came_at", sa.Double())
    _add("calls", "step", sa.Integer(), "0")
    _add("calls", "left_helplines", sa.Text(), "")
    op.execute("UPDATE calls SET place_at = queued_at, came_at = queued_at")


def _callbacks() -> None:
    _add("calls", "callback_number", sa.Text())
    _add("calls", "callback_on_line", sa.Boolean(), sa.false())
    _add("calls", "callback_failed", sa.Integer(), "0")
    _add("calls", "callback_failed_at", sa.Double())


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], before: Any = None) -> None:
    """Add a column; *before* is what rows of an earlier version have in it, None if nothing."""
    op.add_column(table, sa.Column(name, kind, nullable=before is None, server_default=before))
