"""Rules no floor can keep are refused, each with its reason; what rules say of themselves."""

from __future__ import annotations

import pytest

from routing.ids import CategoryId, Seconds, Skill
from routing.rules import PLAIN, RANKS, CallbackRules, FloorRules, HelplineRules, Limits, Outlet, Step
from tests.unit.parts.story import FOOD, KWA


def floor_rules(**given: object) -> FloorRules:
    usual = {"ring_seconds": 20.0, "wrap_up_seconds": 30.0, "missed_offers_limit": 1}
    return FloorRules(**(usual | given))  # type: ignore[arg-type]  # told by name


@pytest.mark.parametrize(
    "given",
    [
        {"ring_seconds": 0},
        {"ring_seconds": -1},
        {"wrap_up_seconds": -0.1},
        {"missed_offers_limit": 0},
        {"order_step_seconds": -1},
    ],
)
def test_rules_for_all_agents(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        floor_rules(**given)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"steps": ()}, "steps"),
        ({"steps": (Step(after=Seconds(1)),)}, "the first is after 0"),
        ({"steps": (Step(), Step(after=Seconds(9)), Step(after=Seconds(9)))}, "each later one after more"),
        ({"steps": (Step(), Step(after=Seconds(9)), Step(after=Seconds(5)))}, "each later one after more"),
        ({"head_start": Seconds(-1)}, "head start"),
        ({"category_head_starts": {CategoryId("x"): Seconds(-1)}}, "head start"),
        ({"reserve": -1}, "reserve"),
        ({"preferred_agent_seconds": Seconds(-1)}, "preferred_agent_seconds"),
    ],
)
def test_rules_of_a_helpline(given: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        HelplineRules(**given)  # type: ignore[arg-type]  # told by name


@pytest.mark.parametrize(
    ("part", "given", "complaint"),
    [
        (Step, {"language": 10}, "1 to 9"),
        (Step, {"language": -1}, "1 to 9"),
        (Step, {"skills": frozenset({(Skill("fire"), 0)})}, "1 to 9"),
        (Step, {"skills": frozenset({(Skill("fire"), 10)})}, "1 to 9"),
        (Step, {"skills": frozenset({(Skill("fire"), 1), (Skill("fire"), 2)})}, "one level"),
        (Step, {"after": Seconds(-1)}, "after"),
        (Limits, {"max_waiting": 0}, "max_waiting"),
        (Limits, {"max_wait": Seconds(0)}, "max_wait"),
        (CallbackRules, {"attempts": 0}, "at least once"),
        (CallbackRules, {"retry_seconds": Seconds(-1)}, "retry_seconds"),
    ],
)
def test_parts_of_them(part: type, given: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        part(**given)


@pytest.mark.parametrize("limit", ["when_full", "when_late", "when_unstaffed", "when_closed"])
def test_nobody_overflows_to_where_he_is(limit: str) -> None:
    rules = HelplineRules(limits=Limits(**{limit: Outlet(KWA)}))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kwa: its callers cannot overflow to itself"):
        floor_rules(helplines={KWA: rules})


def test_the_bound_on_overtaking_is_the_greatest_head_start_and_the_longest_order() -> None:
    assert floor_rules(order_step_seconds=0).overtaking_bound == 0
    favoured = HelplineRules(
        head_start=Seconds(60), category_head_starts={CategoryId("poisoning"): Seconds(300)}
    )
    assert floor_rules(order_step_seconds=30, helplines={FOOD: favoured}).overtaking_bound == 300 + RANKS * 30


def test_a_helpline_without_rules_has_plain_ones() -> None:
    assert floor_rules().of(KWA) == HelplineRules() == PLAIN


@pytest.mark.parametrize(("waited", "step"), [(0, 0), (19.9, 0), (20, 1), (39, 1), (40, 2), (900, 2)])
def test_the_step_a_call_is_in(waited: float, step: int) -> None:
    steps = (Step(), Step(after=Seconds(20)), Step(after=Seconds(40)))
    assert HelplineRules(steps=steps).last_step(Seconds(waited)) == step
