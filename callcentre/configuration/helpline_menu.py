"""What callers of a helpline choose from: the list [[menu]] of its file, and its rules.

What would trap a caller on two levels is found by `ivr.menu.traps`; here is what only the files know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Category, Helpline
from callcentre.configuration.sections import WORD
from callcentre.configuration.table import Table
from ivr.menu import Goal, Menu, Option, Service, ToCategory, ToHelpline, ToService, traps
from routing.ids import HelplineId

SERVICES = tuple(service.value for service in Service)
KINDS = ("helpline", "category", "service")
ONE_OF = 'Write one of: helpline = "…", category = "…", service = "…".'


def menu(table: Table, helpline: HelplineId, categories: Sequence[Category]) -> Menu | None:
    """The menu of a helpline's file; None when it has none.  An option's key is its place."""
    if not table.given("menu"):
        return None
    entries = table.tables("menu")
    if table.faulty("menu"):
        return None
    goals = [_goal(table, entry, f"menu[{place}]") for place, entry in enumerate(entries)]
    _check_categories(table, goals, categories)
    _check_emergencies(table, goals, categories)
    found = [Option(str(key), goal) for key, goal in enumerate(goals, start=1) if goal is not None]
    # An option that cannot be read is one fault; a menu without it would be another.
    return Menu(helpline, tuple(found)) if None not in goals else None


def _goal(table: Table, entry: Table, key: str) -> Goal | None:
    given = [kind for kind in KINDS if entry.given(kind)]
    if len(given) != 1:
        named = " and ".join(given) if given else "nothing"
        table.fault(key, f"an option leads to one thing, this one to {named}", ONE_OF)
        entry.finish()
        return None
    goal = _read(entry, given[0])
    entry.finish()
    return goal


def _read(entry: Table, kind: str) -> Goal | None:
    if kind == "service":
        word = entry.text(kind, pattern="|".join(SERVICES), means=f"one of {', '.join(SERVICES)}")
        return ToService(Service(word)) if word in SERVICES else None
    word = entry.text(kind, pattern=WORD, means=f"the id of a {kind}")
    if entry.faulty(kind):
        return None
    return ToHelpline(word) if kind == "helpline" else ToCategory(word)


def _check_categories(table: Table, goals: Sequence[Goal | None], categories: Sequence[Category]) -> None:
    known = [category.id for category in categories]
    for place, goal in enumerate(goals):
        if isinstance(goal, ToCategory) and goal.category not in known and "" not in known:
            remedy = f"Use one of: {', '.join(known)}."
            table.fault(f"menu[{place}].category", f"there is no category {goal.category!r}", remedy)
    for place, category in enumerate(categories):
        if category.matter is None and ToCategory(category.id) in goals:
            key = f"categories[{place}].matter"
            problem = f"callers choose {category.id!r} from the menu, and nothing is said before its key"
            table.fault(key, problem, 'Add it in each language: matter.en = "For no water,".')


def _check_emergencies(table: Table, goals: Sequence[Goal | None], categories: Sequence[Category]) -> None:
    urgent: set[str] = {category.id for category in categories if category.emergency and category.id}
    offered = [goal.category if isinstance(goal, ToCategory) else "" for goal in goals]
    if None in goals or not goals:
        return
    for category in sorted(urgent.difference(offered)):
        problem = f"{category!r} is an emergency, and the menu does not offer it"
        table.fault("menu", problem, "Offer it before all that is not one.")
    for place, category in enumerate(offered):
        if category in urgent and not urgent.issuperset(offered[:place]):
            problem = f"{category!r} is an emergency and comes after what is none"
            table.fault(f"menu[{place}]", problem, "Put emergencies first.")


def menu_helplines(menu: Menu | None) -> Iterator[tuple[str, HelplineId]]:
    """Every helpline that a menu leads to, with the key that names it."""
    for place, option in enumerate(menu.options if menu else ()):
        if isinstance(option.goal, ToHelpline):
            yield f"menu[{place}].helpline", HelplineId(option.goal.helpline)


def menu_faults(helplines: Mapping[str, Helpline]) -> Iterable[Fault]:
    """What would trap a caller in the menus of *helplines*, which are given by their files."""
    menus: dict[str, Menu] = {h.id: h.menu for h in helplines.values() if h.menu}
    offices = {helpline.id for helpline in helplines.values() if helpline.office is not None}
    files = {helpline.id: file for file, helpline in helplines.items()}
    for helpline in menus:
        for trap in traps(helpline, menus, offices):
            key = "menu" if trap.place is None else f"menu[{trap.place}]"
            yield Fault(files[HelplineId(trap.helpline)], key, trap.problem, trap.remedy)
