"""The router's rules acted out on real Asterisk: limits, overflow, needs that relax, phones that go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from routing.facts import CallAnswered, CallOffered, CallOverflowed, CallQueued, Fact, NeedsRelaxed
from tests.integration.parts.heard import prompts_of
from tests.integration.parts.sipp import DECLINE
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack, eventually
from tests.unit.parts.site_folder import SiteFolder

MakeStack = Callable[..., Stack]
LONGEST_WAIT = 10
FIRST, SECOND, THIRD = (f"944700000{n}" for n in range(1, 4))


def told(centre: Stack, kind: type[Fact]) -> list[Fact]:
    return [fact for fact in centre.facts() if isinstance(fact, kind)]


def test_a_full_line_turns_the_last_away_and_a_late_caller_keeps_her_place_elsewhere(
    stack: MakeStack, tmp_path: Path
) -> None:
    site = SiteFolder(tmp_path)
    limits = f'max_waiting = 1\nmax_wait_seconds = {LONGEST_WAIT}\nwhen_late = "food"'
    site.add("helplines/kwa.toml", f"[limits]\n{limits}")
    centre = stack(config=site.root, routing__wrap_up_seconds=0).start()
    witness = centre.witness
    # Somebody is at work there, and has no time yet.
    centre.sipp.phones(centre.add_agents(["bea"], helplines=["food"]), hang_up_after=0.5)
    centre.make_available(["bea"])
    centre.cli("agent", "bea", "break")

    late = centre.sipp.call("1916", [Press("2"), Stay()], callers=[FIRST])
    witness.wait_for_event("UserEvent", UserEvent="CallQueued", CallerIDNum=FIRST)
    full = centre.sipp.call("1916", [Press("1"), Stay()], callers=[SECOND])
    after = centre.sipp.call("18004251125", [Press("2"), Stay()], callers=[THIRD])
    assert full.wait(50) == 0
    assert prompts_of(witness, SECOND)[-3:] == ["ml:full", "ml:callback-offer", "ml:message-offer"]

    [moved] = eventually(lambda: told(centre, CallOverflowed), bool, LONGEST_WAIT + 5.0)
    # It is on her channel, for whoever takes over from this router.
    asked = f"core show channel {channel_of(centre, FIRST)}"
    eventually(lambda: witness.command(asked), lambda lines: "CC_HELPLINE=food" in lines)
    centre.make_available(["bea"])
    assert late.wait(40) == after.wait(40) == 0
    calls = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found))
    by_caller = {call["caller"].removeprefix("+91"): call for call in calls}
    assert by_caller[SECOND]["outcome"] == "turned_away"
    assert [by_caller[number]["agent"] for number in (FIRST, THIRD)] == ["bea", "bea"]
    assert by_caller[FIRST]["answered_at"] < by_caller[THIRD]["answered_at"]
    # As long as she may wait: it is a timer, no poll of a second; a busy machine was 0.113 s late.
    [queued] = [fact for fact in told(centre, CallQueued) if fact.call == moved.call][:1]
    assert 0 <= moved.at - queued.queued_at - LONGEST_WAIT < 0.5


def channel_of(centre: Stack, caller: str) -> str:
    queued = centre.witness.wait_for_event("UserEvent", UserEvent="CallQueued", CallerIDNum=caller)
    return queued["Channel"]


def test_an_agent_who_speaks_little_of_the_language_serves_after_a_while(
    stack: MakeStack, tmp_path: Path
) -> None:
    site = SiteFolder(tmp_path)
    steps = "[[routing.steps]]\nlanguage = 7\n[[routing.steps]]\nafter_seconds = 2"
    site.add("helplines/kwa.toml", steps)
    centre = stack(config=site.root).start()
    centre.sipp.phones(centre.add_agents(["anu"]))
    centre.make_available(["anu"])
    caller = centre.sipp.call("1916", [Press("1"), HangUp(after=8.0)])
    centre.wait_for_agent("anu", "talking")
    [queued], [relaxed], [offered], [answered] = (
        told(centre, kind) for kind in (CallQueued, NeedsRelaxed, CallOffered, CallAnswered)
    )
    assert 2.0 <= relaxed.at - queued.queued_at < 2.5
    assert relaxed.at <= offered.at <= answered.at
    assert caller.wait(20) == 0


def test_phones_that_go_away_come_back_and_decline(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    secrets = centre.add_agents(["anu", "bindu"])
    anu, bindu = ({phone: secret} for phone, secret in secrets.items())
    centre.sipp.phones(anu, hang_up_after=0.5)
    centre.make_available(["anu"])
    centre.sipp.unregister(anu)
    centre.wait_for_agent("anu", "unreachable")
    caller = centre.sipp.call("1916", [Press("1"), Stay()])
    centre.witness.wait_for_event("UserEvent", UserEvent="CallQueued")
    centre.sipp.refusing_phones(bindu, DECLINE)
    centre.make_available(["bindu"])
    assert centre.wait_for_agent("bindu", "missed")["reason"] == "declined"
    assert told(centre, CallAnswered) == []
    centre.sipp.phones(anu, hang_up_after=0.5)
    assert caller.wait(20) == 0
    centre.wait_for_agent("anu", "available")
