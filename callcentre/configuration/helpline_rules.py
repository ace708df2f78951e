"""How a helpline's calls are routed: the tables [routing], [limits] and [callback] of its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

from callcentre.configuration.sections import A_WORD, WORD
from callcentre.configuration.table import Table
from routing.ids import CategoryId, HelplineId, Pool, Seconds, Skill
from routing.needs import HIGHEST, LOWEST, Levels
from routing.rules import OUT, PLAIN, CallbackRules, HelplineRules, Limits, Outlet, Step, Strategy

WAY_OUT = "out"
"""Stands for no helpline in ``when_full`` and the like."""
ANOTHER_OUTLET = f'Name another helpline, or "{WAY_OUT}".'
A_SKILL = "the name of a skill: small letters, digits, - and _"
HOUR, DAY = 3600, 86_400
MOST_AGENTS, MOST_CALLERS = 1000, 100_000
# Whoever has just not answered is not at the phone sooner than this.
SHORTEST_RETRY = 30
MOST_ATTEMPTS = 10

Other = TypeVar("Other")


def rules(
    routing: Table, limits: Table, callback: Table, head_starts: Mapping[CategoryId, Seconds]
) -> HelplineRules:
    """The rules that the three tables and the *head_starts* of categories of a helpline's file make."""
    return HelplineRules(
        strategy=_strategy(routing),
        head_start=head_start(routing, PLAIN.head_start),
        category_head_starts=head_starts,
        steps=_steps(routing),
        liked=frozenset(map(Skill, routing.texts("liked", pattern=WORD, means=A_SKILL, optional=True))),
        preferred_agent_seconds=Seconds(routing.whole_or("preferred_agent_seconds", 0, low=0, high=HOUR)),
        reserve=routing.whole_or("reserve", PLAIN.reserve, low=0, high=MOST_AGENTS),
        limits=_limits(limits),
        callback=CallbackRules(
            attempts=callback.whole_or("attempts", PLAIN.callback.attempts, low=1, high=MOST_ATTEMPTS),
            retry_seconds=_seconds(
                callback, "retry_seconds", PLAIN.callback.retry_seconds, low=SHORTEST_RETRY, high=DAY
            ),
        ),
    )


def head_start(table: Table, other: Other) -> Seconds | Other:
    """The head start that a helpline or a category gives, or *other* when it gives none."""
    return _seconds(table, "head_start_seconds", other, low=0, high=HOUR)


def _seconds(table: Table, key: str, other: Other, *, low: int, high: int) -> Seconds | Other:
    return Seconds(table.whole(key, low=low, high=high)) if table.given(key) else other


def outlets(limits: Limits) -> Iterable[tuple[str, HelplineId]]:
    """Every helpline to which callers overflow, with the key that names it."""
    named = {
        "when_full": limits.when_full,
        "when_late": limits.when_late,
        "when_unstaffed": limits.when_unstaffed,
        "when_closed": limits.when_closed,
    }
    for key, outlet in named.items():
        if outlet.helpline is not None:
            yield f"limits.{key}", outlet.helpline


def levels(table: Table) -> Levels:
    """The skills that a table names, each with its level."""
    for name in table.names():
        if not re.fullmatch(WORD, name):
            table.fault(name, f"{name!r} is not {A_SKILL}", f"Write {A_SKILL}.")
    return frozenset((Skill(name), table.whole(name, low=LOWEST, high=HIGHEST)) for name in table.names())


def _strategy(routing: Table) -> Strategy:
    words = [strategy.value for strategy in Strategy]
    if not routing.given("strategy"):
        return PLAIN.strategy
    word = routing.text("strategy", pattern="|".join(words), means=f"one of {', '.join(words)}")
    return Strategy(word) if word in words else PLAIN.strategy


def _steps(routing: Table) -> tuple[Step, ...]:
    steps = [_step(entry) for entry in routing.tables("steps", optional=True)]
    if not steps or steps[0].after > 0:
        steps = [*PLAIN.steps, *steps]
    if all(earlier.after < later.after for earlier, later in pairwise(steps)):
        return tuple(steps)
    routing.fault(
        "steps", "they are not in the order of their after_seconds", "Have each come after the one before."
    )
    return PLAIN.steps


def _step(table: Table) -> Step:
    pools = table.texts("pools", pattern=WORD, means=f"a pool or helpline: {A_WORD}", optional=True)
    step = Step(
        after=Seconds(table.whole_or("after_seconds", 0, low=0, high=HOUR)),
        skills=levels(table.table("skills", optional=True)),
        language=table.whole_or("language", 0, low=LOWEST, high=HIGHEST),
        pools=frozenset(map(Pool, pools)),
    )
    table.finish()
    return step


def _limits(table: Table) -> Limits:
    return Limits(
        max_waiting=table.whole_or("max_waiting", None, low=1, high=MOST_CALLERS),
        when_full=_outlet(table, "when_full"),
        max_wait=_seconds(table, "max_wait_seconds", None, low=10, high=DAY),
        when_late=_outlet(table, "when_late"),
        join_unstaffed=_unless_denied(table, "join_unstaffed"),
        stay_unstaffed=_unless_denied(table, "stay_unstaffed"),
        when_unstaffed=_outlet(table, "when_unstaffed"),
        stay_closed=_unless_denied(table, "stay_closed"),
        when_closed=_outlet(table, "when_closed"),
    )


def _unless_denied(table: Table, key: str) -> bool:
    return table.flag(key) if table.given(key) else True


def _outlet(table: Table, key: str) -> Outlet:
    if not table.given(key):
        return OUT
    word = table.text(key, pattern=WORD, means=f'"{WAY_OUT}" or a helpline\'s id')
    return OUT if word == WAY_OUT or table.faulty(key) else Outlet(HelplineId(word))
