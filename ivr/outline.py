"""What callers of a number can come to, as a tree: for a picture, and for whoever wants to walk all of it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.menu import Flow, Goal, Menu, Service, ToCategory, ToHelpline, ToService, matter_of


@dataclass(frozen=True, slots=True)
class InLine:
    """The waiting room of a helpline, where its people know of the category when there is one."""

    helpline: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What needs nobody, said or done for this helpline."""

    service: Service
    helpline: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A helpline's menu; ``person`` is where ``0``, silence and three wrong keys lead."""

    helpline: str
    branches: tuple[Branch, ...]
    person: InLine


Stop = InLine | Served | Choice


@dataclass(frozen=True, slots=True)
class Branch:
    """A key of a menu, the prompt that says what it is for, and where it leads."""

    key: str
    said: str
    stop: Stop


@dataclass(frozen=True, slots=True)
class Outline:
    """All of a flow.  ``languages``: each with its key; none when there is nothing to choose between.

    ``notice``: the version of the notice, empty when none is given.
    ``start``: where callers are once they have heard it.
    """

    languages: tuple[tuple[str, str], ...]
    notice: str
    start: Stop


def outline(flow: Flow) -> Outline:
    """The tree of *flow*."""
    asked = flow.languages if flow.asks_language else ()
    return Outline(
        languages=tuple((flow.key_of(language), language) for language in asked),
        notice=flow.manners.notice,
        start=_people_or_menu(flow, flow.helpline),
    )


def _people_or_menu(flow: Flow, helpline: str) -> Stop:
    menu = flow.menus.get(helpline)
    return InLine(helpline) if menu is None else _choice(flow, menu)


def _choice(flow: Flow, menu: Menu) -> Choice:
    branches = tuple(
        Branch(option.key, matter_of(option.goal, menu.helpline), _stop(flow, menu, option.goal))
        for option in menu.options
    )
    return Choice(menu.helpline, branches, person=InLine(menu.helpline))


def _stop(flow: Flow, menu: Menu, goal: Goal) -> Stop:
    # It ends: a flow of more than two levels cannot be built.
    match goal:
        case ToHelpline(helpline):
            return _people_or_menu(flow, helpline)
        case ToCategory(category):
            return InLine(menu.helpline, category)
        case ToService(service):
            return Served(service, menu.helpline)
