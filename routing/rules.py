"""The rules of a floor: of all agents alike, and of each helpline.

Priority is a head start: a call with one of 60 seconds is treated as if it had come 60 seconds earlier.  All
calls so grow older at the same pace, their order never changes, and whatever the head starts are, nobody is
overtaken by a caller who came later than ``FloorRules.overtaking_bound`` after him.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from routing.ids import CategoryId, HelplineId, Instant, Pool, Seconds, Skill, later
from routing.needs import HIGHEST, LOWEST, Levels

# The switch reports the end of an offer within milliseconds of the ring limit.  Five seconds leave room for
# a slow phone network and a reconnecting link, and are the longest an agent stays held by a lost report.
OFFER_GRACE = Seconds(5.0)
# Agents rank a handful of helplines; beyond, one more step would only widen the bound on overtaking.
RANKS = 3


class Strategy(Enum):
    """Which of a helpline's free agents is called first; the longest idle decides a tie."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_CALLS = "fewest_calls"
    """Who has answered the fewest calls since she logged in."""
    MOST_SKILLED = "most_skilled"
    """Who has the highest levels in the skills asked for."""
    ROUND_ROBIN = "round_robin"
    """Whose last offer from this helpline is longest ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who may serve a call once it has waited so long, beside those of the steps before.

    Raises ValueError for levels there are not.
    """

    after: Seconds = Seconds(0.0)
    skills: Levels = frozenset()
    language: int = 0
    """The level in the caller's language; 0 for any agent, whatever she speaks."""
    pools: frozenset[Pool] = frozenset()
    """Agents of any of these; none for the helpline's own agents."""

    def __post_init__(self) -> None:
        levels = [level for _, level in self.skills]
        if not all(LOWEST <= level <= HIGHEST for level in levels) or not 0 <= self.language <= HIGHEST:
            raise ValueError(f"levels are {LOWEST} to {HIGHEST}; a language may have 0 for any agent")
        if len({skill for skill, _ in self.skills}) < len(levels):
            raise ValueError("skills: each has one level")
        if self.after < 0:
            raise ValueError("after is 0 seconds or more")

    def groups(self, helpline: HelplineId) -> frozenset[str]:
        """Of which groups an agent may be to serve a call of *helpline*."""
        return frozenset(self.pools or {helpline})


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a caller goes who cannot wait at a helpline: to another one, or, with none, out."""

    helpline: HelplineId | None = None


OUT = Outlet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Who may begin to wait, and how long.  Raises ValueError for limits that let nobody wait."""

    max_waiting: int | None = None
    when_full: Outlet = OUT
    max_wait: Seconds | None = None
    """Counted from the moment the caller came to this helpline's line."""
    when_late: Outlet = OUT
    join_unstaffed: bool = True
    """Whether callers may begin to wait while nobody is logged in."""
    stay_unstaffed: bool = True
    """Whether callers go on waiting when the last agent has logged out."""
    when_unstaffed: Outlet = OUT
    stay_closed: bool = True
    """Whether whoever waits at closing time is still served."""
    when_closed: Outlet = OUT

    def __post_init__(self) -> None:
        if self.max_waiting is not None and self.max_waiting < 1:
            raise ValueError("max_waiting is 1 or more: who is served at once comes to the line, too")
        if self.max_wait is not None and self.max_wait <= 0:
            raise ValueError("max_wait is more than 0 seconds")

    def outlets(self) -> Iterator[Outlet]:
        """Everywhere that callers may be sent."""
        yield from (self.when_full, self.when_late, self.when_unstaffed, self.when_closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRules:
    """How often, and how long apart, a citizen who asked for it is called.

    Raises ValueError for a callback that is never made.
    """

    attempts: int = 3
    retry_seconds: Seconds = Seconds(300.0)

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.retry_seconds < 0:
            raise ValueError("a callback is tried at least once, and retry_seconds is 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelplineRules:
    """The rules of one helpline.  Raises ValueError for those that no floor can keep."""

    strategy: Strategy = Strategy.LONGEST_IDLE
    head_start: Seconds = Seconds(0.0)
    category_head_starts: Mapping[CategoryId, Seconds] = field(default_factory=dict)
    """In place of the helpline's, for calls of these categories."""
    steps: tuple[Step, ...] = (Step(),)
    """The first from the beginning, each later one after more seconds."""
    liked: frozenset[Skill] = frozenset()
    """Agents with these skills come before others."""
    preferred_agent_seconds: Seconds = Seconds(0.0)
    """How long a call waits for the agent who handled its caller last, while she is at work; 0 for not."""
    reserve: int = 0
    """So many of the helpline's agents at work are kept for its own calls, but never all: ``reserves.py``."""
    limits: Limits = Limits()
    callback: CallbackRules = CallbackRules()

    def __post_init__(self) -> None:
        moments = [step.after for step in self.steps]
        if not moments or moments[0] > 0 or sorted(set(moments)) != moments:
            raise ValueError("steps: the first is after 0 seconds, each later one after more")
        if min(self.head_start, *self.category_head_starts.values(), 0) < 0:
            raise ValueError("a head start is never negative: give one to the others instead")
        if self.reserve < 0 or self.preferred_agent_seconds < 0:
            raise ValueError("reserve and preferred_agent_seconds are 0 or more")

    def head_start_of(self, category: CategoryId) -> Seconds:
        """The head start of a call of *category*."""
        return self.category_head_starts.get(category, self.head_start)

    def last_step(self, waited: Seconds) -> int:
        """The step a call is in that has waited so long."""
        return max(n for n, step in enumerate(self.steps) if step.after <= waited)

    @property
    def greatest_head_start(self) -> Seconds:
        """The most that any call of this helpline is put forward."""
        return Seconds(max(self.head_start, *self.category_head_starts.values(), 0.0))


PLAIN = HelplineRules()
"""First come, first served, by the longest-idle of the helpline's agents, without limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorRules:
    """How the floor treats every agent alike, and each helpline by its own rules.

    Raises ValueError for a rule no floor can keep.
    """

    ring_seconds: Seconds
    """How long an agent's phone is called before the offer goes to the next agent."""
    wrap_up_seconds: Seconds
    """How long after a talk, on whatever helpline, an agent is left to write; 0 for none."""
    missed_offers_limit: int
    """After so many missed or declined offers in a row an agent gets no more until she asks for calls."""
    order_step_seconds: Seconds = Seconds(30.0)
    """How much longer a caller waits for an agent to whom his helpline is one place further down."""
    helplines: Mapping[HelplineId, HelplineRules] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ring_seconds <= 0:
            raise ValueError(f"ring_seconds is {self.ring_seconds}: a phone must ring for some time")
        if self.wrap_up_seconds < 0:
            raise ValueError(f"wrap_up_seconds is {self.wrap_up_seconds}: use 0 for no wrap-up")
        if self.missed_offers_limit < 1:
            raise ValueError(f"missed_offers_limit is {self.missed_offers_limit}: it must be at least 1")
        if self.order_step_seconds < 0:
            raise ValueError(f"order_step_seconds is {self.order_step_seconds}: use 0 for no order")
        for helpline, rules in self.helplines.items():
            if any(outlet.helpline == helpline for outlet in rules.limits.outlets()):
                raise ValueError(f"{helpline}: its callers cannot overflow to itself")

    def of(self, helpline: HelplineId) -> HelplineRules:
        """The rules of a helpline; plain ones when it has none of its own."""
        return self.helplines.get(helpline, PLAIN)

    @property
    def offer_limit(self) -> Seconds:
        """How long an offer may stand without a word from the switch before it is asked."""
        return Seconds(self.ring_seconds + OFFER_GRACE)

    @property
    def overtaking_bound(self) -> Seconds:
        """No caller is overtaken, at an agent who may serve both, by one who came more than so much later."""
        greatest = max((rules.greatest_head_start for rules in self.helplines.values()), default=0.0)
        return Seconds(greatest + RANKS * self.order_step_seconds)

    def turn(self, helpline: HelplineId, category: CategoryId, queued_at: Instant) -> Instant:
        """The moment that decides a call's turn: when it came, less its head start."""
        return later(queued_at, Seconds(-self.of(helpline).head_start_of(category)))
