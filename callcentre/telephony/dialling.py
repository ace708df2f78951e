"""How a node dials an agent's phone: its own phones itself, another's through that node."""

from __future__ import annotations

from routing.ids import NOWHERE, NodeId, Phone

# The endpoint of each other node in pjsip.conf.
TRUNK = "node-"
# Dialled so, [from-nodes] rings a phone only if it is in no call, which a native queue elsewhere cannot see.
IDLE = "idle*"


def target(phone: Phone, at: NodeId, *, here: NodeId) -> str:
    """What *here* dials for a *phone* registered *at* a node; one that is registered nowhere is its own."""
    return phone if at in (here, NOWHERE) else f"{phone}@{TRUNK}{at}"
