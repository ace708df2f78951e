"""Prometheus metrics of the floor, folded from the facts; never a second source of truth.

Gauges are read from the floor at each scrape, so they cannot drift from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource

from routing.call import CallFact
from routing.facts import (
    CallAnswered,
    CallbackAsked,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallTurnedAway,
    Fact,
    NeedsRelaxed,
    OfferDeclined,
    OfferMissed,
    OfferRefused,
    OfferUnreachable,
)
from routing.floor import Floor
from routing.ids import CallId, HelplineId, Instant

# Around the usual promise of 80 % within 20 s, and up to where nobody waits any more.
WAIT_BUCKETS = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)

OFFERS: Mapping[type[Fact], str] = {
    CallOffered: "made",
    OfferMissed: "missed",
    OfferDeclined: "declined",
    OfferUnreachable: "unreachable",
    OfferRefused: "refused",
}

Reading = Callable[[], float]


@dataclass(slots=True)
class _Waiting:
    helpline: HelplineId
    queued_at: Instant
    answered: bool = False
    turned_away: bool = False
    called_back: bool = False
    """He has hung up and is to be called, or was."""


class Metrics:
    """Counts facts and faults.  ``follow`` is the bus's, ``fault`` everybody's."""

    def __init__(self, floor: Floor, readings: Mapping[str, tuple[str, Reading]]) -> None:
        """*readings*: further gauges by name, each with what it means and how it is read."""
        self.registry = CollectorRegistry()
        self._floor = floor
        self._open: dict[CallId, _Waiting] = {}
        self._queued = self._counter("calls_queued", "Callers who entered a waiting room", "helpline")
        self._ended = self._counter("calls_ended", "Queued calls that ended", "helpline", "result")
        self._relaxed = self._counter("needs_relaxed", "Steps by which more agents might serve", "helpline")
        self._overflows = self._counter("overflows", "Callers sent on", "helpline", "to", "reason")
        self._turned = self._counter(
            "turned_away", "Callers told why they could not wait", "helpline", "reason"
        )
        self._callbacks = self._counter("callbacks", "Callers called back, by how far", "helpline", "result")
        self._offers = self._counter("offers", "Offers to agents by what became of them", "result")
        self._faults = self._counter("faults", "Faults by their kind", "kind")
        self._wait = Histogram(
            "callcentre_wait_seconds",
            "From queueing to the agent's answer, of those who waited on the line",
            ["helpline"],
            buckets=WAIT_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Gauges(floor, readings))

    def fault(self, kind: str) -> None:
        """Count a fault."""
        self._faults.labels(kind).inc()

    def follow(self, fact: Fact) -> None:
        """Count a fact that the floor has taken note of."""
        if isinstance(fact, CallQueued):
            self._came(fact)
        waiting = self._open.get(fact.call) if isinstance(fact, CallFact) else None
        if waiting is not None:
            self._note(fact, waiting)
        result = OFFERS.get(type(fact))
        if result is not None:
            self._offers.labels(result).inc()

    def _came(self, fact: CallQueued) -> None:
        if fact.call not in self._open:
            self._open[fact.call] = _Waiting(fact.helpline, fact.queued_at)
            self._queued.labels(fact.helpline).inc()

    def _note(self, fact: Fact, waiting: _Waiting) -> None:
        match fact:
            case CallQueued() | CallbackAsked():
                waiting.turned_away = False
            case NeedsRelaxed():
                self._relaxed.labels(waiting.helpline).inc()
            case CallOverflowed():
                self._overflows.labels(waiting.helpline, fact.helpline, fact.why.value).inc()
                waiting.helpline = fact.helpline
            case CallTurnedAway():
                self._turned.labels(waiting.helpline, fact.why.value).inc()
                waiting.turned_away = True
            case CallAnswered() if not waiting.answered:
                self._answered(fact, waiting)
            case CallEnded() | CallLost() if self._floor.call(fact.call) is not None:
                self._hung_up_to_be_called(waiting)
            case CallEnded() | CallLost() | CallbackGivenUp():
                self._closed(fact, waiting)

    def _answered(self, fact: CallAnswered, waiting: _Waiting) -> None:
        waiting.answered = True
        self._offers.labels("answered").inc()
        if waiting.called_back:
            self._callbacks.labels(waiting.helpline, "answered").inc()
        else:
            self._wait.labels(waiting.helpline).observe(max(0.0, fact.at - waiting.queued_at))

    def _hung_up_to_be_called(self, waiting: _Waiting) -> None:
        if not waiting.called_back:
            waiting.called_back = True
            self._callbacks.labels(waiting.helpline, "begun").inc()

    def _closed(self, fact: CallEnded | CallLost | CallbackGivenUp, waiting: _Waiting) -> None:
        del self._open[fact.call]
        self._ended.labels(waiting.helpline, _result(fact, waiting)).inc()
        if isinstance(fact, CallbackGivenUp):
            self._callbacks.labels(waiting.helpline, "failed").inc()

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"callcentre_{name}", meaning, labels, registry=self.registry)


def _result(fact: CallEnded | CallLost | CallbackGivenUp, waiting: _Waiting) -> str:
    match fact:
        case CallLost():
            return "lost"
        case CallbackGivenUp():
            return "callback_failed"
        case _ if waiting.turned_away:
            return "turned_away"
        case _:
            return "answered" if waiting.answered else "abandoned"


class MetricsPage(Resource):
    """Answers a scrape in the reactor's own thread: the floor is not for several.

    ``prometheus_client.twisted`` would read it from another, and import the default reactor.
    """

    isLeaf = True

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._registry = registry

    def render_GET(self, request: IRequest) -> bytes:
        encode, content_type = choose_encoder(request.getHeader("accept") or "")
        request.setHeader(b"content-type", content_type.encode("ascii"))
        return encode(self._registry)


class _Gauges(Collector):
    def __init__(self, floor: Floor, readings: Mapping[str, tuple[str, Reading]]) -> None:
        self._floor = floor
        self._readings = readings

    def collect(self) -> Iterable[Metric]:
        calls = GaugeMetricFamily("callcentre_calls", "Calls now", labels=["helpline", "state"])
        for (helpline, call_state), count in self._floor.call_counts().items():
            calls.add_metric([helpline or "", call_state.value], count)
        agents = GaugeMetricFamily("callcentre_agents", "Agents now", labels=["state"])
        for agent_state, count in self._floor.agent_counts().items():
            agents.add_metric([agent_state.value], count)
        yield calls
        yield agents
        for name, (meaning, read) in self._readings.items():
            yield GaugeMetricFamily(f"callcentre_{name}", meaning, value=read())
