"""Names and measures of the floor as types, so that a call id never stands where an agent's should."""

from __future__ import annotations

from typing import NewType

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
HelplineId = NewType("HelplineId", str)
LanguageCode = NewType("LanguageCode", str)
CategoryId = NewType("CategoryId", str)
"""What a call of a helpline is about, such as ``food-poisoning``."""
Skill = NewType("Skill", str)
"""What an agent can do at a level of 1 to 9; a language is a skill, see ``needs.language_skill``."""
Pool = NewType("Pool", str)
"""A named group of agents beside those of a helpline, such as a district's."""
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
