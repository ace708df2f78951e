"""Names and measures of the floor as types, so that a call id never stands where an agent's should."""

from __future__ import annotations

from typing import NewType

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
HelplineId = NewType("HelplineId", str)
LanguageCode = NewType("LanguageCode", str)
NodeId = NewType("NodeId", str)
NOWHERE = NodeId("")
"""No node, or none that is known."""
Phone = NewType("Phone", str)
"""The name of a SIP endpoint, such as ``1001``."""
Epoch = NewType("Epoch", int)
"""Who may route: a router's term of office; a higher one deposes a lower one."""
Instant = NewType("Instant", float)
"""A moment, in seconds since 1970-01-01 UTC, to the microsecond."""
Seconds = NewType("Seconds", float)


def later(moment: Instant, by: Seconds) -> Instant:
    """The moment *by* seconds after *moment*."""
    return Instant(moment + by)
