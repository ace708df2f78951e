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

from routing.facts import (
    CallAnswered,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    OfferRefused,
)
from routing.floor import Floor
from routing.ids import CallId, HelplineId, Instant

# Around the usual promise of 80 % within 20 s, and up to where nobody waits any more.
WAIT_BUCKETS = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)

OFFERS: Mapping[type[Fact], str] = {CallOffered: "made", OfferMissed: "missed", OfferRefused: "refused"}

Reading = Callable[[], float]


@dataclass(slots=True)
class _Waiting:
    helpline: HelplineId
    queued_at: Instant
    answered: bool = False


class Metrics:
    """Counts facts and faults.  ``follow`` is the bus's, ``fault`` everybody's."""

    def __init__(self, floor: Floor, readings: Mapping[str, tuple[str, Reading]]) -> None:
        """*readings*: further gauges by name, each with what it means and how it is read."""
        self.registry = CollectorRegistry()
        self._open: dict[CallId, _Waiting] = {}
        self._queued = self._counter("calls_queued", "Callers who entered a waiting room", "helpline")
        self._ended = self._counter("calls_ended", "Queued calls that ended", "helpline", "result")
        self._offers = self._counter("offers", "Offers to agents by what became of them", "result")
        self._faults = self._counter("faults", "Faults by their kind", "kind")
        self._wait = Histogram(
            "callcentre_wait_seconds",
            "From queueing to the agent's answer",
            ["helpline"],
            buckets=WAIT_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Gauges(floor, readings))

    def fault(self, kind: str) -> None:
        """Count a fault."""
        self._faults.labels(kind).inc()

    def follow(self, fact: Fact) -> None:
        """Count a fact."""
        match fact:
            case CallQueued() if fact.call not in self._open:
                self._open[fact.call] = _Waiting(fact.helpline, fact.queued_at)
                self._queued.labels(fact.helpline).inc()
            case CallAnswered():
                self._answered(fact)
            case CallEnded() | CallLost():
                self._closed(fact)
        result = OFFERS.get(type(fact))
        if result is not None:
            self._offers.labels(result).inc()

    def _answered(self, fact: CallAnswered) -> None:
        waiting = self._open.get(fact.call)
        if waiting is not None and not waiting.answered:
            waiting.answered = True
            self._offers.labels("answered").inc()
            self._wait.labels(waiting.helpline).observe(max(0.0, fact.at - waiting.queued_at))

    def _closed(self, fact: CallEnded | CallLost) -> None:
        waiting = self._open.pop(fact.call, None)
        if waiting is not None:
            lost = isinstance(fact, CallLost)
            result = "lost" if lost else "answered" if waiting.answered else "abandoned"
            self._ended.labels(waiting.helpline, result).inc()

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"callcentre_{name}", meaning, labels, registry=self.registry)


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
