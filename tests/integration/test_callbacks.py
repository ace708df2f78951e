"""Callbacks on real Asterisk: the place is kept, the citizen is called when it is her turn, and once."""

from __future__ import annotations

from collections.abc import Callable

from callcentre.telephony.ami.codec import Message
from routing.facts import CallAnswered
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import Stack

MakeStack = Callable[..., Stack]
# When the waiting room has said that one is in it, and listens to keys.
LISTENING = 4.5
NUMBERS = ["9447000001", "9447000002", "9447000003"]


def answered(centre: Stack) -> list[str]:
    """The callers in the order in which an agent answered them."""
    callers = {call["call"]: call["caller"] for call in centre.calls()}
    return [callers[fact.call] for fact in centre.facts() if isinstance(fact, CallAnswered)]


def called(centre: Stack) -> list[Message]:
    """Every attempt to call a citizen."""
    return [e for e in centre.witness.events("DialBegin") if e.get("DestChannel").startswith("PJSIP/trunk")]


def ask_for_callback(centre: Stack, number: str) -> Program:
    """A caller who asks to be called back, and hangs up when that is promised."""
    witness, before = centre.witness, len(centre.witness.events("UserEvent", UserEvent="CallbackAsked"))
    caller = centre.sipp.call("1916", [Press("2"), Press("2", after=LISTENING), Stay(20)], callers=[number])
    witness.wait_for_events(before + 1, "UserEvent", UserEvent="CallbackAsked")
    return caller


def wait_on_the_line(centre: Stack, number: str) -> Program:
    before = len(centre.witness.events("UserEvent", UserEvent="CallQueued"))
    caller = centre.sipp.call("1916", [Press("2"), Stay()], callers=[number])
    centre.witness.wait_for_events(before + 1, "UserEvent", UserEvent="CallQueued")
    return caller


def test_a_callback_keeps_its_place_and_is_called_once(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    centre.sipp.citizens(centre.gateway_port, answer_after=0.3)
    callers = [
        wait_on_the_line(centre, NUMBERS[0]),
        ask_for_callback(centre, NUMBERS[1]),
        wait_on_the_line(centre, NUMBERS[2]),
    ]
    assert callers[1].wait(20) == 0
    centre.make_available(["anu"])
    centre.wait_for_calls(lambda calls: len(calls) == 3 and all(call["ended_at"] for call in calls), 30)
    assert answered(centre) == [f"+91{number}" for number in NUMBERS]
    [attempt] = called(centre)
    assert attempt["DialString"] == f"+91{NUMBERS[1]}@trunk"
    assert {call["outcome"] for call in centre.calls()} == {"completed_by_agent"}
