"""Erlang's formulas against published figures, and against the sums they are the closed forms of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.ids import Seconds
from routing.simulation.erlang import ErlangA, ErlangC

# Each integrates a dozen times.
few = settings(max_examples=40, deadline=None)


def erlang_c(an_hour: float, handling: float, agents: int) -> ErlangC:
    return ErlangC(an_hour / 3600, Seconds(handling), agents)


def erlang_a(an_hour: float, handling: float, agents: int, patience: float) -> ErlangA:
    return ErlangA(an_hour / 3600, Seconds(handling), agents, Seconds(patience))


class TestErlangC:
    def test_the_vector_of_the_definitions(self) -> None:
        floor = erlang_c(720, 240, 55)
        assert floor.load == pytest.approx(48)
        assert floor.waits == pytest.approx(0.2387, abs=5e-5)
        assert floor.service_level(Seconds(15)) == pytest.approx(0.8459, abs=5e-5)
        assert floor.mean_wait == pytest.approx(8.18, abs=5e-3)
        assert floor.occupancy == pytest.approx(0.8727, abs=5e-5)

    def test_one_agent_is_the_queue_of_the_text_books(self) -> None:
        """M/M/1: a caller waits with the probability that she is busy."""
        floor = erlang_c(30, 60, 1)
        assert floor.waits == pytest.approx(0.5)
        assert floor.mean_wait == pytest.approx(60)

    def test_a_thousand_agents_do_not_overflow(self) -> None:
        assert 0 < erlang_c(14_000, 240, 1000).waits < 1

    def test_too_few_agents_have_no_steady_state(self) -> None:
        with pytest.raises(ValueError, match="never catch up"):
            erlang_c(720, 240, 48)


class TestErlangA:
    def test_fifty_agents_and_two_minutes_of_patience(self) -> None:
        """O. Garnett, A. Mandelbaum, M. Reiman, M&SOM 4 (2002): 48 calls a minute of a minute each.

        Erlang A: 3.1 % abandon, 3.7 s to answer, occupancy 93 %; Erlang C of the same: 20.8 s, 96 %.
        """
        floor = erlang_a(48 * 60, 60, 50, 120)
        assert floor.abandonment == pytest.approx(0.031, abs=5e-4)
        assert floor.mean_wait == pytest.approx(3.7, abs=0.05)
        assert floor.occupancy == pytest.approx(0.93, abs=5e-3)
        assert erlang_c(48 * 60, 60, 50).mean_wait == pytest.approx(20.8, abs=0.05)

    @few
    @given(st.floats(10, 500), st.integers(1, 60), st.floats(20, 2000))
    def test_the_chain_of_births_and_deaths_says_the_same(
        self, an_hour: float, agents: int, patience: float
    ) -> None:
        floor = erlang_a(an_hour, 240, agents, patience)
        waits, abandonment = births_and_deaths(an_hour / 3600, 1 / 240, agents, 1 / patience)
        assert floor.waits == pytest.approx(waits, rel=1e-5)
        assert floor.abandonment == pytest.approx(abandonment, rel=1e-5, abs=1e-9)

    @few
    @given(st.floats(10, 500), st.integers(1, 60), st.floats(20, 2000), st.floats(0, 300))
    def test_everybody_is_answered_in_time_or_late_or_gives_up(
        self, an_hour: float, agents: int, patience: float, limit: float
    ) -> None:
        floor = erlang_a(an_hour, 240, agents, patience)
        assert floor.answered_within(Seconds(0)) == pytest.approx(1 - floor.waits, abs=1e-7)
        assert floor.answered_within(Seconds(1e5)) == pytest.approx(1 - floor.abandonment, abs=1e-7)
        assert floor.abandoned_after(Seconds(0)) == pytest.approx(floor.abandonment, abs=1e-7)
        assert -1e-9 <= floor.abandoned_after(Seconds(limit)) <= floor.abandonment + 1e-9

    @few
    @given(st.floats(10, 500), st.integers(1, 60), st.floats(20, 2000))
    def test_all_wait_as_long_as_the_answered_and_the_others_together(
        self, an_hour: float, agents: int, patience: float
    ) -> None:
        """Those who hang up have waited at least nothing and at most what all have."""
        floor = erlang_a(an_hour, 240, agents, patience)
        answered = floor.mean_wait_of_answered * (1 - floor.abandonment)
        assert -1e-9 <= answered <= floor.mean_wait + 1e-9

    def test_endless_patience_is_erlang_c(self) -> None:
        patient, endless = erlang_a(720, 240, 55, 1e7), erlang_c(720, 240, 55)
        assert patient.waits == pytest.approx(endless.waits, rel=1e-3)
        assert patient.mean_wait_of_answered == pytest.approx(endless.mean_wait, rel=1e-3)
        assert patient.answered_within(Seconds(15)) == pytest.approx(
            endless.service_level(Seconds(15)), rel=1e-3
        )


def births_and_deaths(arriving: float, serving: float, agents: int, leaving: float) -> tuple[float, float]:
    """The probability of waiting and the share who abandon, from the states of the Markov chain."""
    states = [1.0]
    while states[-1] > 1e-15 * max(states) or len(states) <= agents:
        callers = len(states)
        rate = min(callers, agents) * serving + max(0, callers - agents) * leaving
        states.append(states[-1] * arriving / rate)
    whole = sum(states)
    queue = sum((callers - agents) * weight for callers, weight in enumerate(states) if callers > agents)
    return sum(states[agents:]) / whole, queue / whole * leaving / arriving
