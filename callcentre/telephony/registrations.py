"""What a node tells of phones that register with it."""

from __future__ import annotations

from callcentre.telephony.ami.codec import Message
from routing.ids import Phone

# A phone that has just registered answers once it has answered the node's first question.
ANSWERS = {"Reachable": True, "Unreachable": False, "Removed": False}


def phone_told(event: Message) -> tuple[Phone, bool] | None:
    """The phone of a ``ContactStatus``, and whether it answers; None for an event that does not say."""
    answers = ANSWERS.get(event.get("ContactStatus")) if event.name == "ContactStatus" else None
    return None if answers is None else (Phone(event["EndpointName"]), answers)
