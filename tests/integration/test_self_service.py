"""What callers get done in the menus without a person, on real parts: asked, told, kept."""

from __future__ import annotations

import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcentre.storage.engine import open_engine
from callcentre.storage.schema import (
    Base,
    CallRecord,
    MessageRecord,
    TextRecord,
    TicketRecord,
    TicketState,
)
from callcentre.tickets.docket import docket_number
from tests.integration.parts.heard import in_order, prompts_of
from tests.integration.parts.ports import free_port
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay, Step
from tests.integration.parts.stack import ROOT, Stack, eventually
from tests.integration.parts.talk import ENGLISH, SKIP, keys, number
from tests.protocol.parts import ration_office
from tests.unit.parts.site_folder import SiteFolder

MakeStack = Callable[..., Stack]
RAMA, STRANGER = "9447012345", "9447054321"
DOCKET = docket_number(2026, 17)
# Enough for a call of some twenty seconds on a busy machine.
SECONDS = 90.0


@contextmanager
def database(centre: Stack) -> Iterator[Session]:
    engine = open_engine(centre.database_url)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


def rows(centre: Stack, kind: type[Base], fits: Callable[[list[Any]], bool]) -> list[Any]:
    """The rows of a table once they fit."""

    def look() -> list[Any]:
        with database(centre) as session:
            found = list(session.scalars(select(kind)))
            session.expunge_all()
            return found

    return eventually(look, fits, SECONDS)


def complained(centre: Stack, caller: str) -> None:
    """A complaint of yesterday's that is not settled."""
    registered_at = centre.now() - 86_400
    with database(centre) as session:
        session.add(
            TicketRecord(
                docket=DOCKET,
                call=None,
                helpline="kwa",
                category="no-water",
                agent="anu",
                caller=f"+91{caller}",
                citizen="",
                place="",
                district=None,
                description="No water since Tuesday",
                language="en",
                answered_only=False,
                state=TicketState.REGISTERED,
                registered_at=registered_at,
            )
        )


def calls(centre: Stack, steps: list[Step], *, caller: str = STRANGER, to: str = "155300") -> list[str]:
    """What *caller* heard in a call that went as planned."""
    witness = centre.witness
    assert centre.sipp.call(to, steps, callers=[caller]).wait(SECONDS) == 0
    return prompts_of(witness, caller)


def english(*names: str) -> list[str]:
    return [f"en:{name}" for name in names]


def test_a_docket_is_keyed_read_back_and_sent_by_sms(stack: MakeStack) -> None:
    centre = stack(menus=True).start()
    complained(centre, RAMA)
    entered = [*keys(ENGLISH + SKIP + "4"), *number(DOCKET)]
    heard = calls(centre, [*entered, Press("1", after=36.0), HangUp(4.0)])
    told = english("enter-docket", "docket-said/1", "digits/2", "date/yesterday", "docket-registered")
    told += english("name/kwa", "docket-due/1")
    assert in_order([*told, "en:text-offer", "en:text-sent"], heard), heard
    [text] = rows(centre, TextRecord, lambda found: len(found) == 1)
    assert (text.recipient, text.language) == (f"+91{STRANGER}", "en")
    assert DOCKET in text.parameters
    [call] = centre.wait_for_calls(lambda found: all(call["outcome"] for call in found))
    assert call["outcome"] == "self_served"


def test_who_has_complained_is_asked_about_it_in_his_own_language(stack: MakeStack) -> None:
    centre = stack(menus=True).start()
    assert centre.witness
    calls(centre, [*keys(ENGLISH + SKIP), HangUp(2.0)], caller=RAMA)
    centre.wait_for_calls(lambda found: bool(found) and all(call["language"] == "en" for call in found))
    complained(centre, RAMA)
    before = len(prompts_of(centre.witness, RAMA))
    # Silence at the language question is English now, and at the question after the notice `1`.
    steps = [*keys(SKIP), *keys(SKIP), *keys(SKIP), Press("1", after=2.0), HangUp(6.0)]
    heard = calls(centre, steps, caller=RAMA)[before:]
    assert heard[0] == "en:welcome", heard
    told = english("about-docket/1", "date/yesterday", "docket-said/1")
    assert in_order(told, heard), heard


