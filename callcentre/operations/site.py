"""A site without an access log."""

from __future__ import annotations

from twisted.web.http import Request
from twisted.web.server import Site


class QuietSite(Site):
    """What an access log would hold is logged where it happens, and callers' numbers are not in it."""

    noisy = False

    def log(self, request: Request) -> None:
        """Nothing."""
