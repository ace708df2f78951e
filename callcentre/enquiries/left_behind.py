"""Makes tickets of spoken messages that became none: the service was renewed, or died, meanwhile.

Asterisk goes on recording without us, and nobody is told of the end.  So is a message found whose caller was
told that it could not be kept: better two people hear of a leaking main than nobody.  ``on_fault`` is told
``message-found`` for each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from callcentre.configuration.model import Configuration
from callcentre.enquiries.asker import Asker
from callcentre.enquiries.messages import CALL_ID, EMPTY_BYTES, OWN_NAME, Messages
from callcentre.in_thread import InThread
from callcentre.journal.journal import JournalUnwritable
from callcentre.storage.patience import Backoff
from callcentre.storage.schema import CallRecord, MessageRecord
from callcentre.storage.threads import Transactions
from callcentre.telephony.fastagi.leg import SAMPLES_A_SECOND
from callcentre.tickets.desk import TicketRefused
from callcentre.tickets.docket_book import NoDocketLeft
from ivr.exchange import KeepMessage, Registered
from ivr.steps.messages import SHORTEST_MESSAGE_SECONDS
from routing.ids import HelplineId

log = Logger()

# Asterisk writes a recording every two seconds (32 KB at a time); a message is kept within 10 s of its end.
SETTLED_SECONDS = 60.0
# The longest message that can be configured: what is being spoken at one look is whole at the next.
LOOK_SECONDS = 600.0
# Well within the 180 days of the journal: of these, even a database that was folded anew knows every one.
OLDEST_SECONDS = 30 * 86_400.0
# Asked for in one transaction; any database takes so many values.
AT_ONCE = 500
BYTES_A_SECOND = 2 * SAMPLES_A_SECOND
# What is over within seconds, as a rule; at the start the first block of dockets may be on its way.
PASSING = (SQLAlchemyError, NoDocketLeft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What lies in the folder."""

    file: str
    call: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a call; empty where it is not."""

    helpline: str = ""
    dialled: str = ""
    category: str = ""
    language: str = ""
    caller: str = ""


class LeftBehind:
    """Looks for them at the start and from time to time, for ever."""

    def __init__(
        self,
        folder: Path,
        messages: Messages,
        *,
        database: Transactions,
        whose: Callable[[str, str], str],
        language: str,
        clock: IReactorTime,
        in_thread: InThread,
        on_fault: Callable[[str], None],
    ) -> None:
        """*whose*: see ``whose``; *language*: that of a caller of whom none is known."""
        self._folder = folder
        self._messages = messages
        self._database = database
        self._whose = whose
        self._language = language
        self._clock = clock
        self._in_thread = in_thread
        self._on_fault = on_fault

    async def run(self) -> None:
        """Look again and again, until cancelled.  To be begun when every fact of earlier runs is a row."""
        backoff = Backoff(self._clock)
        while True:
            try:
                await self.look()
            except PASSING as error:
                log.warn("messages are not looked for yet: {error}", error=type(error).__name__)
                await backoff.pause()
                continue
            except (JournalUnwritable, OSError) as error:
                log.error("messages are not looked for: {error}", error=str(error))
            backoff.reset()
            await deferLater(self._clock, LOOK_SECONDS)

    async def look(self) -> None:
        """Make a ticket of each that has none.  Raises PASSING, JournalUnwritable, OSError."""
        now = self._clock.seconds()
        found = await self._in_thread(lambda: settled(self._folder, now=now))
        for first in range(0, len(found), AT_ONCE):
            batch = found[first : first + AT_ONCE]
            calls = {recording.call for recording in batch}
            known, origins = await self._database.read(partial(_asked, calls=calls))
            self._messages.let_go(known)
            for recording in batch:
                # One that this process keeps may not be a row yet.
                in_hand = self._messages.has_in_hand(recording.call, recording.file)
                if recording.file not in known and not in_hand:
                    await self._keep(recording, origins.get(recording.call, Origin()))

    async def _keep(self, recording: Recording, origin: Origin) -> None:
        helpline = self._whose(origin.helpline, origin.dialled)
        language = origin.language or self._language
        asker = Asker(call=recording.call, caller=origin.caller, helpline=helpline, language=language)
        message = KeepMessage(helpline, origin.category, language, recording.seconds)
        try:
            answer = await self._messages.keep(message, asker, file=recording.file)
        except TicketRefused as refused:
            # Of one alone; the others are not to wait for it.
            log.error("a message found becomes no ticket: {why}", why=str(refused), call=recording.call)
            return
        if isinstance(answer, Registered):
            self._on_fault("message-found")
            log.warn("a message without a ticket was found", call=recording.call, docket=answer.docket)


def whose(configuration: Configuration, helpline: str, dialled: str) -> str:
    """*helpline* if it is still there, else that of the number *dialled*, else the site's first."""
    if HelplineId(helpline) in configuration.helplines:
        return helpline
    known = configuration.helpline_of(dialled)
    return known.id if known else next(iter(configuration.helplines))


def settled(folder: Path, *, now: float) -> list[Recording]:
    """The recordings in *folder* that nobody writes to any more, if there is a message in them.

    Raises OSError.
    """
    with os.scandir(folder) as entries:
        return [recording for entry in entries for recording in _read(entry, now=now)]


def _read(entry: os.DirEntry[str], *, now: float) -> Iterator[Recording]:
    stem, ending = os.path.splitext(entry.name)
    named = OWN_NAME.fullmatch(stem)
    call = named["call"] if named else stem
    if ending != ".wav" or not re.fullmatch(CALL_ID, call) or not entry.is_file(follow_symlinks=False):
        return
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        # Removed meanwhile.
        return
    # By the size: an Asterisk that died has not written the length into the head.
    seconds = (stat.st_size - EMPTY_BYTES) // BYTES_A_SECOND
    if SETTLED_SECONDS <= now - stat.st_mtime <= OLDEST_SECONDS and seconds >= SHORTEST_MESSAGE_SECONDS:
        yield Recording(file=entry.name, call=call, seconds=seconds)


def _asked(session: Session, *, calls: Collection[str]) -> tuple[set[str], dict[str, Origin]]:
    """The recordings of *calls* that have a ticket, and what is known of these calls."""
    known = set(session.scalars(select(MessageRecord.file).where(MessageRecord.call.in_(calls))))
    rows = session.scalars(select(CallRecord).where(CallRecord.call.in_(calls)))
    return known, {row.call: _origin(row) for row in rows}


def _origin(row: CallRecord) -> Origin:
    return Origin(
        helpline=row.helpline or "",
        dialled=row.dialled,
        category=row.category,
        language=row.language or "",
        caller=row.caller or row.caller_raw,
    )
