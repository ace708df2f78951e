"""Tells a floor again what a journal holds, and sees whether it decides again what was decided then.

A journal holds the facts in the order in which the floor took note of them, and among them each decision, as
the fact that records it, at the moment at which the floor was asked.  So it says what was decided, after
what, and when; nothing else is needed for deciding it again, under the same rules.

What was decided at one moment must be decided again whole and in its order.  Whether the floor would have
decided something sooner, between two facts that were told together, a journal does not say.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from routing.decisions import DecidedFact, Decision
from routing.facts import CallQueued, Fact, FloorTakenUp, OfferProposed
from routing.floor import Floor
from routing.lifecycle import IllegalTransition
from routing.rules import FloorRules


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact of the journal that the floor would not have led to."""

    number: int
    """Which one, counted from 1."""
    fact: Fact
    why: str
    """In words; no caller's number is in them."""


class Replay:
    """One journal, told from its beginning; afterwards ``floor`` stands as the journal left it."""

    def __init__(self, rules: FloorRules) -> None:
        self.floor = Floor(rules)
        self.runs = 0
        """How often a router began."""
        self.facts = 0
        self.decisions = 0
        """How many were decided again as they were."""
        self._open: deque[Decision] = deque()
        """Decided at the moment of the fact before, and not met in the journal yet."""
        self._before: Fact | None = None

    def tell(self, fact: Fact) -> Difference | None:
        """Tell the next fact; what is different, if anything.  The journal is followed all the same."""
        self.facts += 1
        why = self._compare(fact)
        try:
            self.floor.apply(fact)
        except IllegalTransition as error:
            why = why or str(error)
        self._before = fact
        return None if why is None else Difference(self.facts, fact, why)

    def _compare(self, fact: Fact) -> str | None:
        if isinstance(fact, FloorTakenUp):
            self._take_up()
            return None
        if isinstance(fact, DecidedFact):
            return self._compare_decided(fact)
        return self._close("not met in the journal: {}")

    def _compare_decided(self, fact: DecidedFact) -> str | None:
        self._open = self._open or deque(self.floor.decide(fact.at))
        if self._open and self._open[0].as_fact(fact.at) == fact:
            self._open.popleft()
            self.decisions += 1
            return None
        if self._was_found(fact):
            self._open.clear()
            return None
        return self._close("decided instead: {}") or "nothing was to be decided"

    def _was_found(self, fact: DecidedFact) -> bool:
        """Whether a switch was found making this offer, which the router before began.

        Its call is then heard of in the same moment.
        """
        match fact, self._before:
            case OfferProposed(at=at, call=call), CallQueued(at=queued_at, call=queued):
                return (queued, queued_at) == (call, at)
            case _:
                return False

    def _close(self, told: str) -> str | None:
        """Expect no more of what was decided; say what that was, if anything was left."""
        left = list(self._open)
        self._open.clear()
        return told.format(left[0]) if left else None

    def _take_up(self) -> None:
        """A new router has the floor of the one before, as far as the records keep it.

        One that was killed may have decided more than it wrote down: that never happened.
        """
        self.runs += 1
        self._open.clear()
        calls, agents = self.floor.calls(), self.floor.agents()
        self.floor = Floor(self.floor.rules)
        self.floor.restore([call.free_for_all() for call in calls], agents)
