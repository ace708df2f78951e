"""The post's directory, as far as the site's districts go."""

from __future__ import annotations

from collections.abc import Iterable

from agents_ui.pincodes import PinCode, PinPlace
from callcentre.tickets.docket import ungrouped
from callcentre.tickets.pincodes import districts_of, is_pincode


class ConsolePinCodes:
    """``agents_ui.pincodes.PinCodes``; *districts* are the codes that a ticket may have."""

    def __init__(self, districts: Iterable[str]) -> None:
        self._districts = frozenset(districts)

    def find(self, typed: str) -> PinCode | None:
        """What is known of the PIN code *typed*; None when there is none."""
        pincode = ungrouped(typed.strip())
        if not pincode:
            return None
        if not is_pincode(pincode):
            return PinCode(PinPlace.MALFORMED)
        found = districts_of(pincode)
        if found is None:
            return PinCode(PinPlace.UNKNOWN)
        here = tuple(code for code in found if code in self._districts)
        return PinCode(PinPlace.HERE, here) if here else PinCode(PinPlace.ELSEWHERE)
