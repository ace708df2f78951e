"""What dies under load, and what callers notice: no talk ends, nobody is dropped, the order is kept."""

from __future__ import annotations

from collections.abc import Callable

from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import Stack, eventually

MakeStack = Callable[..., Stack]
AGENTS, WAITING = 5, 20
NAMES = [f"agent{n}" for n in range(AGENTS)]


def talking_and_waiting(make: MakeStack, *, talk_seconds: float) -> tuple[Stack, Program]:
    """Five callers talk and twenty wait."""
    centre = make(routing__wrap_up_seconds=0).start()
    witness = centre.witness
    centre.sipp.phones(centre.add_agents(NAMES), hang_up_after=talk_seconds)
    centre.make_available(NAMES)
    numbers = [f"94470{n:05}" for n in range(AGENTS + WAITING)]
    callers = centre.sipp.call("1916", [Press("1"), Stay()], callers=numbers, rate=20)
    witness.wait_for_events(AGENTS + WAITING, "UserEvent", UserEvent="CallQueued")
    witness.wait_for_events(AGENTS, "DialEnd", DialStatus="ANSWER")
    return centre, callers


def queued_order(centre: Stack) -> list[str]:
    """Calls in the order in which they first entered the waiting room."""
    seen = {}
    for event in centre.witness.events("UserEvent", UserEvent="CallQueued"):
        variables = event.variables()
        seen.setdefault(variables["CC_CALL"], float(variables["CC_QUEUED_AT"]))
    return sorted(seen, key=lambda call: seen[call])


def answered_order(centre: Stack) -> list[str]:
    """Calls in the order in which an agent's phone was called for them."""
    begun: dict[str, None] = {}
    for event in centre.witness.events("DialBegin"):
        begun.setdefault(event.variables()["CC_CALL"])
    return list(begun)


def assert_in_order(centre: Stack) -> None:
    """Whoever queued earlier was served earlier.

    Calls offered in the same instant begin to ring in any order, one for each agent.
    """
    order = {call: place for place, call in enumerate(queued_order(centre))}
    places = [order[call] for call in answered_order(centre)]
    assert sorted(places) == list(range(AGENTS + WAITING))
    moved = [(turn, place) for turn, place in enumerate(places) if abs(turn - place) >= AGENTS]
    assert moved == [], places


def test_killed_and_restarted_everybody_is_served_in_the_original_order(stack: MakeStack) -> None:
    centre, callers = talking_and_waiting(stack, talk_seconds=12.0)
    assert centre.service is not None
    centre.service.kill()
    fell_back = centre.witness.wait_for_events(WAITING, "UserEvent", 15, UserEvent="CallFellBack")
    assert len(fell_back) == WAITING
    assert centre.witness.events("Hangup") == []
    centre.start_service()
    queued_again = AGENTS + 2 * WAITING
    centre.witness.wait_for_events(queued_again, "UserEvent", 15, UserEvent="CallQueued")
    assert callers.wait(120) == 0
    assert_in_order(centre)
    calls = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found))
    assert [call["outcome"] for call in calls] == ["completed_by_agent"] * (AGENTS + WAITING)
    agents = eventually(centre.agents, lambda found: all(a["call"] is None for a in found.values()))
    assert {agent["state"] for agent in agents.values()} == {"available"}


def test_killed_and_not_restarted_callers_reach_agents_through_the_native_queue(stack: MakeStack) -> None:
    # Until everybody is in the native queue: an agent who is free before takes whoever happens to be there.
    centre, callers = talking_and_waiting(stack, talk_seconds=14.0)
    assert centre.service is not None
    centre.service.kill()
    assert callers.wait(120) == 0
    assert len(centre.witness.events("UserEvent", UserEvent="CallFellBack")) == WAITING
    assert_in_order(centre)


def test_a_restart_within_the_beat_is_not_noticed_at_all(stack: MakeStack) -> None:
    centre, callers = talking_and_waiting(stack, talk_seconds=7.0)
    assert centre.service is not None
    centre.service.stop()
    centre.start_service()
    assert callers.wait(120) == 0
    assert_in_order(centre)


def test_asterisk_restarted_under_the_service(stack: MakeStack) -> None:
    centre, callers = talking_and_waiting(stack, talk_seconds=60.0)
    assert centre.asterisk is not None and centre.service is not None
    centre.asterisk.kill()
    eventually(centre.calls, lambda found: len(found) == AGENTS + WAITING)
    callers.kill()
    secrets = centre.phone_secrets()
    centre.start_asterisk()
    centre.new_witness()
    lost = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found), 30)
    assert {call["outcome"] for call in lost} == {"lost"}
    assert {agent["state"] for agent in centre.agents().values()} == {"available"}
    centre.sipp.phones({"1001": secrets["1001"]}, hang_up_after=0.5)
    for name in NAMES[1:]:
        centre.cli("agent", name, "logout")
    assert centre.sipp.call("1916", [Press("1"), Stay()]).wait(40) == 0
    calls = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found))
    assert calls[-1]["outcome"] == "completed_by_agent"
