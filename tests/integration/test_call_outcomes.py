"""How calls end: each way leaves the right line in the call log and the agent in the right state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack

MakeStack = Callable[..., Stack]


def ended(calls: list[dict[str, object]]) -> bool:
    return bool(calls) and all(call["ended_at"] for call in calls)


def test_the_agent_hangs_up_and_is_free_again(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=1.0)
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("2"), Stay()]).wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["outcome"], call["agent"]) == ("completed_by_agent", "anu")
    assert (call["helpline"], call["language"], call["caller"]) == ("kwa", "en", "+919447012345")
    assert call["queued_at"] < call["answered_at"] < call["ended_at"]
    assert centre.agents()["anu"]["state"] == "available"


def test_the_caller_hangs_up_and_the_agent_writes(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=600).start()
    centre.sipp.phones(centre.add_agents(["anu"]))
    centre.make_available(["anu"])
    caller = centre.sipp.call("1916", [Press("1"), HangUp(after=3.0)])
    assert caller.wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["outcome"], call["language"]) == ("completed_by_caller", "ml")
    assert centre.wait_for_agent("anu", "wrap_up")["call"] is None


def test_wrap_up_ends_by_itself(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=1).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.5)
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("1"), Stay()]).wait(40) == 0
    centre.wait_for_agent("anu", "available")


def test_a_caller_who_gives_up_waiting_has_abandoned(stack: MakeStack) -> None:
    centre = stack().start()
    assert centre.sipp.call("1916", [Press("1"), HangUp(after=2.0)]).wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["outcome"], call["answered_at"], call["agent"]) == ("abandoned", None, None)
    assert call["queued_at"] is not None


def test_a_caller_who_hangs_up_in_the_menu_was_never_queued(stack: MakeStack) -> None:
    centre = stack().start()
    assert centre.sipp.call("155300", [HangUp(after=1.0)]).wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["outcome"], call["queued_at"]) == ("left_menu", None)


def test_an_unanswered_offer_goes_to_the_next_agent_and_the_first_is_marked(stack: MakeStack) -> None:
    centre = stack(routing__ring_seconds=3, routing__wrap_up_seconds=0).start()
    secrets = centre.add_agents(["anu", "bindu"])
    centre.sipp.phones({"1001": secrets["1001"]}, answer_after=None)
    centre.sipp.phones({"1002": secrets["1002"]}, hang_up_after=0.5)
    # The first to become available is the longest idle, and so is offered the call first.
    centre.make_available(["anu", "bindu"])
    assert centre.sipp.call("1916", [Press("1"), Stay()]).wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["outcome"], call["agent"]) == ("completed_by_agent", "bindu")
    agents = centre.agents()
    assert (agents["anu"]["state"], agents["anu"]["reason"]) == ("missed", "NOANSWER")
    assert agents["bindu"]["state"] == "available"


def test_a_caller_who_hangs_up_while_the_phone_rings_is_no_missed_offer(stack: MakeStack) -> None:
    centre = stack().start()
    centre.sipp.phones(centre.add_agents(["anu"]), answer_after=None)
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("1"), HangUp(after=2.0)]).wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert call["outcome"] == "abandoned"
    assert centre.agents()["anu"]["state"] == "available"


def test_a_busy_phone_is_marked_and_the_caller_keeps_waiting(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    secrets = centre.add_agents(["anu", "bindu"])
    centre.sipp.refusing_phones({"1001": secrets["1001"]})
    centre.sipp.phones({"1002": secrets["1002"]}, hang_up_after=0.5)
    centre.make_available(["anu"])
    caller = centre.sipp.call("1916", [Press("1"), Stay()])
    assert centre.wait_for_agent("anu", "missed")["reason"] == "declined"
    centre.make_available(["bindu"])
    assert caller.wait(40) == 0
    [call] = centre.wait_for_calls(ended)
    assert (call["agent"], call["outcome"]) == ("bindu", "completed_by_agent")


def test_nobody_is_available_at_a_phone_that_cannot_ring(stack: MakeStack) -> None:
    centre = stack().start()
    centre.add_agents(["anu"])
    with pytest.raises(AssertionError, match="the phone of anu is not registered"):
        centre.cli("agent", "anu", "available")
    assert centre.agents()["anu"]["state"] == "not_ready"


def test_a_break_asked_for_during_a_talk_begins_after_it(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    witness = centre.witness
    centre.sipp.phones(centre.add_agents(["anu"]))
    centre.make_available(["anu"])
    caller = centre.sipp.call("1916", [Press("1"), Stay()])
    leg = witness.wait_for_event("DialBegin")
    centre.wait_for_agent("anu", "talking")
    assert centre.cli("agent", "anu", "break").strip() == "anu: talking, on_break after the call"
    witness.command(f"channel request hangup {leg['DestChannel']}")
    assert caller.wait(40) == 0
    centre.wait_for_agent("anu", "on_break")
