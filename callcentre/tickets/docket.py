"""The number a citizen is given for a ticket: ten digits that survive being read out over a telephone.

Two digits of the year, seven of a serial, one check digit by Damm's method (H. M. Damm, "Total
anti-symmetrische Quasigruppen", Marburg 2004): every single wrong digit and every exchange of neighbours
is noticed.  Digits only, so that it can be keyed into the menu.
"""

from __future__ import annotations

SERIAL_DIGITS = 7
LAST_SERIAL = 10**SERIAL_DIGITS - 1
LENGTH = 10

# Damm's quasigroup of order 10 as usually published; its diagonal is nought, so a number checks to 0.
QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def docket_number(year: int, serial: int) -> str:
    """The docket of the *serial*-th ticket of *year*.  Raises ValueError beyond seven digits of serial."""
    if not 0 < serial <= LAST_SERIAL:
        raise ValueError(f"serial {serial} does not fit a docket: a year has 1 to {LAST_SERIAL}")
    digits = f"{year % 100:02d}{serial:0{SERIAL_DIGITS}d}"
    return f"{digits}{_check(digits)}"


def is_valid(text: str) -> bool:
    """Whether *text* is a docket number: ten digits, the last of them right."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and _check(text) == 0


def grouped(text: str) -> str:
    """A docket as it is shown and spoken: ``"2600012345"`` as ``"260 001 2345"``."""
    return f"{text[:3]} {text[3:6]} {text[6:]}"


def ungrouped(text: str) -> str:
    """What somebody typed, without the spaces and dashes they put in."""
    return text.translate({ord(separator): None for separator in " -\u00a0\t"})


def _check(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = QUASIGROUP[interim][int(digit)]
    return interim
