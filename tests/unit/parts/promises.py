"""What a floor promises at every moment at which all its decisions are taken."""

from __future__ import annotations

from collections import Counter

from routing.agent import HOLDING, AgentState
from routing.call import HELD, Call, CallState
from routing.ids import HelplineId
from tests.unit.parts.house import HELPLINES, RULES
from tests.unit.parts.plain_router import is_kept, may_serve
from tests.unit.parts.plain_shell import PlainShell
from tests.unit.parts.switchboard import Truth

FITTING = {
    Truth.MENU: {CallState.IN_MENU},
    Truth.WAITING: {CallState.WAITING},
    # Asked for while an offer stood that came to nothing: he may as well be offered again.
    Truth.PROMISED: {CallState.RESTING, CallState.WAITING},
    Truth.GONE: {CallState.RESTING, CallState.WAITING},
    Truth.TALKING: {CallState.TALKING},
    Truth.LEAVING: {CallState.LEAVING},
}
"""Where the floor may have a caller, once it has heard everything."""
LIMITED = frozenset({AgentState.RESERVED, AgentState.RINGING, AgentState.WRAP_UP})


def a_call_and_an_agent_name_each_other(shell: PlainShell) -> None:
    """One call an agent, one agent a call, and both say alike what they do together."""
    calls, agents = shell.floor.calls(), shell.floor.agents()
    pairs = {(call.id, call.agent) for call in calls if call.agent is not None}
    assert pairs == {(agent.call, agent.id) for agent in agents if agent.call is not None}
    assert len({call for call, _ in pairs}) == len({agent for _, agent in pairs}) == len(pairs)
    assert all((call.agent is not None) == (call.state in HELD) for call in calls)
    for agent in agents:
        assert (agent.call is not None) == (agent.state in HOLDING)
        assert agent.call is None or shell.call(agent.call).state.value == agent.state.value


def nobody_waits_whom_an_idle_agent_may_serve(shell: PlainShell) -> None:
    """Except when she is kept for another helpline."""
    scene = shell.scene()
    for call, waits in scene.waiting.items():
        for agent in scene.idle.values():
            kept = is_kept(scene, waits, agent, [])
            assert kept or not may_serve(RULES, waits, agent), f"{call} waits and {agent.id} is idle"


def everything_that_will_happen_is_on_the_agenda(shell: PlainShell) -> None:
    """The alarm is set for the next moment, and nothing is overdue."""
    moments = [moment for call in shell.floor.calls() for moment in _moments_of(shell, call)]
    moments += [agent.deadline for agent in shell.floor.agents() if agent.deadline is not None]
    assert shell.floor.next_deadline() == min(moments, default=None)
    assert all(moment > shell.now for moment in moments)


def _moments_of(shell: PlainShell, call: Call) -> list[float]:
    """When something is to be done about a call if nothing happens before."""
    place, callback = call.place, call.callback
    if place is None or call.state not in (CallState.WAITING, CallState.RESTING):
        return []
    rules = RULES.of(place.helpline)
    if call.state is CallState.RESTING:
        assert callback is not None
        assert callback.on_line or callback.failed_at is not None
        assert callback.failed < rules.callback.attempts
        return [] if callback.failed_at is None else [callback.failed_at + rules.callback.retry_seconds]
    if place.held_for is not None:
        moments = [place.queued_at + rules.preferred_agent_seconds]
    else:
        moments = [place.queued_at + step.after for step in rules.steps[place.step + 1 :]][:1]
    if rules.limits.max_wait is not None and callback is None and call.node not in shell.board.down:
        moments.append(place.came_at + rules.limits.max_wait)
    return moments


def whoever_is_held_by_an_offer_or_writes_has_a_limit(shell: PlainShell) -> None:
    """So that no lost report holds an agent for ever."""
    assert all(agent.deadline is not None for agent in shell.floor.agents() if agent.state in LIMITED)


def what_is_seen_is_in_order(shell: PlainShell) -> None:
    """The waiting rooms show everybody who can be offered, the next one first."""
    in_line = shell.scene().waiting
    for helpline in HELPLINES:
        waiting = [call.id for call in shell.floor.waiting(helpline)]
        assert sorted(waiting) == sorted(c for c, waits in in_line.items() if waits.helpline == helpline)
        turns = [RULES.turn(helpline, in_line[c].category, in_line[c].queued_at) for c in waiting]
        assert turns == sorted(turns)


def no_line_is_longer_than_it_may_be(shell: PlainShell) -> None:
    """But for those who return to it, are to be called back, or came while their switch was down."""
    waiting = [call for call in shell.floor.calls() if call.state is CallState.WAITING]
    lengths = Counter(call.helpline for call in waiting if call.id not in shell.excused)
    for helpline in HELPLINES:
        limit = RULES.of(helpline).limits.max_waiting
        assert limit is None or lengths[helpline] <= limit


def nobody_waits_where_nobody_may_stay(shell: PlainShell) -> None:
    """Except who is to be called back, or cannot be told."""
    for call in shell.floor.calls():
        told = call.node not in shell.board.down and call.callback is None
        if call.state is CallState.WAITING and call.helpline is not None and told:
            limits = RULES.of(call.helpline).limits
            assert limits.stay_closed or call.helpline not in shell.closed
            assert limits.stay_unstaffed or _is_staffed(shell, call.helpline)


def _is_staffed(shell: PlainShell, helpline: HelplineId) -> bool:
    groups = {group for step in RULES.of(helpline).steps for group in step.groups(helpline)}
    there = [agent for agent in shell.floor.agents() if agent.state is not AgentState.LOGGED_OUT]
    return any(not groups.isdisjoint(agent.abilities.groups) for agent in there)


def the_floor_is_where_the_switches_are(shell: PlainShell) -> None:
    """Of every moment at which all is done and heard: no call is lost, and every offer has ended."""
    held = [agent for agent in shell.floor.agents() if agent.state in HOLDING]
    assert [agent for agent in held if agent.state is not AgentState.TALKING] == []
    assert {(agent.call, agent.id) for agent in held} == {
        (caller.id, caller.agent) for caller in shell.board.at(Truth.TALKING)
    }
    assert {call.id for call in shell.floor.calls()} == set(shell.board.callers)
    for caller in shell.board.callers.values():
        assert shell.call(caller.id).state in FITTING[caller.truth], caller


ALWAYS = (
    a_call_and_an_agent_name_each_other,
    nobody_waits_whom_an_idle_agent_may_serve,
    everything_that_will_happen_is_on_the_agenda,
    whoever_is_held_by_an_offer_or_writes_has_a_limit,
    what_is_seen_is_in_order,
    no_line_is_longer_than_it_may_be,
    nobody_waits_where_nobody_may_stay,
)
