"""Rows of CoreShowChannels as Asterisk writes them, for callers and for agents' legs."""

from __future__ import annotations

from callcentre.telephony.ami.codec import Message

BRIDGE = "a6f41948-f087-4554-a4a8-2f0ac07f06e8"


def caller_row(
    call: str,
    context: str,
    *,
    queued_at: float | None = None,
    agent: str = "",
    bridge: str = "",
    **others: str,
) -> Message:
    """The caller's own channel; *others* are variables that are not ours."""
    place = "" if queued_at is None else f"{queued_at:.6f}"
    said = {"CALL": call, "HELPLINE": "kwa", "LANGUAGE": "ml", "QUEUED_AT": place, "AGENT": agent}
    more = {"LEG_OF": call, "CALLER": "9447012345", "DIALLED": "1916", "DOCKET": ""}
    return _row(f"PJSIP/trunk-{call[-8:]}", context, "6", bridge, {**said, **more}, **others)


def leg_row(call: str, phone: str, *, agent: str = "", bridge: str = "") -> Message:
    """The agent's side, ringing unless bridged."""
    said = {"CALL": "", "LEG_OF": call, "AGENT": agent}
    return _row(f"PJSIP/{phone}-0000002a", "from-phones", "6" if bridge else "5", bridge, said)


def _row(
    channel: str, context: str, state: str, bridge: str, variables: dict[str, str], **others: str
) -> Message:
    return Message.of(
        ("Event", "CoreShowChannel"),
        ("Channel", channel),
        ("ChannelState", state),
        ("Context", context),
        *(("ChanVariable", f"CC_{name}={value}") for name, value in variables.items()),
        *(("ChanVariable", f"{name}={value}") for name, value in others.items()),
        ("BridgeId", bridge),
    )
