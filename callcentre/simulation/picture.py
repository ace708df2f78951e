"""A picture of the simulated day: arrivals, waiting, agents and service level by quarter hour."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callcentre.simulation.report import time_of
from routing.simulation.scenario import QUARTERS
from routing.simulation.trial import QuarterFigures, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours of Okabe and Ito, told apart by everybody.
BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#999999"
# A tick every three hours.
TICKS: Final = 12
SIZE: Final = (10.0, 9.0)


def can_draw() -> bool:
    """Whether matplotlib is installed: it comes with the extra ``pictures`` only."""
    return find_spec("matplotlib") is not None


def draw(results: Results, path: Path) -> None:
    """Write the SVG; only where ``can_draw``.  Raises OSError when *path* cannot be written."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    day = [(quarter, figures) for quarter, figures in enumerate(results.quarters) if figures is not None]
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots(4, sharex=True)
    figure.suptitle(results.scenario.name)
    for draw_one, where in zip((_arrivals, _waiting, _agents, _service), axes, strict=True):
        draw_one(where, [quarter for quarter, _ in day], [figures for _, figures in day])
        where.grid(color=GREY, alpha=0.3)
    axes[-1].set_xlim(0, QUARTERS)
    axes[-1].set_xticks(
        range(0, QUARTERS + 1, TICKS), [time_of(quarter) for quarter in range(0, QUARTERS + 1, TICKS)]
    )
    # The same results give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "callcentre", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _arrivals(axes: Axes, at: Sequence[int], day: Sequence[QuarterFigures]) -> None:
    axes.bar(at, [figures.calls for figures in day], width=1.0, align="edge", color=BLUE)
    axes.set_ylabel("calls\nper quarter hour")


def _waiting(axes: Axes, at: Sequence[int], day: Sequence[QuarterFigures]) -> None:
    axes.bar(at, [figures.waiting for figures in day], width=1.0, align="edge", color=ORANGE)
    axes.set_ylabel("callers waiting\non average")


def _agents(axes: Axes, at: Sequence[int], day: Sequence[QuarterFigures]) -> None:
    axes.bar(at, [figures.busy for figures in day], width=1.0, align="edge", color=GREEN, label="busy")
    axes.step(at, [figures.on_duty for figures in day], where="post", color=GREY, label="on duty")
    axes.set_ylabel("agents")
    axes.legend(loc="upper left", frameon=False)


def _service(axes: Axes, at: Sequence[int], day: Sequence[QuarterFigures]) -> None:
    known = [(q, 100 * f.service_level) for q, f in zip(at, day, strict=True) if f.service_level is not None]
    axes.step([q for q, _ in known], [level for _, level in known], where="post", color=RED)
    axes.set_ylim(0, 105)
    axes.set_ylabel("service level\n%")
