"""The plainest router there is: every caller is compared with every agent, by the rules as they are written.

Slow, and short enough to be seen to be right: what the router decides is checked against it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from routing.agent import Agent
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode
from routing.needs import language_skill
from routing.rules import RANKS, FloorRules, Step, Strategy


@dataclass(frozen=True)
class Waiting:
    """A caller who waits, and can be asked of his switch."""

    helpline: HelplineId
    language: LanguageCode
    queued_at: Instant
    step: int
    category: CategoryId = CategoryId("")
    only: AgentId | None = None


@dataclass(frozen=True)
class Scene:
    """Who waits, who is idle, who is at work with a call of which helpline, and each agent's last offers.

    Whoever is *out_of_reach* can be given no call, and counts as nobody's crew.
    """

    rules: FloorRules
    waiting: dict[CallId, Waiting]
    idle: dict[AgentId, Agent]
    busy: dict[AgentId, tuple[Agent, HelplineId | None]]
    offered_at: Mapping[tuple[HelplineId, AgentId], Instant] = field(default_factory=dict)
    out_of_reach: Collection[AgentId] = ()


Pair = tuple[CallId, AgentId]


def plain_pairs(scene: Scene) -> list[Pair]:
    """Again and again the caller whose turn is earliest, with the first agent for him."""
    pairs: list[Pair] = []
    while candidates := list(filter(None, (_candidate(scene, call, pairs) for call in scene.waiting))):
        _, call, agent = min(candidates)
        pairs.append((call, agent))
    return pairs


def _candidate(scene: Scene, call: CallId, pairs: list[Pair]) -> tuple[float, CallId, AgentId] | None:
    caller = scene.waiting[call]
    able = able_agents(scene, caller, pairs)
    if not able or call in {served for served, _ in pairs}:
        return None
    agent = able[0]
    later = min(place_down(agent, caller.helpline), RANKS) * scene.rules.order_step_seconds
    return (turn(scene.rules, caller) + later, call, agent.id)


def turn(rules: FloorRules, caller: Waiting) -> float:
    """When the caller came, less his head start."""
    of = rules.of(caller.helpline)
    return caller.queued_at - of.category_head_starts.get(caller.category, of.head_start)


def able_agents(scene: Scene, caller: Waiting, pairs: list[Pair]) -> list[Agent]:
    """The idle agents who may be given the caller after these *pairs*, the first to be called first."""
    taken = {agent for _, agent in pairs}
    return [
        agent
        for agent in suited(scene, caller)
        if agent.id not in taken and not is_kept(scene, caller, agent, pairs)
    ]


def suited(scene: Scene, caller: Waiting) -> list[Agent]:
    """The idle agents whom the rules let serve the caller, were nobody kept for others."""
    willing = [agent for agent in scene.idle.values() if may_serve(scene.rules, caller, agent)]
    return sorted(willing, key=lambda agent: readiness(scene, caller, agent))


def may_serve(rules: FloorRules, caller: Waiting, agent: Agent) -> bool:
    """Whether any step so far lets the agent serve the caller."""
    if caller.only is not None:
        return caller.only == agent.id and caller.helpline in agent.abilities.groups
    return any(_suits(step, caller, agent) for step in rules.of(caller.helpline).steps[: caller.step + 1])


def _suits(step: Step, caller: Waiting, agent: Agent) -> bool:
    groups, levels = agent.abilities.groups, agent.abilities.levels
    member = any(pool in groups for pool in step.pools) if step.pools else caller.helpline in groups
    skilled = all(levels.get(skill, 0) >= level for skill, level in step.skills)
    return member and skilled and levels.get(language_skill(caller.language), 0) >= step.language


def place_down(agent: Agent, helpline: HelplineId) -> int:
    """How far down the helpline is in the agent's order."""
    order = agent.abilities.order
    return order.index(helpline) if helpline in order else len(order)


def readiness(scene: Scene, caller: Waiting, agent: Agent) -> tuple[object, ...]:
    """Less for whoever should be called first."""
    rules, levels = scene.rules.of(caller.helpline), agent.abilities.levels
    asked, liked = [skill for skill, _ in rules.steps[0].skills], rules.liked
    if rules.steps[0].language:
        asked.append(language_skill(caller.language))
    if caller.only is not None:
        asked, liked = [], frozenset()
    by_strategy = {
        Strategy.LONGEST_IDLE: 0.0,
        Strategy.FEWEST_CALLS: agent.answered,
        Strategy.MOST_SKILLED: -sum(levels.get(skill, 0) for skill in asked),
        Strategy.ROUND_ROBIN: scene.offered_at.get((caller.helpline, agent.id), 0.0),
    }
    disliked = -sum(skill in levels for skill in liked)
    return (
        place_down(agent, caller.helpline),
        disliked,
        by_strategy[rules.strategy],
        agent.since,
        agent.id,
    )


def is_kept(scene: Scene, caller: Waiting, agent: Agent, pairs: list[Pair]) -> bool:
    """Whether a helpline that keeps some of its agents would lend too many with this one."""
    return any(
        rules.reserve > 0
        and helpline != caller.helpline
        and helpline in agent.abilities.groups
        and _lent(scene, helpline, pairs) >= max(_crew(scene, helpline) - rules.reserve, 1)
        for helpline, rules in scene.rules.helplines.items()
    )


def _crew(scene: Scene, helpline: HelplineId) -> int:
    at_work = [*scene.idle.values(), *(agent for agent, _ in scene.busy.values())]
    reached = [agent for agent in at_work if agent.id not in scene.out_of_reach]
    return sum(helpline in agent.abilities.groups for agent in reached)


def _lent(scene: Scene, helpline: HelplineId, pairs: list[Pair]) -> int:
    lent = [agent for agent, of in scene.busy.values() if of not in (helpline, None)]
    lent += [scene.idle[agent] for call, agent in pairs if scene.waiting[call].helpline != helpline]
    return sum(helpline in agent.abilities.groups for agent in lent)
