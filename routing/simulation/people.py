"""The people of a run: callers and where they come from, agents and how they spend their time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from routing.agent import AgentState
from routing.ids import AgentId, CallId, Instant, Seconds
from routing.simulation.agenda import Appointment, agenda
from routing.simulation.arrivals import arrivals
from routing.simulation.scenario import Demand, Group
from routing.simulation.tally import AgentTime, Tally


class Caller:
    """A caller, from his place in the waiting room to the end of the call."""

    __slots__ = (
        "agent",
        "answered_at",
        "call",
        "gives_up_at",
        "line",
        "off_line",
        "queued_at",
        "talks",
        "tally",
        "waits",
        "writes",
    )

    def __init__(self, call: CallId, line: CallerLine, at: Instant) -> None:
        self.call = call
        self.line = line
        self.tally = line.tally
        self.queued_at = at
        self.talks = line.talking()
        self.writes = line.writing() if line.writing else None
        """Seconds the agent will need afterwards; None for all the time there is."""
        self.waits = True
        self.gives_up_at: Instant | None = None
        self.answered_at: Instant | None = None
        """When a phone that rings for him will be picked up."""
        self.off_line = False
        """Whether he has hung up and is to be called back."""
        self.agent: SimulatedAgent | None = None
        """Whose phone rings for him, or who talks with him."""


class CallerLine:
    """The callers of one helpline: where they come from, and where they are counted."""

    __slots__ = (
        "arrivals",
        "callback_after",
        "category",
        "helpline",
        "is_reached",
        "language",
        "limit",
        "patience",
        "short",
        "talking",
        "tally",
        "wants_callback",
        "writing",
    )

    def __init__(self, demand: Demand, quarters: int, chance: Callable[[str], Random]) -> None:
        # A source of chance for each purpose: with other agents the same callers come.
        helpline = demand.helpline
        self.helpline = helpline
        self.arrivals = arrivals(demand.curve, quarters, chance(f"{helpline} arrivals"))
        self.talking = demand.talking.sampler(chance(f"{helpline} talking"))
        self.writing = demand.writing and demand.writing.sampler(chance(f"{helpline} writing"))
        patience = demand.patience
        self.patience = None if patience is None else patience.sampler(chance(f"{helpline} patience"))
        self.language = demand.languages.sampler(chance(f"{helpline} languages"))
        self.category = demand.categories.sampler(chance(f"{helpline} categories"))
        callbacks = demand.callbacks
        self.callback_after = None if callbacks is None else callbacks.after
        self.wants_callback = _coin(callbacks.share if callbacks else 0.0, chance(f"{helpline} callbacks"))
        self.is_reached = _coin(callbacks.reached if callbacks else 0.0, chance(f"{helpline} reached"))
        self.limit = demand.target.seconds
        self.short = demand.short
        self.tally = Tally()


class SimulatedAgent:
    """An agent: what the floor last said she is doing, and what she will do next."""

    __slots__ = ("agenda", "back_at", "break_lasts", "id", "since", "state", "team")

    def __init__(self, team: Team, place: int) -> None:
        self.id = AgentId(f"{team.group.name}-{place + 1}")
        self.team = team
        self.agenda: Iterator[tuple[Instant, Appointment]] = agenda(team.group, place)
        self.state = AgentState.LOGGED_OUT
        self.since = Instant(0.0)
        self.break_lasts = Seconds(0.0)
        self.back_at: Instant | None = None
        """When she comes back from where she is; None when nobody waits for that."""

    def turns(self, state: AgentState, at: Instant) -> None:
        """She is in *state* from now on; the time since she was last looked at is counted."""
        self.team.time.spend(self.state, Seconds(at - self.since))
        self.state, self.since = state, at


class Team:
    """The agents of one group, and how they spend the present quarter hour."""

    __slots__ = ("answering", "group", "time")

    def __init__(self, group: Group, chance: Callable[[str], Random]) -> None:
        self.group = group
        self.answering = group.answering.sampler(chance(f"{group.name} answering"))
        self.time = AgentTime()


def _coin(share: float, chance: Random) -> Callable[[], bool]:
    """True in this share of all times."""
    uniform = chance.random
    return lambda: uniform() < share
