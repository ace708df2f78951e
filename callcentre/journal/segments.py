"""The files of a journal: their names, their order, and which may go.

A segment is written by one run of the service and never again: what a crash left half-written at its end
stays there, recognised by the missing newline, and a place noted beyond what the disk kept meets no new
lines.  Names are a serial and the moment of creation, so that the order of names is the order of writing
even when the last file's name was lost in a power cut and its serial used again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from callcentre.journal.position import Position
from routing.ids import Instant

SUFFIX = ".jsonl"
NAME = re.compile(r"(\d{8})-(\d{8}T\d{6}Z)")
# CERT-In's directions of 2022 ask for 180 days of logs; a segment is a log as much as anything.
RETENTION_DAYS = 180
DAY = 86_400


def segment_names(folder: Path) -> list[str]:
    """The segments in *folder*, oldest first."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}") if NAME.fullmatch(path.stem))


def name_after(names: list[str], now: Instant) -> str:
    """The name of the segment that follows *names* and is begun *now*."""
    serial = int(names[-1][:8]) + 1 if names else 1
    return f"{serial:08d}-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"


def begun_at(name: str) -> Instant:
    """The moment a segment was begun, by its name."""
    stamp = datetime.strptime(name[9:], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Instant(stamp.timestamp())


def path_of(folder: Path, name: str) -> Path:
    """Where the segment *name* is."""
    return folder / f"{name}{SUFFIX}"


def remove_old(folder: Path, *, projected: Position, now: Instant, days: int = RETENTION_DAYS) -> list[str]:
    """Remove the segments whose last line is older than *days* and that were *projected*; return their names.

    A segment's lines end where its successor begins, so the newest one always stays.
    """
    names = segment_names(folder)
    old = [
        name
        for name, successor in pairwise(names)
        if begun_at(successor) < now - days * DAY and name < projected.segment
    ]
    for name in old:
        path_of(folder, name).unlink()
    return old
