"""Spoken messages for those who serve their helplines; that somebody hears one is noted in the log."""

from __future__ import annotations

import re
from collections.abc import Set
from pathlib import Path

from sqlalchemy.orm import Session
from twisted.logger import Logger

from agents_ui.message_ports import Message, MessageList
from callcentre.accounts.users import find_account
from callcentre.console.asking import asked
from callcentre.enquiries.messages import CALL_ID
from callcentre.projections.spoken import MessageRow, find_message, last_messages
from callcentre.storage.schema import Role
from callcentre.storage.threads import Transactions
from callcentre.telephony.numbers import masked
from callcentre.tickets.docket import LENGTH
from routing.ids import AgentId, HelplineId, Instant

log = Logger()

# As many as somebody looks through at once; each is a player on the page.
AT_ONCE = 50
# What is recorded here is named by its call; anything else in the table leads nowhere.
RECORDING = re.compile(rf"{CALL_ID}\.wav")


class ConsoleMessages:
    """``agents_ui.message_ports.Messages``; the recordings are in *folder*."""

    def __init__(self, folder: Path, database: Transactions) -> None:
        self._folder = folder
        self._database = database

    async def newest(self, reader: AgentId, *, before: str) -> MessageList:
        """The newest of *reader*'s, or those before the one of docket *before*.  Raises StorageAway."""

        def look(session: Session) -> MessageList:
            # One more than is shown tells whether there are older ones.
            rows = last_messages(session, AT_ONCE + 1, helplines=_served(session, reader), before=before)
            return MessageList(tuple(map(self._shown, rows[:AT_ONCE])), more=len(rows) > AT_ONCE)

        return await asked(self._database.read, look)

    async def recording(self, reader: AgentId, docket: str) -> Path | None:
        """Where that message can be heard; None when it is not *reader*'s or is gone.  Raises StorageAway."""

        def look(session: Session) -> tuple[MessageRow | None, Path | None]:
            row = find_message(session, docket, helplines=_served(session, reader))
            return row, None if row is None else self._path(row)

        row, path = await asked(self._database.read, look)
        if row is None or path is None:
            log.info("{agent} may not hear {docket}, or it is gone", agent=reader, docket=docket[:LENGTH])
            return None
        log.info(
            "{agent} hears the recording of {docket}, a message from {caller}",
            agent=reader,
            docket=docket,
            caller=masked(row.caller) or "nobody known",
        )
        return path

    def _shown(self, row: MessageRow) -> Message:
        return Message(
            docket=row.docket,
            helpline=HelplineId(row.helpline),
            category=row.category,
            caller=row.caller,
            left_at=Instant(row.left_at),
            seconds=row.seconds,
            kept=self._path(row) is not None,
        )

    def _path(self, row: MessageRow) -> Path | None:
        """The recording of *row*, if it is a file of the folder.  Waits for the disk."""
        if not RECORDING.fullmatch(row.file):
            return None
        path = self._folder / row.file
        return path if path.is_file() and not path.is_symlink() else None


def _served(session: Session, reader: AgentId) -> Set[str] | None:
    """The helplines whose messages *reader* may hear; None: all."""
    account = find_account(session, reader)
    if account is None:
        return frozenset()
    return None if account.role in (Role.SUPERVISOR, Role.ADMIN) else account.helplines
