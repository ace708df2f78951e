"""Calls as a real Asterisk 22.10 told them, to be told again of other callers and other agents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from callcentre.telephony.ami.codec import Message
from tests.unit.parts.asterisk_scenes import events, looks

BY_AGENT = "agent hangs up"
BY_CALLER = "offered, answered, caller hangs up"
UNANSWERED = "never answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One way a call goes, as texts to be filled in (``text % values``); see `recorded_names`.

    ``at`` is the moment of an event, ``action`` the ActionID of a row.
    """

    coming: str
    """CallArrived and CallQueued."""
    answered: str
    parting: str
    """From the request to hang up to the event that frees the agent, and what follows it at once."""
    farewell: str
    """The caller's own end, when she still hears something after the agent has gone."""


@cache
def scripts() -> tuple[Script, Script]:
    """The agent hangs up; the caller hangs up."""
    return _script(BY_AGENT, told_at_once=5), _script(BY_CALLER, told_at_once=6)


@cache
def rows() -> Mapping[str, str]:
    """What CoreShowChannels shows of a call while it is waiting, ringing, talking and leaving."""
    return {
        "waiting": _text(BY_CALLER, looks(BY_CALLER)[0]),
        "ringing": _text(UNANSWERED, looks(UNANSWERED)[0]),
        "talking": _text(BY_CALLER, looks(BY_CALLER)[1]),
        "leaving": _text(BY_AGENT, looks(BY_AGENT)[0]),
    }


def recorded_names(scene: str) -> dict[str, str]:
    """What stands for a value in the texts, by the value that was recorded."""
    coming = events(scene)[0]
    dialled = next(event for event in events(scene) if event.name == "DialEnd")
    said = dialled.variables()
    return {
        coming["Uniqueid"]: "call",
        coming["Channel"]: "channel",
        dialled["DestUniqueid"]: "leg",
        dialled["DestChannel"]: "leg_channel",
        dialled["Exten"]: "exten",
        said["CC_AGENT"]: "agent",
        said["CC_QUEUED_AT"]: "queued_at",
        said["CC_HELPLINE"]: "helpline",
        said["CC_CALLER"]: "caller",
        said["CC_DIALLED"]: "dialled",
    }


def _script(scene: str, *, told_at_once: int) -> Script:
    told = events(scene)
    return Script(
        coming=_text(scene, told[:2]),
        answered=_text(scene, told[2:3]),
        parting=_text(scene, told[3:told_at_once]),
        farewell=_text(scene, told[told_at_once:]),
    )


def _text(scene: str, messages: Iterable[Message]) -> str:
    names = recorded_names(scene)
    return "".join(
        "".join(_line(name, value, names) for name, value in message.headers) + "\r\n" for message in messages
    )


def _line(header: str, value: str, names: Mapping[str, str]) -> str:
    variable, equals, said = value.rpartition("=")
    name = {"Timestamp": "at", "ActionID": "action"}.get(header) or names.get(said)
    return f"{header}: {variable}{equals}{said if name is None else f'%({name})s'}\r\n"
