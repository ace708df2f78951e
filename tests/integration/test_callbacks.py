"""Callbacks on real Asterisk: the place is kept, the citizen is called when it is her turn, and once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from callcentre.telephony.ami.codec import Message
from routing.facts import CallAnswered, CallbackAsked, CallbackGivenUp, CallEnded, Fact
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import Stack, eventually
from tests.unit.parts.site_folder import SiteFolder

MakeStack = Callable[..., Stack]
# When the waiting room has said that one is in it, and listens to keys.
LISTENING = 4.5
RETRY = 30
FIRST, SECOND, THIRD = (f"944700000{n}" for n in range(1, 4))


# --- callers ---------------------------------------------------------------------------------------------


def waits(centre: Stack, number: str) -> Program:
    """A caller who waits on the line; in line when this returns."""
    caller = centre.sipp.call("1916", [Press("2"), Stay()], callers=[number])
    centre.witness.wait_for_event("UserEvent", UserEvent="CallQueued", CallerIDNum=number)
    return caller


def asks_for_callback(centre: Stack, number: str) -> None:
    """A caller who asks to be called back, and hangs up when that has been promised."""
    witness = centre.witness
    steps = [Press("2"), Press("1", after=LISTENING), Stay(at_most=20.0)]
    assert centre.sipp.call("1916", steps, callers=[number]).wait(40) == 0
    witness.wait_for_event("Newexten", AppData="cc/callback-noted", CallerIDNum=number)


# --- what happened ---------------------------------------------------------------------------------------


def answered(centre: Stack) -> list[str]:
    """The callers in the order in which an agent answered them."""
    callers = {call["call"]: call["caller"].removeprefix("+91") for call in centre.calls()}
    return [callers[fact.call] for fact in told(centre, CallAnswered)]


def told(centre: Stack, kind: type[Fact]) -> list[Fact]:
    return [fact for fact in centre.facts() if isinstance(fact, kind)]


def called(centre: Stack) -> list[Message]:
    """Every try to call a citizen."""
    return [e for e in centre.witness.events("DialBegin") if e.get("DestChannel").startswith("PJSIP/trunk")]


def numbers(tries: list[Message]) -> list[str]:
    return [e["DialString"].removeprefix("+91").removesuffix("@trunk") for e in tries]


def all_ended(centre: Stack, count: int, seconds: float = 30.0) -> set[str]:
    """How the calls ended, once all have."""
    calls = centre.wait_for_calls(lambda c: len(c) == count and all(call["ended_at"] for call in c), seconds)
    return {call["outcome"] for call in calls}


# --- stories ---------------------------------------------------------------------------------------------


def test_a_callback_keeps_its_place_and_is_called_once(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    centre.sipp.citizens(centre.gateway_port, answer_after=0.3)
    first = waits(centre, FIRST)
    asks_for_callback(centre, SECOND)
    third = waits(centre, THIRD)
    centre.make_available(["anu"])
    assert first.wait(40) == third.wait(40) == 0
    assert all_ended(centre, 3) == {"completed_by_agent"}
    assert answered(centre) == [FIRST, SECOND, THIRD]
    [attempt] = called(centre)
    assert numbers([attempt]) == [SECOND]
    assert attempt["DestCallerIDNum"] == "1600000000"
    assert attempt["DestUniqueid"] in {call["call"] for call in centre.calls()}


def test_a_citizen_who_does_not_answer_is_called_again_and_keeps_nobody_waiting(
    stack: MakeStack, tmp_path: Path
) -> None:
    site = SiteFolder(tmp_path)
    site.add("helplines/kwa.toml", f"[callback]\nattempts = 2\nretry_seconds = {RETRY}")
    centre = stack(config=site.root, routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    centre.sipp.citizens(centre.gateway_port, answer_after=None)
    asks_for_callback(centre, FIRST)
    second = waits(centre, SECOND)
    centre.make_available(["anu"])
    assert second.wait(20) == 0
    assert numbers(called(centre)) == [FIRST]
    eventually(lambda: told(centre, CallbackGivenUp), bool, RETRY + 5.0)
    assert all_ended(centre, 2) == {"completed_by_agent", "callback_failed"}
    early, late = (float(attempt["Timestamp"]) for attempt in called(centre))
    assert RETRY <= late - early < RETRY + 2.0
    assert centre.agents()["anu"]["state"] == "available"


def test_a_citizen_whose_agent_does_not_answer_waits_on_the_line_in_her_place(stack: MakeStack) -> None:
    centre = stack(routing__ring_seconds=3, routing__wrap_up_seconds=0).start()
    secrets = centre.add_agents(["anu", "bindu"])
    centre.sipp.phones({"1001": secrets["1001"]}, answer_after=None)
    centre.sipp.phones({"1002": secrets["1002"]}, hang_up_after=0.5)
    centre.sipp.citizens(centre.gateway_port)
    asks_for_callback(centre, FIRST)
    waits(centre, SECOND)
    centre.make_available(["anu"])
    # The citizen's phone rings, she hears who calls, and only then it rings at the desk.
    centre.wait_for_agent("anu", "missed", 20)
    centre.make_available(["bindu"])
    assert all_ended(centre, 2) == {"completed_by_agent"}
    assert answered(centre) == [FIRST, SECOND]
    assert numbers(called(centre)) == [FIRST]


def test_whoever_cannot_be_called_is_told_so_and_goes_on_waiting(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    steps = [Press("2"), Press("1", after=LISTENING), Stay()]
    strangers, witness = ["+882165000000", '"Anonymous" anonymous'], centre.witness
    callers = centre.sipp.call("1916", steps, callers=strangers)
    witness.wait_for_events(2, "Newexten", AppData="cc/callback-impossible")
    centre.make_available(["anu"])
    assert callers.wait(40) == 0
    assert all_ended(centre, 2) == {"completed_by_agent"}
    assert told(centre, CallbackAsked) == []


def test_a_service_that_is_killed_calls_everybody_back_all_the_same_and_once(stack: MakeStack) -> None:
    """One citizen's phone is ringing as it dies; the others are called by the next process."""
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    centre.sipp.citizens(centre.gateway_port, answer_after=6.0)
    for number in (FIRST, SECOND):
        asks_for_callback(centre, number)
    centre.make_available(["anu"])
    centre.witness.wait_for_event("DialBegin", DialString=f"+91{FIRST}@trunk")
    assert centre.service is not None
    centre.service.kill()
    centre.start_service()
    assert all_ended(centre, 2, 40) == {"completed_by_agent"}
    assert answered(centre) == numbers(called(centre)) == [FIRST, SECOND]
    assert len(told(centre, CallEnded)) == 4
