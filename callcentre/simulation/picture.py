"""A picture of the simulated day, as SVG: calls, callers waiting, agents and service level by quarter hour.

One file holds the day laid out twice, two panels wide and one panel wide; a browser shows the one that suits
its window, and everything else the first.  Colours follow the reader's light or dark theme.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from callcentre.simulation.report import promised, time_of, written
from routing.simulation.scenario import QUARTERS
from routing.simulation.trial import QuarterFigures, Results

# Blue and vermilion of Okabe and Ito, which everybody can tell apart, and what goes with them.
STYLE: Final = """
svg {
  --ground: #ffffff; --ink: #1b2733; --faint: #5d6b78; --grid: #dfe5ea;
  --calls: #4a7ba6; --waiting: #e0a020; --busy: #2a9d78; --met: #2f86b8; --missed: #d55e00;
  font-family: system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  svg {
    --ground: #12181f; --ink: #e8edf2; --faint: #9aa8b5; --grid: #2b3641;
    --calls: #6ea8d8; --waiting: #f0b840; --busy: #3fbf95; --met: #56b4e9; --missed: #ff7f2a;
  }
}
:root { width: 100%; height: auto; max-height: 100vh; aspect-ratio: 1200 / 780; background: var(--ground); }
.narrow { display: none; }
@media (max-aspect-ratio: 4/5) {
  :root { aspect-ratio: 440 / 1190; max-height: none; }
  .wide { display: none; }
  .narrow { display: inline; }
}
text { fill: var(--ink); }
.faint { fill: var(--faint); }
.strong { font-weight: 600; }
.spread { font-weight: 400; fill: var(--faint); }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.ground { fill: var(--ground); }
.grid { stroke: var(--grid); }
.axis { stroke: var(--faint); }
.target { stroke: var(--ink); stroke-dasharray: 5 4; }
.calls { fill: var(--calls); }
.waiting { fill: var(--waiting); }
.busy { fill: var(--busy); }
.met { fill: var(--met); }
.missed { fill: var(--missed); }
.duty { fill: none; stroke: var(--ink); stroke-width: 1.75; stroke-linejoin: round; }
"""
HEADLINES: Final = ("service_level", "asa_seconds", "abandonment", "occupancy")
# As many lines across a panel as can still be told apart, at most.
MOST_TICKS: Final = 5
LETTER, SMALL, TITLE = 13, 12, 24


@dataclass(frozen=True, slots=True)
class Layout:
    """How the panels are arranged."""

    name: str
    width: int
    height: int
    columns: int
    headlines: int
    """Figures in a row."""
    title_letters: int
    """After so many the title goes on in the next line."""
    hours: int
    """Between two times on the axis."""


WIDE: Final = Layout("wide", 1200, 780, columns=2, headlines=4, title_letters=80, hours=3)
NARROW: Final = Layout("narrow", 440, 1190, columns=1, headlines=2, title_letters=27, hours=6)
MARGIN: Final = 28
HEADLINE_HEIGHT: Final = 58
FOOT: Final = 24
LEAST_MISSED: Final = 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Curve:
    """A panel's values by quarter hour; None where no run has come."""

    title: str
    values: Sequence[float | None]
    kind: str
    unit: str = ""
    top: float | None = None
    """The end of the scale; None to fit the values."""
    line: Sequence[float | None] = ()
    """Drawn above the values."""
    key: tuple[tuple[str, str], ...] = ()
    """What is drawn how, where that is not plain: kind and words."""
    target: float | None = None


def draw(results: Results, path: Path) -> None:
    """Write the SVG.  Raises OSError when *path* cannot be written."""
    path.write_text(svg(results), encoding="utf-8")


def svg(results: Results) -> str:
    """The picture as text; the same results give the same text."""
    size = {"width": str(WIDE.width), "height": str(WIDE.height)}
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img"})
    Xml.SubElement(root, "title").text = results.scenario.name
    Xml.SubElement(root, "style").text = STYLE
    _put(root, "rect", "ground", width="100%", height="100%")
    for layout in (WIDE, NARROW):
        _lay_out(root, layout, results)
    Xml.indent(root, " ")
    return Xml.tostring(root, encoding="unicode") + "\n"


