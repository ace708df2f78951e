"""A house with every kind of rule at once, and the agents who come to work there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.facts import AgentLoggedIn
from routing.ids import (
    AgentId,
    CategoryId,
    HelplineId,
    Instant,
    LanguageCode,
    NodeId,
    Phone,
    Pool,
    Seconds,
    Skill,
)
from routing.needs import language_skill
from routing.rules import CallbackRules, FloorRules, HelplineRules, Limits, Outlet, Step, Strategy

AMBULANCE, FOOD, KWA = HelplineId("ambulance"), HelplineId("food"), HelplineId("kwa")
RATION, CITIZEN = HelplineId("ration"), HelplineId("citizen")
HELPLINES = [AMBULANCE, FOOD, KWA, RATION, CITIZEN]
POISONING, NO_WATER = CategoryId("poisoning"), CategoryId("no-water")
DISTRICT = Pool("district")
PATIENCE = Skill("patience")
MALAYALAM, HINDI = LanguageCode("ml"), LanguageCode("hi")
NODES = [NodeId("node1"), NodeId("node2")]

RULES = FloorRules(
    ring_seconds=Seconds(20),
    wrap_up_seconds=Seconds(15),
    missed_offers_limit=2,
    order_step_seconds=Seconds(30),
    helplines={
        AMBULANCE: HelplineRules(head_start=Seconds(60), reserve=1),
        FOOD: HelplineRules(
            strategy=Strategy.MOST_SKILLED,
            category_head_starts={POISONING: Seconds(120)},
            steps=(
                Step(language=7),
                Step(after=Seconds(20), language=4),
                Step(after=Seconds(40), pools=frozenset({DISTRICT})),
            ),
            callback=CallbackRules(attempts=2, retry_seconds=Seconds(60)),
        ),
        KWA: HelplineRules(
            strategy=Strategy.ROUND_ROBIN,
            liked=frozenset({PATIENCE}),
            preferred_agent_seconds=Seconds(30),
            reserve=1,
            limits=Limits(
                max_waiting=3,
                when_full=Outlet(RATION),
                max_wait=Seconds(100),
                when_late=Outlet(FOOD),
                stay_closed=False,
                when_closed=Outlet(CITIZEN),
            ),
        ),
        RATION: HelplineRules(
            strategy=Strategy.FEWEST_CALLS,
            callback=CallbackRules(attempts=1, retry_seconds=Seconds(0)),
            limits=Limits(
                max_waiting=2, join_unstaffed=False, stay_unstaffed=False, when_unstaffed=Outlet(KWA)
            ),
        ),
    },
)


@dataclass(frozen=True)
class Seat:
    """What an agent brings when she logs in; her level in a language is 0 when she does not speak it."""

    helplines: Sequence[HelplineId]
    ml: int = 0
    hi: int = 0
    patient: bool = False
    of_district: bool = False
    order: tuple[HelplineId, ...] = ()

    def taken_by(self, agent: AgentId, at: Instant) -> AgentLoggedIn:
        """The agent logs in with all this."""
        levels = {language_skill(MALAYALAM): self.ml, language_skill(HINDI): self.hi, PATIENCE: self.patient}
        return AgentLoggedIn(
            at=at,
            agent=agent,
            phone=Phone("1001"),
            helplines=frozenset(self.helplines),
            pools=frozenset({DISTRICT} if self.of_district else ()),
            skills=frozenset((skill, int(level)) for skill, level in levels.items() if level),
            order=self.order,
        )


SEATS = [
    Seat(HELPLINES, ml=8, hi=5),
    Seat([FOOD, KWA], ml=5, patient=True),
    Seat([KWA, CITIZEN], ml=9, order=(CITIZEN, KWA)),
    Seat([AMBULANCE, KWA, RATION], hi=7, order=(KWA,)),
    Seat([RATION], of_district=True, patient=True),
    Seat([AMBULANCE, FOOD, RATION], ml=4, hi=9, order=(RATION, AMBULANCE, FOOD)),
]
AGENTS = [AgentId(name) for name in ("ali", "bea", "chitra", "dev", "esha")]
