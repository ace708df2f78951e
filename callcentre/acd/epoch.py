"""The router's term of office, counted up at every start so that a later router deposes an earlier one."""

from __future__ import annotations

from pathlib import Path

from routing.ids import Epoch


def next_epoch(path: Path) -> Epoch:
    """One more than the epoch kept in *path*, kept there before it is returned."""
    kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return keep_epoch(path, Epoch(int(kept) + 1 if kept.isdecimal() else 1))


def keep_epoch(path: Path, epoch: Epoch) -> Epoch:
    """Keep *epoch*, so that the next start counts on from it."""
    new = path.with_suffix(".new")
    new.write_text(f"{epoch}\n", encoding="ascii")
    new.replace(path)
    return epoch
