"""The rules of a floor: how long a phone rings, how long an agent writes, how often she may miss."""

from __future__ import annotations

from dataclasses import dataclass

from routing.ids import Seconds

# The switch reports the end of an offer within milliseconds of the ring limit.  Five seconds leave room for
# a slow phone network and a reconnecting link, and are the longest an agent stays held by a lost report.
OFFER_GRACE = Seconds(5.0)


@dataclass(frozen=True, slots=True)
class FloorRules:
    """How the floor treats every agent alike.  Raises ValueError for a rule no floor can keep."""

    ring_seconds: Seconds
    """How long an agent's phone is called before the offer goes to the next agent."""
    wrap_up_seconds: Seconds
    """How long after a talk an agent is left to write; 0 for none."""
    missed_offers_limit: int
    """After so many missed offers in a row an agent gets no more until she asks for calls; at least 1."""

    def __post_init__(self) -> None:
        if self.ring_seconds <= 0:
            raise ValueError(f"ring_seconds is {self.ring_seconds}: a phone must ring for some time")
        if self.wrap_up_seconds < 0:
            raise ValueError(f"wrap_up_seconds is {self.wrap_up_seconds}: use 0 for no wrap-up")
        if self.missed_offers_limit < 1:
            raise ValueError(f"missed_offers_limit is {self.missed_offers_limit}: it must be at least 1")

    @property
    def offer_limit(self) -> Seconds:
        """How long an offer may stand without a word from the switch before it is asked."""
        return Seconds(self.ring_seconds + OFFER_GRACE)
