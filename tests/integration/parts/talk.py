"""What callers do at the keypad, as steps, at the pace of people who know the menu."""

from __future__ import annotations

from collections.abc import Iterator

from tests.integration.parts.sipp_scenarios import Press

MALAYALAM, ENGLISH, HINDI, TAMIL = "1234"
SKIP = "#"
# Each question is heard to begin, and the notice is skipped by `#` before the next key.
PACE = 1.5


def keys(text: str, *, pace: float = PACE) -> Iterator[Press]:
    """One key after the other."""
    return (Press(key, after=pace) for key in text)


def number(text: str) -> Iterator[Press]:
    """A number keyed from a slip of paper."""
    return (Press(digit, after=1.0 if place == 0 else 0.4) for place, digit in enumerate(text))
