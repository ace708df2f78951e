"""Makes a spoken message a ticket: the recording on the disk first, then the ticket, then what joins them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from twisted.logger import Logger

from callcentre.enquiries.asker import Asker
from callcentre.enquiries.facts import MessageLeft
from callcentre.enquiries.records import Records
from callcentre.in_thread import InThread
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
# A recording's when it is kept: the call's, which ends in a dot and a number, and one more number.
OWN_NAME = re.compile(r"(?P<call>.+\.[0-9]+)-[0-9]+")
# A WAV file without a sample.
EMPTY_BYTES = 44


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
        # A call may leave several, and one may be late.
        self._being_kept: list[str] = []
        self._kept: set[str] = set()

    def has_in_hand(self, call: str, file: str) -> bool:
        """Whether a message of *call* is being kept, or *file* is kept and may not be a row yet."""
        return call in self._being_kept or file in self._kept

    def let_go(self, files: Iterable[str]) -> None:
        """Told that *files* are rows."""
        self._kept.difference_update(files)

    async def keep(self, message: KeepMessage, asker: Asker, *, file: str = "") -> Registered | Unanswered:
        """Register what *asker* has spoken: just now, or in *file* that was found.

        Raises TicketRefused, NoDocketLeft, JournalUnwritable.
        """
        self._being_kept.append(asker.call)
        try:
            return await self._keep(message, asker, file or f"{asker.call}.wav")
        finally:
            self._being_kept.remove(asker.call)

    async def _keep(self, message: KeepMessage, asker: Asker, file: str) -> Registered | Unanswered:
        recording = await self._recording(asker.call, file)
        if recording is None:
            self._on_fault("message-missing")
            log.error("call {call}: there is no recording of a message", call=asker.call)
            return Unanswered()
        docket = await self._desk.register(self._form(message, asker), agent=TAKEN_BY)
        left = MessageLeft(
            at=self._records.now(),
            call=CallId(asker.call),
            docket=docket,
            file=recording.name,
            seconds=message.seconds,
        )
        await self._records.keep(left)
        self._kept.add(recording.name)
        return Registered(docket)

    async def _recording(self, call: str, file: str) -> Path | None:
        if not re.fullmatch(CALL_ID, call):
            return None
        return await self._in_thread(lambda: made_safe(self._folder / file))

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


def made_safe(path: Path) -> Path | None:
    """Where the recording at *path* lies for good, which no power cut can take; None when there is none.

    Asterisk records the next message of the same call over *path*: it gets a name of its own.
    """
    try:
        _sync(path)
        if path.stat().st_size <= EMPTY_BYTES:
            return None
        own = path if OWN_NAME.fullmatch(path.stem) else _renamed(path)
        _sync(path.parent)
    except OSError as error:
        log.warn("a recording cannot be kept: {error}", error=error.strerror)
        return None
    return own


def _renamed(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}-{nth}.wav") for nth in count(1))
    return path.rename(next(name for name in names if not name.exists()))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
