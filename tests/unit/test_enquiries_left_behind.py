"""Messages that became no ticket, because the service was renewed or died meanwhile, are found."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select
from twisted.internet.defer import CancelledError, Deferred

from callcentre.configuration.reading import read_configuration
from callcentre.enquiries.left_behind import (
    BYTES_A_SECOND,
    LOOK_SECONDS,
    OLDEST_SECONDS,
    SETTLED_SECONDS,
    LeftBehind,
    whose,
)
from callcentre.enquiries.messages import EMPTY_BYTES
from callcentre.storage.schema import CallRecord, MessageRecord
from callcentre.tickets.facts import TicketRegistered
from ivr.exchange import KeepMessage, Registered, Unanswered
from ivr.steps.messages import SHORTEST_MESSAGE_SECONDS
from routing.call import CallState
from routing.facts import Fact
from tests.unit.parts.furnished import CALL, LEELA, NOW, HouseStory
from tests.unit.parts.site_folder import SHIPPED

LONG_AGO = NOW - 3600
HELPLINES = {"1967": "ration"}
MESSAGE = KeepMessage("kwa", "bill", "ml", 42)


def spoken(seconds: int) -> str:
    return f"A spoken message of {seconds} s"


class Found(HouseStory):
    def setUp(self) -> None:
        super().setUp()
        self.behind = False
        self.left_behind = LeftBehind(
            self.messages,
            self.spoken,
            database=self.database,
            whose=lambda helpline, dialled: helpline or HELPLINES.get(dialled, "kwa"),
            language="ml",
            clock=self.clock,
            in_thread=self.in_thread,
            on_fault=self.faults.append,
        )

    def fold(self, *facts: Fact) -> None:
        if not self.behind:
            super().fold(*facts)

    def recorded(self, call: str = CALL, *, seconds: float = 42, at: float = LONG_AGO) -> Path:
        path = self.messages / f"{call}.wav"
        path.write_bytes(b"\0" * (EMPTY_BYTES + int(BYTES_A_SECOND * seconds)))
        os.utime(path, (at, at))
        return path

    def called(self, call: str = CALL, **known: str) -> None:
        usual = {"helpline": "kwa", "category": "bill", "language": "ta", "caller": LEELA}
        row = {**usual, "state": CallState.ENDED, "folded_to": "", **known}
        self.database.ask(lambda session: session.add(CallRecord(call=call, seen_at=LONG_AGO, **row)))

    def begin(self) -> None:
        looking = Deferred.fromCoroutine(self.left_behind.run())
        self.addCleanup(lambda: (looking.cancel(), self.failureResultOf(looking, CancelledError)))

    def tickets(self) -> list[TicketRegistered]:
        return [told for told in self.transcript if isinstance(told, TicketRegistered)]

    def calls(self) -> list[str | None]:
        return [ticket.call for ticket in self.tickets()]

    # --- stories -------------------------------------------------------------------------------------

    def test_it_becomes_a_ticket_as_if_it_had_been_kept_at_once(self) -> None:
        self.recorded()
        self.called()
        self.begin()
        [ticket] = self.tickets()
        self.assertEqual((ticket.call, ticket.agent, ticket.helpline), (CALL, "menu", "kwa"))
        self.assertEqual((ticket.category, ticket.caller, ticket.language), ("bill", LEELA, "ta"))
        [row] = self.database.ask(lambda session: list(session.scalars(select(MessageRecord))))
        self.assertEqual((row.docket, row.file, row.seconds), (ticket.docket, f"{CALL}-1.wav", 42))
        self.assertEqual(self.faults, ["message-found"])

    def test_once(self) -> None:
        self.recorded()
        self.called()
        self.begin()
        self.clock.advance(LOOK_SECONDS)
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(self.calls(), [CALL])

    def test_that_of_a_call_of_which_nothing_is_known(self) -> None:
        self.recorded()
        self.begin()
        [ticket] = self.tickets()
        self.assertEqual((ticket.helpline, ticket.category), ("kwa", "other"))
        self.assertEqual((ticket.caller, ticket.language), ("", "ml"))

    def test_that_of_a_call_that_never_waited_is_its_numbers(self) -> None:
        self.recorded()
        self.called(helpline="", dialled="1967", caller="", caller_raw="anonymous")
        self.begin()
        [ticket] = self.tickets()
        self.assertEqual((ticket.helpline, ticket.caller), ("ration", "anonymous"))

    def test_what_is_being_recorded_is_found_when_it_is_whole(self) -> None:
        self.recorded(at=NOW - SETTLED_SECONDS + 1)
        self.begin()
        self.assertEqual(self.calls(), [])
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(self.calls(), [CALL])

    def test_what_is_no_message_is_left_alone(self) -> None:
        self.recorded("short", seconds=SHORTEST_MESSAGE_SECONDS - 0.1)
        self.recorded("old", at=NOW - OLDEST_SECONDS - 1)
        self.recorded("-no-call")
        self.recorded("music").rename(self.messages / "music.mp3")
        (self.messages / "link.wav").symlink_to(self.messages / "music.mp3")
        (self.messages / "folder.wav").mkdir()
        self.begin()
        self.assertEqual((self.transcript, self.faults), ([], []))

    def test_what_this_process_keeps_is_not_found_before_it_is_a_row(self) -> None:
        self.recorded()
        self.behind = True
        self.assertIsInstance(self.ask(MESSAGE), Registered)
        self.begin()
        self.assertEqual(self.calls(), [CALL])

    def test_of_two_of_one_call_the_one_that_is_kept_is_not_found(self) -> None:
        self.recorded()
        self.behind = True
        self.assertIsInstance(self.ask(MESSAGE), Registered)
        self.recorded(seconds=9)
        self.disk_full = True
        self.assertEqual(self.ask(MESSAGE), Unanswered())
        self.disk_full = False
        self.begin()
        self.assertEqual([ticket.description for ticket in self.tickets()], [spoken(42), spoken(9)])
        files = sorted(path.name for path in self.messages.iterdir())
        self.assertEqual(files, [f"{CALL}-1.wav", f"{CALL}-2.wav"])

    def test_what_could_not_be_kept_is_found_after_all(self) -> None:
        self.recorded()
        self.disk_full = True
        self.assertEqual(self.ask(MESSAGE), Unanswered())
        self.begin()
        self.assertEqual(self.tickets(), [])
        self.disk_full = False
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(self.calls(), [CALL])

    def test_the_database_and_dockets_are_waited_for(self) -> None:
        dockets = self.book.in_hand
        for n in range(dockets + 1):
            self.recorded(f"call.{n}")
        self.database.away = True
        self.begin()
        self.assertEqual(self.tickets(), [])
        self.database.away = False
        self.clock.advance(1)
        self.assertEqual(len(self.tickets()), dockets)
        self.now(self.book.fill())
        self.clock.advance(1)
        self.assertEqual(sorted(map(str, self.calls())), [f"call.{n}" for n in range(dockets + 1)])

    def test_one_that_is_refused_holds_up_no_other(self) -> None:
        self.recorded("call.1")
        self.recorded("call.2")
        self.called("call.1", helpline="police")
        self.begin()
        self.assertEqual((self.calls(), self.faults), (["call.2"], ["message-found"]))


def test_it_is_for_where_he_waited_else_for_whom_he_dialled_else_for_the_first_there_is() -> None:
    site = read_configuration(SHIPPED)
    assert whose(site, "kwa", "1967") == "kwa"
    assert whose(site, "gone", "1967") == whose(site, "", "1967") == "ration"
    assert whose(site, "", "") == next(iter(site.helplines))
