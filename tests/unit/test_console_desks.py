"""Desks on a real floor: whoever looks at one is told when another caller waits, or one less."""

from __future__ import annotations

from callcentre.console.desks import Desks
from routing.facts import (
    CallbackAsked,
    CallEnded,
    CallOverflowed,
    CallTurnedAway,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    Party,
    Turned,
)
from tests.unit.parts.inline_database import InlineDatabase, memory_engine
from tests.unit.parts.shell_floor import ANU, BEA, FIRST, FOOD, SECOND, ShellFloor


class Looking(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        opened = memory_engine()
        self.desks = Desks(self.dispatcher.floor, InlineDatabase(opened.__enter__()))
        self.addCleanup(opened.__exit__, None, None, None)
        self.bus.follow(self.desks.follow)
        self.seat(BEA)
        self.desks.subscribe(BEA, lambda: self.seen.append(self.waiting()))
        self.seen: list[int] = []

    def waiting(self) -> int:
        view = self.successResultOf(self.desks.view(BEA))
        return sum(view.waiting.values())

    def test_a_callers_way_through_every_kind_of_offer(self) -> None:
        self.queue(FIRST)
        for kind in (OfferMissed, OfferRefused):
            self.free(ANU)
            self.report(OfferProposed, call=FIRST, agent=ANU)
            self.report(kind, call=FIRST, agent=ANU, reason="")
        for kind in (OfferDeclined, OfferUnreachable):
            self.free(ANU)
            self.report(OfferProposed, call=FIRST, agent=ANU)
            self.report(kind, call=FIRST, agent=ANU)
        self.assertEqual(self.seen, [1, 0, 1, 0, 1, 0, 1, 0, 1])

    def test_callers_who_cannot_go_on_waiting_here(self) -> None:
        self.queue(FIRST)
        self.queue(SECOND)
        self.report(CallOverflowed, call=FIRST, helpline=FOOD, why=Turned.FULL)
        self.report(CallTurnedAway, call=SECOND, why=Turned.LATE)
        self.assertEqual(self.seen, [1, 2, 1, 0])

    def test_a_callback_leaves_the_line_and_takes_its_place_again(self) -> None:
        self.queue(FIRST)
        self.report(CallbackAsked, call=FIRST, number="+919447000001")
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual(self.seen, [1, 0, 0, 1])
