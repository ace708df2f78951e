"""Scenarios in a line: a helpline, its callers and its agents, everything else as plain as can be."""

from __future__ import annotations

from collections.abc import Sequence

from routing.ids import HelplineId, LanguageCode, Seconds
from routing.needs import Levels
from routing.rules import PLAIN, HelplineRules
from routing.service_level import Formula, Target
from routing.simulation.chance import Constant, Distribution, Exponential, Shares
from routing.simulation.scenario import DAY, QUARTERS, Break, Callbacks, Demand, Group, Scenario, Shift

KWA, FOOD = HelplineId("kwa"), HelplineId("food")
AT_ONCE, TWO_MINUTES = Constant(Seconds(0.0)), Constant(Seconds(120.0))
USUAL = Target(0.8, Seconds(20.0))


def seconds(mean: float) -> Constant:
    return Constant(Seconds(mean))


def exponential(mean: float) -> Exponential:
    return Exponential(Seconds(mean))


def callers(
    helpline: HelplineId = KWA,
    *,
    an_hour: float | Sequence[float] = 60.0,
    talking: Distribution = TWO_MINUTES,
    patience: Distribution | None = None,
    writing: Distribution | None = None,
    formula: Formula = Formula.LATE_ABANDONS,
    target: Target = USUAL,
    rules: HelplineRules = PLAIN,
    callbacks: Callbacks | None = None,
) -> Demand:
    """Callers of a helpline; *an_hour* is one number, or one for each of 24 hours."""
    hours = [an_hour] * 24 if isinstance(an_hour, float) else an_hour
    return Demand(
        helpline=helpline,
        curve=tuple(calls / 4 for calls in hours for _ in range(4)),
        talking=talking,
        patience=patience,
        writing=writing,
        languages=Shares({LanguageCode("ml"): 3.0, LanguageCode("en"): 1.0}),
        categories=Shares({"": 1.0}),
        formula=formula,
        target=target,
        short=Seconds(5.0),
        rules=rules,
        callbacks=callbacks,
    )


def agents(
    count: int = 10,
    *helplines: HelplineId,
    name: str = "desk",
    shift: Shift | None = None,
    breaks: Sequence[Break] = (),
    answering: Distribution = AT_ONCE,
    skills: Levels = frozenset(),
) -> Group:
    """Agents of one group; of KWA unless told otherwise."""
    return Group(
        name=name,
        count=count,
        helplines=helplines or (KWA,),
        skills=skills,
        shift=shift,
        breaks=tuple(breaks),
        answering=answering,
        back_after=Seconds(60.0),
    )


def scenario(
    *parts: Demand | Group,
    hours: float = 24,
    warm_up_hours: float = 0,
    replications: int = 5,
    wrap_up: float = 0.0,
    missed_limit: int = 2,
    seed: int = 1,
) -> Scenario:
    """A scenario of callers and agents."""
    return Scenario(
        name="a day in a test",
        seed=seed,
        quarters=int(4 * hours),
        warm_up=int(4 * warm_up_hours),
        replications=replications,
        ring_seconds=Seconds(20.0),
        wrap_up_seconds=Seconds(wrap_up),
        missed_offers_limit=missed_limit,
        demands=tuple(part for part in parts if isinstance(part, Demand)),
        groups=tuple(part for part in parts if isinstance(part, Group)),
    )


def hour(of_day: float) -> Seconds:
    """The second of the day."""
    return Seconds(of_day * DAY / 24)


def quarter(of_day: float) -> int:
    """The quarter hour that begins at that hour."""
    return int(of_day * QUARTERS / 24)
