"""Who may wait where, and how long: judges each waiting call by the limits of its helpline.

A judgement says at which moment what is to be done about a call if nothing happens before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from routing.call import Call, CallState, Place
from routing.decisions import Decision, GiveUpCallback, Overflow, Relax, ResumeCallback, TurnAway
from routing.facts import Turned
from routing.ids import CallId, HelplineId, Instant, later
from routing.rules import FloorRules, HelplineRules, Outlet


@dataclass(frozen=True, slots=True)
class Turning:
    """A call that cannot go on waiting; where it goes is seen when its moment has come."""

    call: CallId
    place: Place
    why: Turned


Due: TypeAlias = Turning | Relax | ResumeCallback | GiveUpCallback
Judgement: TypeAlias = tuple[Instant, Due]


class WaitingRooms:
    """How full, how well staffed and how open each helpline is, and what follows for its callers."""

    def __init__(self, rules: FloorRules) -> None:
        self._rules = rules
        self._length: Counter[HelplineId] = Counter()
        self._staff: Counter[str] = Counter()
        self._closed: set[HelplineId] = set()
        self.minding_staff: Final = frozenset(
            helpline
            for helpline, of in rules.helplines.items()
            if not (of.limits.join_unstaffed and of.limits.stay_unstaffed)
        )
        """The helplines whose callers are judged by whether anybody is there."""

    # --- what is so ---------------------------------------------------------------------------------

    def count(self, call: Call, by: int) -> None:
        """A call begins (1) or ceases (-1) to wait."""
        if call.helpline is not None:
            self._length[call.helpline] += by

    def count_staff(self, groups: Iterable[str], by: int) -> None:
        """Somebody of these groups logs in (1) or out (-1)."""
        for group in groups:
            self._staff[group] += by

    def set_open(self, helpline: HelplineId, is_open: bool) -> None:
        """The helpline's hours have begun or ended."""
        (self._closed.discard if is_open else self._closed.add)(helpline)

    def length(self, helpline: HelplineId) -> int:
        """How many wait at the helpline, callbacks included."""
        return self._length[helpline]

    def is_staffed(self, helpline: HelplineId) -> bool:
        """Whether anybody is logged in who may serve the helpline's callers, now or at a later step."""
        steps = self._rules.of(helpline).steps
        return any(self._staff[group] > 0 for step in steps for group in step.groups(helpline))

    def is_closed(self, helpline: HelplineId) -> bool:
        """Whether the helpline's hours are over."""
        return helpline in self._closed

    # --- what follows -------------------------------------------------------------------------------

    def judge(self, call: Call, *, joins: bool, in_reach: bool) -> Judgement | None:
        """What is to be done about *call* next, and when.

        *joins* as it comes to its line; *in_reach* while its switch can be asked to let the caller go.
        """
        if call.state is CallState.RESTING:
            return self._of_callback(call)
        place = call.place
        if call.state is not CallState.WAITING or place is None:
            return None
        judgements = self._relaxings(call, place)
        if in_reach and call.callback is None:
            judgements += self._turnings(call, place, joins=joins)
        return min(judgements, key=_moment, default=None)

    def decisions(self, due: Iterable[Due]) -> list[Decision]:
        """What to do about calls whose moment has come."""
        coming: Counter[HelplineId] = Counter()
        return [self._turned(one, coming) if isinstance(one, Turning) else one for one in due]

    def _turned(self, due: Turning, coming: Counter[HelplineId]) -> Decision:
        helpline = _outlet(self._rules.of(due.place.helpline), due.why).helpline
        if helpline is None or not self._takes(helpline, due.place, coming[helpline]):
            return TurnAway(due.call, due.why)
        coming[helpline] += 1
        return Overflow(due.call, helpline, due.why)

    def _relaxings(self, call: Call, place: Place) -> list[Judgement]:
        rules = self._rules.of(place.helpline)
        if place.held_for is not None:
            freed_at = later(place.queued_at, rules.preferred_agent_seconds)
            return [(freed_at, Relax(call.id, rules.last_step(rules.preferred_agent_seconds)))]
        step = place.step + 1
        if step >= len(rules.steps):
            return []
        return [(later(place.queued_at, rules.steps[step].after), Relax(call.id, step))]

    def _turnings(self, call: Call, place: Place, *, joins: bool) -> Iterator[Judgement]:
        helpline = place.helpline
        limits = self._rules.of(helpline).limits
        if limits.max_wait is not None:
            yield later(place.came_at, limits.max_wait), Turning(call.id, place, Turned.LATE)
        if joins and self._is_full(helpline):
            yield call.since, Turning(call.id, place, Turned.FULL)
        if not (limits.join_unstaffed if joins else limits.stay_unstaffed) and not self.is_staffed(helpline):
            yield call.since, Turning(call.id, place, Turned.UNSTAFFED)
        if self.is_closed(helpline) and (joins or not limits.stay_closed):
            yield call.since, Turning(call.id, place, Turned.CLOSED)

    def _of_callback(self, call: Call) -> Judgement | None:
        callback = call.callback
        if callback is None or callback.on_line:
            return None
        if callback.failed_at is None or call.place is None:
            return call.since, ResumeCallback(call.id)
        rules = self._rules.of(call.place.helpline).callback
        if callback.failed >= rules.attempts:
            return call.since, GiveUpCallback(call.id)
        return later(callback.failed_at, rules.retry_seconds), ResumeCallback(call.id)

    def _takes(self, helpline: HelplineId, place: Place, coming: int) -> bool:
        """Whether a call that overflows may begin to wait at *helpline*, to which others are *coming*."""
        limit = self._rules.of(helpline).limits.max_waiting
        room = limit is None or self._length[helpline] + coming < limit
        open_now = self.is_staffed(helpline) and not self.is_closed(helpline)
        return room and open_now and helpline not in place.left

    def _is_full(self, helpline: HelplineId) -> bool:
        limit = self._rules.of(helpline).limits.max_waiting
        return limit is not None and self._length[helpline] > limit


def _moment(judgement: Judgement) -> Instant:
    return judgement[0]


def _outlet(rules: HelplineRules, why: Turned) -> Outlet:
    limits = rules.limits
    return {
        Turned.FULL: limits.when_full,
        Turned.LATE: limits.when_late,
        Turned.UNSTAFFED: limits.when_unstaffed,
        Turned.CLOSED: limits.when_closed,
    }[why]
