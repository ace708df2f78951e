"""In which district of Kerala a PIN code lies, by the post's own directory.

The directory comes with ``indian-pincode`` and is read from the disk; nobody is asked over a network.  It
is as old as that package's data, and the post gives out new codes: what it does not know is not wrong.
"""

from __future__ import annotations

import re
from typing import Final

import indian_pincode

WELL_FORMED: Final = re.compile(r"[1-9][0-9]{5}")
STATE: Final = "KERALA"
# The circle of Kerala has these alone; the directory puts an office of Tamil Nadu (612906) into the state.
CIRCLE: Final = ("67", "68", "69")

CODES: Final = {
    "THIRUVANANTHAPURAM": "01",
    "KOLLAM": "02",
    "PATHANAMTHITTA": "03",
    "ALAPPUZHA": "04",
    "KOTTAYAM": "05",
    "IDUKKI": "06",
    "ERNAKULAM": "07",
    "THRISSUR": "08",
    "PALAKKAD": "09",
    "MALAPPURAM": "10",
    "KOZHIKODE": "11",
    "WAYANAD": "12",
    "KANNUR": "13",
    "KASARAGOD": "14",
}
"""The codes of ``config/districts.toml`` by the names that the directory gives the districts."""


def is_pincode(text: str) -> bool:
    """Whether *text* can be a PIN code: six digits, the first of which is not nought."""
    return WELL_FORMED.fullmatch(text) is not None


def districts_of(pincode: str) -> tuple[str, ...] | None:
    """The codes of the districts in which *pincode* lies, most often one; none when it is outside Kerala.

    None when the directory does not say where it lies.
    """
    details = indian_pincode.get_details(pincode) if is_pincode(pincode) else None
    if details is None or not details["states"]:
        return None
    if STATE not in details["states"] or not pincode.startswith(CIRCLE):
        return ()
    return tuple(sorted(CODES[name] for name in details["districts"] if name in CODES)) or None
