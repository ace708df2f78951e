"""Keeps Aadhaar numbers out of what is stored.

Nobody asks for them on calls; a citizen may give one all the same, and an agent may type it.  Twelve
digits that pass Verhoeff's check, as every Aadhaar number does, keep only their last four.  One in ten of
other twelve-digit numbers passes by chance and is masked too: the harm is small, the other way it is not.
"""

from __future__ import annotations

import re

# Four, four, four, together or with spaces, dashes or dots between; Malayalam digits are digits as well.
# Not a number dialled with its country code, +91 and ten digits, which is twelve digits long by nature.
TWELVE = re.compile(r"(?<!\d)(?<!\+)\d{4}([\s.\-\u2010-\u2015]{0,2}\d{4}){2}(?!\d)")
GROUP = 4

# J. Verhoeff, "Error Detecting Decimal Codes", 1969: multiplication in the dihedral group D5, and the
# permutation applied once more at each place.
D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def passes_verhoeff(digits: str) -> bool:
    """Whether the last of *digits* is the right check digit of the others."""
    interim = 0
    for place, digit in enumerate(reversed(digits)):
        interim = D5[interim][PERMUTED[place % len(PERMUTED)][int(digit)]]
    return interim == 0


def masked(text: str) -> str:
    """*text* with every Aadhaar number in it reduced to its last four digits."""
    return TWELVE.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    digits = "".join(character for character in found[0] if character.isdigit())
    return f"XXXX XXXX {digits[-GROUP:]}" if passes_verhoeff(digits) else found[0]
