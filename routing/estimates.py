"""How long a caller will wait: from who stands before him, who could serve him, and how long calls take.

Callers before him leave the line in two ways: agents take them, and some hang up, all at the same small rate.
If nobody hung up he would wait W, the work of all before him and of his own turn, fairly divided among the
agents who could do it (``crews.py``).  With a hazard θ of hanging up the line is empty after

    T = ln(1 + θ·W) / θ        (W when nobody hangs up)

and then a phone rings before it is answered.  When his needs will relax, the wait among the agents of a later
step counts, too, if it is shorter, but never as less than the time until then.

T grows with every caller before him: it is never worse when the line gets shorter.  Departures at a rate are
a Poisson process, so the wait spreads by √(W·h/n) when one of n agents is free every h/n seconds, from which
the range comes.  (app_queue's estimate is one moving average of past waits, the same for every caller.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log1p, sqrt
from typing import Final

from routing.agent import AT_WORK, AgentState
from routing.call import Call, Place
from routing.crews import Crew, Crews
from routing.demands import Demands
from routing.facts import (
    CallAnswered,
    CallbackAsked,
    CallEnded,
    CallLost,
    CallQueued,
    Fact,
    NodeDown,
    NodeServed,
    OfferProposed,
)
from routing.floor import Floor
from routing.ids import AgentId, CallId, HelplineId, Instant, Seconds
from routing.needs import Demand

# What a helpline's calls are taken for before the first of them is over, as if so many had been seen.
USUAL_HANDLING: Final = Seconds(240.0)
USUAL_WEIGHT: Final = 5
# Averages forget: a storm's calls are shorter than yesterday's.
REMEMBERED_CALLS: Final = 200
# Eight of ten waits fall within so many standard deviations: 1.28 for the chance that is in the model, and
# some more for agents who come and go meanwhile (`bin/bench estimate` tells).
SPREAD: Final = 1.6


@dataclass(frozen=True, slots=True)
class Estimate:
    """A caller's wait from now: eight times of ten between *shortest* and *longest*."""

    shortest: Seconds
    expected: Seconds
    longest: Seconds

    def not_before(self, moment: float) -> Estimate:
        """The same wait when it cannot end within so many seconds."""
        ends = (self.shortest, self.expected, self.longest)
        return Estimate(*(Seconds(max(moment, end)) for end in ends))

    def later_by(self, seconds: float) -> Estimate:
        """The same wait with so many seconds more."""
        return Estimate(*(Seconds(end + seconds) for end in (self.shortest, self.expected, self.longest)))


def soonest(estimates: Iterable[Estimate]) -> Estimate | None:
    """The wait of somebody for whom each of these is possible; None for none of them."""
    some = tuple(estimates)
    if not some:
        return None
    return Estimate(
        min(one.shortest for one in some),
        min(one.expected for one in some),
        min(one.longest for one in some),
    )


def expected_wait(undisturbed: Seconds, *, pace: Seconds, hazard: float) -> Estimate:
    """The wait that would be *undisturbed* if nobody hung up, with a *hazard* of hanging up per second.

    *pace* is how often one of the caller's agents becomes free, in seconds.
    """
    losses = hazard * undisturbed
    expected = log1p(losses) / hazard if hazard > 0 else undisturbed
    spread = SPREAD * sqrt(undisturbed * pace) / (1 + losses)
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
        self._ringing = Average(0.0, 0)
        self._reserved: dict[AgentId, tuple[HelplineId, Instant]] = {}
        self._talking: dict[AgentId, tuple[HelplineId, Instant]] = {}
        self._patience = Patience()
        self._demands = Demands(floor.rules)
        self._crews = Crews(floor.reaches)
        self._now = Instant(0.0)

    def follow(self, fact: Fact) -> None:
        """Learn from *fact*."""
        self._now = fact.at
        self._patience.follow(fact)
        agent = getattr(fact, "agent", None)
        if agent is not None:
            self._watch(agent, fact)
        elif isinstance(fact, (NodeServed, NodeDown)):
            self._crews.look_again()

    def estimate(self, call: Call) -> Estimate | None:
        """How long *call* will go on waiting; None when it does not wait, or nobody could ever serve it."""
        demand, place = self._floor.demand(call), call.place
        if demand is None or place is None:
            return None
        before = self._floor.lines_before(call)
        waited = self._now - place.queued_at
        turn = soonest(
            self._among(crew, place.helpline, before).not_before(after - waited)
            for after, asked in [(waited, demand), *self._later(call, place)]
            if (crew := self._crews.able(asked))
        )
        return turn and turn.later_by(self._ringing.value)

    def _later(self, call: Call, place: Place) -> Iterator[tuple[float, Demand]]:
        """What the caller will ask once he has waited so long."""
        rules = self._floor.rules.of(place.helpline)
        if place.held_for is not None:
            free_after = rules.preferred_agent_seconds
            step = rules.last_step(free_after)
            yield free_after, self._demands.at_step(place.helpline, call.language, step)
        for number, step_of in enumerate(rules.steps):
            if number > place.step:
                yield step_of.after, self._demands.at_step(place.helpline, call.language, number)

    def _among(self, crew: Crew, helpline: HelplineId, before: list[tuple[Demand, int]]) -> Estimate:
        """The wait if just this crew could serve the caller."""
        handling = self._handling[helpline].value
        work = defaultdict(float, {crew: handling})
        for line, count in before:
            work[self._crews.able(line)] += count * self._handling[line.helpline].value
        return expected_wait(
            self._crews.wait(crew, work),
            pace=Seconds(handling / len(crew)),
            hazard=self._patience.hazard,
        )

    def _watch(self, agent: AgentId, fact: Fact) -> None:
        known = self._floor.agent(agent)
        if known is None:
            return
        self._crews.note(known)
        # A talk that ended with its caller's channel is noticed when the agent is offered the next.
        if (
            isinstance(fact, OfferProposed)
            or known.state is AgentState.AVAILABLE
            or known.state not in AT_WORK
        ):
            self._done(agent, fact.at)
        if isinstance(fact, OfferProposed):
            self._begin(agent, fact)
        elif isinstance(fact, CallAnswered) and agent in self._reserved:
            self._talking[agent] = self._reserved.pop(agent)
            self._ringing.add(fact.at - self._talking[agent][1])

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
            case CallbackAsked():
                # He hangs up, and keeps his place.
                self._left(fact.call, fact.at, abandoned=False)
            case CallEnded() | CallLost():
                self._left(fact.call, fact.at, abandoned=True)

    def _left(self, call: CallId, at: Instant, *, abandoned: bool) -> None:
        since = self._waiting.pop(call, None)
        if since is not None:
            self._waited.add(max(0.0, at - since))
            self._abandoned.add(float(abandoned))
