"""The journal of real calls, told to the router again, leads it to every decision that it took."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from routing.facts import CallAnswered, CallOffered, NeedsRelaxed, OfferMissed, OfferProposed, WrapUpEnded
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack, eventually
from tests.unit.parts.site_folder import SiteFolder

CALLS = 20
NAMES = ["anu", "bea", "chitra"]
DECIDED = {OfferProposed, WrapUpEnded, NeedsRelaxed}


def test_a_busy_hour_with_a_crash_in_it(stack: Callable[..., Stack], tmp_path: Path) -> None:
    """Calls are answered, missed, given up; needs relax; and the service is killed while callers wait."""
    site = SiteFolder(tmp_path)
    site.add(
        "helplines/kwa.toml", "[[routing.steps]]\nlanguage = 9\n\n[[routing.steps]]\nafter_seconds = 3\n"
    )
    centre = stack(config=site.root, routing__wrap_up_seconds=1, routing__ring_seconds=3).start()
    secrets = centre.add_agents(NAMES)
    never_answered = {"1003": secrets.pop("1003")}
    centre.sipp.phones(secrets, hang_up_after=1.5)
    centre.sipp.phones(never_answered, answer_after=60.0, hang_up_after=1.0)
    centre.make_available(NAMES)

    callers = [f"94470{n:05}" for n in range(CALLS)]
    served = centre.sipp.call("1916", [Press("1"), Stay()], callers=callers, rate=10)
    gives_up = centre.sipp.call("1916", [Press("1"), HangUp(after=4.0)], callers=["9446000001"])
    centre.witness.wait_for_events(4, "DialEnd", DialStatus="ANSWER")
    assert centre.service is not None
    centre.service.kill()
    centre.start_service()
    assert gives_up.wait(60) == served.wait(90) == 0
    centre.wait_for_calls(lambda calls: all(call["ended_at"] for call in calls))
    eventually(lambda: {type(fact) for fact in centre.facts()}, lambda kinds: kinds >= DECIDED)

    facts, told = centre.facts(), centre.replay()
    assert told["different"] == []
    assert (told["facts"], told["runs"]) == (len(facts), 2)
    # Every offer of the journal was decided again, but for one that the second run may have found under way.
    decided = [fact for fact in facts if type(fact) in DECIDED]
    assert len(decided) - len(NAMES) <= told["decisions"] <= len(decided)
    kinds = {type(fact) for fact in facts}
    assert kinds >= {CallOffered, CallAnswered, OfferMissed}
