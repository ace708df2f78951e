"""Announcements and surges as rows: told once or twice, what is in force is found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from callcentre.announcements.facts import (
    AnnouncementEnded,
    AnnouncementMade,
    Kind,
    SurgeCause,
    SurgeDeclared,
    SurgeEnded,
)
from callcentre.announcements.form import SPEECH
from callcentre.projections.announcements import fold, in_force_then
from callcentre.prompts.catalogue import UNSPEAKABLE
from callcentre.storage.schema import SurgeRecord
from routing.facts import Fact
from routing.ids import AgentId, HelplineId, Instant, LanguageCode
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

SIVAN = AgentId("sivan")
BURST = AnnouncementMade(
    at=Instant(1000.0),
    announcement="burst",
    kind=Kind.OUTAGE,
    helplines=frozenset({HelplineId("kwa"), HelplineId("food")}),
    texts=((LanguageCode("ml"), "വെള്ളമില്ല"), (LanguageCode("en"), "No water")),
    until=Instant(2000.0),
    by=SIVAN,
)
NEWS = AnnouncementMade(
    at=Instant(1001.0),
    announcement="news",
    kind=Kind.BROADCAST,
    helplines=frozenset(),
    texts=BURST.texts,
    until=None,
    by=SIVAN,
)
BY_ITSELF = SurgeDeclared(at=Instant(1000.0), cause=SurgeCause.WAITING, count=80, by=None)
BY_HAND = SurgeDeclared(at=Instant(1100.0), cause=SurgeCause.BY_HAND, count=0, by=SIVAN)


@pytest.fixture
def database() -> Iterator[InlineDatabase]:
    with memory_engine() as engine:
        yield InlineDatabase(engine)


def tell(database: InlineDatabase, *facts: Fact) -> None:
    """Each fact twice, as after a crash."""
    for fact in facts:
        for _ in range(2):
            database.ask(lambda session, fact=fact: fold(session, fact, mark=""))


def in_force(
    database: InlineDatabase, now: float = 1500.0
) -> tuple[list[AnnouncementMade], SurgeDeclared | None]:
    return database.ask(lambda session: in_force_then(session, now=Instant(now)))


def test_nothing_is_in_force_at_first(database: InlineDatabase) -> None:
    assert in_force(database) == ([], None)


def test_what_was_made_comes_back_as_it_was_until_its_end(database: InlineDatabase) -> None:
    tell(database, NEWS, BURST)
    assert in_force(database) == ([BURST, NEWS], None)
    assert in_force(database, now=2000.0) == ([NEWS], None)


def test_what_was_ended_stays_ended(database: InlineDatabase) -> None:
    tell(database, NEWS, AnnouncementEnded(at=Instant(1400.0), announcement="news", by=SIVAN), NEWS)
    assert in_force(database) == ([], None)


def test_a_surge_lasts_until_its_end_and_one_cause_takes_another_s_place(database: InlineDatabase) -> None:
    tell(database, BY_ITSELF)
    assert in_force(database) == ([], BY_ITSELF)
    tell(database, BY_HAND)
    assert in_force(database) == ([], BY_HAND)
    tell(database, SurgeEnded(at=Instant(1200.0), by=None))
    assert in_force(database) == ([], None)
    rows = database.ask(lambda session: [row.ended_at for row in session.scalars(select(SurgeRecord))])
    assert rows == [1100.0, 1200.0]


def test_every_fault_of_a_text_has_its_name_in_the_form() -> None:
    assert set(SPEECH) == set(UNSPEAKABLE)
