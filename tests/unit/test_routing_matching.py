"""Who is next: checked against the plainest matching there is, on boards of every shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.agent import Agent, AgentState
from routing.demands import Demands
from routing.ids import AgentId, CallId, HelplineId, Instant, Phone, Seconds
from routing.line import Line
from routing.matching import Board
from routing.needs import Abilities
from routing.rules import FloorRules

HELPLINES = [HelplineId(name) for name in ("citizen", "food", "kwa", "ration")]
RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(0), missed_offers_limit=1)
DEMANDS = Demands(RULES)

# Few moments, so that ties are common.
moments = st.integers(0, 5).map(float).map(Instant)
Waiting = dict[CallId, tuple[Instant, HelplineId]]
Idle = dict[AgentId, tuple[Instant, frozenset[HelplineId]]]
waiting_callers = st.dictionaries(
    st.integers(0, 30).map(lambda n: CallId(f"c{n}")), st.tuples(moments, st.sampled_from(HELPLINES))
)
idle_agents = st.dictionaries(
    st.integers(0, 30).map(lambda n: AgentId(f"a{n}")),
    st.tuples(moments, st.frozensets(st.sampled_from(HELPLINES))),
)


def free(agent: AgentId, since: Instant, helplines: frozenset[HelplineId]) -> Agent:
    return Agent(
        id=agent,
        state=AgentState.AVAILABLE,
        since=since,
        phone=Phone("1001"),
        helplines=helplines,
        idle_since=since,
        abilities=Abilities(helplines),
    )


def plain_pairs(waiting: Waiting, idle: Idle) -> list[tuple[CallId, AgentId]]:
    """Each caller, oldest first, takes the longest-idle of the agents left who serve his helpline."""
    left, pairs = dict(idle), []
    for call, (_, helpline) in sorted(waiting.items(), key=lambda item: (item[1][0], item[0])):
        able = [(since, agent) for agent, (since, served) in left.items() if helpline in served]
        if able:
            agent = min(able)[1]
            pairs.append((call, agent))
            del left[agent]
    return pairs


def board_of(waiting: Waiting, idle: Idle) -> Board:
    board = Board(RULES)
    for call, (queued_at, helpline) in waiting.items():
        board.call_waits(call, DEMANDS.at_step(helpline, None, 0), queued_at)
    for agent, (since, helplines) in idle.items():
        board.agent_idles(free(agent, since, helplines))
    return board


@given(waiting_callers, idle_agents)
def test_pairs_are_those_of_the_plainest_matching(waiting: Waiting, idle: Idle) -> None:
    board = board_of(waiting, idle)
    assert list(board.pairs()) == plain_pairs(waiting, idle)
    assert list(board.pairs()) == plain_pairs(waiting, idle)


@given(waiting_callers, idle_agents, st.data())
def test_whoever_has_left_is_matched_no_more(waiting: Waiting, idle: Idle, data: st.DataObject) -> None:
    board = board_of(waiting, idle)
    for call in data.draw(st.sets(st.sampled_from(sorted(waiting)))) if waiting else ():
        del waiting[call]
        board.call_leaves(call)
    for agent in data.draw(st.sets(st.sampled_from(sorted(idle)))) if idle else ():
        del idle[agent]
        board.agent_leaves(agent)
    assert list(board.pairs()) == plain_pairs(waiting, idle)


def test_an_agent_of_two_helplines_is_taken_once() -> None:
    food, kwa = HelplineId("food"), HelplineId("kwa")
    ali = AgentId("ali")
    board = board_of(
        {CallId("late"): (Instant(2), kwa), CallId("early"): (Instant(1), food)},
        {ali: (Instant(0), frozenset({food, kwa}))},
    )
    assert list(board.pairs()) == [("early", ali)]


def test_looking_at_a_helpline_nobody_uses_shows_nobody() -> None:
    board = Board(RULES)
    assert board.waiting(HelplineId("kwa")) == []
    assert board.idle(DEMANDS.at_step(HelplineId("kwa"), None, 0)) == []


def test_a_line_is_in_order_of_its_places() -> None:
    line: Line[tuple[float, str]] = Line()
    for place in [(2.0, "b"), (1.0, "z"), (2.0, "a")]:
        line.join(place)
    assert [who for _, who in line] == ["z", "a", "b"]
    assert line.first() == (1.0, "z")
    assert [line.before((moment,)) for moment in (0.5, 1.0, 2.0, 3.0)] == [0, 0, 1, 3]
    line.leave((2.0, "a"))
    assert ([who for _, who in line], len(line)) == (["z", "b"], 2)


@pytest.mark.parametrize("place", [(1.0, "b"), (9.0, "a")])
def test_leaving_a_place_never_taken_is_ours_to_fix(place: tuple[float, str]) -> None:
    line: Line[tuple[float, str]] = Line()
    line.join((1.0, "a"))
    with pytest.raises(LookupError, match="nobody stands at"):
        line.leave(place)
    assert list(line) == [(1.0, "a")]
