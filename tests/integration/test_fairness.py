"""Many callers at once: everybody is answered, once, in the order in which they queued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from routing.facts import CallAnswered, CallEnded, CallQueued, Fact, OfferProposed, TalkEnded
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import Stack

CALLS, AGENTS = 50, 10


def test_fifty_callers_at_once_over_ten_agents(stack: Callable[..., Stack]) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    names = [f"agent{n:02}" for n in range(AGENTS)]
    centre.sipp.phones(centre.add_agents(names), hang_up_after=1.0)
    centre.make_available(names)
    callers = [f"94470{n:05}" for n in range(CALLS)]
    # Slower than «at once» by one second only: SIPp sends its INVITEs in bursts otherwise.
    assert centre.sipp.call("1916", [Press("1"), Stay()], callers=callers, rate=50).wait(90) == 0
    calls = centre.wait_for_calls(lambda c: len(c) == CALLS and all(call["ended_at"] for call in c))
    assert {call["outcome"] for call in calls} == {"completed_by_agent"}
    assert sorted(call["caller"] for call in calls) == sorted(f"+91{caller}" for caller in callers)
    facts = centre.facts()
    assert Counter(f.call for f in facts if isinstance(f, CallAnswered)).most_common(1)[0][1] == 1
    assert overtakings(facts) == []
    assert two_calls_at_once(facts) == []


def overtakings(facts: list[Fact]) -> list[OfferProposed]:
    """Offers made while somebody who had queued earlier was waiting."""
    waiting: dict[str, tuple[float, str]] = {}
    unfair = []
    for fact in facts:
        match fact:
            case CallQueued():
                waiting.setdefault(fact.call, (fact.queued_at, fact.call))
            case OfferProposed():
                if waiting[fact.call] != min(waiting.values()):
                    unfair.append(fact)
                waiting.pop(fact.call)
            case CallEnded():
                waiting.pop(fact.call, None)
    return unfair


def two_calls_at_once(facts: list[Fact]) -> list[tuple[Fact, Fact]]:
    """Answers of an agent whose talk before had not ended."""
    talks: dict[str, list[Fact]] = {}
    for fact in facts:
        if isinstance(fact, CallAnswered | TalkEnded):
            talks.setdefault(fact.agent, []).append(fact)
    return [
        (before, after)
        for life in talks.values()
        for before, after in pairwise(life)
        if isinstance(before, CallAnswered) == isinstance(after, CallAnswered)
    ]
