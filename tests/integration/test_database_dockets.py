"""Docket numbers reserved by several at once on real databases: gaps perhaps, duplicates never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session, sessionmaker

from callcentre.storage.schema import DocketSeries
from callcentre.storage.threads import in_transaction
from callcentre.tickets.docket import LAST_SERIAL, docket_number, is_valid
from callcentre.tickets.docket_book import SeriesExhausted, reserve

pytest_plugins = ("tests.integration.parts.databases",)

THREADS = 8
EACH = 200
# Small, so that threads meet often; it does not divide EACH, so that the last block is left half used.
BLOCK = 7


def take_many(sessions: sessionmaker[Session]) -> list[str]:
    taken: list[str] = []
    while len(taken) < EACH:
        serials = in_transaction(sessions, lambda session: reserve(session, 2026, BLOCK))
        taken += [docket_number(2026, serial) for serial in serials]
    return taken[:EACH]


def test_eight_at_once_never_get_the_same_docket(sessions: sessionmaker[Session]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        dockets = [
            docket for taken in threads.map(lambda _: take_many(sessions), range(THREADS)) for docket in taken
        ]
    assert len(dockets) == len(set(dockets)) == THREADS * EACH
    assert all(is_valid(docket) for docket in dockets)


def test_each_year_has_its_own_series(sessions: sessionmaker[Session]) -> None:
    blocks = [
        in_transaction(sessions, lambda session, y=year: reserve(session, y, 10))  # type: ignore[misc]
        for year in (2026, 2027, 2026)
    ]
    assert blocks == [range(1, 11), range(1, 11), range(11, 21)]


def test_a_reservation_that_is_rolled_back_is_given_again(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert reserve(session, 2026, 10) == range(1, 11)
        session.rollback()
    assert in_transaction(sessions, lambda session: reserve(session, 2026, 10)) == range(1, 11)


def test_a_year_that_is_used_up_says_so_and_stays_usable_for_less(sessions: sessionmaker[Session]) -> None:
    in_transaction(sessions, lambda s: s.add(DocketSeries(year=2026, next_serial=LAST_SERIAL - 4)))
    with pytest.raises(SeriesExhausted, match="2026"):
        in_transaction(sessions, lambda session: reserve(session, 2026, 6))
    assert in_transaction(sessions, lambda session: reserve(session, 2026, 5))[-1] == LAST_SERIAL
