"""Who is next: callers in order of their place, agents in order of their idleness, by helpline.

A caller meets the longest-idle agent who serves his helpline; an agent of several helplines meets the
caller who has waited longest over all of them.  Serving all callers oldest first does both, keeps
each helpline strictly first come, first served, and leaves no agent idle whom a waiting caller could have.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from heapq import heapify, heappop, heapreplace
from typing import Generic, TypeVar

from routing.ids import AgentId, CallId, HelplineId, Instant

Who = TypeVar("Who", bound=str)


class Line(Generic[Who]):
    """A line in order of a moment, then of id.

    A sorted list: most join at the end and leave from the front, and moving a few thousand pointers costs
    less than walking a tree.
    """

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: list[tuple[Instant, Who]] = []

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Who]:
        return (who for _, who in self._places)

    def places(self) -> Iterator[tuple[Instant, Who]]:
        """Everybody with the moment that decides the place, in order."""
        return iter(self._places)

    def first_moment(self) -> Instant | None:
        """The earliest moment; None when nobody is in line."""
        return self._places[0][0] if self._places else None

    def up_to(self, moment: Instant) -> list[Who]:
        """Those whose moment has come, in order."""
        if not self._places or self._places[0][0] > moment:
            return []
        end = bisect_right(self._places, moment, key=lambda place: place[0])
        return [who for _, who in self._places[:end]]

    def join(self, moment: Instant, who: Who) -> None:
        """Take the place of *moment*."""
        place = (moment, who)
        self._places.insert(bisect_left(self._places, place), place)

    def leave(self, moment: Instant, who: Who) -> None:
        """Give up the place taken by the same arguments.  LookupError when it was not taken."""
        place = (moment, who)
        index = bisect_left(self._places, place)
        if index == len(self._places) or self._places[index] != place:
            raise LookupError(f"{who} is not in line at {moment}")
        del self._places[index]


class Board:
    """Who waits and who is idle.  Knows which helplines have both, so that matching looks nowhere else."""

    def __init__(self) -> None:
        self._waiting: defaultdict[HelplineId, Line[CallId]] = defaultdict(Line)
        self._idle: defaultdict[HelplineId, Line[AgentId]] = defaultdict(Line)
        self._with_both: set[HelplineId] = set()

    def waiting(self, helpline: HelplineId) -> list[CallId]:
        """The callers of a helpline, the next one first."""
        return list(self._waiting[helpline]) if helpline in self._waiting else []

    def idle(self, helpline: HelplineId) -> list[AgentId]:
        """The free agents of a helpline, the next one first."""
        return list(self._idle[helpline]) if helpline in self._idle else []

    def call_waits(self, call: CallId, helpline: HelplineId, *, queued_at: Instant) -> None:
        """A caller takes his place."""
        self._waiting[helpline].join(queued_at, call)
        self._look_at(helpline)

    def call_leaves(self, call: CallId, helpline: HelplineId, *, queued_at: Instant) -> None:
        """A caller waits no longer in the place taken by the same arguments."""
        self._waiting[helpline].leave(queued_at, call)
        self._look_at(helpline)

    def agent_idles(self, agent: AgentId, helplines: frozenset[HelplineId], *, since: Instant) -> None:
        """An agent is free for all of *helplines*."""
        for helpline in helplines:
            self._idle[helpline].join(since, agent)
            self._look_at(helpline)

    def agent_leaves(self, agent: AgentId, helplines: frozenset[HelplineId], *, since: Instant) -> None:
        """An agent is no longer free as told by the same arguments."""
        for helpline in helplines:
            self._idle[helpline].leave(since, agent)
            self._look_at(helpline)

    def pairs(self) -> Iterator[tuple[CallId, AgentId]]:
        """Everybody who can be brought together now, the longest-waiting caller first.

        Do not change the board while iterating.
        """
        callers = {helpline: self._waiting[helpline].places() for helpline in self._with_both}
        agents = {helpline: iter(self._idle[helpline]) for helpline in self._with_both}
        heads = [(next(callers[helpline]), helpline) for helpline in self._with_both]
        heapify(heads)
        taken: set[AgentId] = set()
        while heads:
            (_, call), helpline = heads[0]
            agent = next((idle for idle in agents[helpline] if idle not in taken), None)
            follower = next(callers[helpline], None)
            if agent is not None:
                taken.add(agent)
                yield call, agent
            if agent is None or follower is None:
                heappop(heads)
            else:
                heapreplace(heads, (follower, helpline))

    def _look_at(self, helpline: HelplineId) -> None:
        if self._waiting[helpline] and self._idle[helpline]:
            self._with_both.add(helpline)
        else:
            self._with_both.discard(helpline)
