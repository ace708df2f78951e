"""The same day has five service levels."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from routing.service_level import Formula, parts


@dataclass
class Day:
    """The day of the definitions: 1000 answered, 60 gave up, 10 of them at once."""

    answered: int = 1000
    abandoned: int = 60
    answered_in_time: int = 860
    abandoned_in_time: int = 20
    short: int = 10


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        (Formula.ANSWERED_ONLY, 86.00),
        (Formula.OFFERED, 81.13),
        (Formula.LATE_ABANDONS, 82.69),
        (Formula.ABANDONS_POSITIVE, 83.02),
        (Formula.SHORT_REMOVED_FROM_TARGET, 82.08),
    ],
)
def test_each_formula_has_its_own_answer(formula: Formula, percent: float) -> None:
    part, whole = parts(formula, Day())
    assert round(100 * part / whole, 2) == percent
