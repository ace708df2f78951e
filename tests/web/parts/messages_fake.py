"""The console's port to spoken messages, written by hand: each reader hears what the test gives them."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import Any

from agents_ui.message_ports import Message, MessageList
from routing.ids import AgentId, HelplineId, Instant


def silence(seconds: int) -> bytes:
    """As Asterisk writes a recording in which nobody speaks: PCM, 16 bits, 8 kHz."""
    written = BytesIO()
    with wave.open(written, "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(2 * 8000 * seconds))
    return written.getvalue()


SECOND = silence(1)
AT_ONCE = 3


class FakeMessages:
    """Messages of two helplines: agents hear those of *kwa* alone."""

    def __init__(self, in_charge: frozenset[AgentId], transcript: list[tuple[Any, ...]]) -> None:
        self.left: list[Message] = []
        self.recordings: dict[str, Path] = {}
        self._in_charge = in_charge
        self._transcript = transcript

    async def newest(self, reader: AgentId, *, before: str) -> MessageList:
        mine = [one for one in reversed(self.left) if self._may_hear(reader, one)]
        dockets = [one.docket for one in mine]
        rest = mine[dockets.index(before) + 1 :] if before in dockets else mine
        return MessageList(tuple(rest[:AT_ONCE]), more=len(rest) > AT_ONCE)

    async def recording(self, reader: AgentId, docket: str) -> Path | None:
        self._transcript.append(("recording", reader, docket))
        known = any(one.docket == docket and self._may_hear(reader, one) for one in self.left)
        return self.recordings.get(docket) if known else None

    def _may_hear(self, reader: AgentId, one: Message) -> bool:
        return reader in self._in_charge or one.helpline == "kwa"

    # What the test makes happen

    def add(self, **points: Any) -> Message:
        """One more was left."""
        number = len(self.left)
        usual: dict[str, Any] = {
            "docket": f"26{number:08}",
            "helpline": HelplineId("kwa"),
            "category": "no-water",
            "caller": "+919447000001",
            "left_at": Instant(1_764_000_000.0 + 600 * number),
            "seconds": 65,
            "kept": True,
        }
        one = Message(**{**usual, **points})
        self.left.append(one)
        return one
