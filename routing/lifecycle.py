"""What the lives of calls and of agents have in common: a table says what may follow what.

A table has a row for each state; a row names, for each fact that can happen in that state, the state after
it.  A fact that is named but leads to the same state is one that can come late or twice and then means
nothing, or only changes a detail.  A fact that is not named cannot happen.

Errors::

    Exception
    └── IllegalTransition    ours: a fact was applied that cannot happen; nothing was changed
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from routing.facts import Fact

State = TypeVar("State", bound=Enum)


class IllegalTransition(Exception):
    """A fact that cannot happen to one in this state.  Carries no caller's number: it may be logged."""

    def __init__(self, who: str, state: Enum, fact: Fact) -> None:
        super().__init__(f"{type(fact).__name__} cannot happen to {who} in state {state.value}")
        self.who = who
        self.state = state
        self.fact = fact


def successor(
    life: Mapping[State, Mapping[type[Fact], State]], state: State, *, fact: Fact, who: str
) -> State:
    """The state that *life* names after *fact*; IllegalTransition when it names none."""
    following = life[state].get(type(fact))
    if following is None:
        raise IllegalTransition(who, state, fact)
    return following


def staying(state: State, *facts: type[Fact]) -> dict[type[Fact], State]:
    """The part of a row in which *facts* do not lead out of *state*."""
    return dict.fromkeys(facts, state)
