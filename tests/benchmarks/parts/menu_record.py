"""What Asterisk's own events tell of callers in the menus: from ``CallArrived`` to the line, or the end."""

from __future__ import annotations

from collections.abc import Iterable

from callcentre.telephony.ami.codec import Message


def fewest_in_menus(events: Iterable[Message], *, since: float) -> int:
    """The fewest who were in the menus at any moment from *since* (Asterisk's time) to the last event."""
    inside: set[str] = set()
    fewest: int | None = None
    for event in events:
        call = event.get("Uniqueid")
        if float(event["Timestamp"]) > since:
            # What is compared lasted until this event.
            fewest = len(inside) if fewest is None else min(fewest, len(inside))
        if event.get("UserEvent") == "CallArrived":
            inside.add(call)
        elif event.get("UserEvent") == "CallQueued" or event.name == "Hangup":
            inside.discard(call)
    return len(inside) if fewest is None else min(fewest, len(inside))
