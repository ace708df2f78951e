"""Who is next: callers in order of their turn, agents in the order of each helpline's strategy.

Calls that ask the same stand in one line, and so do the free agents who could serve them.  A caller meets
the first agent of his line; of all lines an agent could serve, the one whose first caller's turn came
earliest goes first, where a helpline further down in her own order counts as later by so many seconds.
Serving in that order leaves no agent idle whom a waiting caller could have, except those kept for another
helpline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from routing.agent import Agent
from routing.ids import AgentId, CallId, HelplineId, Instant
from routing.line import Line
from routing.needs import NO_ABILITIES, Abilities, Demand
from routing.reserves import Reserves
from routing.rules import RANKS, FloorRules, Strategy

NONE_PROMISED: Final[Mapping[HelplineId, int]] = Counter()

Turn: TypeAlias = tuple[Instant, CallId]
Readiness: TypeAlias = tuple[int, int, float, Instant, AgentId]
"""An agent's place among the free ones of a demand: rank, liked skills, strategy, idleness, name."""
Candidate: TypeAlias = tuple[Instant, CallId, int, AgentId]
"""The first caller of a demand with the first agent for him, by turn; the number is the demand's."""


@dataclass(slots=True)
class Meeting:
    """The waiting callers of one demand and the free agents who could serve them."""

    demand: Demand
    number: int
    callers: Line[Turn]
    agents: Line[Readiness]


@dataclass(frozen=True, slots=True)
class Fit:
    """A demand that an agent meets, with what of her place there never changes."""

    meeting: Meeting
    rank: int
    disliked: int
    """Less for more of the liked skills."""
    unskilled: int
    """Less for more skill in what is asked."""


@dataclass(frozen=True, slots=True)
class Idling:
    """A free agent, and every line she stands in."""

    agent: Agent
    places: list[tuple[Meeting, Readiness]]


