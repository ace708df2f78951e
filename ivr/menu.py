"""What a caller of one number goes through, as data: the languages, the menus on two levels, the services.

Built from the configuration once at start; a flow that could trap or mislead a caller cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from ivr import prompts
from ivr.phrases import Phrasebook

# 0 is a person, * repeats, # ends an entry; and nobody remembers the first of six spoken choices when the
# sixth has been read (domain rules), so there is no «press six» in the texts either.
CHOICE_KEYS = "12345"
# The number's own menu, and that of the helpline chosen there (domain rules).
LEVELS = 2
TOO_MANY = "Callers cannot hold more than five options in mind; put the rest behind 0."


class ImpossibleFlow(ValueError):
    """A flow no caller could use: says which number's flow, and what to change."""


class Service(Enum):
    """What callers can have done without a person; the value is the word of the configuration."""

    DOCKET = "docket"
    RATION_CARD = "ration-card"
    OFFICE = "office"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class ToHelpline:
    """To the menu of another helpline; to its people when it has none."""

    helpline: str


@dataclass(frozen=True, slots=True)
class ToCategory:
    """To the menu's own people, who are told that it is about this."""

    category: str


@dataclass(frozen=True, slots=True)
class ToService:
    """To what needs nobody."""

    service: Service


Goal = ToHelpline | ToCategory | ToService


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a menu: «for no water … press 1»."""

    key: str
    goal: Goal


@dataclass(frozen=True, slots=True)
class Menu:
    """What one helpline lets its callers choose from, in the order in which it is read out."""

    helpline: str
    options: tuple[Option, ...]

    def goal_of(self, key: str) -> Goal | None:
        """Where *key* leads, or None for a key without meaning."""
        return next((option.goal for option in self.options if option.key == key), None)

    def names(self) -> Iterator[str]:
        """The prompts of the whole menu: the matter before the key, and a person at the end."""
        for option in self.options:
            yield matter_of(option.goal, self.helpline)
            yield prompts.press(option.key)
        yield prompts.PERSON


def matter_of(goal: Goal, helpline: str) -> str:
    """The prompt that says what *goal*, in the menu of *helpline*, is for."""
    match goal:
        case ToHelpline(other):
            return prompts.matter(other)
        case ToCategory(category):
            return prompts.matter(helpline, category)
        case ToService(service):
            return prompts.service(service.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What is the same in all flows of a site."""

    notice: str = ""
    """The version of the recording and data notice; empty when none is given."""
    message_seconds: int = 120
    """The longest message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What a caller of one number goes through: language choice, then the menus when there are any.

    ``languages``: the first is spoken to a caller who chooses none; a language's key is its position.
    ``helpline``: where a direct number, ``0``, silence and failure lead.
    ``menus``: of every helpline that has one, by its id.
    ``offices``: the helplines whose office hours and addresses can be said.
    Raises `ImpossibleFlow`.
    """

    languages: tuple[str, ...]
    helpline: str
    menus: Mapping[str, Menu] = field(default_factory=dict, hash=False)
    offices: frozenset[str] = frozenset()
    phrases: Phrasebook = field(default_factory=dict, hash=False)
    manners: Manners = Manners()

    def __post_init__(self) -> None:
        problem = next(problems(self), None)
        if problem is not None:
            raise ImpossibleFlow(f"flow of helpline {self.helpline!r}: {problem}")

    @property
    def asks_language(self) -> bool:
        """Whether there is anything to choose between."""
        return len(self.languages) > 1

    def language_for(self, key: str) -> str | None:
        """The language that *key* chooses, or None for a key without one."""
        return dict(zip(CHOICE_KEYS, self.languages, strict=False)).get(key)

    def key_of(self, language: str) -> str:
        """The key that chooses *language*, which is one of the flow's."""
        return CHOICE_KEYS[self.languages.index(language)]

    def helplines(self) -> frozenset[str]:
        """Every helpline a caller of this number can come to."""
        own = self.menus.get(self.helpline)
        return frozenset({self.helpline, *(_helplines_of(own) if own else ())})


def problems(flow: Flow) -> Iterator[str]:
    """What would trap or mislead a caller."""
    if not flow.helpline:
        yield "no helpline for 0, silence and failure to lead to"
    if not flow.languages or not all(flow.languages):
        yield "at least one language is needed, and none may be empty"
    if len(set(flow.languages)) < len(flow.languages):
        yield f"a language is listed twice: {', '.join(flow.languages)}"
    if len(flow.languages) > len(CHOICE_KEYS):
        yield f"{len(flow.languages)} languages, but only the keys {CHOICE_KEYS} can choose one"
    for trap in traps(flow.helpline, flow.menus, flow.offices):
        yield trap.problem


@dataclass(frozen=True, slots=True)
class Trap:
    """What would trap or mislead a caller: in whose menu, at which option, and what to do about it."""

    helpline: str
    place: int | None
    """The option's place, from 0; None when it is the menu as a whole."""
    problem: str
    remedy: str


def traps(helpline: str, menus: Mapping[str, Menu], offices: AbstractSet[str]) -> Iterator[Trap]:
    """All of them in the menus that callers of a number of *helpline* come to."""
    own = menus.get(helpline)
    if own is None:
        return
    yield from _traps_of_menu(own, offices)
    for other in sorted(set(_helplines_of(own)) - {helpline}):
        if menu := menus.get(other):
            yield from _traps_of_menu(menu, offices)
            yield from _third_level(menu, helpline)


def _helplines_of(menu: Menu) -> Iterator[str]:
    """The helplines that a menu leads to."""
    for option in menu.options:
        if isinstance(option.goal, ToHelpline):
            yield option.goal.helpline


def _third_level(menu: Menu, above: str) -> Iterator[Trap]:
    for place, option in enumerate(menu.options):
        if isinstance(option.goal, ToHelpline):
            yield Trap(
                menu.helpline,
                place,
                f"the menu of {menu.helpline} is chosen in that of {above} and leads to a third level; "
                f"callers bear {LEVELS}",
                "Take the option out, here or there.",
            )


def _traps_of_menu(menu: Menu, offices: AbstractSet[str]) -> Iterator[Trap]:
    yield from _traps_of_keys(menu)
    whose = f"the menu of {menu.helpline}"
    goals = [option.goal for option in menu.options]
    for place, goal in enumerate(goals):
        if goal in goals[:place]:
            yield Trap(menu.helpline, place, f"{whose} offers the same twice", "Offer it once.")
        if goal == ToHelpline(menu.helpline):
            yield Trap(menu.helpline, place, f"{whose} leads to itself", "Key 0 leads to its people.")
        if goal == ToService(Service.OFFICE) and menu.helpline not in offices:
            problem = f"{whose} offers its offices, and nobody has said where they are"
            yield Trap(menu.helpline, place, problem, "Say it in [office], or take the option out.")


def _traps_of_keys(menu: Menu) -> Iterator[Trap]:
    keys = [option.key for option in menu.options]
    whole = partial(Trap, menu.helpline, None)
    if not keys:
        yield whole(f"the menu of {menu.helpline} has no option", "Add one, or leave the menu out.")
    if len(keys) > len(CHOICE_KEYS):
        yield whole(f"{len(keys)} options are too many", TOO_MANY)
        return
    if len(set(keys)) < len(keys):
        yield whole(f"a key stands for two options: {', '.join(keys)}", "Give each its own.")
    if any(len(key) != 1 or key not in CHOICE_KEYS for key in keys):
        problem = f"an option's key is one of {CHOICE_KEYS} (0, * and # are taken): {', '.join(keys)}"
        yield whole(problem, "Use one of those.")