def _lay_out(root: Xml.Element, layout: Layout, results: Results) -> None:
    page = Xml.SubElement(
        root,
        "svg",
        {
            "class": layout.name,
            "width": "100%",
            "height": "100%",
            "viewBox": f"0 0 {layout.width} {layout.height}",
        },
    )
    below = _heading(page, layout, results)
    panels = Box(MARGIN, below, layout.width - 2 * MARGIN, layout.height - below - FOOT)
    curves = _curves(results)
    for curve, box in zip(curves, _cells(panels, layout.columns, len(curves)), strict=True):
        _panel(page, curve, box, layout.hours)
    _text(page, MARGIN, layout.height - 12, _foot(results, layout), "faint", SMALL)


def _cells(whole: Box, columns: int, count: int) -> Iterator[Box]:
    gap = 2 * MARGIN
    width = (whole.width - gap * (columns - 1)) / columns
    height = whole.height / ceil(count / columns)
    for number in range(count):
        row, column = divmod(number, columns)
        yield Box(whole.x + column * (width + gap), whole.y + row * height, width, height)


# --- heading -------------------------------------------------------------------------------------


def _heading(page: Xml.Element, layout: Layout, results: Results) -> float:
    """Title and headline figures; how far down they reach."""
    scenario = results.scenario
    y = MARGIN + 14.0
    for line in textwrap.wrap(scenario.name, layout.title_letters):
        _text(page, MARGIN, y, line, "strong", TITLE)
        y += TITLE + 4
    runs = f"{results.replications} runs" if results.replications > 1 else "one run"
    about = f"{runs} of {scenario.quarters / 4:g} h · {scenario.agents} agents · seed {scenario.seed}"
    _text(page, MARGIN, y - 4, about, "faint", LETTER)
    width = (layout.width - 2 * MARGIN) / layout.headlines
    for number, key in enumerate(HEADLINES):
        row, column = divmod(number, layout.headlines)
        figure = written(key, results.total[key])
        value = f"{figure.value} {figure.unit}".rstrip()
        x, top = MARGIN + column * width, y + 24 + row * HEADLINE_HEIGHT
        _text(page, x, top, figure.name, "faint", LETTER)
        known = _text(page, x, top + 26, value, "strong", TITLE)
        spread = Xml.SubElement(known, "tspan", {"class": "spread", "font-size": f"{LETTER}", "dx": "6"})
        spread.text = figure.spread
    return y + 24 + ceil(len(HEADLINES) / layout.headlines) * HEADLINE_HEIGHT


def _foot(results: Results, layout: Layout) -> str:
    spread = "± half a 95 % confidence interval"
    return f"Service level: {promised(results.scenario)}; {spread}" if layout is WIDE else spread


# --- panels --------------------------------------------------------------------------------------


def _curves(results: Results) -> tuple[Curve, ...]:
    def by_quarter(figure: Callable[[QuarterFigures], float | None]) -> list[float | None]:
        return [None if at is None else figure(at) for at in results.quarters]

    targets = {demand.target.share * 100 for demand in results.scenario.demands}
    target = targets.pop() if len(targets) == 1 else None
    return (
        Curve("Calls in a quarter hour", by_quarter(lambda at: at.calls), "calls"),
        Curve("Callers waiting", by_quarter(lambda at: at.waiting), "waiting"),
        Curve(
            "Agents",
            by_quarter(lambda at: at.busy),
            "busy",
            line=by_quarter(lambda at: at.on_duty),
            key=(("busy", "busy"), ("duty", "on duty")),
        ),
        Curve(
            "Service level",
            by_quarter(lambda at: None if at.service_level is None else 100 * at.service_level),
            "met",
            unit=" %",
            top=100,
            key=() if target is None else (("met", "target met"), ("missed", "missed")),
            target=target,
        ),
    )


def _panel(page: Xml.Element, curve: Curve, box: Box, hours: int) -> None:
    _text(page, box.x, box.y + 14, curve.title, "strong", LETTER + 2)
    highest = max((value for value in (*curve.values, *curve.line) if value is not None), default=0.0)
    top, step = (curve.top, 25.0) if curve.top else _scale(highest)
    plot = Box(box.x + 44, box.y + 30, box.width - 44, box.height - 74)
    _grid(page, plot, top, step, curve.unit)
    _times(page, plot, hours)
    _columns(page, plot, curve, top)
    if curve.line:
        _put(page, "path", "duty", d=_steps(curve.line, plot, top))
    if curve.target is not None:
        _rule(page, plot, plot.bottom - plot.height * curve.target / top, "target")
    _key(page, curve, box)


