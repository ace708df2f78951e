"""What can be seen of a floor."""

from __future__ import annotations

from routing.agent import AgentState
from routing.call import CallState
from tests.unit.parts.story import BEA, FIRST, FOOD, KWA, SECOND, Story


class TestCounts:
    def test_calls_and_agents_are_counted_by_helpline_and_state(self, talking: Story) -> None:
        talking.free(BEA, KWA, FOOD)
        assert talking.floor.call_counts() == {(KWA, CallState.TALKING): 1, (KWA, CallState.WAITING): 1}
        assert talking.floor.agent_counts() == {AgentState.TALKING: 1, AgentState.AVAILABLE: 1}
        assert talking.floor.helpline_agent_counts() == {
            (KWA, AgentState.TALKING): 1,
            (KWA, AgentState.AVAILABLE): 1,
            (FOOD, AgentState.AVAILABLE): 1,
        }

    def test_an_ended_call_is_forgotten(self, talking: Story) -> None:
        talking.ended(FIRST)
        talking.ended(SECOND)
        assert talking.floor.calls() == []
        assert talking.floor.call_counts() == {}
