"""What the next process needs of the database: before it has read there who waits, it offers nobody."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.logger import Logger

from callcentre.configuration.faults import Fault
from callcentre.configuration.reading import SITE_FILE
from callcentre.projections.projector import Health
from callcentre.storage.migrate import newest, revision_seen
from callcentre.storage.threads import Transactions

log = Logger()

# Some 1.5 s at the 0.3 ms measured for a fact (projector.py): callers who wait give a router up that is away
# for 8 s (service.py), of which a change takes 2 anyway.  In a busy hour a few hundred are on their way.
MOST_BEHIND = 5_000
NO_DATABASE = (
    "the database does not answer now, and until it does nobody in line could be offered to an agent"
)
WHEN_IT_ANSWERS = "Ask again when `callcentre health` says that it is up."


class NextNeeds:
    """Asks the database for what the process that takes over would miss."""

    def __init__(self, database: Transactions, *, health: Callable[[], Health]) -> None:
        """*health*: how the projection stands."""
        self._database = database
        self._health = health

    async def faults(self) -> list[Fault]:
        """Why no other process can take over now; none when one can."""
        health = self._health()
        if health.failing_since is not None:
            return [_fault(NO_DATABASE, WHEN_IT_ANSWERS)]
        if health.behind > MOST_BEHIND:
            return [_behind(health.behind)]
        try:
            return await self._database.read(_of_another_version)
        except SQLAlchemyError as error:
            log.warn("the database's revision cannot be read: {error}", error=type(error).__name__)
            return [_fault(NO_DATABASE, WHEN_IT_ANSWERS)]


def _of_another_version(session: Session) -> list[Fault]:
    # What is installed now counts, and not what was when this process began.
    found, needed = revision_seen(session.connection()), newest()
    if found == needed:
        return []
    problem = f"the database is at revision {found}, and the next process needs {needed}"
    return [_fault(problem, "Run `callcentre db upgrade`, and ask again.")]


def _behind(facts: int) -> Fault:
    problem = f"{facts} facts are not in the database yet, and until they are nobody in line could be offered"
    remedy = f"Ask again when `callcentre health` shows a lag of {MOST_BEHIND} facts or fewer."
    return _fault(problem, remedy)


def _fault(problem: str, remedy: str) -> Fault:
    return Fault(SITE_FILE, "database.url", problem, remedy)
