"""The whole way of one call: menu, agent, audio both ways, ticket at the console, docket heard and stored."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from callcentre.projections.read import ticket
from callcentre.storage.engine import open_engine
from callcentre.tickets.docket import is_valid
from tests.integration.parts.audio import A_SECOND, packets
from tests.integration.parts.browser import browser_page
from tests.integration.parts.sipp_scenarios import Press, PressInBand, Stay
from tests.integration.parts.stack import PASSWORD, Stack, eventually
from tests.integration.parts.witness import Witness

MakeStack = Callable[..., Stack]


def test_a_call_gets_through_by_the_few_events_that_a_site_has(stack: MakeStack) -> None:
    centre = stack(witnessed=["UserEvent"]).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=1.0)
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("1"), Stay()]).wait(40) == 0
    [call] = centre.wait_for_calls(lambda calls: all(call["ended_at"] for call in calls))
    assert (call["agent"], call["outcome"]) == ("anu", "completed_by_agent")


def test_from_the_first_key_to_the_docket(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=600).start()
    witness = centre.witness
    secrets = centre.add_agents(["anu"], helplines=["kwa", "citizen"])
    centre.sipp.phones(secrets, answer_after=1.0, hang_up_after=9.0)
    with browser_page() as page:
        page.goto(f"http://127.0.0.1:{centre.http_port}/")
        page.fill("#name", "anu")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        centre.wait_for_phone("1001")
        page.click("#ask-available")
        centre.wait_for_agent("anu", "available")
        # The general number: Malayalam, then drinking water.
        caller = centre.sipp.call("155300", [Press("1", after=0.5), Press("1", after=0.5), Stay()])
        shown = page.wait_for_selector("#card .caller")
        assert shown is not None and re.sub(r"\D", "", shown.inner_text()) == "919447012345"
        page.wait_for_selector("#description")
        assert_audio_both_ways(witness)
        page.select_option("#category", "leak-main")
        page.fill("#citizen", "രമ")
        page.fill("#place", "Vazhuthacaud, near the park")
        page.select_option("#district", "01")
        page.fill("#description", "Main burst since this morning.\nAadhaar 2341 2341 2346 told by herself.")
        page.click("text=Save ticket")
        shown = page.wait_for_selector("#ticket .docket")
        assert shown is not None
        docket = re.sub(r"\D", "", shown.inner_text())
    assert is_valid(docket)
    assert caller.wait(60) == 0
    [call] = centre.wait_for_calls(lambda calls: all(c["ended_at"] and c["docket"] for c in calls))
    assert (call["helpline"], call["language"], call["agent"]) == ("kwa", "ml", "anu")
    assert (call["docket"], call["outcome"]) == (docket, "completed_by_agent")
    assert_heard(witness, docket)
    assert_correct_to_the_second(witness, call)
    stored = stored_ticket(centre, docket)
    assert stored.call == call["call"] and stored.citizen == "രമ" and stored.district == "01"
    assert stored.description.endswith("Aadhaar XXXX XXXX 2346 told by herself.")
    assert centre.agents()["anu"]["state"] == "wrap_up"


def test_keys_in_the_audio_stream_are_understood(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"], helplines=["food"]), hang_up_after=0.5)
    centre.make_available(["anu"])
    number = "18004251125"
    assert centre.sipp.call(number, [PressInBand("2", after=1.0), Stay()]).wait(60) == 0
    [call] = centre.wait_for_calls(lambda calls: all(c["ended_at"] for c in calls))
    assert (call["helpline"], call["language"], call["agent"]) == ("food", "en", "anu")


def test_zero_brings_a_person_and_so_does_silence(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"], helplines=["citizen"]), hang_up_after=0.5)
    centre.make_available(["anu"])
    asked = centre.sipp.call("155300", [Press("0"), Stay()])
    silent = centre.sipp.call("155300", [Stay(at_most=120)], callers=["9447055555"])
    assert asked.wait(60) == 0
    assert silent.wait(150) == 0
    calls = centre.wait_for_calls(lambda found: all(c["ended_at"] for c in found))
    assert [(c["helpline"], c["language"], c["outcome"]) for c in calls] == [
        ("citizen", "ml", "completed_by_agent")
    ] * 2


def assert_audio_both_ways(witness: Witness) -> None:
    """Each leg has received and sent more than a second of audio."""
    counts = eventually(
        lambda: packets(witness), lambda legs: len(legs) == 2 and min(map(min, legs.values())) > A_SECOND
    )
    assert {name.partition("-")[0] for name in counts} == {"trunk", "1001"}


def assert_heard(witness: Witness, docket: str) -> None:
    said = [event["AppData"] for event in witness.events("Newexten", Application="SayDigits")]
    assert said == 2 * [docket[:3], docket[3:6], docket[6:]]


def assert_correct_to_the_second(witness: Witness, call: dict[str, str]) -> None:
    """The call log's moments are the switch's own."""
    from datetime import datetime

    seen = {
        "queued_at": witness.events("UserEvent", UserEvent="CallQueued")[0],
        "answered_at": witness.events("DialEnd", DialStatus="ANSWER")[0],
        "ended_at": witness.events("Hangup")[-1],
    }
    for what, event in seen.items():
        logged = datetime.fromisoformat(call[what]).timestamp()
        assert abs(logged - float(event["Timestamp"])) < 1.0, what


def stored_ticket(centre: Stack, docket: str):  # type: ignore[no-untyped-def]
    engine = open_engine(centre.database_url)
    with Session(engine) as session:
        found = ticket(session, docket)
    engine.dispose()
    assert found is not None
    return found
