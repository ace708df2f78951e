"""Makes a spoken message a ticket: the recording on the disk first, then the ticket, then what joins them."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from twisted.logger import Logger

from callcentre.enquiries.asker import Asker
from callcentre.enquiries.facts import MessageLeft
from callcentre.enquiries.records import Records
from callcentre.telephony.numbers import normalised
from callcentre.tickets.desk import LONGEST, Choices, Desk, TicketForm
from ivr.exchange import KeepMessage, Registered, Unanswered
from routing.ids import AgentId, CallId, HelplineId

log = Logger()

TAKEN_BY = AgentId("menu")
"""Stands in a message's ticket where an agent's name would."""
OTHER = "other"
"""The category of a message without one; a helpline may have one of that id, with names to show."""
# Asterisk's unique ids: they become a file's name.
CALL_ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}"
# A WAV file without a sample.
EMPTY_BYTES = 44

InThread = Callable[[Callable[[], bool]], Awaitable[bool]]


def with_other(choices: Choices) -> Choices:
    """The same choices for a desk that takes messages: any helpline's may be about something else."""
    categories = {helpline: (*known, OTHER) for helpline, known in choices.categories.items()}
    return replace(choices, categories=categories)


class Messages:
    """Where spoken messages are handed in; ``on_fault`` is told ``message-missing``: no recording."""

    def __init__(
        self,
        folder: Path,
        desk: Desk,
        *,
        records: Records,
        choices: Choices,
        in_thread: InThread,
        on_fault: Callable[[str], None],
    ) -> None:
        """*desk* takes what *choices* let it; *in_thread* runs what waits for the disk."""
        self._folder = folder
        self._desk = desk
        self._records = records
        self._choices = choices
        self._in_thread = in_thread
        self._on_fault = on_fault

    async def keep(self, message: KeepMessage, asker: Asker) -> Registered | Unanswered:
        """Register what *asker* has spoken.  Raises TicketRefused, NoDocketLeft, JournalUnwritable."""
        file = f"{asker.call}.wav"
        path = self._folder / file
        if not re.fullmatch(CALL_ID, asker.call) or not await self._in_thread(lambda: made_safe(path)):
            self._on_fault("message-missing")
            log.error("there is no recording of a message", call=asker.call)
            return Unanswered()
        docket = await self._desk.register(self._form(message, asker), agent=TAKEN_BY)
        left = MessageLeft(
            at=self._records.now(),
            call=CallId(asker.call),
            docket=docket,
            file=file,
            seconds=message.seconds,
        )
        await self._records.keep(left)
        return Registered(docket)

    def _form(self, message: KeepMessage, asker: Asker) -> TicketForm:
        known = self._choices.categories.get(HelplineId(message.helpline), ())
        return TicketForm(
            helpline=message.helpline,
            category=message.category if message.category in known else OTHER,
            call=asker.call,
            # What is no number may be longer than any.
            caller=normalised(asker.caller)[: LONGEST["caller"]],
            description=f"A spoken message of {message.seconds} s",
            language=message.language,
        )


def made_safe(path: Path) -> bool:
    """Whether there is a recording at *path*, which no power cut can take any more."""
    try:
        for part in (path, path.parent):
            descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return path.stat().st_size > EMPTY_BYTES
    except OSError as error:
        log.warn("a recording cannot be kept: {error}", error=error.strerror)
        return False