def _scale(highest: float) -> tuple[float, float]:
    """The end of the scale and the distance between its lines: 1, 2 or 5 times a power of ten."""
    rough = max(highest, 0.5) / MOST_TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return step * ceil(max(highest, 0.5) / step), step


def _grid(page: Xml.Element, plot: Box, top: float, step: float, unit: str) -> None:
    for number in range(round(top / step) + 1):
        y = plot.bottom - plot.height * number * step / top
        _rule(page, plot, y, "grid" if number else "axis")
        _text(page, plot.x - 8, y + 4, f"{number * step:,g}{unit}", "faint end", SMALL)


def _rule(page: Xml.Element, plot: Box, y: float, kind: str) -> None:
    _put(page, "line", kind, x1=plot.x, x2=plot.right, y1=y, y2=y)


def _times(page: Xml.Element, plot: Box, hours: int) -> None:
    for quarter in range(0, QUARTERS + 1, 4 * hours):
        x = plot.x + plot.width * quarter / QUARTERS
        # The last would stand over the edge.
        kind = "faint end" if quarter == QUARTERS else "faint middle"
        _text(page, x, plot.bottom + 18, time_of(quarter), kind, SMALL)


def _columns(page: Xml.Element, plot: Box, curve: Curve, top: float) -> None:
    width = plot.width / QUARTERS
    for quarter, value in enumerate(curve.values):
        missed = value is not None and curve.target is not None and value < curve.target
        if value or missed:
            # A target that is missed by all shows, too.
            height = max(plot.height * (value or 0.0) / top, LEAST_MISSED if missed else 0.0)
            x, y = plot.x + quarter * width, plot.bottom - height
            # A hair of the ground between two columns.
            kind = "missed" if missed else curve.kind
            _put(page, "rect", kind, x=x, y=y, width=width * 0.88, height=height)


def _steps(values: Sequence[float | None], plot: Box, top: float) -> str:
    """A line that goes along each quarter hour and has a gap where nothing is known."""
    width, parts, known = plot.width / QUARTERS, [], False
    for quarter, value in enumerate(values):
        if value is not None:
            x, y = plot.x + quarter * width, plot.bottom - plot.height * value / top
            parts.append(f"{'L' if known else 'M'}{x:.1f} {y:.1f}H{x + width:.1f}")
        known = value is not None
    return "".join(parts)


def _key(page: Xml.Element, curve: Curve, box: Box) -> None:
    """What is drawn how, or else when the most was; on the right above the panel."""
    if not curve.key:
        _text(page, box.right, box.y + 14, _extreme(curve), "faint end", LETTER)
    x = box.right
    for kind, words in reversed(curve.key):
        x -= 7.2 * len(words)
        _text(page, x, box.y + 14, words, "faint", LETTER)
        if kind == "duty":
            _put(page, "path", kind, d=f"M{x - 20:.1f} {box.y + 10:.1f}h14")
        else:
            _put(page, "rect", kind, x=x - 18, y=box.y + 4, width=12, height=12)
        x -= 34


def _extreme(curve: Curve) -> str:
    """The most, or of shares the least, and when."""
    known = [(value, quarter) for quarter, value in enumerate(curve.values) if value is not None]
    if not known:
        return ""
    word, (value, quarter) = ("least", min(known)) if curve.top else ("most", max(known))
    decimals = 0 if value >= 10 else 1
    return f"{word} {value:,.{decimals}f}{curve.unit} at {time_of(quarter)}"


# --- elements ------------------------------------------------------------------------------------


def _text(page: Xml.Element, x: float, y: float, words: str, kind: str, size: float) -> Xml.Element:
    element = _put(page, "text", kind, x=x, y=y)
    element.set("font-size", f"{size:g}")
    element.text = words
    return element


def _put(page: Xml.Element, name: str, kind: str, **where: float | str) -> Xml.Element:
    written_out = {key: at if isinstance(at, str) else f"{at:.1f}" for key, at in where.items()}
    return Xml.SubElement(page, name, {"class": kind, **written_out})