def test_a_ration_card_is_known_and_a_broken_service_leads_to_a_person(
    stack: MakeStack, tmp_path: Path
) -> None:
    port = free_port()
    centre = stack(menus=True, ration__url=f"http://127.0.0.1:{port}", menus__place_seconds=0)
    office = Program(
        [sys.executable, "-m", ration_office.__name__, str(port), str(centre.data / "ration.json")], cwd=ROOT
    )
    try:
        eventually(lambda: (centre.data / "ration.json").exists(), bool)
        centre.start()
        way = keys(ENGLISH + SKIP + "1")
        known = [*way, *number("1000000002"), Press("1", after=8.0), HangUp(24.0)]
        heard = calls(centre, known, to="1967")
        told = english("enter-card", "you-keyed/1", "card-said/1", "card-phh", "card-active", "number/4")
        assert in_order(told, heard), heard
        broken = [*keys(ENGLISH + SKIP + "1"), *number(ration_office.BROKEN), Press("1", after=8.0), Stay()]
        centre.sipp.call("1967", broken, callers=[RAMA])
        queued = centre.witness.wait_for_event("UserEvent", SECONDS, UserEvent="CallQueued")
        assert queued.get("CallerIDNum") == RAMA
        assert in_order(english("you-keyed/1", "cannot-know"), prompts_of(centre.witness, RAMA))
    finally:
        office.stop()


def test_a_message_is_kept_with_its_recording_although_the_caller_hangs_up(stack: MakeStack) -> None:
    centre = stack(menus=True).start()
    heard = calls(centre, [*keys(ENGLISH + SKIP + "5" + SKIP), HangUp(6.0)])
    assert in_order(english("leave-message", "beep"), heard), heard
    [message] = rows(centre, MessageRecord, lambda found: len(found) == 1)
    with wave.open(str(centre.data / "messages" / message.file)) as recording:
        seconds = recording.getnframes() / recording.getframerate()
        loudest = max(recording.readframes(recording.getnframes()))
    assert 3.0 < seconds < 8.0
    assert loudest > 0
    assert abs(message.seconds - seconds) < 1.5
    [ticket] = rows(centre, TicketRecord, lambda found: len(found) == 1)
    assert (ticket.docket, ticket.caller, ticket.language) == (message.docket, f"+91{STRANGER}", "en")
    [call] = centre.wait_for_calls(lambda found: all(call["outcome"] for call in found))
    assert call["outcome"] == "message_left"


def test_who_says_no_to_the_recording_is_not_recorded_and_the_notice_is_on_record(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__place_seconds=0).start()
    steps: list[Step] = [*keys(ENGLISH + "9"), Press("0", after=4.0), HangUp(2.0)]
    heard = calls(centre, steps)
    assert in_order(english("notice", "not-recorded"), heard), heard
    [call] = rows(centre, CallRecord, lambda found: bool(found) and found[0].notice_version is not None)
    assert call.recorded is False
    assert call.helpline == "citizen"


