"""What a helpline's own rules do to its callers on a real Asterisk: lines and hours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from routing.facts import HelplineClosed, HelplineOpened
from tests.integration.parts.heard import prompts_of
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack
from tests.unit.parts.site_folder import SiteFolder

MakeStack = Callable[..., Stack]
FIRST, SECOND, THIRD, FOURTH = (f"944700000{n}" for n in range(1, 5))


def test_one_caller_more_than_there_are_lines(stack: MakeStack, tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    site.add("helplines/kwa.toml", "[limits]\ntrunks = 2")
    centre = stack(config=site.root).start()
    witness = centre.witness
    first = centre.sipp.call("1916", [Press("1"), HangUp(after=60.0)], callers=[FIRST])
    second = centre.sipp.call("1916", [Stay()], callers=[SECOND])
    witness.wait_for_events(2, "UserEvent", UserEvent="CallArrived")

    # Two lines are taken, one of them by a caller who is still in the menu.
    assert centre.sipp.call("1916", [Stay(at_most=60.0)], callers=[THIRD]).wait(70) == 0
    told = ["ml:all-lines-busy", "en:all-lines-busy", "ml:callback-offer", "ml:message-offer"]
    assert prompts_of(witness, THIRD) == told
    [gone] = witness.events("Hangup")
    assert gone["CallerIDNum"] == THIRD
    witness.wait_for_events(2, "UserEvent", UserEvent="CallQueued")
    assert first.process.poll() is None
    assert second.process.poll() is None

    # Moved by the router to an agent, both keep their lines.
    centre.sipp.phones(centre.add_agents(["anu", "bindu"]), hang_up_after=4.0)
    centre.make_available(["anu", "bindu"])
    witness.wait_for_events(2, "DialEnd", DialStatus="ANSWER")
    assert centre.sipp.call("1916", [Stay(at_most=60.0)], callers=[THIRD]).wait(70) == 0
    assert prompts_of(witness, THIRD) == told + told

    witness.wait_for_event("Hangup", CallerIDNum=FIRST)
    centre.sipp.call("1916", [Press("1"), HangUp(after=60.0)], callers=[FOURTH])
    witness.wait_for_event("UserEvent", UserEvent="CallQueued", CallerIDNum=FOURTH)


def test_whoever_is_closed_at_the_start_is_known_before_anybody_is_served(
    stack: MakeStack, tmp_path: Path
) -> None:
    site = SiteFolder(tmp_path)
    site.add("helplines/food.toml", "[hours]\nmon_sun = []")
    facts = stack(config=site.root).start().facts()
    assert [fact.helpline for fact in facts if isinstance(fact, HelplineClosed)] == ["food"]
    opened = [fact.helpline for fact in facts if isinstance(fact, HelplineOpened)]
    assert opened == ["citizen", "kwa", "ration"]
