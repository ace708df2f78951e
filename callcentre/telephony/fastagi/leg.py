"""One caller's leg as the menus see it: play this, wait for a key, write that on the channel.

Knows AGI's commands and what their results mean; knows nothing of sockets, menus or helplines.

Errors::

    AgiError
    ├── CallerGone         nobody's fault: the channel is no longer ours
    ├── CommandRefused     ours: Asterisk does not know the command or its arguments
    ├── PromptMissing      ours: Asterisk has no such sound
    ├── RecordingFailed    ours: Asterisk cannot write where it should
    └── MalformedReply     theirs: see wire.py
    CommandInFlight        ours, and crashes: two commands at once on one leg
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twisted.internet.defer import Deferred

from callcentre.telephony.fastagi.wire import AgiError, MalformedReply, Reply, encode, quoted

# A recording's end is told in samples of the file, which are signed linear ones at 8 kHz.
SAMPLES_A_SECOND = 8000
ENDPOS = re.compile(r"endpos=(\d+)")

UNKNOWN = "unknown"
"""What Asterisk writes for a value it does not have."""


class CallerGone(AgiError):
    """The caller hung up, the channel was taken elsewhere, or the link is closed."""

    kind = "caller-gone"


class CommandRefused(AgiError):
    """Asterisk answered 510 or 520."""

    kind = "command-refused"


class PromptMissing(AgiError):
    """The sound does not exist in any format Asterisk can play."""

    kind = "prompt-missing"


class RecordingFailed(AgiError):
    """Asterisk could not write the file; the caller is still there."""

    kind = "recording-failed"


class CommandInFlight(Exception):
    """A command was sent before the last was answered: Asterisk would cut the prompt being played."""


@dataclass(frozen=True, slots=True)
class Take:
    """What was recorded: for how long, and whether the caller hung up in the end."""

    seconds: float
    hung_up: bool


class AgiLeg:
    """The channel of one caller for the length of one AGI session.

    Every awaitable raises `CallerGone` as soon as the leg is gone, also when it goes while awaited.
    """

    def __init__(self, environment: Mapping[str, str], send: Callable[[bytes], None]) -> None:
        self.environment = environment
        self._send = send
        self._awaited: Deferred[Reply] | None = None
        self._gone: str | None = None

    @property
    def call(self) -> str:
        """The channel's unique id, to name the call in logs."""
        return self.environment.get("agi_uniqueid", UNKNOWN)

    # --- what the menus say ---------------------------------------------------------------------

    async def stream(self, file: str, interrupt_keys: str) -> str | None:
        """Play *file* (no extension) until its end or one of *interrupt_keys*, which is returned.

        Raises `PromptMissing` when there is no such sound; the session can go on then.
        """
        reply = await self._ask("STREAM FILE", file, interrupt_keys)
        if reply.result == "-1":
            await self._still_there()
            raise PromptMissing(f"no sound {file!r}: run `callcentre prompts build` for this Asterisk")
        return _key(reply)

    async def wait_for_digit(self, seconds: float) -> str | None:
        """The next key within *seconds*, or None."""
        reply = await self._ask("WAIT FOR DIGIT", str(round(seconds * 1000)))
        if reply.result == "-1":
            raise CallerGone(self._gone or "hung up")
        return _key(reply)

    async def record(self, file: str, *, seconds: int, silence_seconds: int, end_keys: str) -> Take:
        """Record into *file* (no extension), anew, until one of *end_keys*, silence or *seconds*.

        A caller who hangs up ends it, too, and what he has said is kept.  Raises `RecordingFailed` when there
        is nowhere to keep it; the session can go on then.
        """
        limits = (str(seconds * 1000), f"s={silence_seconds}")
        reply = await self._ask("RECORD FILE", file, "wav", end_keys, *limits)
        if "(writefile)" in reply.detail:
            raise RecordingFailed(f"{file!r} cannot be written: look at the folder's rights and the disk")
        return Take(_samples(reply) / SAMPLES_A_SECOND, hung_up=reply.result == "-1")

    async def set_variable(self, name: str, value: str) -> None:
        """Write a channel variable or a writable function such as ``CHANNEL(language)``."""
        await self._ask("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str | None:
        """A channel variable or a readable function; None when it is not set."""
        reply = await self._ask("GET VARIABLE", name)
        return reply.value if reply.result == "1" else None

    async def _still_there(self) -> None:
        # A failed STREAM FILE says -1 for a hang-up and for a missing file alike; only after a hang-up does
        # Asterisk send HANGUP, or refuse, before it answers anything else.
        await self._ask("CHANNEL STATUS")

    async def _ask(self, command: str, *arguments: str) -> Reply:
        if self._gone is not None:
            raise CallerGone(self._gone)
        if self._awaited is not None:
            raise CommandInFlight(command)
        line = encode(command, *arguments)
        self._awaited = Deferred()
        self._send(line)
        reply = await self._awaited
        if reply.code == 511:
            raise CallerGone("the channel is dead")
        if reply.code != 200:
            raise CommandRefused(f"{quoted(line)}: {reply.code} {quoted(reply.detail)}")
        return reply

    # --- what the wire says ---------------------------------------------------------------------

    def replied(self, reply: Reply) -> None:
        """The answer to the command in flight.  Raises `MalformedReply` when there is none."""
        awaited, self._awaited = self._awaited, None
        if awaited is None:
            raise MalformedReply(f"a reply nobody asked for: {reply.code} {quoted(reply.detail)}")
        awaited.callback(reply)

    def ended(self, reason: str) -> None:
        """The leg is gone, for the first *reason* given."""
        if self._gone is None:
            self._gone = reason
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            awaited.errback(CallerGone(self._gone))


def _samples(reply: Reply) -> int:
    """Where a recording ended; 0 for one that was never begun."""
    found = ENDPOS.search(reply.detail)
    return int(found[1]) if found else 0


def _key(reply: Reply) -> str | None:
    """The key a result stands for: its ASCII code, 0 for none."""
    if not reply.result.isdecimal() or int(reply.result) > 127:
        raise MalformedReply(f"not the code of a key: result={quoted(reply.result)}")
    return chr(int(reply.result)) if reply.result != "0" else None
