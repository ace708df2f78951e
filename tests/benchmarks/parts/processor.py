"""How much processor time a process and those it has started have used."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """User and system time of all threads of *pid* so far, and of its running children and theirs."""
    # The name, in parentheses, may hold blanks; utime and stime are fields 14 and 15 of the whole (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / TICKS
    return own + sum(processor_seconds(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for listed in lists for child in listed.read_text(encoding="ascii").split()]
