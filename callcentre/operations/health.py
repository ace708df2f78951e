"""``GET /health``: one JSON object that says whether calls get through, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twisted.web.http import OK, SERVICE_UNAVAILABLE
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource

from routing.ids import Epoch, NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is up.  Without an Asterisk no call gets through; without the database all of them do."""

    asterisk: Mapping[NodeId, bool]
    database: bool
    epoch: Epoch
    journal_lag: int
    """Facts not yet in the database."""

    @property
    def status(self) -> str:
        """``ok``; ``degraded``, something is missing and calls get through; ``down``, none does."""
        if not any(self.asterisk.values()):
            return "down"
        return "ok" if self.database and all(self.asterisk.values()) else "degraded"

    def told(self) -> dict[str, Any]:
        """As it is published."""
        return {
            "status": self.status,
            "asterisk": {node: "up" if up else "down" for node, up in self.asterisk.items()},
            "database": "up" if self.database else "down",
            "router": {"epoch": self.epoch},
            "journal": {"lag_facts": self.journal_lag},
        }


class HealthPage(Resource):
    """Answers 200 while calls get through, else 503."""

    isLeaf = True

    def __init__(self, look: Callable[[], Health]) -> None:
        super().__init__()
        self._look = look

    def render_GET(self, request: IRequest) -> bytes:
        health = self._look()
        request.setResponseCode(SERVICE_UNAVAILABLE if health.status == "down" else OK)
        request.setHeader(b"content-type", b"application/json")
        request.setHeader(b"cache-control", b"no-store")
        return json.dumps(health.told()).encode() + b"\n"
