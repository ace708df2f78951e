"""Reads a journal from any place on, in bounded batches, also while another process appends to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callcentre.journal.codec import LINE_LIMIT, LineUnreadable, decode
from callcentre.journal.position import START, Position
from callcentre.journal.segments import path_of, segment_names
from routing.facts import Fact

# Enough to fill a batch of small facts with one look at the disk.
COUNT_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A whole line that is no fact: where it is and why, in words for the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    after: Position
    """Where the next line begins."""
    line: bytes
    fact: Fact | Unreadable


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reading found."""

    entries: list[Entry]
    after: Position
    """Where the next reading begins."""
    torn: int
    """Lines passed over because a crash had cut them short."""


@dataclass(frozen=True, slots=True)
class JournalReader:
    """Reads one journal, in any thread or process."""

    folder: Path
    id: str
    """Tells this journal from one in another place, or from one that was lost."""

    def read(self, start: Position = START, *, limit: int = 500) -> Batch:
        """At most *limit* facts from *start* on, in the order they were appended."""
        return read(self.folder, start, limit=limit)

    def count(self, start: Position, end: Position) -> int:
        """How many facts lie between two places."""
        return count(self.folder, start, end)


def read(folder: Path, start: Position = START, *, limit: int = 500) -> Batch:
    """At most *limit* lines from *start* on.  An empty batch means that there are no more, for now.

    A line without its newline is still being written when its segment is the newest, and torn when not.
    """
    entries: list[Entry] = []
    torn, after = 0, start
    # The names are listed before the lines are read: a segment with a successor then gets no more lines.
    names = [name for name in segment_names(folder) if name >= start.segment]
    for name in names:
        first = start if name == start.segment else Position(name, 0)
        found, after, cut = _read_segment(folder, first, limit - len(entries))
        entries += found
        if len(entries) == limit:
            break
        torn += cut and name != names[-1]
    return Batch(entries, after, torn)


def count(folder: Path, start: Position, end: Position) -> int:
    """How many whole lines lie between two places."""
    total = 0
    for name in segment_names(folder):
        if start.segment <= name <= end.segment:
            first = start.offset if name == start.segment else 0
            last = end.offset if name == end.segment else None
            total += _newlines(path_of(folder, name), first, last)
    return total


def _read_segment(folder: Path, first: Position, limit: int) -> tuple[list[Entry], Position, bool]:
    """At most *limit* lines of one segment, the place after them, and whether a cut line follows them."""
    entries: list[Entry] = []
    after = first
    with path_of(folder, first.segment).open("rb") as file:
        file.seek(first.offset)
        while len(entries) < limit and (line := file.readline(LINE_LIMIT)):
            # What is longer than any line of ours is rubbish, and is passed over in pieces.
            if not line.endswith(b"\n") and len(line) < LINE_LIMIT:
                return entries, after, True
            before, after = after, Position(first.segment, after.offset + len(line))
            entries.append(Entry(after, line, _fact(folder, before, line)))
    return entries, after, False


def _fact(folder: Path, place: Position, line: bytes) -> Fact | Unreadable:
    try:
        return decode(line)
    except LineUnreadable as error:
        path = path_of(folder, place.segment)
        number = _newlines(path, 0, place.offset) + 1
        return Unreadable(f"{path}, line {number} (byte {place.offset}): {error}")


def _newlines(path: Path, first: int, last: int | None) -> int:
    total, left = 0, path.stat().st_size - first if last is None else last - first
    with path.open("rb") as file:
        file.seek(first)
        while left > 0 and (chunk := file.read(min(COUNT_CHUNK, left))):
            total += chunk.count(b"\n")
            left -= len(chunk)
    return total
