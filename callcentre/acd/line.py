"""What the floor can tell a caller about his waiting."""

from __future__ import annotations

import re
from collections.abc import Collection
from math import ceil

from callcentre.telephony.numbers import HOME_NUMBER
from ivr.exchange import Waits
from routing.call import CallState
from routing.estimates import Estimate, Estimator
from routing.floor import Floor
from routing.ids import CallId, HelplineId, Seconds

MINUTE = 60
# Whoever hears of more is told nothing: it would be no better than a guess, and hardly kinder.
LONGEST_TOLD_MINUTES = 60


class Line:
    """Answers from the floor as it is."""

    def __init__(
        self,
        floor: Floor,
        estimator: Estimator,
        *,
        callback_offered_after: Seconds,
        calling_back: Collection[HelplineId],
    ) -> None:
        """*calling_back*: the helplines that call citizens back, when they expect them to wait so long."""
        self._floor = floor
        self._estimator = estimator
        self._callback_offered_after = callback_offered_after
        self._calling_back = calling_back

    def waits(self, call: CallId) -> Waits | None:
        """Where *call* is in line, and for how long; None when it does not wait."""
        known = self._floor.call(call)
        if known is None or known.state is not CallState.WAITING or known.helpline is None:
            return None
        before = sum(n for line, n in self._floor.lines_before(known) if line.helpline == known.helpline)
        estimate = self._estimator.estimate(known)
        able = self.can_be_called(known.caller, known.helpline)
        return Waits(place=1 + before, minutes=_minutes(estimate), callback=able and self._is_long(estimate))

    def can_be_called(self, caller: str, helpline: HelplineId) -> bool:
        """Whether *helpline* calls back at this number: one of this country, which nobody pays dearly for."""
        return helpline in self._calling_back and bool(re.fullmatch(HOME_NUMBER, caller))

    def _is_long(self, estimate: Estimate | None) -> bool:
        return estimate is not None and estimate.expected >= self._callback_offered_after


def _minutes(estimate: Estimate | None) -> tuple[int, int] | None:
    if estimate is None or estimate.longest > LONGEST_TOLD_MINUTES * MINUTE:
        return None
    return int(estimate.shortest // MINUTE), ceil(estimate.longest / MINUTE)
