"""Tells whoever keys a docket where it stands: its state and dates, and nothing personal.

The number is the key, whoever calls: a citizen may ask from a neighbour's telephone.  So guessing is limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo

from twisted.internet.interfaces import IReactorTime

from callcentre.enquiries.asker import Asker
from callcentre.enquiries.lookups import Lookups
from callcentre.enquiries.recent import Recent
from callcentre.projections.read import TicketRow, ticket
from callcentre.storage.schema import TicketState
from callcentre.telephony.numbers import normalised
from callcentre.tickets.docket import is_valid
from ivr.exchange import DocketFound, DocketState, NothingFound, Unanswered
from ivr.prompts import named

# Long enough for a slow disk; well within what the house has for the whole answer.
FOUND_WITHIN = 2.0
# A wrong digit is noticed by the check digit, so honest callers key unknown dockets hardly ever.
UNKNOWN_PER_CALL = 5
UNKNOWN_PER_CALLER = 20
WINDOW_SECONDS = 3600.0

STATES = {
    TicketState.REGISTERED: DocketState.REGISTERED,
    TicketState.REOPENED: DocketState.REGISTERED,
}
# What is settled is with nobody, and due no more.
OPEN = frozenset({DocketState.REGISTERED, DocketState.WITH_OFFICE})


class Dockets:
    """Finds dockets; ``on_fault`` is told ``docket-guessing`` for each question that is refused."""

    def __init__(
        self,
        lookups: Lookups,
        *,
        clock: IReactorTime,
        zone: tzinfo,
        settle_days: Mapping[str, int],
        on_fault: Callable[[str], None],
    ) -> None:
        """*zone* decides on which day something was.

        *settle_days*: of the helplines whose departments have promised to settle within so many days.
        """
        self._lookups = lookups
        self._clock = clock
        self._zone = zone
        self._settle_days = settle_days
        self._on_fault = on_fault
        self._of_call = Recent(seconds=WINDOW_SECONDS, most=UNKNOWN_PER_CALL)
        self._of_caller = Recent(seconds=WINDOW_SECONDS, most=UNKNOWN_PER_CALLER)

    async def find(self, number: str, asker: Asker) -> DocketFound | NothingFound | Unanswered:
        """Where docket *number* stands.  Raises Late, and what the database raises."""
        if not is_valid(number):
            return NothingFound()
        if self._guesses(asker):
            self._on_fault("docket-guessing")
            return Unanswered()
        row = await self._lookups.read(lambda session: ticket(session, number), seconds=FOUND_WITHIN)
        if row is None:
            self._note_unknown(asker)
            return NothingFound()
        return self._told(row)

    def _guesses(self, asker: Asker) -> bool:
        now = self._clock.seconds()
        by_call = self._of_call.count(asker.call, now=now) >= UNKNOWN_PER_CALL
        # All who withhold their number count as one, or withholding it would be the way around the limit.
        return by_call or self._of_caller.count(normalised(asker.caller), now=now) >= UNKNOWN_PER_CALLER

    def _note_unknown(self, asker: Asker) -> None:
        now = self._clock.seconds()
        self._of_call.note(asker.call, at=now)
        self._of_caller.note(normalised(asker.caller), at=now)

    def _told(self, row: TicketRow) -> DocketFound:
        answered = row.answered_only and row.state is TicketState.REGISTERED
        state = DocketState.CLOSED if answered else STATES[row.state]
        registered = self._day(row.registered_at)
        days = self._settle_days.get(row.helpline)
        is_open = state in OPEN
        return DocketFound(
            state=state,
            helpline=row.helpline,
            registered=registered,
            office=named(row.helpline) if is_open else "",
            due=registered + timedelta(days) if is_open and days is not None else None,
        )

    def _day(self, moment: float) -> date:
        return datetime.fromtimestamp(moment, self._zone).date()