class Board:
    """Who waits and who is idle.  Knows which demands have both, so that matching looks nowhere else."""

    def __init__(self, rules: FloorRules, reserves: Reserves) -> None:
        self._rules = rules
        self.reserves = reserves
        self._meetings: dict[Demand, Meeting] = {}
        self._opened = 0
        self._both: dict[int, Meeting] = {}
        self._settled: int | None = None
        """The count of changes of the reserves at which nobody could be brought together, if it is known."""
        self._newcomer: Idling | None = None
        """Who became free since then; she stands in no line yet."""
        self._standing: dict[CallId, tuple[Meeting, Turn]] = {}
        self._abilities: dict[AgentId, Abilities] = {}
        self._fits: dict[AgentId, list[Fit]] = {}
        self._idling: dict[AgentId, Idling] = {}
        self._offered_at: dict[tuple[HelplineId, AgentId], Instant] = {}
        self._alone: dict[AgentId, set[CallId]] = {}
        """The callers who wait for one agent."""

    # --- callers ------------------------------------------------------------------------------------

    def call_waits(self, call: CallId, demand: Demand, turn: Instant) -> None:
        """A caller takes his place, or changes it."""
        self._seat_newcomer()
        self.call_leaves(call)
        meeting = self._meetings.get(demand) or self._open(demand)
        place = (turn, call)
        self._standing[call] = (meeting, place)
        meeting.callers.join(place)
        self._meet(meeting)
        if demand.only is not None:
            self._alone.setdefault(demand.only, set()).add(call)

    def call_leaves(self, call: CallId) -> None:
        """A caller waits no longer, if he did."""
        standing = self._standing.pop(call, None)
        if standing is None:
            return
        meeting, place = standing
        meeting.callers.leave(place)
        self._part(meeting)
        if meeting.demand.only is not None:
            self._close(meeting, call, meeting.demand.only)

    def waiting_for(self, agent: AgentId) -> list[CallId]:
        """The callers who wait for nobody but this agent."""
        return list(self._alone[agent]) if agent in self._alone else []

    def waiting(self, helpline: HelplineId) -> list[CallId]:
        """The callers of a helpline, the next one first."""
        return [call for _, call in sorted(place for line in self._lines(helpline) for place in line)]

    def before(self, call: CallId) -> list[tuple[Demand, int]]:
        """How many callers of each line have their turn before a waiting call."""
        standing = self._standing.get(call)
        if standing is None:
            return []
        _, turn = standing
        counts = ((meeting.demand, meeting.callers.before(turn)) for meeting in self._meetings.values())
        return [(demand, count) for demand, count in counts if count]

    def _lines(self, helpline: HelplineId) -> Iterator[Line[Turn]]:
        return (m.callers for m in self._meetings.values() if m.demand.helpline == helpline and m.callers)

    # --- agents -------------------------------------------------------------------------------------

    def agent_idles(self, agent: Agent) -> None:
        """An agent is free, or free with other abilities than before."""
        self.agent_leaves(agent.id)
        if self._abilities.get(agent.id) is not agent.abilities:
            self._learn(agent)
        self._seat_newcomer()
        self._newcomer = self._idling[agent.id] = Idling(agent, [])
        if not self._is_settled():
            self._seat_newcomer()

    def agent_leaves(self, agent: AgentId) -> None:
        """An agent is free no longer, if she was."""
        idling = self._idling.pop(agent, None)
        if idling is None:
            return
        if idling is self._newcomer:
            self._newcomer = None
        for meeting, place in idling.places:
            meeting.agents.leave(place)
            self._part(meeting)

    def idle(self, demand: Demand) -> list[AgentId]:
        """The free agents who could serve *demand*, the next one first."""
        self._seat_newcomer()
        meeting = self._meetings.get(demand) or self._open(demand)
        return [place[-1] for place in meeting.agents]

    def offered(self, agent: AgentId, helpline: HelplineId, at: Instant) -> None:
        """An agent is being offered a call of *helpline*: the round robin goes on behind her."""
        if self._rules.of(helpline).strategy is Strategy.ROUND_ROBIN:
            self._offered_at[helpline, agent] = at

    def _seat_newcomer(self) -> None:
        """Have her stand in all her lines, as everybody who is free for longer."""
        newcomer, self._newcomer = self._newcomer, None
        if newcomer is not None:
            for fit in self._fits[newcomer.agent.id]:
                self._stand(newcomer, fit)

    def _stand(self, idling: Idling, fit: Fit) -> None:
        place = self._readiness(idling.agent, fit)
        idling.places.append((fit.meeting, place))
        fit.meeting.agents.join(place)
        self._meet(fit.meeting)

    def _readiness(self, agent: Agent, fit: Fit) -> Readiness:
        helpline = fit.meeting.demand.helpline
        match self._rules.of(helpline).strategy:
            case Strategy.LONGEST_IDLE:
                first: float = 0
            case Strategy.FEWEST_CALLS:
                first = agent.answered
            case Strategy.MOST_SKILLED:
                first = fit.unskilled
            case Strategy.ROUND_ROBIN:
                first = self._offered_at.get((helpline, agent.id), 0)
        return (fit.rank, fit.disliked, first, agent.since, agent.id)

    # --- bringing together --------------------------------------------------------------------------

    def pairs(self) -> list[tuple[CallId, AgentId]]:
        """Everybody who can be brought together now, the earliest turn first."""
        if self._is_settled():
            if self._newcomer is None:
                return []
            # Whoever became free is most often the only one who can have a caller, and is gone at once.
            if call := self._first_for(self._newcomer):
                return [(call, self._newcomer.agent.id)]
        self._seat_newcomer()
        pairs = (
            self._pairs_of_one() if len(self._both) == 1 and self.reserves.none else list(self._all_pairs())
        )
        self._settled = None if pairs else self.reserves.changes
        return pairs

    def _is_settled(self) -> bool:
        """Whether nobody can be brought together, as far as is known; a newcomer apart."""
        return self._settled == self.reserves.changes

    def _first_for(self, newcomer: Idling) -> CallId | None:
        """The caller whom a free agent should have, of all who wait."""
        agent = newcomer.agent.id
        heads = [
            self._head(fit.meeting, first, fit.rank, agent)
            for fit in self._fits[agent]
            if (first := fit.meeting.callers.first())
            and self.reserves.allow(agent, fit.meeting.demand.helpline, NONE_PROMISED)
        ]
        return min(heads)[1] if heads else None

    def _pairs_of_one(self) -> list[tuple[CallId, AgentId]]:
        """As ``_all_pairs`` when one line alone has both, which is most often so, and nobody is kept."""
        (meeting,) = self._both.values()
        return [(call, place[-1]) for (_, call), place in zip(meeting.callers, meeting.agents, strict=False)]

    def _all_pairs(self) -> Iterator[tuple[CallId, AgentId]]:
        taken: set[AgentId] = set()
        promised: Counter[HelplineId] = Counter()
        callers = {number: iter(meeting.callers) for number, meeting in self._both.items()}
        firsts = [
            self._candidate(meeting, next(callers[number]), taken, promised)
            for number, meeting in self._both.items()
        ]
        heads = [candidate for candidate in firsts if candidate is not None]
        heapify(heads)
        while heads:
            _, call, number, agent = heappop(heads)
            meeting = self._both[number]
            helpline = meeting.demand.helpline
            if agent not in taken and self.reserves.allow(agent, helpline, promised):
                taken.add(agent)
                self.reserves.promise(agent, helpline, promised)
                yield call, agent
                turn = next(callers[number], None)
            else:
                turn = self._standing[call][1]
            following = turn and self._candidate(meeting, turn, taken, promised)
            if following:
                heappush(heads, following)

    def _candidate(
        self, meeting: Meeting, turn: Turn, taken: Collection[AgentId], promised: Counter[HelplineId]
    ) -> Candidate | None:
        for rank, *_, agent in meeting.agents:
            if agent not in taken and self.reserves.allow(agent, meeting.demand.helpline, promised):
                return self._head(meeting, turn, rank, agent)
        return None

    def _head(self, meeting: Meeting, turn: Turn, rank: int, agent: AgentId) -> Candidate:
        """How a caller and an agent stand who might meet: less for those who should go first."""
        moment, call = turn
        later = min(rank, RANKS) * self._rules.order_step_seconds
        return (Instant(moment + later), call, meeting.number, agent)

    def _meet(self, meeting: Meeting) -> None:
        """Somebody has joined one of its lines."""
        if meeting.callers and meeting.agents:
            self._both[meeting.number] = meeting
            self._settled = None

    def _part(self, meeting: Meeting) -> None:
        """Somebody has left one of its lines."""
        if not (meeting.callers and meeting.agents):
            self._both.pop(meeting.number, None)

    # --- demands come and go ------------------------------------------------------------------------

    def _open(self, demand: Demand) -> Meeting:
        self._opened += 1
        meeting = self._meetings[demand] = Meeting(demand, self._opened, Line(), Line())
        for agent in self._abilities if demand.only is None else (demand.only,):
            abilities = self._abilities.get(agent, NO_ABILITIES)
            if demand.met_by(agent, abilities):
                fit = _fit(meeting, abilities)
                self._fits[agent].append(fit)
                if idling := self._idling.get(agent):
                    self._stand(idling, fit)
        return meeting

    def _close(self, meeting: Meeting, call: CallId, only: AgentId) -> None:
        """Calls for one agent are rare and of many kinds: no trace is kept of those that are gone."""
        self._alone[only].discard(call)
        if not self._alone[only]:
            del self._alone[only]
        del self._meetings[meeting.demand]
        self._fits[only] = [fit for fit in self._fits.get(only, ()) if fit.meeting is not meeting]
        if idling := self._idling.get(only):
            idling.places[:] = [place for place in idling.places if place[0] is not meeting]

    def _learn(self, agent: Agent) -> None:
        abilities = self._abilities[agent.id] = agent.abilities
        self._fits[agent.id] = [
            _fit(meeting, abilities)
            for meeting in self._meetings.values()
            if meeting.demand.met_by(agent.id, abilities)
        ]


def _fit(meeting: Meeting, abilities: Abilities) -> Fit:
    demand = meeting.demand
    return Fit(
        meeting,
        rank=abilities.rank(demand.helpline),
        disliked=-demand.liking(abilities),
        unskilled=-demand.mastery(abilities),
    )
