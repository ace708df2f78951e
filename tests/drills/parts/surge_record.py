"""What Asterisk's own events tell of callers in a surge: who had a line, heard a sound, or was harmed.

Callers are told apart by their numbers, of which each calls once.  All times are those of this machine's
clock: Asterisk's event times, and SIPp's for the first ``INVITE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcentre.telephony.ami.codec import Message

WITNESSED = ("Newexten", "AGIExecStart", "UserEvent", "DialBegin", "DialEnd", "Hangup", "HangupRequest")
"""The events a record is made of."""


@dataclass(slots=True)
class Caller:
    """One call that was offered."""

    invited: float
    sound: float | None = None
    """When the first prompt began."""
    accepted: bool = False
    """Whether it had one of the helpline's lines."""
    left: bool = False
    """Whether the caller hung up, and not we."""
    ended: bool = False
    fell_back: bool = False
    talk_began: float | None = None
    talk_ended: float | None = None


class SurgeRecord:
    """Built from when each number was first invited for, and from events in their order."""

    def __init__(self, invited: Mapping[str, float], events: Iterable[Message]) -> None:
        self.callers = {number: Caller(at) for number, at in invited.items()}
        self.end = max(invited.values())
        """The time of the last event."""
        self._legs: dict[str, Caller] = {}
        for event in events:
            self.end = float(event["Timestamp"])
            self._hear(event)

    def _hear(self, event: Message) -> None:
        if event.name == "Hangup" and event["Uniqueid"] in self._legs:
            self._legs.pop(event["Uniqueid"]).talk_ended = self.end
            return
        caller = self.callers.get(event.get("CallerIDNum"))
        if caller is None:
            return
        if _is_sound(event) and caller.sound is None:
            caller.sound = self.end
        match event.name:
            case "Newexten" if event["Context"] == "arrive":
                caller.accepted = True
            case "UserEvent" if event["UserEvent"] == "CallFellBack":
                caller.fell_back = True
            case "DialEnd" if event["DialStatus"] == "ANSWER":
                caller.talk_began = self.end
                self._legs[event["DestUniqueid"]] = caller
            case "HangupRequest":
                caller.left = True
            case "Hangup":
                caller.ended = True

    # --- what is counted ------------------------------------------------------------------------------

    @property
    def accepted(self) -> list[Caller]:
        """Everybody who had a line."""
        return [caller for caller in self.callers.values() if caller.accepted]

    def longest_silence(self) -> float:
        """The longest from a caller's first INVITE to his first prompt, or to the end of the record."""
        return max((caller.sound or self.end) - caller.invited for caller in self.callers.values())

    def harmed(self, *, talk_seconds: float) -> list[Caller]:
        """The accepted who lost our router, were sent away before they spoke to an agent, or were cut off
        before she had ended the talk, which lasts *talk_seconds*.
        """
        return [caller for caller in self.accepted if _is_harmed(caller, talk_seconds)]


def _is_sound(event: Message) -> bool:
    if event.name == "AGIExecStart":
        return event["Command"].startswith("STREAM FILE")
    return event.name == "Newexten" and event["Application"] == "Playback"


def _is_harmed(caller: Caller, talk_seconds: float) -> bool:
    if caller.fell_back:
        return True
    if caller.left:
        return False
    if caller.talk_began is None:
        return caller.ended
    return caller.talk_ended is not None and caller.talk_ended - caller.talk_began < talk_seconds


def invited(trace: Path, numbers: Sequence[str]) -> dict[str, float]:
    """When each of *numbers* was first invited for, by SIPp's own short message log.

    SIPp numbers its calls from 1 and begins their ids with that: call ``7-4711@127.0.0.2`` is the seventh.
    """
    moments: dict[str, float] = {}
    for line in trace.read_text(encoding="utf-8").splitlines():
        _, _, moment, direction, call, cseq, *_ = line.split("\t")
        if direction == "S" and cseq.endswith("INVITE"):
            moments.setdefault(numbers[int(call.partition("-")[0]) - 1], float(moment))
    return moments
