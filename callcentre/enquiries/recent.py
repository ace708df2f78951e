"""Counts what somebody has done lately, in memory: after a restart everybody begins anew."""

from __future__ import annotations

from collections import OrderedDict, deque

# Some megabytes at most.  A day has a tenth of these callers in any one hour.
MOST_KEYS = 20_000


class Recent:
    """How often something was noted of each key within the last *seconds*, counted up to *most* times."""

    def __init__(self, *, seconds: float, most: int, keys: int = MOST_KEYS) -> None:
        """Of more *keys* than that, those are forgotten of which nothing was noted for longest."""
        self._seconds = seconds
        self._most = most
        self._keys = keys
        self._noted: OrderedDict[str, deque[float]] = OrderedDict()

    def note(self, key: str, *, at: float) -> None:
        """It has happened once more."""
        self._noted.setdefault(key, deque(maxlen=self._most)).append(at)
        self._noted.move_to_end(key)
        while len(self._noted) > self._keys:
            self._noted.popitem(last=False)

    def count(self, key: str, *, now: float) -> int:
        """How often it has happened lately."""
        return sum(at > now - self._seconds for at in self._noted.get(key, ()))
