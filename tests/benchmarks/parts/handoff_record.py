"""What Asterisk's own events tell of agents and callers: how soon an agent is called again, and how fairly.

Everything is told in Asterisk's event times (``timestampevents``), in seconds.  An agent is a phone, ``1001``
for the channel ``PJSIP/1001-0000002a``; an offer lasts from the ``DialBegin`` of her leg to its ``Hangup``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callcentre.telephony.ami.codec import Message

WITNESSED = ("DialBegin", "Hangup", "QueueCallerJoin", "UserEvent")
"""The events a record is made of."""

# A hand-over under way takes some milliseconds; what takes longer was not under way.  The slack also
# keeps two offers made together, whose phones are called by two threads of Asterisk, from counting as unfair.
SLACK = 0.1

FOR_EVER = math.inf


@dataclass(slots=True)
class Offer:
    """A caller brought to an agent."""

    call: str
    agent: str
    begun: float
    ended: float = FOR_EVER


@dataclass(slots=True)
class Wait:
    """A caller's stay in the waiting room, in the place of *place*."""

    call: str
    place: float
    since: float
    until: float = FOR_EVER
    offered: bool = False
    """Whether it ended with an offer; else she hung up, or still waits."""


class Record:
    """Offers and waits, built from events in their order."""

    def __init__(self, events: Iterable[Message]) -> None:
        self.offers: list[Offer] = []
        self.waits: list[Wait] = []
        self.end = 0.0
        """The time of the last event."""
        self._legs: dict[str, Offer] = {}
        self._waiting: dict[str, Wait] = {}
        for event in events:
            self._hear(event)

    def _hear(self, event: Message) -> None:
        at, call = float(event["Timestamp"]), event.get("Uniqueid")
        self.end = at
        match event.name:
            case "UserEvent" if event.get("UserEvent") == "CallQueued":
                self._queued(call, place=float(event.variables()["CC_QUEUED_AT"]), at=at)
            case "QueueCallerJoin":
                self._queued(call, place=at, at=at)
            case "DialBegin":
                self._leave(call, at=at, offered=True)
                offer = Offer(call, phone_of(event["DestChannel"]), begun=at)
                self.offers.append(offer)
                self._legs[event["DestUniqueid"]] = offer
            case "Hangup" if call in self._legs:
                self._legs.pop(call).ended = at
            case "Hangup":
                self._leave(call, at=at, offered=False)

    def _queued(self, call: str, *, place: float, at: float) -> None:
        # Whoever is queued again, missed or from the native queue, may never have ceased to wait.
        if call not in self._waiting:
            self._waiting[call] = wait = Wait(call, place=place, since=at)
            self.waits.append(wait)

    def _leave(self, call: str, *, at: float, offered: bool) -> None:
        wait = self._waiting.pop(call, None)
        if wait is not None:
            wait.until, wait.offered = at, offered

    # --- what is counted ------------------------------------------------------------------------------

    def handoffs(self, *, since: float = 0.0) -> list[float]:
        """From each hang-up of an agent since *since* to the moment her next caller's call to her begins."""
        return [
            after.begun - before.ended
            for before, after in self._in_turn()
            if after is not None and before.ended >= since
        ]

    def double_offers(self) -> int:
        """Offers begun while the same agent, or the same caller, was in another."""
        return sum(
            after.begun < before.ended
            for offers in (*self._by("agent").values(), *self._by("call").values())
            for before, after in pairwise(offers)
        )

    def fifo_inversions(self) -> int:
        """Offers to a caller while one of an earlier place waited, and went on waiting longer than SLACK."""
        in_place = sorted(self.waits, key=lambda wait: wait.place)
        return sum(
            wait.offered and any(self._overtaken(earlier, wait) for earlier in in_place[:behind])
            for behind, wait in enumerate(in_place)
        )

    def idle_while_waiting(self) -> int:
        """Times an agent, since her first call, had nothing in hand for longer than SLACK while all of that
        time somebody waited, counting the one the record ends with.
        """
        crowded = self._crowded()
        idle = ((before.ended, after.begun if after else self.end) for before, after in self._in_turn())
        return sum(
            any(min(till, until) - max(begun, since) > SLACK for since, until in crowded)
            for begun, till in idle
        )

    def least_waiting(self, *, since: float) -> int:
        """The fewest who waited at any moment from *since* on."""
        steps = [(wait.since, 1) for wait in self.waits]
        steps += [(wait.until, -1) for wait in self.waits if wait.until < FOR_EVER]
        waiting, fewest = 0, len(self.waits)
        for at, step in sorted(steps):
            # What is compared lasted until *at*.
            fewest = min(fewest, waiting) if at > since else fewest
            waiting += step
        return min(fewest, waiting)

    def _overtaken(self, earlier: Wait, wait: Wait) -> bool:
        return earlier.since <= wait.until and min(earlier.until, self.end) - wait.until > SLACK

    def _in_turn(self) -> list[tuple[Offer, Offer | None]]:
        """Each agent's ended offers with her next one; None where there is none."""
        return [
            (before, after)
            for offers in self._by("agent").values()
            for before, after in pairwise([*offers, None])
            if before is not None and before.ended < FOR_EVER
        ]

    def _by(self, what: str) -> dict[str, list[Offer]]:
        groups: defaultdict[str, list[Offer]] = defaultdict(list)
        for offer in self.offers:
            groups[getattr(offer, what)].append(offer)
        return groups

    def _crowded(self) -> list[tuple[float, float]]:
        """The times, apart from each other, in which somebody waited."""
        times: list[tuple[float, float]] = []
        for wait in sorted(self.waits, key=lambda wait: wait.since):
            if times and wait.since <= times[-1][1]:
                times[-1] = (times[-1][0], max(times[-1][1], wait.until))
            else:
                times.append((wait.since, wait.until))
        return times


def phone_of(channel: str) -> str:
    """``1001`` for ``PJSIP/1001-0000002a``."""
    return channel.partition("/")[2].rpartition("-")[0]


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that *part* of *values* does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
