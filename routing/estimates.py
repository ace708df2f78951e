"""How long a caller will wait: from who stands before him, who could serve him, and how long calls take.

Callers before him leave the line in two ways: the agents who could serve him take them, at the rate of
*agents / handling time*, and some hang up, each at the same small rate.  With m departures to come before his
own turn is served, handling time h, n agents and a hazard θ of hanging up, the line is m long and shrinks by
n/h + θ·m a second, so that it is empty after

    T = ln(1 + θ·m·h/n) / θ        (m·h/n when nobody hangs up)

Callers of other lines count as far as the same agents serve them.  T grows with m: it is never worse when the
line gets shorter.  Departures at a rate are a Poisson process, so m of them spread by √m·h/n, from which the
range comes.  (app_queue's estimate is one moving average of past waits, the same for every caller.)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import log1p, sqrt
from typing import Final

from routing.agent import AT_WORK, AgentState
from routing.call import Call
from routing.facts import AgentLoggedIn, CallAnswered, CallEnded, CallLost, CallQueued, Fact, OfferProposed
from routing.floor import Floor
from routing.ids import AgentId, CallId, HelplineId, Instant, Seconds
from routing.needs import Demand

# What a helpline's calls are taken for before the first of them is over, as if so many had been seen.
USUAL_HANDLING: Final = Seconds(240.0)
USUAL_WEIGHT: Final = 5
# Averages forget: a storm's calls are shorter than yesterday's.
REMEMBERED_CALLS: Final = 200
# Eight of ten waits fall within so many standard deviations.
SPREAD: Final = 1.28


@dataclass(frozen=True, slots=True)
class Estimate:
    """A caller's wait from now: eight times of ten between *shortest* and *longest*."""

    shortest: Seconds
    expected: Seconds
    longest: Seconds


def expected_wait(departures: float, *, agents: int, handling: Seconds, hazard: float) -> Estimate:
    """The wait until so many have left the line; *agents* at least 1, *hazard* of hanging up per second."""
    undisturbed = departures * handling / agents
    losses = hazard * undisturbed
    expected = log1p(losses) / hazard if hazard > 0 else undisturbed
    spread = SPREAD * sqrt(departures) * handling / agents / (1 + losses)
    return Estimate(Seconds(max(0.0, expected - spread)), Seconds(expected), Seconds(expected + spread))


class Average:
    """A mean that begins at a guess and forgets slowly."""

    __slots__ = ("_weight", "value")

    def __init__(self, guess: float, weight: int) -> None:
        self.value = guess
        self._weight = weight

    def add(self, seen: float) -> None:
        """Take one more into account."""
        self._weight = min(self._weight + 1, REMEMBERED_CALLS)
        self.value += (seen - self.value) / self._weight


class Estimator:
    """Learns from the facts of a floor, and estimates the waits on it.

    ``follow`` each fact once the floor has applied it.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._handling: defaultdict[HelplineId, Average] = defaultdict(
            lambda: Average(USUAL_HANDLING, USUAL_WEIGHT)
        )
        self._reserved: dict[AgentId, tuple[HelplineId, Instant]] = {}
        self._talking: dict[AgentId, tuple[HelplineId, Instant]] = {}
        self._patience = Patience()
        self._at_work: set[AgentId] = set()
        self._able: dict[Demand, frozenset[AgentId]] = {}

    def follow(self, fact: Fact) -> None:
        """Learn from *fact*."""
        self._patience.follow(fact)
        agent = getattr(fact, "agent", None)
        if agent is not None:
            self._watch(agent, fact)

    def estimate(self, call: Call) -> Estimate | None:
        """How long *call* will go on waiting; None when it does not wait, or nobody could serve it now."""
        demand = self._floor.demand(call)
        if demand is None or call.helpline is None:
            return None
        able = self._who_is_able(demand)
        if not able:
            return None
        before = sum(count * self._share(line, able) for line, count in self._floor.lines_before(call))
        return expected_wait(
            before + 1,
            agents=len(able),
            handling=Seconds(self._handling[call.helpline].value),
            hazard=self._patience.hazard,
        )

    def _share(self, line: Demand, able: frozenset[AgentId]) -> float:
        """The part of a line's callers whom those *able* will serve."""
        theirs = self._who_is_able(line)
        return len(theirs & able) / len(theirs) if theirs else 0.0

    def _who_is_able(self, demand: Demand) -> frozenset[AgentId]:
        able = self._able.get(demand)
        if able is None:
            agents = (self._floor.agent(agent) for agent in self._at_work)
            able = frozenset(a.id for a in agents if a is not None and demand.met_by(a.id, a.abilities))
            self._able[demand] = able
        return able

    def _watch(self, agent: AgentId, fact: Fact) -> None:
        known = self._floor.agent(agent)
        if known is None:
            return
        at_work = known.state in AT_WORK
        if at_work != (agent in self._at_work) or isinstance(fact, AgentLoggedIn):
            (self._at_work.add if at_work else self._at_work.discard)(agent)
            self._able.clear()
        # A talk that ended with its caller's channel is noticed when the agent is offered the next.
        if isinstance(fact, OfferProposed) or known.state is AgentState.AVAILABLE or not at_work:
            self._done(agent, fact.at)
        if isinstance(fact, OfferProposed):
            self._begin(agent, fact)
        elif isinstance(fact, CallAnswered) and agent in self._reserved:
            self._talking[agent] = self._reserved.pop(agent)

    def _done(self, agent: AgentId, at: Instant) -> None:
        talk = self._talking.pop(agent, None)
        if talk is not None:
            helpline, begun_at = talk
            self._handling[helpline].add(at - begun_at)

    def _begin(self, agent: AgentId, offer: OfferProposed) -> None:
        call = self._floor.call(offer.call)
        if call is not None and call.helpline is not None:
            self._reserved[agent] = (call.helpline, offer.at)


class Patience:
    """How readily callers hang up: abandonments for each second of waiting, over the last calls."""

    def __init__(self) -> None:
        self._waiting: dict[CallId, Instant] = {}
        self._waited = Average(0.0, 0)
        self._abandoned = Average(0.0, 0)

    @property
    def hazard(self) -> float:
        """Abandonments for each second that one caller waits."""
        return self._abandoned.value / self._waited.value if self._waited.value > 0 else 0.0

    def follow(self, fact: Fact) -> None:
        """Learn from *fact*."""
        match fact:
            case CallQueued():
                self._waiting.setdefault(fact.call, fact.queued_at)
            case CallAnswered():
                self._left(fact.call, fact.at, abandoned=False)
            case CallEnded() | CallLost():
                self._left(fact.call, fact.at, abandoned=True)

    def _left(self, call: CallId, at: Instant, *, abandoned: bool) -> None:
        since = self._waiting.pop(call, None)
        if since is not None:
            self._waited.add(max(0.0, at - since))
            self._abandoned.add(float(abandoned))
