"""What the menus' benchmark reads from Asterisk's events."""

from __future__ import annotations

from callcentre.telephony.ami.codec import Message
from tests.benchmarks.parts.menu_record import fewest_in_menus

FIRST, SECOND, THIRD = "n1-1.1", "n1-2.2", "n1-3.3"


def said(at: float, call: str, word: str) -> Message:
    return Message.of(
        ("Event", "UserEvent"), ("Timestamp", f"{at:.6f}"), ("UserEvent", word), ("Uniqueid", call)
    )


def hangs_up(at: float, call: str) -> Message:
    return Message.of(("Event", "Hangup"), ("Timestamp", f"{at:.6f}"), ("Uniqueid", call))


ARRIVALS = [said(1, FIRST, "CallArrived"), said(2, SECOND, "CallArrived"), said(3, THIRD, "CallArrived")]


def test_who_is_in_line_or_gone_is_not_in_the_menus() -> None:
    events = [*ARRIVALS, said(5, FIRST, "CallQueued"), hangs_up(6, SECOND)]
    assert fewest_in_menus(events, since=4) == 1


def test_what_was_before_the_window_does_not_count() -> None:
    assert fewest_in_menus([*ARRIVALS, hangs_up(6, SECOND)], since=3) == 2
    assert fewest_in_menus(ARRIVALS, since=3) == 3


def test_whoever_hangs_up_in_line_was_not_in_the_menus_any_more() -> None:
    events = [*ARRIVALS, said(5, FIRST, "CallQueued"), hangs_up(6, FIRST), said(7, FIRST, "CallQueued")]
    assert fewest_in_menus(events, since=4) == 2
