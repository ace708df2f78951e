"""Estimated waits: the formula, what is learned, and that a shorter line never means a longer wait."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decisions import Offer
from routing.estimates import USUAL_HANDLING, USUAL_WEIGHT, Estimate, Estimator, expected_wait
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallbackAsked,
    CallEnded,
    CallQueued,
    Fact,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds
from routing.needs import Levels, language_skill
from routing.rules import HelplineRules, Step

KWA, FOOD, BILLS = HelplineId("kwa"), HelplineId("food"), HelplineId("bills")
RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(0), missed_offers_limit=1)
HAZARD = st.sampled_from([0.0, 1e-4, 1e-2])


class Day:
    """A floor with an estimator that hears every fact after it, as on the bus."""

    def __init__(self, rules: FloorRules = RULES) -> None:
        self.floor = Floor(rules)
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

    def agents(
        self,
        *names: str,
        helplines: frozenset[HelplineId] = frozenset({KWA}),
        skills: Levels = frozenset(),
    ) -> None:
        for name in names:
            agent = AgentId(name)
            login = AgentLoggedIn(
                at=self.now, agent=agent, phone=Phone(name), helplines=helplines, skills=skills
            )
            self.tell(login)
            self.tell(AvailabilityAsked(at=self.now, agent=agent))
            self.decide()

    def queue(self, name: str, helpline: HelplineId = KWA) -> None:
        self.tell(queued(self.now, name, helpline))
        self.decide()
        self.now = Instant(self.now + 1)

    def estimate(self, name: str) -> Estimate | None:
        call = self.floor.call(CallId(name))
        assert call is not None
        return self.estimator.estimate(call)

    def estimates(self) -> dict[CallId, Estimate]:
        """Of everybody who waits and can be served."""
        found = ((call.id, self.estimator.estimate(call)) for call in self.floor.calls())
        return {call: estimate for call, estimate in found if estimate is not None}

    def expected(self, name: str) -> float:
        estimate = self.estimate(name)
        assert estimate is not None
        return estimate.expected


def queued(at: Instant, name: str, helpline: HelplineId = KWA) -> CallQueued:
    return CallQueued(
        at=at,
        call=CallId(name),
        node=NodeId("node1"),
        helpline=helpline,
        language=LanguageCode("ml"),
        queued_at=at,
        caller="",
    )


@given(st.floats(0, 1e5), st.floats(0, 1e3), st.floats(0.1, 1000).map(Seconds), HAZARD)
def test_more_work_is_never_a_shorter_wait(work: float, more: float, pace: Seconds, hazard: float) -> None:
    nearer = expected_wait(Seconds(work), pace=pace, hazard=hazard)
    farther = expected_wait(Seconds(work + more), pace=pace, hazard=hazard)
    assert nearer.expected <= farther.expected
    assert 0 <= nearer.shortest <= nearer.expected <= nearer.longest


def test_the_formula() -> None:
    assert expected_wait(Seconds(120), pace=Seconds(12), hazard=0).expected == 120
    impatient = expected_wait(Seconds(120), pace=Seconds(12), hazard=0.01)
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


def test_helplines_that_share_agents_share_their_work() -> None:
    day = Day()
    day.agents("ali", helplines=frozenset({KWA, FOOD}))
    day.agents("bea", helplines=frozenset({FOOD}))
    for name in ("talks", "talks-too", "before", "before-too"):
        day.queue(name, FOOD)
    day.queue("mine", KWA)
    # Three calls for two agents: Bea does two of food's in the time of mine and what is left of them.
    assert day.expected("mine") == 1.5 * USUAL_HANDLING
    assert day.expected("before-too") == USUAL_HANDLING


def test_agents_of_a_busier_helpline_are_no_help() -> None:
    day = Day()
    day.agents("ali", helplines=frozenset({KWA, FOOD}))
    day.agents("bea", helplines=frozenset({KWA}))
    for name in ("talks", "talks-too"):
        day.queue(name, KWA)
    for number in range(20):
        day.queue(f"food-{number}", FOOD)
    day.queue("mine", KWA)
    assert day.expected("mine") == USUAL_HANDLING, "Bea will be there; Ali has twenty before me"


class TestNeedsThatRelax:
    """Who speaks Malayalam well is asked for first; after a minute whoever speaks it at all will do."""

    STEPS = (Step(language=7), Step(after=Seconds(60.0), language=3))
    WELL, A_LITTLE = (frozenset({(language_skill(LanguageCode("ml")), level)}) for level in (9, 4))

    def day(self) -> Day:
        return Day(replace(RULES, helplines={KWA: HelplineRules(steps=self.STEPS)}))

    def test_nobody_yet_is_no_reason_to_say_nothing(self) -> None:
        day = self.day()
        day.agents("ali", skills=self.A_LITTLE)
        day.queue("mine")
        assert day.expected("mine") == USUAL_HANDLING
        day.agents("bea", "cleo", "devi", "ena", skills=self.A_LITTLE)
        assert day.expected("mine") == 59, "there are agents enough; he has only to wait for the step"

    def test_the_shorter_wait_counts(self) -> None:
        day = self.day()
        day.agents(*(f"agent-{number}" for number in range(9)), skills=self.WELL)
        for number in range(9):
            day.queue(f"talk-{number}")
        day.queue("mine")
        assert day.expected("mine") == pytest.approx(USUAL_HANDLING / 9), "sooner than the step"


def test_the_agents_phone_rings_before_she_answers() -> None:
    day = Day()
    day.agents("ali", "bea")
    day.tell(queued(day.now, "first"))
    offered = Offer(CallId("first"), AgentId("ali")).as_fact(day.now)
    day.tell(offered)
    day.now = Instant(day.now + 6)
    day.tell(CallAnswered(at=day.now, call=offered.call, agent=offered.agent))
    for name in ("second", "mine"):
        day.queue(name)
    assert day.expected("mine") == pytest.approx(USUAL_HANDLING / 2 + 3), "Bea answers at once"


def test_a_citizen_who_is_to_be_called_back_keeps_his_place() -> None:
    day = Day()
    day.agents("ali")
    for name in ("talks", "before", "mine"):
        day.queue(name)
    expected = day.expected("mine")
    day.tell(CallbackAsked(at=day.now, call=CallId("before"), number="+914712345678"))
    day.tell(CallEnded(at=day.now, call=CallId("before"), by=Party.CALLER))
    day.decide()
    assert day.expected("mine") == pytest.approx(expected)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whoever_leaves_the_line_nobody_waits_longer(data: st.DataObject) -> None:
    """On floors with shared agents, languages and needs that relax; all callers wait, one goes."""
    steps = data.draw(st.sampled_from([(Step(),), TestNeedsThatRelax.STEPS]))
    day = Day(replace(RULES, helplines={KWA: HelplineRules(steps=steps), FOOD: HelplineRules()}))
    served = st.sets(st.sampled_from([KWA, FOOD, BILLS]), min_size=1).map(frozenset)
    skills = st.sampled_from([TestNeedsThatRelax.WELL, TestNeedsThatRelax.A_LITTLE, frozenset()])
    for number in range(data.draw(st.integers(1, 6))):
        day.agents(f"agent-{number}", helplines=data.draw(served), skills=data.draw(skills))
    callers = data.draw(st.lists(st.sampled_from([KWA, FOOD, BILLS]), min_size=2, max_size=25))
    for number, helpline in enumerate(callers):
        day.queue(f"c{number}", helpline)
    before = day.estimates()
    gone = data.draw(st.sampled_from(sorted(before) or [CallId("")]))
    day.floor.apply(CallEnded(at=day.now, call=gone, by=Party.CALLER))
    for call, after in day.estimates().items():
        assert after.expected <= before[call].expected * (1 + 1e-9)


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
