"""Takes up, before a batch is folded, the rows that its facts will ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from callcentre.projections.held import take_up
from callcentre.storage.schema import AgentPeriod, AgentRecord, CallRecord
from routing.facts import Fact


def foresee(session: Session, facts: Sequence[Fact]) -> None:
    """Hold the calls of *facts*, the agents they name or who hold those calls, and those agents' periods."""
    calls = take_up(session, CallRecord, _named(facts, "call"))
    holders = {row.holder for row in calls if row.holder is not None}
    agents = take_up(session, AgentRecord, _named(facts, "agent") | holders)
    take_up(session, AgentPeriod, {(row.agent, row.periods) for row in agents})


def _named(facts: Sequence[Fact], what: str) -> set[Any]:
    named = {getattr(fact, what, None) for fact in facts}
    return named - {None}
