"""Estimated waits: the formula, what is learned, and that a shorter line never means a longer wait."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.decisions import Offer
from routing.estimates import USUAL_HANDLING, USUAL_WEIGHT, Estimate, Estimator, expected_wait
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallEnded,
    CallQueued,
    Fact,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds

KWA, FOOD = HelplineId("kwa"), HelplineId("food")
RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(0), missed_offers_limit=1)
HANDLING = st.floats(10, 1000).map(Seconds)
HAZARD = st.sampled_from([0.0, 1e-4, 1e-2])


class Day:
    """A floor with an estimator that hears every fact after it, as on the bus."""

    def __init__(self) -> None:
        self.floor = Floor(RULES)
        self.estimator = Estimator(self.floor)
        self.now = Instant(1000.0)

    def tell(self, fact: Fact) -> None:
        self.floor.apply(fact)
        self.estimator.follow(fact)

    def decide(self) -> None:
        for decision in self.floor.decide(self.now):
            self.tell(decision.as_fact(self.now))
            if isinstance(decision, Offer):
                self.tell(CallAnswered(at=self.now, call=decision.call, agent=decision.agent))

    def agents(self, *names: str, helplines: frozenset[HelplineId] = frozenset({KWA})) -> None:
        for name in names:
            agent = AgentId(name)
            login = AgentLoggedIn(at=self.now, agent=agent, phone=Phone(name), helplines=helplines)
            self.tell(login)
            self.tell(AvailabilityAsked(at=self.now, agent=agent))
            self.decide()

    def queue(self, name: str, helpline: HelplineId = KWA) -> None:
        self.tell(
            CallQueued(
                at=self.now,
                call=CallId(name),
                node=NodeId("node1"),
                helpline=helpline,
                language=LanguageCode("ml"),
                queued_at=self.now,
                caller="",
            )
        )
        self.decide()
        self.now = Instant(self.now + 1)

    def estimate(self, name: str) -> Estimate | None:
        call = self.floor.call(CallId(name))
        assert call is not None
        return self.estimator.estimate(call)

    def expected(self, name: str) -> float:
        estimate = self.estimate(name)
        assert estimate is not None
        return estimate.expected


@given(st.integers(0, 500), st.integers(1, 600), HANDLING, HAZARD)
def test_a_shorter_line_is_never_a_longer_wait(
    ahead: int, agents: int, handling: Seconds, hazard: float
) -> None:
    nearer = expected_wait(ahead + 1, agents=agents, handling=handling, hazard=hazard)
    farther = expected_wait(ahead + 2, agents=agents, handling=handling, hazard=hazard)
    assert nearer.expected <= farther.expected
    assert nearer.longest <= farther.longest
    assert 0 <= nearer.shortest <= nearer.expected <= nearer.longest


def test_the_formula() -> None:
    plain = expected_wait(10, agents=5, handling=Seconds(60), hazard=0)
    assert plain.expected == 120
    impatient = expected_wait(10, agents=5, handling=Seconds(60), hazard=0.01)
    assert impatient.expected == pytest.approx(100 * log(1 + 0.01 * 120))


def test_each_agent_who_could_serve_the_caller_shortens_the_wait() -> None:
    day = Day()
    day.agents("ali")
    for name in ("talks", "first", "second"):
        day.queue(name)
    assert day.expected("first") == USUAL_HANDLING
    assert day.expected("second") == 2 * USUAL_HANDLING
    day.agents("bea")
    day.queue("third")
    assert day.expected("second") == USUAL_HANDLING / 2


def test_nobody_at_work_means_no_estimate() -> None:
    day = Day()
    day.queue("first")
    assert day.estimate("first") is None
    day.agents("ali")
    assert day.estimate("first") is None, "she talks"
    day.queue("second")
    assert day.estimate("second") is not None
    day.tell(TalkEnded(at=day.now, call=CallId("first"), agent=AgentId("ali"), by=Party.AGENT))
    day.tell(BreakAsked(at=day.now, agent=AgentId("ali"), reason="tea"))
    assert day.estimate("second") is None


def test_callers_of_another_helpline_count_as_far_as_the_same_agents_serve_them() -> None:
    day = Day()
    day.agents("ali", helplines=frozenset({KWA, FOOD}))
    day.agents("bea", helplines=frozenset({FOOD}))
    for name in ("talks", "talks-too", "before"):
        day.queue(name, FOOD)
    day.queue("mine", KWA)
    # Half of those who serve food serve kwa, too: one half of the caller before, and my own turn.
    assert day.expected("mine") == 1.5 * USUAL_HANDLING


@pytest.mark.parametrize("ended_by_channel", [True, False])
def test_it_learns_how_long_calls_take(ended_by_channel: bool) -> None:
    day = Day()
    day.agents("ali")
    day.queue("talks")
    begun_at = day.now - 1
    day.now = Instant(begun_at + 40)
    if ended_by_channel:
        day.tell(CallEnded(at=day.now, call=CallId("talks"), by=Party.CALLER))
    else:
        day.tell(TalkEnded(at=day.now, call=CallId("talks"), agent=AgentId("ali"), by=Party.AGENT))
    for name in ("next", "mine"):
        day.queue(name)
    learned = USUAL_HANDLING + (40 - USUAL_HANDLING) / (USUAL_WEIGHT + 1)
    assert day.expected("mine") == pytest.approx(learned)


def test_callers_who_hang_up_shorten_the_wait_of_those_behind() -> None:
    day = Day()
    day.agents("ali")
    for name in ("talks", *(f"c{n}" for n in range(10))):
        day.queue(name)
    patient = day.expected("c9")
    day.now = Instant(day.now + 30)
    day.tell(CallEnded(at=day.now, call=CallId("c0"), by=Party.CALLER))
    assert day.expected("c9") < patient * 9 / 10
