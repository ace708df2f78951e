"""A journal told again: the floor decides what was decided, and whatever is not as it was is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.agent import AgentState
from routing.facts import (
    CallAnswered,
    CallOffered,
    CallOverflowed,
    Fact,
    FloorTakenUp,
    NodeServed,
    OfferProposed,
    WrapUpEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import CallId, Seconds
from routing.replay import Difference, Replay
from routing.rules import HelplineRules, Limits, Outlet, Step
from tests.unit.parts.story import ALI, BEA, CHITRA, FIRST, FOOD, KWA, NODE, SECOND, THIRD, Story

FOURTH = CallId("node1-4")
RULES = {
    KWA: HelplineRules(
        steps=(Step(language=9), Step(after=Seconds(20.0))),
        preferred_agent_seconds=Seconds(60.0),
        limits=Limits(max_wait=Seconds(100.0), when_late=Outlet(FOOD)),
    )
}


class JournalledFloor(Floor):
    """Writes down what it has taken note of."""

    def __init__(self, rules: FloorRules) -> None:
        super().__init__(rules)
        self.journal: list[Fact] = []

    def apply(self, fact: Fact) -> None:
        super().apply(fact)
        self.journal.append(fact)


class JournalledStory(Story):
    """A story with a journal, which begins with a router's start."""

    def __init__(self) -> None:
        super().__init__(RULES)
        self.floor: JournalledFloor = JournalledFloor(self.rules)
        self.floor.apply(FloorTakenUp(at=self.tick()))

    def start_again(self) -> None:
        before, self.floor = self.floor, JournalledFloor(self.rules)
        self.floor.journal = [*before.journal, FloorTakenUp(at=self.tick())]
        calls = [call.free_for_all() for call in before.calls()]
        self.floor.restore(calls, before.agents())


def replayed(story: JournalledStory, journal: list[Fact] | None = None) -> tuple[Replay, list[Difference]]:
    replay = Replay(story.rules)
    differences = [replay.tell(fact) for fact in (journal or story.floor.journal)]
    return replay, [one for one in differences if one is not None]


@pytest.fixture
def day() -> JournalledStory:
    """Two calls are served, one after the other's wrap-up; a third waits until he waits elsewhere."""
    story = JournalledStory()
    story.free(ALI)
    story.free(BEA, FOOD)
    story.queue(FIRST)
    story.queue(SECOND)
    story.wait(30)
    story.offered(FIRST, ALI)
    story.serves(FIRST, ALI)
    story.wait(40)
    story.serves(SECOND, ALI)
    story.wants_out(ALI)
    story.queue(THIRD)
    story.wants_break(BEA)
    story.wait(150)
    return story


def test_everything_is_decided_again(day: JournalledStory) -> None:
    replay, differences = replayed(day)
    assert differences == []
    assert (replay.runs, replay.facts) == (1, len(day.floor.journal))
    assert replay.decisions == len(day.decided) > 5
    assert {type(fact) for fact in day.floor.journal} >= {OfferProposed, WrapUpEnded, CallOverflowed}
    assert (replay.floor.calls(), replay.floor.agents()) == (day.floor.calls(), day.floor.agents())


def test_an_offer_to_somebody_else_is_named(day: JournalledStory) -> None:
    journal = day.floor.journal
    place = next(n for n, fact in enumerate(journal) if isinstance(fact, OfferProposed))
    changed = [*journal[:place], replace(journal[place], agent=BEA), *journal[place + 1 :]]
    _, differences = replayed(day, changed)
    assert differences[0] == Difference(
        place + 1, changed[place], "decided instead: Offer(call='node1-1', agent='ali')"
    )


def test_other_rules_decide_otherwise(day: JournalledStory) -> None:
    replay = Replay(replace(day.rules, wrap_up_seconds=Seconds(5.0)))
    assert any(replay.tell(fact) for fact in day.floor.journal)


def test_a_decision_out_of_nothing_is_named(day: JournalledStory) -> None:
    day.ready(ALI)
    day.floor.journal.append(WrapUpEnded(at=day.tick(), agent=ALI))
    _, [difference] = replayed(day)
    assert difference.why == "nothing was to be decided"


def test_a_part_of_what_is_decided_at_one_moment_is_not_enough() -> None:
    story = JournalledStory()
    story.queue(FIRST, KWA)
    story.queue(SECOND, KWA)
    story.wait(30)
    story.free(ALI)
    story.free(BEA)
    story.decide()
    assert story.offers == [(FIRST, ALI), (SECOND, BEA)]
    without_the_second = story.floor.journal[:-1]
    served = NodeServed(at=story.tick(), node=NODE)
    _, [difference] = replayed(story, [*without_the_second, served])
    assert (difference.fact, difference.why) == (
        served,
        "not met in the journal: Offer(call='node1-2', agent='bea')",
    )


def test_a_router_that_was_killed_may_not_have_written_all_it_decided() -> None:
    story = JournalledStory()
    story.queue(FIRST)
    story.queue(SECOND)
    story.wait(30)
    story.free(ALI)
    story.free(BEA)
    story.decide()
    killed = story.floor.journal[:-1]
    replay, differences = replayed(story, [*killed, FloorTakenUp(at=story.tick())])
    assert differences == []
    agent = replay.floor.agent(BEA)
    assert agent is not None and agent.state is AgentState.AVAILABLE


def test_a_router_that_starts_again_has_the_floor_of_the_one_before(day: JournalledStory) -> None:
    day.free(CHITRA)
    day.queue(FOURTH, preferred=BEA)
    day.wait(5)
    day.start_again()
    day.wait(30)
    day.serves(FOURTH, CHITRA)
    day.wait(60)
    replay, differences = replayed(day)
    assert differences == []
    assert replay.runs == 2
    assert (replay.floor.calls(), replay.floor.agents()) == (day.floor.calls(), day.floor.agents())


def test_an_offer_found_on_a_switch_was_decided_by_the_router_before() -> None:
    story = JournalledStory()
    story.free(ALI)
    story.node_down()
    story.queue(FIRST)
    found = OfferProposed(at=story.now, call=FIRST, agent=ALI)
    story.floor.apply(found)
    story.floor.apply(CallOffered(at=story.now, call=FIRST, agent=ALI))
    replay, differences = replayed(story)
    assert (differences, replay.decisions) == ([], 0)


def test_a_fact_that_cannot_happen_is_named_without_a_number(day: JournalledStory) -> None:
    impossible = replace(day.decided[0].as_fact(day.tick()), call=FIRST)
    _, [difference] = replayed(day, [*day.floor.journal, impossible])
    assert difference.number == len(day.floor.journal) + 1
    assert "+91" not in difference.why


def test_what_is_not_of_the_floor_is_passed_over(day: JournalledStory) -> None:
    answered = CallAnswered(at=day.tick(), call=CallId("node9-1"), agent=ALI)
    _, differences = replayed(day, [*day.floor.journal, answered])
    assert differences == []
