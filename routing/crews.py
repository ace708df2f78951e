"""Who at work could serve whom, and how lines that share agents share them.

First come, first served, over several lines: an agent takes whichever of her callers came first.  So lines
that share agents come to wait equally long, as far as agents can even it out; a line with agents to spare
waits less, and those who could also help elsewhere do.  That is the fair division of Megiddo ("Optimal flows
in networks with multiple sources and sinks", 1974): of all sets of lines the one with the most work for each
agent who could do any of it waits longest; without it and its agents the next one is found, and so on.

More callers never mean less work for an agent anywhere in such a division.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from routing.agent import AT_WORK, Agent
from routing.ids import AgentId, Seconds
from routing.needs import Demand

Crew: TypeAlias = frozenset[AgentId]
"""The agents who could serve a line."""

# All sets of so many lines are looked at, at most; of others only the part that is a line's own share counts.
MOST_LINES: Final = 8


class Crews:
    """The agents at work.  What is asked is worked out once, until one of them comes, goes or learns."""

    def __init__(self, reaches: Callable[[Agent], bool]) -> None:
        self._reaches = reaches
        self._at_work: dict[AgentId, Agent] = {}
        self._able: dict[Demand, Crew] = {}
        self._sizes: dict[tuple[Crew, ...], Sequence[int]] = {}

    def note(self, agent: Agent) -> None:
        """The agent is, or is not, at work, and can do what she now can."""
        before = self._at_work.pop(agent.id, None)
        if agent.state in AT_WORK:
            self._at_work[agent.id] = agent
        if not _can_do_alike(before, self._at_work.get(agent.id)):
            self.look_again()

    def look_again(self) -> None:
        """Who can be reached may have changed."""
        self._able.clear()
        self._sizes.clear()

    def able(self, demand: Demand) -> Crew:
        """Who could serve a demand."""
        able = self._able.get(demand)
        if able is None:
            able = self._able[demand] = frozenset(
                agent.id
                for agent in self._at_work.values()
                if self._reaches(agent) and demand.met_by(agent.id, agent.abilities)
            )
        return able

    def wait(self, crew: Crew, work: Mapping[Crew, float]) -> Seconds:
        """How long until *crew*, which is not empty, has done its own work, with the *work* of every line.

        Work is in seconds of one agent.
        """
        others = _connected(crew, [line for line in work if line != crew])
        lines = (crew, *others[: MOST_LINES - 1])
        seconds = [work[line] for line in lines]
        for line in others[MOST_LINES - 1 :]:
            seconds[0] += work[line] * len(line & crew) / len(line)
        return _fair_wait(seconds, self._reach(lines))

    def _reach(self, lines: tuple[Crew, ...]) -> Sequence[int]:
        """How many agents could do some of the work of each set of lines; the number of a set is its bits."""
        reach = self._sizes.get(lines)
        if reach is None:
            unions = [frozenset[AgentId]()]
            for line in lines:
                unions += [union | line for union in unions]
            reach = self._sizes[lines] = [len(union) for union in unions]
        return reach


def _can_do_alike(before: Agent | None, agent: Agent | None) -> bool:
    if before is None or agent is None:
        return before is agent
    return before.abilities is agent.abilities and before.node == agent.node


def _connected(crew: Crew, lines: Sequence[Crew]) -> list[Crew]:
    """The lines that are in the way of the crew's own, directly or by way of others; near ones first."""
    found: list[Crew] = []
    reached, left = crew, [line for line in lines if line]
    while near := [line for line in left if line & reached]:
        found += near
        reached = reached.union(*near)
        left = [line for line in left if line not in near]
    return found


def _fair_wait(work: Sequence[float], reach: Sequence[int]) -> Seconds:
    """The work for each agent of the first line in the fair division; sets of lines are bits of a number."""
    works = [0.0]
    for seconds in work:
        works += [sum_of + seconds for sum_of in works]
    settled = 0
    while True:
        longest, slowest = max(
            (
                (works[lines] / agents, lines)
                for lines in range(1, len(works))
                if not lines & settled and (agents := reach[lines | settled] - reach[settled])
            ),
        )
        if slowest & 1:
            return Seconds(longest)
        settled |= slowest
