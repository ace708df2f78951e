"""Carries each fact to everyone who follows the floor, in one order.

One of the three boundaries that catch every exception: a follower that fails is logged and counted, and
neither the floor nor the other followers notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from twisted.logger import Logger

from routing.facts import Fact

log = Logger()

Follower: TypeAlias = Callable[[Fact], None]


class Bus:
    """Followers are called in the order in which they joined: the journal joins first."""

    def __init__(self, *, on_fault: Callable[[str], None]) -> None:
        self._followers: list[Follower] = []
        self._on_fault = on_fault

    def follow(self, follower: Follower) -> None:
        """Have *follower* called with each fact from now on."""
        self._followers.append(follower)

    def publish(self, fact: Fact) -> None:
        """Tell every follower."""
        for follower in self._followers:
            try:
                follower(fact)
            except Exception:
                self._on_fault("follower")
                log.failure(
                    "{follower} could not take {fact}", follower=repr(follower), fact=type(fact).__name__
                )
