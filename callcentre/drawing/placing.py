"""Where everything of a flow's picture stands: panels from left to right, nothing over anything else.

    the caller's way │ his menu │ the menus it leads to

A menu stands no higher than the option that leads to it, and below the one before: so no line of one
option crosses that of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callcentre.drawing.lettering import wrapped
from callcentre.drawing.panels import Line, Panel, Style

SIZES = {Style.TITLE: 14.0, Style.SAID: 13.0, Style.GOAL: 11.5, Style.URGENT: 11.5}
# Malayalam and Devanagari reach far above and below their letters.
LEADING = 1.5
MARGIN, PADDING, GAP = 20.0, 12.0, 24.0
ENTRY_GAP = 10.0
STEP_WIDTH, MENU_WIDTH, BETWEEN = 300.0, 350.0, 60.0
KEY_SIZE = 24.0
KEY_ROOM = KEY_SIZE + 10.0
# Between the lines of two options, where they run down side by side.
LANE = 9.0


@dataclass(frozen=True, slots=True)
class Written:
    """Words on one line, their foot at ``y``."""

    x: float
    y: float
    line: Line


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the telephone, by its middle."""

    x: float
    y: float
    key: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel where it stands."""

    x: float
    y: float
    height: float
    written: tuple[Written, ...]
    keys: tuple[Key, ...]
    entries: tuple[float, ...]
    """The middle of each entry."""
    menu: bool
    width: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


Way = tuple[tuple[float, float], ...]
"""A line by its corners; it ends in an arrow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, from its upper left corner."""

    width: float
    height: float
    panels: tuple[Placed, ...]
    ways: tuple[Way, ...]


def arranged(steps: Sequence[Panel], menu: Panel | None) -> Picture:
    """The picture of a caller's *steps*, and of the *menu* that the step before waiting stands for."""
    way = _column(steps)
    ways = [_downwards(above, below) for above, below in pairwise(way)]
    panels = list(way)
    if menu is not None:
        chosen, more = _menus(menu)
        step = next(placed for placed, panel in zip(way, steps, strict=True) if panel.menu)
        ways += [_across(step, chosen), *more[1]]
        panels += [chosen, *more[0]]
    return Picture(
        width=max(panel.right for panel in panels) + MARGIN,
        height=max(panel.bottom for panel in panels) + MARGIN,
        panels=tuple(panels),
        ways=tuple(ways),
    )


def _column(steps: Sequence[Panel]) -> list[Placed]:
    placed: list[Placed] = []
    for panel in steps:
        y = placed[-1].bottom + GAP if placed else MARGIN
        placed.append(_placed(panel, MARGIN, y, STEP_WIDTH))
    return placed


def _menus(menu: Panel) -> tuple[Placed, tuple[list[Placed], list[Way]]]:
    """The menu, the menus it leads to, and the ways between them."""
    chosen = _placed(menu, MARGIN + STEP_WIDTH + BETWEEN, MARGIN, MENU_WIDTH)
    below: list[Placed] = []
    leads = [(y, e.below) for y, e in zip(chosen.entries, menu.entries, strict=True) if e.below is not None]
    for y, panel in leads:
        lowest = below[-1].bottom + GAP if below else MARGIN
        below.append(_placed(panel, chosen.right + BETWEEN, max(lowest, y - KEY_SIZE), MENU_WIDTH))
    ways = [
        _down_a_lane(chosen, y, panel, lane)
        for lane, ((y, _), panel) in enumerate(zip(leads, below, strict=True))
    ]
    return chosen, (below, ways)


def _downwards(above: Placed, below: Placed) -> Way:
    middle = above.x + above.width / 2
    return (middle, above.bottom), (middle, below.y)


def _across(step: Placed, menu: Placed) -> Way:
    """From the step that stands for the menu to the menu; level, unless the menu ends above it."""
    y = step.y + step.height / 2
    arrives = min(max(y, menu.y + PADDING), menu.bottom - PADDING)
    between = step.right + BETWEEN / 2
    return (step.right, y), (between, y), (between, arrives), (menu.x, arrives)


def _down_a_lane(menu: Placed, y: float, below: Placed, lane: int) -> Way:
    """From an option to its menu.  Later options turn down earlier, so that none crosses another."""
    leaves, arrives = menu.right, below.y + KEY_SIZE
    turn = below.x - 2 * LANE - lane * LANE
    return (leaves, y), (turn, y), (turn, arrives), (below.x, arrives)


def _placed(panel: Panel, x: float, y: float, width: float) -> Placed:
    left, room = x + PADDING, width - 2 * PADDING
    written = list(_lines(panel.title, left, y + PADDING, room))
    keys: list[Key] = []
    middles: list[float] = []
    foot = _foot(written, y + PADDING)
    for entry in panel.entries:
        top, indent = foot + ENTRY_GAP, KEY_ROOM if entry.key else 0.0
        own = list(_lines(entry.lines, left + indent, top, room - indent))
        foot = max(_foot(own, top), top + KEY_SIZE if entry.key else 0.0)
        middles.append((top + foot) / 2)
        written += own
        keys += [Key(left + KEY_SIZE / 2, middles[-1], entry.key)] if entry.key else []
    return Placed(
        x=x,
        y=y,
        height=foot + PADDING - y,
        written=tuple(written),
        keys=tuple(keys),
        entries=tuple(middles),
        menu=panel.menu,
        width=width,
    )


def _lines(lines: Sequence[Line], x: float, y: float, room: float) -> Iterator[Written]:
    for line in lines:
        size = SIZES[line.style]
        for words in wrapped(line.words, room=room, size=size):
            y += size * LEADING
            # Letters stand a little above the foot of their line.
            yield Written(x, y - size * (LEADING - 1) * 0.8, Line(words, line.style, line.language))


def _foot(written: Sequence[Written], otherwise: float) -> float:
    if not written:
        return otherwise
    last = written[-1]
    return last.y + SIZES[last.line.style] * (LEADING - 1) * 0.8
