"""A caller who does everything that the menus keep."""

from __future__ import annotations

from datetime import date

from callcentre.enquiries.facts import CallJudged, MessageLeft, NoticeGiven, SelfServed, TextWanted
from callcentre.tickets.docket import docket_number
from routing.facts import Fact
from routing.ids import CallId, Instant, LanguageCode
from tests.unit.parts.floor_story import BEGIN, day

# The first call of the day, and its ticket.
CALL, DOCKET = CallId(f"node1-{BEGIN:.0f}.0"), docket_number(2025, 1)
ML = LanguageCode("ml")
CALLER, DOCKET_DAY = "+919447000000", date(2025, 11, 24)


def at(second: float) -> Instant:
    return Instant(BEGIN + second)


def judged(second: float, *, solved: bool | None = None, rating: int | None = None) -> Fact:
    return CallJudged(at=at(second), call=CALL, docket=DOCKET, solved=solved, rating=rating)


EVERYTHING: list[Fact] = [
    *day(2),
    NoticeGiven(at=at(101), call=CALL, version="2026-1", recorded=False),
    SelfServed(at=at(102), call=CALL, language=ML),
    MessageLeft(at=at(103), call=CALL, docket="2600000010", file="a.wav", seconds=9),
    TextWanted(
        at=at(104),
        text=f"{CALL}/office/kwa",
        call=CALL,
        to="+919447000001",
        template="office",
        parameters=(("helpline", "kwa"),),
        language=ML,
    ),
    judged(170, solved=False, rating=2),
]
