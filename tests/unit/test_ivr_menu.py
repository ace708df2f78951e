"""A number's flow as data: which keys lead where, which prompts are needed, which flows cannot be built."""

from __future__ import annotations

import re

import pytest

from ivr.menu import Flow, ImpossibleFlow, MenuOption
from ivr.prompts import PromptRef

GENERAL = Flow(
    languages=("ml", "en"),
    options=(MenuOption("1", "kwa"), MenuOption("2", "food")),
    helpline="citizen",
)


def names(prompts: tuple[PromptRef, ...]) -> list[str]:
    return [f"{prompt.language}:{prompt.name}" for prompt in prompts]


def test_each_language_is_offered_in_itself_with_its_position_as_key() -> None:
    assert names(GENERAL.language_lines()) == ["ml:language", "ml:press/1", "en:language", "en:press/2"]
    assert [GENERAL.language_for(key) for key in "123"] == ["ml", "en", None]


def test_the_menu_says_the_matter_before_the_key_and_a_person_last() -> None:
    assert names(GENERAL.menu_lines("en")) == [
        "en:matter/kwa", "en:press/1", "en:matter/food", "en:press/2", "en:person",
    ]  # fmt: skip
    assert [GENERAL.helpline_for(key) for key in "123"] == ["kwa", "food", None]


def test_a_one_language_direct_number_needs_only_its_welcome() -> None:
    flow = Flow(languages=("ml",), options=(), helpline="kwa")
    assert flow.every_prompt() == {PromptRef("ml", "welcome")}


def test_every_prompt_names_both_languages_of_the_menu() -> None:
    needed = GENERAL.every_prompt()
    assert {
        PromptRef("ml", "matter/food"),
        PromptRef("en", "matter/food"),
        PromptRef("en", "wrong-key"),
    } <= needed
    assert PromptRef("en", "welcome") not in needed


@pytest.mark.parametrize(
    ("languages", "keys", "helpline", "said"),
    [
        ((), "1", "citizen", "at least one language"),
        (("ml", ""), "1", "citizen", "none may be empty"),
        (("ml", "ml"), "1", "citizen", "listed twice"),
        (("ml", "en", "hi", "ta", "kn", "bn"), "", "citizen", "only the keys 12345"),
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
    options = tuple(MenuOption(key, f"line{place}") for place, key in enumerate(keys))
    with pytest.raises(ImpossibleFlow, match=re.escape(said)):
        Flow(languages=languages, options=options, helpline=helpline)


def test_a_key_of_two_characters_is_refused() -> None:
    with pytest.raises(ImpossibleFlow, match="one of 12345"):
        Flow(languages=("ml",), options=(MenuOption("12", "kwa"),), helpline="citizen")
