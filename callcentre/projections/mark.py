"""Says whether a row already holds a line of the journal, so that reading it again changes nothing."""

from __future__ import annotations

from callcentre.journal.position import Position


def mark_of(journal: str, after: Position) -> str:
    """The text a row keeps of the last line folded into it: which journal, and the place after the line."""
    return f"{journal}/{after}"


def holds(folded_to: str, mark: str) -> bool:
    """Whether a row folded up to *folded_to* holds the line of *mark*.

    Lines of another journal say nothing about each other's order; the folds' own rules then decide.
    """
    return folded_to.partition("/")[0] == mark.partition("/")[0] and mark <= folded_to
