"""The manager events that the service reads: Asterisk sends it no others."""

from __future__ import annotations

from typing import Final

EVENTS_READ: Final = (
    *("UserEvent", "DialEnd", "Hangup", "HangupRequest", "OriginateResponse", "ContactStatus"),
    *("FullyBooted", "Shutdown"),
)
