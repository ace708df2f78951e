"""A place in a journal: which file, which byte.  Places of one journal are ordered as they were written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Between two lines: everything before it has been read, the next line begins at it."""

    segment: str
    offset: int

    def __str__(self) -> str:
        """A text whose order is the order of places."""
        return f"{self.segment}#{self.offset:015d}"


START = Position("", 0)
