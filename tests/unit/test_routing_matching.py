"""Who is next: checked against the plainest matching there is, on boards of every shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.agent import Agent, AgentState
from routing.demands import Demands
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, Phone, Pool, Seconds, Skill
from routing.line import Line
from routing.matching import Board
from routing.needs import Abilities, Demand, language_skill
from routing.reserves import Reserves
from routing.rules import FloorRules, HelplineRules, Step, Strategy
from tests.unit.parts.plain_router import Scene, Waiting, plain_pairs, suited

HELPLINES = [HelplineId(name) for name in ("food", "kwa", "ration")]
ORDERS = [(), (HELPLINES[2],), tuple(HELPLINES), tuple(reversed(HELPLINES))]
LANGUAGES = [LanguageCode("ml"), LanguageCode("hi")]
POOLS = [Pool("north"), Pool("south")]
CHEMISTRY, PATIENCE = Skill("chemistry"), Skill("patience")
SKILLS = [CHEMISTRY, PATIENCE, *map(language_skill, LANGUAGES)]

# Few of everything, so that ties are common.
moments = st.integers(0, 5).map(lambda n: Instant(10.0 * n))
levels = st.integers(1, 3)
helplines = st.sampled_from(HELPLINES)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        asked = draw(st.dictionaries(st.sampled_from([CHEMISTRY, PATIENCE]), levels, max_size=1))
        made.append(
            Step(
                after=Seconds(20.0 * number),
                skills=frozenset(asked.items()),
                language=draw(st.integers(0, 2)),
                pools=draw(st.frozensets(st.sampled_from(POOLS), max_size=1)),
            )
        )
    return tuple(made)


helpline_rules = st.builds(
    HelplineRules,
    strategy=st.sampled_from(Strategy),
    steps=steps(),
    liked=st.frozensets(st.sampled_from(SKILLS), max_size=2),
    reserve=st.integers(0, 2),
)


@st.composite
def agents(draw: st.DrawFn, name: AgentId, state: AgentState) -> Agent:
    served = draw(st.frozensets(helplines))
    abilities = Abilities(
        served | draw(st.frozensets(st.sampled_from(POOLS), max_size=1)),
        draw(st.dictionaries(st.sampled_from(SKILLS), levels)),
        draw(st.sampled_from(ORDERS)),
    )
    since = draw(moments)
    return Agent(
        id=name,
        state=state,
        since=since,
        phone=Phone("1001"),
        helplines=served,
        idle_since=since,
        abilities=abilities,
        answered=draw(st.integers(0, 2)),
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    rules = FloorRules(
        ring_seconds=Seconds(20),
        wrap_up_seconds=Seconds(0),
        missed_offers_limit=1,
        helplines=draw(st.dictionaries(helplines, helpline_rules)),
    )
    names = [AgentId(f"a{n}") for n in range(draw(st.integers(0, 6)))]
    here = {name: draw(agents(name, AgentState.AVAILABLE)) for name in names}
    busy = {
        AgentId(f"b{n}"): (draw(agents(AgentId(f"b{n}"), AgentState.TALKING)), draw(helplines))
        for n in range(draw(st.integers(0, 3)))
    }
    waiting = {}
    for number in range(draw(st.integers(0, 8))):
        helpline = draw(helplines)
        waiting[CallId(f"c{number}")] = Waiting(
            helpline=helpline,
            language=draw(st.sampled_from(LANGUAGES)),
            step=draw(st.integers(0, len(rules.of(helpline).steps) - 1)),
            queued_at=draw(moments),
            only=draw(st.sampled_from(names)) if names and draw(st.integers(0, 5)) == 0 else None,
        )
    offered = draw(st.dictionaries(st.tuples(helplines, st.sampled_from(names)), moments)) if names else {}
    return Scene(rules, waiting, here, busy, offered)


# --- the board -----------------------------------------------------------------------------------


def demand_of(demands: Demands, caller: Waiting) -> Demand:
    if caller.only is not None:
        return demands.for_one(caller.helpline, caller.only)
    return demands.at_step(caller.helpline, caller.language, caller.step)


def board_of(scene: Scene, *, agents_first: bool = False) -> Board:
    reserves = Reserves(scene.rules)
    board, demands = Board(scene.rules, reserves), Demands(scene.rules)
    for (helpline, name), at in scene.offered_at.items():
        board.offered(name, helpline, at)
    for agent, helpline in scene.busy.values():
        reserves.note(agent, helpline)
    for come in (_agents_come, _callers_come) if agents_first else (_callers_come, _agents_come):
        come(scene, board, demands, reserves)
    return board


def _callers_come(scene: Scene, board: Board, demands: Demands, _: Reserves) -> None:
    for call, caller in scene.waiting.items():
        board.call_waits(call, demand_of(demands, caller), caller.queued_at)


def _agents_come(scene: Scene, board: Board, _: Demands, reserves: Reserves) -> None:
    for agent in scene.idle.values():
        reserves.note(agent, None)
        board.agent_idles(agent)


@given(scenes(), st.booleans())
def test_pairs_are_those_of_the_plainest_matching(scene: Scene, agents_first: bool) -> None:
    board, demands = board_of(scene, agents_first=agents_first), Demands(scene.rules)
    assert list(board.pairs()) == plain_pairs(scene)
    for caller in scene.waiting.values():
        assert board.idle(demand_of(demands, caller)) == [agent.id for agent in suited(scene, caller)]
    assert list(board.pairs()) == plain_pairs(scene)


@given(scenes(), st.data())
def test_whoever_has_left_is_matched_no_more(scene: Scene, data: st.DataObject) -> None:
    board = board_of(scene)
    for call in data.draw(st.sets(st.sampled_from(sorted(scene.waiting)))) if scene.waiting else ():
        del scene.waiting[call]
        board.call_leaves(call)
    for agent in data.draw(st.sets(st.sampled_from(sorted(scene.idle)))) if scene.idle else ():
        # She is at work still, and has a call of a helpline that nobody keeps agents for.
        scene.busy[agent] = (scene.idle.pop(agent), HelplineId("nobody's"))
        board.agent_leaves(agent)
    for agent, _ in scene.busy.values():
        board.reserves.note(agent._replace(state=AgentState.TALKING), scene.busy[agent.id][1])
    assert list(board.pairs()) == plain_pairs(scene)


def test_an_agent_of_two_helplines_is_taken_once() -> None:
    rules = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(0), missed_offers_limit=1)
    board, demands = Board(rules, Reserves(rules)), Demands(rules)
    for moment, helpline in ((2.0, "kwa"), (1.0, "food")):
        demand = demands.at_step(HelplineId(helpline), None, 0)
        board.call_waits(CallId(helpline), demand, Instant(moment))
    served = frozenset({HelplineId("kwa"), HelplineId("food")})
    ali = Agent(
        id=AgentId("ali"),
        state=AgentState.AVAILABLE,
        since=Instant(0),
        phone=Phone("1001"),
        helplines=served,
        idle_since=Instant(0),
        abilities=Abilities(served),
    )
    board.agent_idles(ali)
    assert list(board.pairs()) == [("food", "ali")]


def test_looking_at_a_helpline_nobody_uses_shows_nobody() -> None:
    rules = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(0), missed_offers_limit=1)
    board = Board(rules, Reserves(rules))
    assert board.waiting(HelplineId("kwa")) == []
    assert board.idle(Demands(rules).at_step(HelplineId("kwa"), None, 0)) == []


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
