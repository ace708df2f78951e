"""How sure a simulated figure is: from independent observations, with Student's interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

NORMAL: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
# Where the expansion below is off by more than 0.0003: by degrees of freedom.
_FEW: Final = {1: 12.706205, 2: 4.302653, 3: 3.182446, 4: 2.776445}


def student_t(freedom: int) -> float:
    """The 97.5 % point of Student's t: half a 95 % interval in standard errors.

    Expansion of Abramowitz and Stegun, 26.7.5.
    """
    if freedom in _FEW:
        return _FEW[freedom]
    z, z2, n = NORMAL, NORMAL * NORMAL, freedom
    terms = (
        (z2 + 1) / (4 * n),
        ((5 * z2 + 16) * z2 + 3) / (96 * n**2),
        (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * n**3),
        ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * n**4),
    )
    return z * (1 + sum(terms))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds its true value 95 times in 100."""

    value: float | None
    """None when there was nothing to observe, such as the wait of callers who never came."""
    ci95: tuple[float, float] | None
    """None when it was observed only once."""

    @property
    def half_width(self) -> float | None:
        """How far the interval reaches to each side."""
        return None if self.ci95 is None else (self.ci95[1] - self.ci95[0]) / 2

    def times(self, count: int) -> Estimate:
        """The estimate of a sum of so many."""
        if self.value is None or self.ci95 is None:
            return self if self.value is None else Estimate(self.value * count, None)
        return Estimate(self.value * count, (self.ci95[0] * count, self.ci95[1] * count))


class Spread:
    """The sum of parts by the sum of wholes, and its spread, over observations of which none is kept.

    A quiet day then weighs less than a busy one, as it does when all its calls are counted together.  The
    interval is that of the ratio estimator (Cochran, "Sampling Techniques", 6.4), its sums of squares
    by Welford's updates (Technometrics 1962).  With wholes of 1 it is the mean and its usual interval.
    """

    __slots__ = ("_part", "_part_part", "_part_whole", "_whole", "_whole_whole", "count")

    def __init__(self) -> None:
        self.count = 0
        self._part = self._whole = 0.0
        self._part_part = self._part_whole = self._whole_whole = 0.0

    def add(self, part: float, whole: float = 1.0) -> None:
        """Take note of one observation."""
        self.count += 1
        off_part, off_whole = part - self._part, whole - self._whole
        self._part += off_part / self.count
        self._whole += off_whole / self.count
        self._part_part += off_part * (part - self._part)
        self._part_whole += off_part * (whole - self._whole)
        self._whole_whole += off_whole * (whole - self._whole)

    def estimate(self) -> Estimate:
        """What is known so far."""
        if not self._whole:
            return Estimate(None, None)
        ratio = self._part / self._whole
        if self.count == 1:
            return Estimate(ratio, None)
        freedom = self.count - 1
        squares = self._part_part - 2 * ratio * self._part_whole + ratio**2 * self._whole_whole
        # Nought may come out as a little less.
        half = student_t(freedom) * sqrt(max(0.0, squares) / freedom / self.count) / self._whole
        return Estimate(ratio, (ratio - half, ratio + half))
