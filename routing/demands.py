"""Makes the demands of calls from the rules of their helplines, each once."""

from __future__ import annotations

from routing.ids import AgentId, HelplineId, LanguageCode
from routing.needs import Demand, Need, language_skill
from routing.rules import FloorRules, Step


class Demands:
    """The demands that calls can have under a set of rules."""

    def __init__(self, rules: FloorRules) -> None:
        self._rules = rules
        self._made: dict[tuple[HelplineId, LanguageCode | None, int], Demand] = {}

    def at_step(self, helpline: HelplineId, language: LanguageCode | None, step: int) -> Demand:
        """What calls in *language* ask after *step* of the helpline, counted from 0."""
        if not any(asked.language for asked in self._rules.of(helpline).steps):
            # Whatever they speak, they ask the same.
            language = None
        key = helpline, language, step
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(helpline, language, step)
        return made

    def for_one(self, helpline: HelplineId, agent: AgentId) -> Demand:
        """What a call asks that waits for one agent alone: a demand of its own."""
        return Demand(helpline, (Need(frozenset({helpline})),), only=agent)

    def _make(self, helpline: HelplineId, language: LanguageCode | None, last: int) -> Demand:
        rules = self._rules.of(helpline)
        needs = tuple(_need(step, helpline, language) for step in rules.steps[: last + 1])
        return Demand(helpline, needs, rules.liked)


def _need(step: Step, helpline: HelplineId, language: LanguageCode | None) -> Need:
    skills = step.skills
    if step.language and language is not None:
        skills = skills | {(language_skill(language), step.language)}
    return Need(step.groups(helpline), skills)
