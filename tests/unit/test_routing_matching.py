"""Who is next: checked against the plainest matching there is, on boards of every shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ids import AgentId, CallId, HelplineId, Instant
from routing.matching import Board, Line

HELPLINES = [HelplineId(name) for name in ("citizen", "food", "kwa", "ration")]

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
    board = Board()
    for call, (queued_at, helpline) in waiting.items():
        board.call_waits(call, helpline, queued_at=queued_at)
    for agent, (since, helplines) in idle.items():
        board.agent_idles(agent, helplines, since=since)
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
        queued_at, helpline = waiting.pop(call)
        board.call_leaves(call, helpline, queued_at=queued_at)
    for agent in data.draw(st.sets(st.sampled_from(sorted(idle)))) if idle else ():
        since, helplines = idle.pop(agent)
        board.agent_leaves(agent, helplines, since=since)
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
    board = Board()
    assert board.waiting(HelplineId("kwa")) == []
    assert board.idle(HelplineId("kwa")) == []


def test_a_line_is_in_order_of_moment_then_of_id() -> None:
    line: Line[CallId] = Line()
    for moment, who in [(2.0, "b"), (1.0, "z"), (2.0, "a")]:
        line.join(Instant(moment), CallId(who))
    assert list(line) == ["z", "a", "b"]
    assert line.first_moment() == 1.0
    assert line.up_to(Instant(1.0)) == ["z"]
    assert line.up_to(Instant(0.5)) == []
    line.leave(Instant(2.0), CallId("a"))
    assert (list(line), len(line)) == (["z", "b"], 2)


@pytest.mark.parametrize(("moment", "who"), [(1.0, "b"), (9.0, "a")])
def test_leaving_a_place_never_taken_is_ours_to_fix(moment: float, who: str) -> None:
    line: Line[CallId] = Line()
    line.join(Instant(1.0), CallId("a"))
    with pytest.raises(LookupError, match=f"{who} is not in line"):
        line.leave(Instant(moment), CallId(who))
    assert list(line) == ["a"]
