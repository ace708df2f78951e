"""Agents whom a helpline keeps for its own calls, such as for emergencies.

A helpline that keeps k of its agents lends the others: of its n agents at work, calls of other helplines hold
at most n - k at a time, from the offer to the end of the wrap-up; but one they always may.

By that a reserve delays, and starves nobody.  Whoever may not have a free agent because of it waits while at
least one of her crew is lent.  When that call and its wrap-up are over there is one to be lent again, and
she goes in the order of turns, in which only so many go before him: see ``FloorRules.overtaking_bound``.
Were free agents counted instead, a few steady callers of the helpline itself would keep everybody else
waiting for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.agent import AT_WORK, Agent, AgentState
from routing.ids import AgentId, HelplineId
from routing.rules import FloorRules


@dataclass(slots=True)
class Crew:
    """The agents at work of a helpline that keeps some of them."""

    helpline: HelplineId
    kept: int
    at_work: set[AgentId] = field(default_factory=set)
    lent: set[AgentId] = field(default_factory=set)
    """Those of them who hold, or write about, calls of other helplines."""

    def note(self, agent: Agent, helpline: HelplineId | None, *, in_reach: bool) -> None:
        """The agent does something else, or has other helplines; now she works for *helpline*, or nobody.

        One out of reach is not at work, but is lent until what she holds is over.
        """
        belongs = agent.state in AT_WORK and self.helpline in agent.abilities.groups
        lent = belongs and helpline not in (None, self.helpline)
        (self.at_work.add if belongs and in_reach else self.at_work.discard)(agent.id)
        (self.lent.add if lent else self.lent.discard)(agent.id)

    def spare(self) -> int:
        """How many more may be lent."""
        return max(len(self.at_work) - self.kept, 1) - len(self.lent)

    def keeps(self, agent: AgentId, helpline: HelplineId) -> bool:
        """Whether the agent would be lent by a call of *helpline*."""
        return helpline != self.helpline and agent in self.at_work


class Reserves:
    """Every crew of a floor."""

    def __init__(self, rules: FloorRules) -> None:
        self._crews = [Crew(helpline, of.reserve) for helpline, of in rules.helplines.items() if of.reserve]
        self._works_for: dict[AgentId, HelplineId] = {}
        self.changes = 0
        """How often there was somebody to be lent again after there was nobody."""

    @property
    def none(self) -> bool:
        """Whether no helpline keeps anybody."""
        return not self._crews

    def note(self, agent: Agent, helpline: HelplineId | None, *, in_reach: bool = True) -> None:
        """The agent does something else; *helpline* is that of the call in her hands, if there is one.

        She is not *in_reach* while her phone's node is down.
        """
        if not self._crews:
            return
        if agent.state is AgentState.AVAILABLE or agent.state not in AT_WORK:
            self._works_for.pop(agent.id, None)
        elif helpline is not None:
            # In her wrap-up she has no call, and still works for the helpline of the last.
            self._works_for[agent.id] = helpline
        for crew in self._crews:
            had_none = crew.spare() <= 0
            crew.note(agent, self._works_for.get(agent.id), in_reach=in_reach)
            self.changes += had_none and crew.spare() > 0

    def allow(self, agent: AgentId, helpline: HelplineId, promised: Mapping[HelplineId, int]) -> bool:
        """Whether a call of *helpline* may have the agent when so many of each crew are *promised*."""
        return all(
            crew.spare() > promised[crew.helpline] for crew in self._crews if crew.keeps(agent, helpline)
        )

    def promise(self, agent: AgentId, helpline: HelplineId, promised: Counter[HelplineId]) -> None:
        """Count the agent, who is to be offered a call of *helpline*."""
        for crew in self._crews:
            if crew.keeps(agent, helpline):
                promised[crew.helpline] += 1
