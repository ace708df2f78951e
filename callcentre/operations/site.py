"""The one HTTP site: the console, and beside it ``/health`` and ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.twisted import MetricsResource
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, NoResource, Resource
from twisted.web.server import Site

from callcentre.operations.health import Health, HealthPage


class QuietSite(Site):
    """A site without an access log: that would repeat what is logged where it happens, and hold callers."""

    noisy = False

    def log(self, request: IRequest) -> None:
        """Nothing."""


class _Front(Resource):
    """Everything that is not its own child belongs to the console."""

    def __init__(self, console: IResource) -> None:
        super().__init__()
        self._console = console

    def getChild(self, path: bytes, request: IRequest) -> IResource:
        # Twisted has moved this segment to prepath; the console is to see the whole path.
        request.postpath.insert(0, request.prepath.pop())
        return self._console


def front(console: IResource | None, *, health: Callable[[], Health], registry: CollectorRegistry) -> Site:
    """The site that answers everybody."""
    root = _Front(console or NoResource())
    root.putChild(b"health", HealthPage(health))
    root.putChild(b"metrics", MetricsResource(registry=registry))
    return QuietSite(root)
