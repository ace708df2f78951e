"""Menus that would trap or mislead a caller: each is named with its place, and no flow is built of them."""

from __future__ import annotations

import pytest

from ivr.menu import (
    Flow,
    Goal,
    ImpossibleFlow,
    Menu,
    Option,
    Service,
    ToCategory,
    ToHelpline,
    ToService,
    traps,
)

NOTHING: frozenset[str] = frozenset()
LEAK, BILL = ToCategory("leak"), ToCategory("bill")
WATER, FOOD = ToHelpline("kwa"), ToHelpline("food")


def menu(helpline: str, *goals: Goal) -> Menu:
    """A menu whose keys are the places of its options."""
    return Menu(helpline, tuple(Option(str(key), goal) for key, goal in enumerate(goals, start=1)))


def found(*menus: Menu) -> list[tuple[str, int | None, str]]:
    """Where, and what, for callers of the first menu's number."""
    by_helpline = {menu.helpline: menu for menu in menus}
    return [
        (trap.helpline, trap.place, trap.problem) for trap in traps(menus[0].helpline, by_helpline, NOTHING)
    ]


def test_a_menu_on_two_levels_is_none() -> None:
    assert found(menu("citizen", WATER, FOOD), menu("kwa", LEAK, BILL, ToService(Service.MESSAGE))) == []


@pytest.mark.parametrize(
    ("goals", "place", "problem"),
    [
        ((), None, "has no option"),
        ((LEAK, BILL, LEAK), 2, "offers the same twice"),
        ((LEAK, WATER), 1, "leads to itself"),
        ((LEAK, ToService(Service.OFFICE)), 1, "nobody has said where they are"),
        (tuple(ToCategory(f"c{n}") for n in range(6)), None, "6 options are too many"),
    ],
)
def test_what_is_wrong_has_its_place(goals: tuple[Goal, ...], place: int | None, problem: str) -> None:
    [(helpline, where, what)] = found(menu("kwa", *goals))
    assert (helpline, where) == ("kwa", place)
    assert problem in what


def test_a_third_level_is_found_in_the_menu_that_leads_there() -> None:
    [(helpline, place, problem)] = found(menu("citizen", WATER), menu("kwa", LEAK, FOOD))
    assert (helpline, place) == ("kwa", 1)
    assert "chosen in that of citizen" in problem


def test_a_menu_that_nobody_comes_to_traps_nobody() -> None:
    assert found(menu("citizen", WATER), menu("food")) == []


def test_no_flow_is_built_of_them() -> None:
    with pytest.raises(ImpossibleFlow, match="third level"):
        Flow(
            languages=("ml",),
            helpline="citizen",
            menus={"citizen": menu("citizen", WATER), "kwa": menu("kwa", FOOD)},
        )
