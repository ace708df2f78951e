"""One helpline's file, read into its dataclass."""

from __future__ import annotations

from collections.abc import Iterable

from callcentre.configuration.helpline_hours import week
from callcentre.configuration.helpline_menu import menu
from callcentre.configuration.helpline_rules import WAY_OUT, head_start, rules
from callcentre.configuration.model import Category, Helpline
from callcentre.configuration.sections import A_NUMBER, A_WORD, NUMBER, WORD, translations
from callcentre.configuration.table import Table
from routing.ids import CategoryId, HelplineId, LanguageCode, Seconds

# A helpline is a section of queues.conf and an extension: these are sections with a meaning of their own, and
# so are extensions of one letter (h, i, t, …).
TAKEN = frozenset({"general", "helpline", WAY_OUT})
MOST_CALLS = 10_000
LONGEST_DAYS = 365


def helpline(table: Table, languages: tuple[LanguageCode, ...]) -> Helpline:
    routing, limits, callback = (table.table(key, optional=True) for key in ("routing", "limits", "callback"))
    identity = HelplineId(table.text("id", pattern=r"[a-z][a-z0-9_]{1,31}", means="a short name such as kwa"))
    categories = tuple(_category(entry, languages) for entry in table.tables("categories"))
    value = Helpline(
        id=identity,
        numbers=table.texts("numbers", pattern=NUMBER, means="a dialled number, digits only"),
        name=translations(table.table("name"), languages),
        matter=translations(table.table("matter"), languages),
        categories=categories,
        menu=menu(table, identity, categories),
        office=translations(table.table("office"), languages) if table.given("office") else None,
        rules=rules(routing, limits, callback, _head_starts(categories)),
        trunks=limits.whole_or("trunks", None, low=1, high=MOST_CALLS),
        caller_id=_caller_id(callback),
        settle_days=table.whole_or("settle_days", None, low=1, high=LONGEST_DAYS),
        week=week(table),
    )
    for below in (routing, limits, callback):
        below.finish()
    _check(table, value)
    return value


def _head_starts(categories: Iterable[Category]) -> dict[CategoryId, Seconds]:
    return {category.id: category.head_start for category in categories if category.head_start is not None}


def _caller_id(callback: Table) -> str:
    given = callback.given("caller_id")
    return callback.text("caller_id", pattern=NUMBER, means=A_NUMBER) if given else ""


def _category(table: Table, languages: tuple[LanguageCode, ...]) -> Category:
    identity = CategoryId(table.text("id", pattern=WORD, means=A_WORD))
    starts_ahead = head_start(table, None)
    matter = translations(table.table("matter"), languages) if table.given("matter") else None
    emergency = table.flag("emergency") if table.given("emergency") else False
    # Last: whatever else is in the table is a language.
    name = translations(table, languages)
    return Category(id=identity, name=name, head_start=starts_ahead, matter=matter, emergency=emergency)


def _check(table: Table, value: Helpline) -> None:
    if value.id in TAKEN:
        table.fault("id", f"{value.id!r} means something else already", "Choose another short name.")
    if not value.categories and not table.faulty("categories"):
        table.fault("categories", "there is none", "Add at least one: [[categories]] with id and names.")
    ids = [category.id for category in value.categories if category.id]
    for identity in {i for i in ids if ids.count(i) > 1}:
        table.fault("categories", f"{identity!r} is there twice", "Give each category an id of its own.")
