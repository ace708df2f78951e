"""A line of callers or of agents, each in the place that the first parts of its entry give."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

Place = TypeVar("Place", bound=tuple[Any, ...])


class Line(Generic[Place]):
    """Places in order; the last part of a place says who stands there.

    A sorted list: most join at the end and leave from the front, and moving a few thousand pointers costs
    less than walking a tree.
    """

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: list[Place] = []

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def first(self) -> Place | None:
        """The first place taken; None when nobody is in line."""
        return self._places[0] if self._places else None

    def before(self, place: tuple[Any, ...]) -> int:
        """How many stand before *place*, which may be the beginning of one."""
        return bisect_left(self._places, place)

    def join(self, place: Place) -> None:
        """Take *place*."""
        self._places.insert(bisect_left(self._places, place), place)

    def leave(self, place: Place) -> None:
        """Give up *place*.  LookupError when it was not taken."""
        index = bisect_left(self._places, place)
        if index == len(self._places) or self._places[index] != place:
            raise LookupError(f"nobody stands at {place}")
        del self._places[index]
