"""Folds announcements and surge mode into their rows, and reads back what is in force."""

from __future__ import annotations

import json

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from callcentre.announcements.facts import AnnouncementEnded, AnnouncementMade, SurgeDeclared, SurgeEnded
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import AnnouncementRecord, SurgeRecord
from routing.facts import Fact
from routing.ids import AgentId, HelplineId, Instant, LanguageCode


def fold(session: Session, fact: Fact, *, mark: str) -> None:
    """Write what *fact* says; told the same again, nothing changes."""
    match fact:
        case AnnouncementMade():
            _made(session, fact)
        case AnnouncementEnded():
            _ended(session, fact)
        case SurgeDeclared():
            # One cause takes the place of another.
            _surge_over(session, fact.at, fact.by)
            _surge_declared(session, fact)
        case SurgeEnded():
            _surge_over(session, fact.at, fact.by)


def in_force_then(session: Session, *, now: Instant) -> tuple[list[AnnouncementMade], SurgeDeclared | None]:
    """What had been put before callers and is not over at *now*, in order, and the surge that lasts."""
    lasting = select(AnnouncementRecord).where(
        AnnouncementRecord.ended_at.is_(None),
        or_(AnnouncementRecord.until.is_(None), AnnouncementRecord.until > now),
    )
    rows = session.scalars(lasting.order_by(AnnouncementRecord.made_at, AnnouncementRecord.announcement))
    surges = select(SurgeRecord).where(SurgeRecord.ended_at.is_(None))
    surge = session.scalars(surges.order_by(SurgeRecord.declared_at.desc()).limit(1)).first()
    return [_made_of(row) for row in rows], None if surge is None else _declared_of(surge)


def _made(session: Session, fact: AnnouncementMade) -> None:
    insert_missing(
        session,
        AnnouncementRecord,
        announcement=fact.announcement,
        kind=fact.kind,
        helplines=fact.helplines,
        texts=json.dumps(fact.texts),
        made_at=fact.at,
        made_by=fact.by,
        until=fact.until,
    )


def _ended(session: Session, fact: AnnouncementEnded) -> None:
    its = AnnouncementRecord.announcement == fact.announcement
    ending = update(AnnouncementRecord).where(its, AnnouncementRecord.ended_at.is_(None))
    session.execute(ending.values(ended_at=fact.at, ended_by=fact.by))


def _surge_declared(session: Session, fact: SurgeDeclared) -> None:
    insert_missing(
        session,
        SurgeRecord,
        declared_at=fact.at,
        cause=fact.cause,
        count=fact.count,
        declared_by=fact.by,
    )


def _surge_over(session: Session, at: Instant, by: AgentId | None) -> None:
    earlier = update(SurgeRecord).where(SurgeRecord.declared_at < at, SurgeRecord.ended_at.is_(None))
    session.execute(earlier.values(ended_at=at, ended_by=by))


def _made_of(row: AnnouncementRecord) -> AnnouncementMade:
    return AnnouncementMade(
        at=Instant(row.made_at),
        announcement=row.announcement,
        kind=row.kind,
        helplines=frozenset(map(HelplineId, row.helplines)),
        texts=tuple((LanguageCode(language), text) for language, text in json.loads(row.texts)),
        until=None if row.until is None else Instant(row.until),
        by=AgentId(row.made_by),
    )


def _declared_of(row: SurgeRecord) -> SurgeDeclared:
    by = None if row.declared_by is None else AgentId(row.declared_by)
    return SurgeDeclared(at=Instant(row.declared_at), cause=row.cause, count=row.count, by=by)
