"""A floor on which everybody is busy: as many callers wait as agents talk, and each fact is timed.

20 skills, of which four are languages; ten helplines, each asking for one skill of its subject and for the
caller's language, less of it the longer he waits; every strategy; head starts by helpline and by category;
one helpline that keeps agents for itself.
"""

from __future__ import annotations

import random
from time import perf_counter
from typing import Any

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import Offer
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import (
    AgentId,
    CallId,
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
from routing.rules import HelplineRules, Step, Strategy

NODES = [NodeId(f"node{number}") for number in range(1, 5)]
LANGUAGES = [LanguageCode(code) for code in ("ml", "ta", "hi", "en")]
HELPLINES = [HelplineId(f"helpline{number}") for number in range(10)]
SUBJECTS = [Skill(f"subject{number}") for number in range(16)]
DISTRICT, URGENT = Pool("district"), CategoryId("urgent")
# Of a state's centre: talks of three minutes, one caller in ten gives up, one offer in thirty is missed.
TALK_SECONDS, WRAP_UP_SECONDS = 180.0, 15.0
GIVES_UP, MISSED, CAME_BEFORE = 0.1, 1 / 30, 0.05
MISSED_LIMIT = 2


def rules(agents: int) -> FloorRules:
    """The rules of the house for so many agents."""
    helplines = {helpline: _helpline_rules(number) for number, helpline in enumerate(HELPLINES)}
    helplines[HELPLINES[0]] = HelplineRules(head_start=Seconds(120.0), reserve=max(agents // 100, 1))
    return FloorRules(
        ring_seconds=Seconds(20.0),
        wrap_up_seconds=Seconds(WRAP_UP_SECONDS),
        missed_offers_limit=MISSED_LIMIT,
        helplines=helplines,
    )


def _helpline_rules(number: int) -> HelplineRules:
    subject = frozenset({(SUBJECTS[number], 4)})
    return HelplineRules(
        strategy=list(Strategy)[number % len(Strategy)],
        head_start=Seconds(30.0 * (number % 3)),
        category_head_starts={URGENT: Seconds(120.0)},
        steps=(
            Step(skills=subject, language=6),
            Step(after=Seconds(60.0), skills=subject, language=3),
            Step(after=Seconds(150.0), language=3, pools=frozenset({DISTRICT})),
        ),
        liked=frozenset({SUBJECTS[number + len(SUBJECTS) - len(HELPLINES)]}),
        preferred_agent_seconds=Seconds(20.0 if number % 2 else 0.0),
    )


class BusyFloor:
    """*size* agents and as many callers who wait."""

    def __init__(self, size: int) -> None:
        self.chance = random.Random(size)
        self.floor = Floor(rules(size))
        self.now = Instant(1_000_000.0)
        self.facts = 0
        self.took: list[float] = []
        """Of each fact told, and of each ring of the alarm: until nothing more was to be decided."""
        self.decided: list[float] = []
        """Those of them after which anything was."""
        self._pace = TALK_SECONDS / size
        self._callers = 0
        self._offers: list[Offer] = []
        self._talking: list[tuple[CallId, AgentId]] = []
        self._waiting: list[CallId] = []
        self._agents = [AgentId(f"agent{number}") for number in range(size)]
        self._open(size)

    def measure(self, facts: int) -> None:
        """Forget what was measured, and let so many facts happen."""
        self.facts = 0
        self.took.clear()
        self.decided.clear()
        while self.facts < facts:
            self._one_more_call()

    def waiting(self) -> int:
        """How many callers wait."""
        return sum(call.state is CallState.WAITING for call in self.floor.calls())

    # --- the shell ----------------------------------------------------------------------------------

    def _tell(self, fact: Fact) -> None:
        began = perf_counter()
        self.floor.apply(fact)
        facts = 1 + self._decide()
        took = perf_counter() - began
        self._note(facts, took, decided=facts > 1)

    def _decide(self) -> int:
        """Take every decision, and look at when to come back; how many there were."""
        floor, now, taken = self.floor, self.now, 0
        while decisions := floor.decide(now):
            for decision in decisions:
                floor.apply(decision.as_fact(now))
                if isinstance(decision, Offer):
                    self._offers.append(decision)
            taken += len(decisions)
        floor.next_deadline()
        return taken

    def _note(self, facts: int, took: float, *, decided: bool) -> None:
        self.facts += facts
        self.took.append(took)
        if decided:
            self.decided.append(took)

    def _time_passes(self, seconds: float) -> None:
        until = Instant(self.now + seconds)
        while (deadline := self.floor.next_deadline()) is not None and deadline <= until:
            self.now = deadline
            began = perf_counter()
            facts = self._decide()
            self._note(facts, perf_counter() - began, decided=True)
            self._follow_offers()
        self.now = until

    # --- people -------------------------------------------------------------------------------------

    def _open(self, size: int) -> None:
        """As if the house had been busy for long: twice as many callers as agents came, one by one."""
        for _ in range(2 * size):
            self._time_passes(self._pace)
            self._arrive()
        for agent in self._agents:
            self._tell(self._shift(agent))
            self._tell(AvailabilityAsked(at=self.now, agent=agent))
        self._follow_offers()
        # Each agent has a call that began now: let those end by and by, and the wrap-ups with them.
        for _ in range(2 * size):
            self._one_more_call()

    def _shift(self, agent: AgentId) -> AgentLoggedIn:
        chance = self.chance
        spoken = [(language_skill(code), chance.randint(3, 9)) for code in chance.sample(LANGUAGES, 2)]
        known = [(subject, chance.randint(1, 9)) for subject in chance.sample(SUBJECTS, 8)]
        served = chance.sample(HELPLINES, 4)
        return AgentLoggedIn(
            at=self.now,
            agent=agent,
            phone=Phone(agent),
            helplines=frozenset(served),
            pools=frozenset({DISTRICT} if chance.random() < 0.5 else ()),
            skills=frozenset(spoken + known),
            order=tuple(served[:2]) if chance.random() < 0.3 else (),
        )

    def _one_more_call(self) -> None:
        self._time_passes(self.chance.expovariate(1 / self._pace))
        self._arrive()
        if self.chance.random() < GIVES_UP:
            self._give_up()
        elif self._talking:
            self._end_talk()
        self._follow_offers()

    def _arrive(self) -> None:
        chance, self._callers = self.chance, self._callers + 1
        call, node = CallId(f"call{self._callers}"), chance.choice(NODES)
        self._tell(CallArrived(at=self.now, call=call, node=node, dialled="1916", caller="", caller_raw=""))
        self._tell(
            CallQueued(
                at=self.now,
                call=call,
                node=node,
                helpline=chance.choice(HELPLINES),
                language=chance.choice(LANGUAGES),
                queued_at=self.now,
                caller="",
                category=URGENT if chance.random() < 0.1 else CategoryId(""),
                preferred=chance.choice(self._agents) if chance.random() < CAME_BEFORE else None,
            )
        )
        self._waiting.append(call)

    def _give_up(self) -> None:
        while self._waiting:
            call = _drawn(self._waiting, self.chance)
            known = self.floor.call(call)
            if known is not None and known.state is CallState.WAITING:
                self._tell(CallEnded(at=self.now, call=call, by=Party.CALLER))
                return

    def _end_talk(self) -> None:
        call, agent = _drawn(self._talking, self.chance)
        self._tell(TalkEnded(at=self.now, call=call, agent=agent, by=Party.AGENT))
        self._tell(CallEnded(at=self.now, call=call, by=Party.SYSTEM))

    def _follow_offers(self) -> None:
        while self._offers:
            offer = self._offers.pop(0)
            self._tell(CallOffered(at=self.now, call=offer.call, agent=offer.agent))
            if self.chance.random() < MISSED:
                self._miss(offer)
            else:
                self._tell(CallAnswered(at=self.now, call=offer.call, agent=offer.agent))
                self._talking.append((offer.call, offer.agent))

    def _miss(self, offer: Offer) -> None:
        self._tell(OfferMissed(at=self.now, call=offer.call, agent=offer.agent, reason="NOANSWER"))
        agent = self.floor.agent(offer.agent)
        if agent is not None and agent.state is AgentState.MISSED:
            self._tell(AvailabilityAsked(at=self.now, agent=offer.agent))


def _drawn(those: list[Any], chance: random.Random) -> Any:
    """One of *those*, taken out; their order is of no account."""
    index = chance.randrange(len(those))
    those[index], those[-1] = those[-1], those[index]
    return those.pop()
