"""Asterisk's side of AGI, played as fast as it can be answered: every prompt is over at once.

Each session is one caller of the Kerala Water Authority's number: he chooses the second language while it is
offered, hears the notice and the whole menu, and chooses the second matter.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass

NUMBER = "1916"
# As res_agi.c of Asterisk 22 sends it, with the arguments of our dialplan.
ENVIRONMENT = """\
agi_network: yes
agi_network_script: ivr
agi_request: agi://127.0.0.1:{port}/ivr
agi_channel: PJSIP/trunk-{caller:08x}
agi_language: ml
agi_type: PJSIP
agi_uniqueid: node1-1795861872.{caller}
agi_version: 22.10.0
agi_callerid: 9447{caller:06}
agi_calleridname: unknown
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: {number}
agi_rdnis: unknown
agi_context: arrive
agi_extension: s
agi_priority: 4
agi_enhanced: 0.0
agi_accountcode:
agi_threadid: 140190000000000
agi_arg_1: {number}
agi_arg_2: kwa
agi_arg_3: ml
agi_arg_4:

"""
KEY = "2"
# The welcome, and two prompts for each of the first two languages: the key is pressed during the last.
PROMPT_OF_THE_LANGUAGE = 5
NOTHING_PRESSED, PRESSED = "200 result=0 endpos=8000\n", f"200 result={ord(KEY)} endpos=8000\n"
DONE, KEY_OF_THE_MENU = b"200 result=1\n", f"200 result={ord(KEY)}\n".encode()
# How it must end, whatever came before.
LAST_COMMAND = b'SET VARIABLE "CC_NEXT" "queue"\n'


@dataclass(slots=True)
class Tally:
    """What was answered so far."""

    sessions: int = 0
    commands: int = 0
    broken: int = 0
    """Sessions that ended before the caller was sent on."""


class ScriptedCall(asyncio.Protocol):
    """One session; ``over`` is done when the server has closed the connection."""

    def __init__(self, environment: str) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.commands = 0
        self.sent_on = False
        self._environment = environment.encode()
        self._prompts = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(self._environment)

    def data_received(self, data: bytes) -> None:
        # A server that waits for each answer never sends half a command, nor two.
        self.commands += 1
        self.sent_on = data == LAST_COMMAND
        self._transport.write(self._reply(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set_result(None)

    def _reply(self, command: bytes) -> bytes:
        if command.startswith(b"STREAM FILE"):
            self._prompts += 1
            return (PRESSED if self._prompts == PROMPT_OF_THE_LANGUAGE else NOTHING_PRESSED).encode()
        return KEY_OF_THE_MENU if command.startswith(b"WAIT FOR DIGIT") else DONE


class ScriptedAsterisk:
    """Calls the FastAGI server at *port* of this machine, so many callers at once, each after the last."""

    def __init__(self, port: int, *, at_once: int) -> None:
        self.tally = Tally()
        self._port = port
        self._at_once = at_once
        self._callers = itertools.count(1)
        self._end = 0.0

    def run(self, seconds: float) -> float:
        """Call for *seconds*; how many sessions ended in one second."""
        begun, at_first = time.monotonic(), self.tally.sessions
        self._end = begun + seconds
        asyncio.run(self._all())
        return (self.tally.sessions - at_first) / (time.monotonic() - begun)

    async def _all(self) -> None:
        await asyncio.gather(*(self._line() for _ in range(self._at_once)))

    async def _line(self) -> None:
        while time.monotonic() < self._end:
            await self._call(next(self._callers))

    async def _call(self, caller: int) -> None:
        environment = ENVIRONMENT.format(port=self._port, caller=caller, number=NUMBER)
        loop = asyncio.get_running_loop()
        _, call = await loop.create_connection(lambda: ScriptedCall(environment), "127.0.0.1", self._port)
        await call.over
        self.tally.sessions += 1
        self.tally.commands += call.commands
        self.tally.broken += not call.sent_on
