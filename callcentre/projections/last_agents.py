"""Who handled a caller last, so that he can be brought to the same agent again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from callcentre.storage.schema import CallRecord
from callcentre.storage.threads import Transactions
from routing.ids import AgentId, Instant, Seconds

log = Logger()

# After a week neither of them remembers the matter.
REMEMBERED = Seconds(7 * 86_400.0)


class LastAgents:
    """Looks up the call log while a caller hears the menus."""

    def __init__(self, database: Transactions, *, clock: IReactorTime) -> None:
        self._database = database
        self._clock = clock

    async def of(self, caller: str) -> AgentId | None:
        """Who answered *caller* (E.164) last; None for nobody lately, and when it cannot be known now."""
        if not caller:
            return None
        since = Instant(self._clock.seconds() - REMEMBERED)
        try:
            return await self._database.read(lambda session: last_agent_of(session, caller, since=since))
        except SQLAlchemyError as error:
            log.info("who served a caller last is not known: {error}", error=type(error).__name__)
            return None


def last_agent_of(session: Session, caller: str, *, since: Instant) -> AgentId | None:
    """The agent of the newest answered call from *caller* that came after *since*."""
    theirs = select(CallRecord.agent).where(
        CallRecord.caller == caller, CallRecord.seen_at > since, CallRecord.agent.is_not(None)
    )
    found = session.scalars(theirs.order_by(CallRecord.seen_at.desc()).limit(1)).first()
    return None if found is None else AgentId(found)
