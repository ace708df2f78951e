"""PIN codes in the ticket form: what the desk is told of one, and which district it then fills in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class PinPlace(Enum):
    """Where a PIN code lies."""

    MALFORMED = "malformed"
    """Nowhere: it cannot be one."""
    HERE = "here"
    ELSEWHERE = "elsewhere"
    """In none of the site's districts."""
    UNKNOWN = "unknown"
    """It can be one, and the directory does not know where."""


@dataclass(frozen=True, slots=True)
class PinCode:
    """What is known of one."""

    place: PinPlace
    districts: tuple[str, ...] = ()
    """Those in which it lies, when it lies here."""


class PinCodes(Protocol):
    """The post's directory."""

    def find(self, typed: str) -> PinCode | None:
        """What is known of the PIN code *typed*, at once; None when there is none."""


def district_by(pin: PinCode | None, chosen: str) -> str:
    """What *pin* makes of the district *chosen* before: it was told later, but decides only what it knows."""
    if pin is None or pin.place is not PinPlace.HERE or chosen in pin.districts:
        return chosen
    return pin.districts[0] if len(pin.districts) == 1 else ""
