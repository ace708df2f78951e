"""A number's flow as data: which keys lead where, which flows cannot be built."""

from __future__ import annotations

import re

import pytest

from ivr.menu import Flow, ImpossibleFlow, Menu, Option, ToCategory, ToHelpline
from tests.unit.parts.imagined_menus import GENERAL, MENUS


def test_each_language_has_its_position_as_key() -> None:
    assert [GENERAL.language_for(key) for key in "123"] == ["ml", "en", None]
    assert [GENERAL.key_of(language) for language in ("ml", "en")] == ["1", "2"]


def test_a_menu_says_the_matter_before_the_key_and_a_person_last() -> None:
    assert list(MENUS["citizen"].names()) == [
        "matter/kwa", "press/1", "matter/food", "press/2", "service/docket", "press/3", "person",
    ]  # fmt: skip


def test_a_category_is_named_with_its_helpline() -> None:
    assert next(MENUS["kwa"].names()) == "matter/kwa/leak"


def test_a_key_without_meaning_leads_nowhere() -> None:
    assert MENUS["citizen"].goal_of("1") == ToHelpline("kwa")
    assert MENUS["citizen"].goal_of("4") is None


def test_callers_of_the_general_number_can_come_to_every_helpline_of_its_menu() -> None:
    assert GENERAL.helplines() == {"citizen", "kwa", "food"}


@pytest.mark.parametrize(
    ("languages", "keys", "helpline", "said"),
    [
        ((), "1", "citizen", "at least one language"),
        (("ml", ""), "1", "citizen", "none may be empty"),
        (("ml", "ml"), "1", "citizen", "listed twice"),
        (("ml", "en", "hi", "ta", "kn", "bn"), "1", "citizen", "only the keys 12345"),
        (("ml",), "11", "citizen", "stands for two options"),
        (("ml",), "0", "citizen", "0, * and # are taken"),
        (("ml",), "*", "citizen", "0, * and # are taken"),
        (("ml",), "6", "citizen", "one of 12345"),
        (("ml",), "1", "", "no helpline for 0"),
    ],
)
def test_a_flow_that_could_trap_a_caller_cannot_be_built(
    languages: tuple[str, ...], keys: str, helpline: str, said: str
) -> None:
    options = tuple(Option(key, ToCategory(f"matter{place}")) for place, key in enumerate(keys))
    with pytest.raises(ImpossibleFlow, match=re.escape(said)):
        Flow(languages=languages, menus={helpline: Menu(helpline, options)}, helpline=helpline)
