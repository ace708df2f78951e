"""Results as people read them, and as programs do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routing.service_level import Target
from routing.simulation.confidence import Estimate
from routing.simulation.scenario import QUARTER, Demand, Scenario
from routing.simulation.staffing import Staffing
from routing.simulation.trial import Figures, Method, QuarterFigures, Results

_METHODS: Final[Mapping[Method, str]] = {
    Method.REPLICATIONS: "Student's t over the replications",
    Method.BATCH_MEANS: "batch means of a single run",
}
# How each figure is written: its name, the factor it is multiplied by, its unit and decimals.
_WRITTEN: Final[Mapping[str, tuple[str, float, str, int]]] = {
    "service_level": ("service level", 100, "%", 2),
    "asa_seconds": ("average speed of answer", 1, "s", 2),
    "abandonment": ("abandonment", 100, "%", 2),
    "occupancy": ("occupancy", 100, "%", 2),
    "aht_seconds": ("average handling time", 1, "s", 1),
    "offered": ("calls offered", 1, "", 1),
    "answered": ("calls answered", 1, "", 1),
    "abandoned": ("calls abandoned", 1, "", 1),
    "short_abandoned": ("  of these short", 1, "", 1),
    "turned_away": ("calls turned away", 1, "", 1),
    "overflowed": ("calls overflowed", 1, "", 1),
    "called_back": ("citizens called back", 1, "", 1),
    "not_reached": ("citizens not reached", 1, "", 1),
    "max_wait_seconds": ("longest wait", 1, "s", 1),
}
# Told only where they happen: most scenarios have neither limits nor callbacks.
_OCCASIONAL: Final = frozenset({"turned_away", "overflowed", "called_back", "not_reached"})


def as_text(results: Results) -> str:
    """One block for the total and one for each helpline, each figure with its interval."""
    scenario = results.scenario
    blocks = [_heading(results), _block("total", results.total, _common_promise(scenario))]
    # Of a single helpline the total says it all but its name.
    for demand in scenario.demands if len(scenario.demands) > 1 else ():
        blocks.append(_block(demand.helpline, results.helplines[demand.helpline], _promise(demand)))
    return "\n\n".join(blocks)


def staffing_as_text(found: Staffing) -> str:
    """The roster that was found with its figures, and the figures of one agent fewer."""
    parts = [
        f"{_spelt(found.target)} needs {found.results.scenario.agents} agents: "
        f"{_roster(found.results.scenario)}",
        as_text(found.results),
    ]
    if found.unsure:
        parts.append(
            f"Intervals of {', '.join(found.unsure)} reach below the target; more replications would tell."
        )
    if found.one_below is not None:
        below = found.one_below.scenario
        parts += [f"One agent fewer, {below.agents}: {_roster(below)}", as_text(found.one_below)]
    return "\n\n".join(parts)


def as_json(results: Results) -> dict[str, Any]:
    """Every figure with ``value`` and ``ci95`` (its two ends); shares from 0 to 1, times in seconds."""
    scenario = results.scenario
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "hours": scenario.quarters / 4,
        "warm_up_minutes": scenario.warm_up * 15,
        "replications": results.replications,
        "method": results.method.value,
        "agents": scenario.agents,
        "roster": scenario.roster,
        "total": {"formula": _common_formula(scenario), **_figures(results.total)},
        "helplines": {
            demand.helpline: {**_terms(demand), **_figures(results.helplines[demand.helpline])}
            for demand in scenario.demands
        },
        "quarters": [
            {"at": time_of(quarter), **_quarter(figures)}
            for quarter, figures in enumerate(results.quarters)
            if figures is not None
        ],
    }


def staffing_as_json(found: Staffing) -> dict[str, Any]:
    """The target, the smallest roster that meets it, the results with it and with one agent fewer."""
    return {
        "target": {"percent": found.target.share * 100, "seconds": found.target.seconds},
        "agents": found.results.scenario.agents,
        "roster": found.results.scenario.roster,
        "unsure": found.unsure,
        "results": as_json(found.results),
        "one_below": None if found.one_below is None else as_json(found.one_below),
    }


def time_of(quarter: int) -> str:
    """The time of the day at which a quarter hour begins."""
    hour, minute = divmod(quarter * QUARTER // 60, 60)
    return f"{hour:02d}:{minute:02d}"


# --- text ----------------------------------------------------------------------------------------


def _heading(results: Results) -> str:
    scenario = results.scenario
    runs = f"{results.replications} replications" if results.replications > 1 else "one run"
    return (
        f"{scenario.name}\n{runs} of {scenario.quarters / 4:g} h, {scenario.warm_up * 15} min of it warm-up; "
        f"{scenario.agents} agents; seed {scenario.seed}\n"
        f"Each figure is of one run, ± half its 95 % confidence interval ({_METHODS[results.method]})."
    )


def _block(name: str, figures: Figures, promise: str) -> str:
    told = [key for key in _WRITTEN if key not in _OCCASIONAL or figures[key].value]
    lines = [f"  {_line(key, figures[key])}" for key in told]
    return "\n".join([name, f"{lines[0]}   {promise}", *lines[1:]])


def _line(key: str, estimate: Estimate) -> str:
    name, factor, unit, decimals = _WRITTEN[key]
    if estimate.value is None:
        return f"{name:24}{'–':>12}"
    half = estimate.half_width
    spread = "" if half is None else f"± {half * factor:.{decimals}f}"
    return f"{name:24}{estimate.value * factor:12,.{decimals}f} {unit:2}{spread}".rstrip()


def _promise(demand: Demand) -> str:
    return f"{demand.formula.value}, target {_spelt(demand.target)}"


def _common_promise(scenario: Scenario) -> str:
    promises = {_promise(demand) for demand in scenario.demands}
    return promises.pop() if len(promises) == 1 else "each helpline by its own formula and target"


def _spelt(target: Target) -> str:
    return f"{target.share * 100:g} % in {target.seconds:g} s"


def _roster(scenario: Scenario) -> str:
    return ", ".join(f"{name} {count}" for name, count in scenario.roster.items())


# --- JSON ----------------------------------------------------------------------------------------


def _figures(figures: Figures) -> dict[str, Any]:
    return {name: {"value": known.value, "ci95": known.ci95} for name, known in figures.items()}


def _terms(demand: Demand) -> dict[str, Any]:
    target = {"percent": demand.target.share * 100, "seconds": demand.target.seconds}
    return {"formula": demand.formula.value, "target": target}


def _common_formula(scenario: Scenario) -> str | None:
    formulas = {demand.formula.value for demand in scenario.demands}
    return formulas.pop() if len(formulas) == 1 else None


def _quarter(figures: QuarterFigures) -> dict[str, float | None]:
    return {
        "calls": figures.calls,
        "waiting": figures.waiting,
        "busy": figures.busy,
        "on_duty": figures.on_duty,
        "service_level": figures.service_level,
    }
