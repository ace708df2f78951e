"""One run: the floor of production on a virtual clock, among callers and agents who follow a scenario.

What will happen stands on a heap.  The next of it happens, the floor is told, and what the floor decides is
carried out, which puts further things on the heap.  Nothing is kept of a call once it has ended but its
place in a tally.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final, TypeAlias

from routing.agent import AgentState
from routing.decisions import Decision, EndWrapUp, GiveUpCallback, Offer, Overflow, TurnAway
from routing.facts import Fact
from routing.floor import Floor
from routing.ids import CallId, Instant, Seconds, later
from routing.simulation import wiring
from routing.simulation.agenda import Appointment, Comes, Leaves, TakesBreak
from routing.simulation.people import Caller, CallerLine, SimulatedAgent, Team
from routing.simulation.scenario import Scenario
from routing.simulation.tally import AgentTime, Book, Level, seconds_of

# After closing, those in line are served for so long.  Whoever then still waits is one whom nobody serves.
CLOSING_QUARTERS: Final = 16
# As long as callcentre.toml's [callback] lets a citizen's phone ring who does not answer.
CITIZEN_RINGS: Final = Seconds(30.0)

Happening: TypeAlias = Callable[[Instant, Any], None]
Listener: TypeAlias = Callable[[Fact], None]
"""Hears a fact once the floor has applied it."""


class Run:
    """One run of a scenario.  ``play`` it once and read the book it returns.

    *batches* is into how many equal parts the counted time is divided; *replication* chooses the chance.
    """

    def __init__(self, scenario: Scenario, *, replication: int = 0, batches: int = 1) -> None:
        self._scenario = scenario
        self.floor: Final = Floor(wiring.rules(scenario))
        self._listeners: list[Listener] = []
        self._book = Book(scenario, batches)
        self._heap: list[tuple[Instant, int, Happening, Any]] = []
        self._order = count()
        self._callers: dict[CallId, Caller] = {}
        self._waiting = Level()
        self._goes_on = True

        def chance(purpose: str) -> Random:
            # Of a text: the same in every process, unlike hash().
            return Random(f"{scenario.seed} {replication} {purpose}")  # noqa: S311

        self._lines = [CallerLine(demand, scenario.quarters, chance) for demand in scenario.demands]
        self._teams = [Team(group, chance) for group in scenario.groups]
        agents = [SimulatedAgent(team, place) for team in self._teams for place in range(team.group.count)]
        self._agents = {agent.id: agent for agent in agents}

    def listen(self, listener: Listener) -> None:
        """Have *listener* hear every fact of the run."""
        self._listeners.append(listener)

    def play(self) -> Book:
        """Let everything happen; what was counted."""
        self._begin()
        heap, floor = self._heap, self.floor
        while self._goes_on:
            deadline = floor.next_deadline()
            if deadline is not None and deadline < heap[0][0]:
                self._settle(deadline)
                continue
            now, _, happens, to = heappop(heap)
            happens(now, to)
        return self._book

    def _begin(self) -> None:
        self._quarter_begins(Instant(0.0), 0)
        for line in self._lines:
            self._expect_next(line)
        for agent in self._agents.values():
            self._expect_appointment(agent)

    def _expect(self, at: Instant, happens: Happening, to: object) -> None:
        # The running number keeps things of one moment in order, and the heap from comparing them.
        heappush(self._heap, (at, next(self._order), happens, to))

    def _tell(self, fact: Fact) -> None:
        self.floor.apply(fact)
        for listener in self._listeners:
            listener(fact)

    # --- what the floor decides ---------------------------------------------------------------------

    def _settle(self, now: Instant) -> None:
        """Do what the floor wants; to be called after every fact that can make it want something."""
        while decisions := self.floor.decide(now):
            for decision in decisions:
                self._tell(decision.as_fact(now))
                self._carry_out(now, decision)
            # Offers come last, and all at once: there is nothing more to ask for.
            if isinstance(decisions[-1], Offer):
                break

    def _carry_out(self, now: Instant, decision: Decision) -> None:
        """Of the others the fact is all there is; a Reconcile is idle where no end of an offer gets lost."""
        match decision:
            case Offer():
                self._is_offered(now, self._callers[decision.call], self._agents[decision.agent])
            case EndWrapUp():
                self._look_at(now, self._agents[decision.agent])
            case Overflow():
                self._callers[decision.call].tally.overflowed += 1
            case TurnAway():
                self._is_turned_away(now, self._callers[decision.call])
            case GiveUpCallback():
                self._callers.pop(decision.call).tally.not_reached += 1

    def _is_offered(self, now: Instant, caller: Caller, agent: SimulatedAgent) -> None:
        caller.agent = agent
        self._look_at(now, agent)
        if caller.off_line:
            self._is_called_back(now, caller)
        else:
            self._phone_rings(now, caller)

    def _phone_rings(self, now: Instant, caller: Caller) -> None:
        if caller.agent is None:
            return
        delay = caller.agent.team.answering()
        ring = self._scenario.ring_seconds
        if delay <= ring:
            caller.answered_at = later(now, Seconds(delay))
            self._expect(caller.answered_at, self._is_answered, caller)
        else:
            self._expect(later(now, ring), self._is_missed, caller)

    def _look_at(self, now: Instant, agent: SimulatedAgent) -> None:
        """See what the floor has made of her, and when she is away, when she will be back."""
        known = self.floor.agent(agent.id)
        if known is None or known.state is agent.state:
            return
        agent.turns(known.state, now)
        if known.state is AgentState.ON_BREAK:
            self._expect_back(agent, later(now, agent.break_lasts))
        elif known.state is AgentState.MISSED:
            self._expect_back(agent, later(now, agent.team.group.back_after))

    # --- callers ------------------------------------------------------------------------------------

    def _expect_next(self, line: CallerLine) -> None:
        at = next(line.arrivals, None)
        if at is not None:
            self._expect(at, self._is_queued, line)

    def _is_queued(self, now: Instant, line: CallerLine) -> None:
        call = CallId(f"{next(self._order)}")
        caller = self._callers[call] = Caller(call, line, now)
        caller.tally.queued += 1
        self._waiting.change(1, now)
        self._tell(
            wiring.queued(
                now, call, helpline=line.helpline, language=line.language(), category=line.category()
            )
        )
        if line.callback_after is not None and line.wants_callback():
            self._expect(later(now, line.callback_after), self._asks_for_callback, caller)
        self._expect_next(line)
        self._settle(now)
        self._expect_impatience(now, caller)

    def _expect_impatience(self, now: Instant, caller: Caller) -> None:
        if caller.line.patience is None:
            return
        caller.gives_up_at = later(now, Seconds(caller.line.patience()))
        # Most callers find an agent free, and it is known already that they will be answered before.
        if caller.answered_at is None or caller.gives_up_at < caller.answered_at:
            self._expect(caller.gives_up_at, self._loses_patience, caller)

    def _is_answered(self, now: Instant, caller: Caller) -> None:
        if not caller.waits or caller.agent is None:
            return
        caller.waits = False
        if caller.off_line:
            caller.tally.called_back += 1
        else:
            self._waiting.change(-1, now)
            caller.tally.answer(Seconds(now - caller.queued_at), limit=caller.line.limit)
        self._tell(wiring.answered(now, caller.call, caller.agent.id))
        self._look_at(now, caller.agent)
        self._expect(later(now, Seconds(caller.talks)), self._hangs_up, caller)

    def _is_missed(self, now: Instant, caller: Caller) -> None:
        agent = caller.agent
        if not caller.waits or agent is None:
            return
        caller.agent = None
        if caller.off_line:
            self._is_on_line_again(now, caller)
        self._tell(wiring.missed(now, caller.call, agent.id))
        self._look_at(now, agent)
        self._settle(now)

    def _loses_patience(self, now: Instant, caller: Caller) -> None:
        # Not when he was off the line meanwhile: then he has found new patience.
        if caller.waits and not caller.off_line and caller.gives_up_at == now:
            self._is_counted_as_abandoned(now, caller)
            self._ends(now, caller)
            self._settle(now)

    def _is_counted_as_abandoned(self, now: Instant, caller: Caller) -> None:
        caller.waits = False
        self._waiting.change(-1, now)
        line = caller.line
        caller.tally.abandon(Seconds(now - caller.queued_at), limit=line.limit, short=line.short)

    def _is_turned_away(self, now: Instant, caller: Caller) -> None:
        caller.waits = False
        self._waiting.change(-1, now)
        caller.tally.turn_away(Seconds(now - caller.queued_at))
        # Once he has heard why; all decisions of one answer are taken before anything else happens.
        self._expect(now, self._ends, caller)

    def _hangs_up(self, now: Instant, caller: Caller) -> None:
        self._ends(now, caller)
        caller.tally.handled += caller.talks
        if caller.agent is not None and caller.agent.state is AgentState.WRAP_UP:
            caller.tally.handled += self._writes(now, caller.agent, caller.writes)
        else:
            # Who writes first is no freer than she was.
            self._settle(now)

    def _ends(self, now: Instant, caller: Caller) -> None:
        del self._callers[caller.call]
        self._tell(wiring.hung_up(now, caller.call))
        if caller.agent is not None:
            self._look_at(now, caller.agent)

    # --- callbacks ----------------------------------------------------------------------------------

    def _asks_for_callback(self, now: Instant, caller: Caller) -> None:
        """Not while a phone rings for him, nor a second time."""
        if not caller.waits or caller.off_line or caller.agent is not None:
            return
        caller.off_line = True
        self._waiting.change(-1, now)
        self._tell(wiring.wants_callback(now, caller.call))
        self._tell(wiring.hung_up(now, caller.call))
        self._settle(now)

    def _is_called_back(self, now: Instant, caller: Caller) -> None:
        if caller.line.is_reached():
            self._phone_rings(now, caller)
        else:
            self._expect(later(now, CITIZEN_RINGS), self._does_not_answer, caller)

    def _does_not_answer(self, now: Instant, caller: Caller) -> None:
        agent, caller.agent = caller.agent, None
        self._tell(wiring.hung_up(now, caller.call))
        if agent is not None:
            self._look_at(now, agent)
        self._settle(now)

    def _is_on_line_again(self, now: Instant, caller: Caller) -> None:
        """The agent did not answer; he waits as any caller, from now on, but for his place."""
        caller.off_line, caller.queued_at = False, now
        self._waiting.change(1, now)
        self._expect_impatience(now, caller)

    # --- agents -------------------------------------------------------------------------------------

    def _writes(self, now: Instant, agent: SimulatedAgent, wanted: float | None) -> float:
        """Let her finish before the floor's limit if she needs less; the seconds she will have written."""
        known = self.floor.agent(agent.id)
        limit = known.deadline - now if known is not None and known.deadline is not None else 0.0
        if wanted is None or wanted >= limit:
            return limit
        self._expect(later(now, Seconds(wanted)), self._has_written, agent)
        return wanted

    def _has_written(self, now: Instant, agent: SimulatedAgent) -> None:
        self._tell(wiring.written(now, agent.id))
        self._look_at(now, agent)
        self._settle(now)

    def _expect_back(self, agent: SimulatedAgent, at: Instant) -> None:
        agent.back_at = at
        self._expect(at, self._returns, agent)

    def _returns(self, now: Instant, agent: SimulatedAgent) -> None:
        # Not when her shift has ended meanwhile, or a break has taken the place of an absence.
        if agent.back_at == now and agent.state in (AgentState.ON_BREAK, AgentState.MISSED):
            self._tell(wiring.wants_calls(now, agent.id))
            self._look_at(now, agent)
            self._settle(now)

    def _expect_appointment(self, agent: SimulatedAgent) -> None:
        entry = next(agent.agenda, None)
        if entry is not None:
            at, appointment = entry
            self._expect(at, self._keeps, (agent, appointment))

    def _keeps(self, now: Instant, to: tuple[SimulatedAgent, Appointment]) -> None:
        agent, appointment = to
        match appointment:
            case Comes():
                for fact in wiring.begun(now, agent.id, agent.team.group):
                    self._tell(fact)
            case TakesBreak(reason, lasts):
                agent.break_lasts = lasts
                self._tell(wiring.wants_break(now, agent.id, reason))
            case Leaves():
                self._tell(wiring.wants_home(now, agent.id))
        self._look_at(now, agent)
        self._settle(now)
        self._expect_appointment(agent)

    # --- the clock ----------------------------------------------------------------------------------

    def _quarter_begins(self, now: Instant, quarter: int) -> None:
        for line in self._lines:
            line.tally = self._book.tally(line.helpline, quarter)
        self._expect(seconds_of(quarter + 1), self._quarter_ends, quarter)

    def _quarter_ends(self, now: Instant, quarter: int) -> None:
        for agent in self._agents.values():
            agent.turns(agent.state, now)
        spent = [(team.group.name, team.time) for team in self._teams]
        self._book.close(quarter, waiting=self._waiting.take_area(now), agents=spent)
        for team in self._teams:
            team.time = AgentTime()
        closed_for = quarter + 1 - self._scenario.quarters
        if closed_for >= 0 and (not self._callers or closed_for >= CLOSING_QUARTERS):
            self._close(now)
        else:
            self._quarter_begins(now, quarter + 1)

    def _close(self, now: Instant) -> None:
        """Whoever was not served by now never will be."""
        self._goes_on = False
        for caller in self._callers.values():
            if caller.off_line:
                caller.tally.not_reached += caller.waits
            elif caller.waits:
                self._is_counted_as_abandoned(now, caller)
