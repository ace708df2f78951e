"""What a call asks of an agent, and what an agent brings.

A helpline's needs relax in steps while a caller waits.  A step only ever adds agents: whoever could serve the
call before still can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from routing.ids import AgentId, HelplineId, LanguageCode, Skill

LOWEST, HIGHEST = 1, 9
"""The levels of a skill."""

Levels: TypeAlias = frozenset[tuple[Skill, int]]
"""Skills, each with its level."""


def language_skill(language: LanguageCode) -> Skill:
    """The skill of speaking *language*."""
    return Skill(f"language:{language}")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one agent brings."""

    groups: frozenset[str]
    """The helplines she serves and the pools she belongs to."""
    levels: Mapping[Skill, int] = field(default_factory=dict)
    order: tuple[HelplineId, ...] = ()
    """The helplines she should serve before the others."""

    def rank(self, helpline: HelplineId) -> int:
        """How far down a helpline is in her order: 0 for the first, or when she has none."""
        return self.order.index(helpline) if helpline in self.order else len(self.order)


NO_ABILITIES: Final = Abilities(frozenset())


@dataclass(frozen=True, slots=True)
class Need:
    """One way to serve a call: an agent of any of these groups, with every one of these skills."""

    groups: frozenset[str]
    skills: Levels = frozenset()

    def met_by(self, abilities: Abilities) -> bool:
        """Whether the agent will do."""
        return not self.groups.isdisjoint(abilities.groups) and all(
            abilities.levels.get(skill, 0) >= level for skill, level in self.skills
        )


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What waiting calls ask; those of one demand differ only in their turn.

    Compared by identity: ``rules.Demands`` makes each demand once.
    """

    helpline: HelplineId
    needs: tuple[Need, ...]
    """Any one of them will do."""
    liked: frozenset[Skill] = frozenset()
    """Agents with more of these come first."""
    only: AgentId | None = None
    """The one agent these calls wait for, for a limited time."""

    def met_by(self, agent: AgentId, abilities: Abilities) -> bool:
        """Whether the agent may be given these calls."""
        if self.only is not None and agent != self.only:
            return False
        return any(need.met_by(abilities) for need in self.needs)

    def liking(self, abilities: Abilities) -> int:
        """How many of the liked skills the agent has."""
        return sum(skill in abilities.levels for skill in self.liked)

    def mastery(self, abilities: Abilities) -> int:
        """The sum of the agent's levels in the skills first asked for."""
        return sum(abilities.levels.get(skill, 0) for skill, _ in self.needs[0].skills)