def test_a_closed_helpline_takes_a_message_or_calls_back(stack: MakeStack, tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    site.add("helplines/food.toml", "[hours]\nmon_sun = []")
    centre = stack(config=site.root, menus=True, menus__place_seconds=0).start()
    way = keys(ENGLISH + SKIP + "0")
    heard = calls(
        centre, [*way, Press("2", after=6.0), Press(SKIP, after=2.0), HangUp(6.0)], to="18004251125"
    )
    assert in_order(english("closed", "callback-offer", "leave-message", "beep"), heard), heard
    rows(centre, MessageRecord, lambda found: len(found) == 1)
    asked: list[Step] = [*keys(ENGLISH + SKIP + "0"), Press("1", after=6.0), Stay(30.0)]
    assert centre.sipp.call("18004251125", asked, callers=[RAMA]).wait(SECONDS) == 0
    centre.witness.wait_for_event("Newexten", AppData="cc/callback-noted", CallerIDNum=RAMA)


def test_who_waits_is_told_his_place_and_may_leave_a_message_instead(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__place_seconds=20).start()
    first = centre.sipp.call("1916", [*keys(ENGLISH + SKIP + "2"), Stay()], callers=[RAMA])
    centre.witness.wait_for_event("UserEvent", SECONDS, UserEvent="CallQueued", CallerIDNum=RAMA)
    way = keys(ENGLISH + SKIP + "2")
    heard = calls(centre, [*way, Press("2", after=9.0), Press(SKIP, after=2.0), HangUp(6.0)], to="1916")
    assert in_order(english("place/1", "number/2", "leave-message", "beep"), heard), heard
    assert "en:place-next" in prompts_of(centre.witness, RAMA)
    rows(centre, MessageRecord, lambda found: len(found) == 1)
    assert first.process.poll() is None


def test_an_agent_who_is_free_cuts_the_announcement_short(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__rating="false").start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    caller = centre.sipp.call("1916", [*keys(ENGLISH + SKIP + "2"), Stay()])
    told = centre.witness.wait_for(lambda event: "place-next" in event.get("Command"), SECONDS)
    centre.make_available(["anu"])
    freed = next(fact.at for fact in centre.facts() if type(fact).__name__ == "AvailabilityAsked")
    rung = centre.witness.wait_for_event("DialBegin")
    assert caller.wait(SECONDS) == 0
    assert float(rung["Timestamp"]) > float(told["Timestamp"])
    assert float(rung["Timestamp"]) - freed < 0.1


def test_what_the_caller_thinks_of_it_is_kept_with_call_and_ticket(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__place_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=2.0)
    centre.make_available(["anu"])
    way = keys(ENGLISH + SKIP + "2")
    heard = calls(
        centre, [*way, Press("2", after=7.0), Press("4", after=3.0), Stay()], to="1916", caller=RAMA
    )
    assert in_order(english("solved-question", "rating-question", "thanks-for-judging"), heard), heard
    [call] = rows(centre, CallRecord, lambda found: bool(found) and found[0].rating is not None)
    assert (call.solved, call.rating, call.agent) == (False, 4, "anu")


def test_typing_ahead_works_through_both_levels(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__place_seconds=0).start()
    assert centre.witness
    centre.sipp.call("155300", [*keys(ENGLISH + "12", pace=0.3), Stay()], callers=[RAMA])
    queued = centre.witness.wait_for_event("UserEvent", SECONDS, UserEvent="CallQueued")
    carried = queued.variables()
    assert (carried["CC_HELPLINE"], carried["CC_CATEGORY"], carried["CC_LANGUAGE"]) == (
        "kwa",
        "no-water",
        "en",
    )


def test_who_presses_nothing_or_only_wrong_keys_reaches_a_person(stack: MakeStack) -> None:
    centre = stack(menus=True, menus__place_seconds=0, site__languages='["en", "ml", "hi", "ta"]').start()
    assert centre.witness
    centre.sipp.call("1916", [Stay(240.0)], callers=[RAMA])
    centre.sipp.call("1916", [*keys("1" + SKIP + "888"), Stay(240.0)], callers=[STRANGER])
    for caller in (STRANGER, RAMA):
        queued = centre.witness.wait_for_event("UserEvent", 200.0, UserEvent="CallQueued", CallerIDNum=caller)
        assert queued.variables()["CC_HELPLINE"] == "kwa"
    wrong = prompts_of(centre.witness, STRANGER)
    assert wrong.count("en:wrong-key") == 3
