"""Projects one batch of the journal, within the transaction that also notes how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from callcentre.journal.position import START, Position
from callcentre.journal.reading import Entry, JournalReader, Unreadable
from callcentre.projections import announcements, call_log, enquiries, tickets
from callcentre.projections.agent_log import AgentLog
from callcentre.projections.foresight import foresee
from callcentre.projections.mark import mark_of
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import JournalPlace, RejectedFact
from routing.facts import Fact
from routing.floor import FloorRules
from routing.ids import Instant


class Fold(Protocol):
    """Writes what a fact means for one kind of row.  Told the same fact twice, it changes nothing."""

    def __call__(self, session: Session, fact: Fact, *, mark: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did."""

    lines: int
    after: Position
    rejected: int
    torn: int


def all_folds(rules: FloorRules) -> tuple[Fold, ...]:
    """Every projection into the database, in the order in which they may read each other's rows."""
    return (AgentLog(rules).fold, call_log.fold, tickets.fold, enquiries.fold, announcements.fold)


def project(
    session: Session, journal: JournalReader, *, folds: Sequence[Fold], limit: int, now: Instant
) -> Step:
    """Fold the next *limit* lines, from the place noted in the database, and note the place after them."""
    place = _place(session, journal.id)
    start = Position(place.segment, place.offset)
    batch = journal.read(start, limit=limit)
    foresee(session, [entry.fact for entry in batch.entries if not isinstance(entry.fact, Unreadable)])
    rejected = 0
    for entry in batch.entries:
        if isinstance(entry.fact, Unreadable):
            set_aside(session, journal.id, entry, reason=entry.fact.reason, now=now)
            rejected += 1
            continue
        for fold in folds:
            fold(session, entry.fact, mark=mark_of(journal.id, entry.after))
    place.segment, place.offset = batch.after.segment, batch.after.offset
    return Step(len(batch.entries), batch.after, rejected, batch.torn)


def skip_next(session: Session, journal: JournalReader, *, reason: str, now: Instant) -> Step:
    """Set the next line aside unread, as one the database will not take."""
    place = _place(session, journal.id)
    batch = journal.read(Position(place.segment, place.offset), limit=1)
    for entry in batch.entries:
        set_aside(session, journal.id, entry, reason=reason, now=now)
    place.segment, place.offset = batch.after.segment, batch.after.offset
    return Step(len(batch.entries), batch.after, len(batch.entries), batch.torn)


def place_of(session: Session, journal: str) -> Position:
    """How far *journal* has been projected."""
    place = session.get(JournalPlace, journal)
    return START if place is None else Position(place.segment, place.offset)


def backlog(session: Session, journal: JournalReader, end: Position) -> int:
    """How many lines before *end* have not been projected."""
    return journal.count(place_of(session, journal.id), end)


def set_aside(session: Session, journal: str, entry: Entry, *, reason: str, now: Instant) -> None:
    """Keep a line that cannot become rows, for a person to look at."""
    insert_missing(
        session,
        RejectedFact,
        journal=journal,
        place=str(entry.after),
        # A line of ours is ASCII; one the disk has spoilt is shown with its bytes spelt out.
        line=entry.line.decode("ascii", "backslashreplace").replace("\0", "\\x00"),
        reason=reason,
        rejected_at=now,
    )


def _place(session: Session, journal: str) -> JournalPlace:
    place = session.get(JournalPlace, journal, with_for_update=True)
    if place is None:
        place = JournalPlace(journal=journal, segment=START.segment, offset=START.offset)
        session.add(place)
    return place
