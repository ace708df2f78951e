"""The service's side of the control socket: what the command line may ask of the floor."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from klein import Klein
from twisted.web.http import ACCEPTED, BAD_REQUEST, CONFLICT, NOT_FOUND
from twisted.web.iweb import IRequest

from callcentre.acd.agents import Agents, WishRefused
from callcentre.acd.dispatch import Dispatcher
from callcentre.announcements.board import Board
from callcentre.announcements.facts import AnnouncementMade
from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.operations.health import Health
from callcentre.operations.site import QuietSite
from callcentre.renewal.renewal import AlreadyUnderWay, Standing
from routing.agent import Agent
from routing.estimates import Estimate, Estimator
from routing.ids import AgentId, HelplineId

# No account has such a name.
COMMAND_LINE = AgentId("command line")


class Renewals(Protocol):
    """What takes up the configuration; Renewal is the real one."""

    async def standing(self) -> Standing:
        """How what runs compares to what is in the files."""

    async def take_up(self) -> None:
        """Take up what is in the files.  Raises ConfigurationFaulty, AlreadyUnderWay."""


class ControlRoom:
    """Answers the command line from the floor as it is."""

    app = Klein()

    def __init__(
        self,
        dispatcher: Dispatcher,
        agents: Agents,
        *,
        board: Board,
        estimator: Estimator,
        health: Callable[[], Health],
        renewal: Renewals,
    ) -> None:
        self._board = board
        self._floor = dispatcher.floor
        self._renewal = renewal
        self._estimator = estimator
        self._health = health
        self._wishes: dict[str, Callable[[AgentId], Awaitable[Agent]]] = {
            "available": agents.make_available,
            "break": agents.send_on_break,
            "logout": agents.log_out,
        }

    @app.route("/health", methods=["GET"])
    def health(self, request: IRequest) -> str:
        """What is up."""
        return _json(request, self._health().told())

    @app.route("/agents", methods=["GET"])
    def agents(self, request: IRequest) -> str:
        """Every agent who was ever at a phone."""
        return _json(request, [_told(agent) for agent in self._floor.agents()])

    @app.route("/waiting", methods=["GET"])
    def waiting(self, request: IRequest) -> str:
        """Who waits, in the order in which each helpline's callers will be served."""
        helplines = sorted({call.helpline for call in self._floor.calls() if call.helpline is not None})
        return _json(request, [row for helpline in helplines for row in self._line(helpline)])

    def _line(self, helpline: HelplineId) -> list[dict[str, Any]]:
        line = self._floor.waiting(helpline)
        return [
            {
                "helpline": helpline,
                "place": place,
                "call": call.id,
                "caller": call.caller,
                "language": call.language,
                "queued_at": call.queued_at,
                "callback": call.callback is not None,
                "wait_s": _range(self._estimator.estimate(call)),
            }
            for place, call in enumerate(line, start=1)
        ]

    @app.route("/configuration", methods=["GET"])
    async def configuration(self, request: IRequest) -> str:
        """How what runs compares to what is in the files."""
        return _json(request, _told_of_configuration(await self._renewal.standing()))

    @app.route("/configuration", methods=["POST"])
    async def take_up(self, request: IRequest) -> str:
        """Take up what is in the files; answered when it was found right, before it runs."""
        try:
            await self._renewal.take_up()
        except AlreadyUnderWay as refusal:
            request.setResponseCode(CONFLICT)
            return _json(request, {"error": str(refusal), "code": "under_way"})
        except ConfigurationFaulty as faulty:
            request.setResponseCode(BAD_REQUEST)
            return _json(request, {"error": str(faulty), "code": "faulty"})
        request.setResponseCode(ACCEPTED)
        return _json(request, _told_of_configuration(await self._renewal.standing()))

    @app.route("/announcements", methods=["GET"])
    def announcements(self, request: IRequest) -> str:
        """What callers are told, in the order in which it was put up."""
        return _json(request, [self._announced(made) for made in self._board.in_force()])

    def _announced(self, made: AnnouncementMade) -> dict[str, Any]:
        return {
            "announcement": made.announcement,
            "kind": made.kind.value,
            "helplines": sorted(made.helplines),
            "texts": dict(made.texts),
            "at": made.at,
            "until": made.until,
            "by": made.by,
            "heard": self._board.is_heard(made.announcement),
        }

    @app.route("/surge", methods=["GET"])
    def surge(self, request: IRequest) -> str:
        """Whether surge mode is on, since when, and why."""
        return _json(request, self._surge())

    @app.route("/surge/<wish>", methods=["POST"])
    async def switch_surge(self, request: IRequest, wish: str) -> str:
        """Begin or end it by hand."""
        wishes = {"on": self._board.switch.declare, "off": self._board.switch.end}
        if wish not in wishes:
            request.setResponseCode(NOT_FOUND)
            return _json(request, {"error": f"{wish!r} is none of: {', '.join(wishes)}"})
        await wishes[wish](COMMAND_LINE)
        return _json(request, self._surge())

    def _surge(self) -> dict[str, Any]:
        declared, crowd = self._board.switch.declared, self._board.switch.crowd()
        return {
            "on": declared is not None,
            "cause": None if declared is None else declared.cause.value,
            "count": None if declared is None else declared.count,
            "since": None if declared is None else declared.at,
            "by": None if declared is None else declared.by,
            "waiting": crowd.waiting,
            "arrivals_per_minute": crowd.arrivals,
        }

    @app.route("/agents/<name>/<wish>", methods=["POST"])
    async def wish(self, request: IRequest, name: str, wish: str) -> str:
        """Grant an agent's wish."""
        granted = self._wishes.get(wish)
        if granted is None:
            request.setResponseCode(NOT_FOUND)
            return _json(request, {"error": f"{wish!r} is none of: {', '.join(self._wishes)}"})
        try:
            return _json(request, _told(await granted(AgentId(name))))
        except WishRefused as refusal:
            request.setResponseCode(CONFLICT)
            return _json(request, {"error": str(refusal), "code": refusal.code})

    def site(self) -> QuietSite:
        """To be listened with at the control socket."""
        return QuietSite(self.app.resource())


def _range(estimate: Estimate | None) -> list[int] | None:
    """The estimate as whole seconds: the shortest and the longest of eight waits in ten."""
    return None if estimate is None else [round(estimate.shortest), round(estimate.longest)]


def _told(agent: Agent) -> dict[str, Any]:
    return {
        "agent": agent.id,
        "state": agent.state.value,
        "since": agent.since,
        "phone": agent.phone,
        "node": agent.node,
        "helplines": sorted(agent.helplines),
        "pools": sorted(agent.abilities.groups - agent.helplines),
        "skills": dict(sorted(agent.abilities.levels.items())),
        "order": agent.abilities.order,
        "answered": agent.answered,
        "call": agent.call,
        "reason": agent.reason,
        "intent": agent.intent.state.value if agent.intent is not None else None,
    }


def _told_of_configuration(standing: Standing) -> dict[str, Any]:
    return {
        "since": standing.since,
        "changed": list(standing.changed),
        "stage": standing.stage.value if standing.stage is not None else None,
        "refused_at": standing.refused_at,
        "faults": [str(fault) for fault in standing.faults],
        "notes": list(standing.notes),
    }


def _json(request: IRequest, body: object) -> str:
    request.setHeader(b"content-type", b"application/json; charset=utf-8")
    return json.dumps(body, ensure_ascii=False)
