"""Reads a ``config/`` folder whole, checks it, and returns the Configuration or every fault in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, TypeVar

from callcentre.configuration import sections
from callcentre.configuration.clashes import clashes
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.helpline_file import helpline as read_helpline
from callcentre.configuration.helpline_menu import menu_faults, menu_helplines
from callcentre.configuration.helpline_rules import ANOTHER_OUTLET, outlets
from callcentre.configuration.model import Configuration, District, Helpline, NodeSettings, Texts
from callcentre.configuration.table import Table
from callcentre.configuration.texts_file import texts as read_texts
from routing.ids import HelplineId, LanguageCode

SITE_FILE = "callcentre.toml"
DISTRICTS_FILE = "districts.toml"
UNREADABLE = "(file)"
"""Stands for the key in the fault of a whole file."""
PHONES = frozenset({"phones.first", "phones.count"})

Section = TypeVar("Section")


def read_configuration(folder: Path, overrides: Sequence[str] = ()) -> Configuration:
    """The configuration in *folder*, with *overrides* such as ``http.port=8081`` applied to the site file.

    Raises ConfigurationFaulty naming every fault with its file, key and remedy.
    """
    faults: list[Fault] = []
    content = parse(folder / SITE_FILE, folder, faults)
    _override({} if content is None else content, overrides, faults)
    configuration = _build(folder, table_of(content, SITE_FILE, faults), faults)
    if faults:
        raise ConfigurationFaulty(sorted(set(faults)))
    return configuration


def _build(folder: Path, top: Table, faults: list[Fault]) -> Configuration:
    site = _section(top, "site", sections.site)
    helplines = _helplines(folder, site.languages, faults)
    asterisk, first = _section(top, "asterisk", sections.asterisk)
    configuration = Configuration(
        site=site,
        http=_section(top, "http", sections.http),
        database=_section(top, "database", sections.database),
        asterisk=asterisk,
        nodes=(first, *_further_nodes(top, first)),
        agi=_section(top, "agi", sections.agi),
        phones=_section(top, "phones", sections.phones),
        routing=_section(top, "routing", sections.routing),
        waiting=_section(top, "waiting", sections.waiting),
        callback=_section(top, "callback", sections.callback),
        callers=_section(top, "callers", sections.callers),
        ration=_section(top, "ration", sections.ration),
        menus=_section(top, "menus", sections.menus, optional=True),
        surge=_section(top, "surge", sections.surge),
        helplines={helpline.id: helpline for helpline in helplines.values()},
        districts=_districts(folder, faults),
        texts={language: _texts(folder, language, faults) for language in site.languages},
    )
    top.finish()
    faults.extend(_ambiguities(helplines))
    faults.extend(menu_faults(helplines))
    faulty = {fault.key for fault in faults if fault.file == SITE_FILE}
    if UNREADABLE not in faulty:
        faults.extend(_phones_dialled(configuration, faulty))
        faults.extend(Fault(SITE_FILE, *clash) for clash in clashes(configuration, faulty))
    return configuration


def _section(top: Table, key: str, read: Callable[[Table], Section], *, optional: bool = False) -> Section:
    table = top.table(key, optional=optional)
    value = read(table)
    table.finish()
    return value


def _further_nodes(top: Table, first: NodeSettings) -> Iterable[NodeSettings]:
    for name, table in top.tables_by_name("nodes").items():
        key = f"nodes.{name}"
        if not re.fullmatch(sections.NODE, name):
            top.fault(key, f"{name!r} is not {sections.A_NODE}", "Give it such a name.")
        if name == first.name:
            top.fault(key, f"{name!r} is already asterisk.node", "Give each node a name of its own.")
        yield sections.node(table, name)
        table.finish()


def _helplines(folder: Path, languages: tuple[LanguageCode, ...], faults: list[Fault]) -> dict[str, Helpline]:
    found = {}
    for path in sorted((folder / "helplines").glob("*.toml")):
        file = path.relative_to(folder).as_posix()
        table = table_of(parse(path, folder, faults), file, faults)
        found[file] = read_helpline(table, languages)
        table.finish()
    if not found:
        faults.append(
            Fault("helplines/", "*", "no helpline is configured", "Add one file for each helpline.")
        )
    return found


def _districts(folder: Path, faults: list[Fault]) -> tuple[District, ...]:
    table = table_of(parse(folder / DISTRICTS_FILE, folder, faults), DISTRICTS_FILE, faults)
    found = tuple(sections.district(entry) for entry in table.tables("districts"))
    table.finish()
    codes = [district.id for district in found if district.id]
    for code in {code for code in codes if codes.count(code) > 1}:
        table.fault("districts", f"the code {code!r} is given twice", "Give each district its own.")
    return found


def _texts(folder: Path, language: LanguageCode, faults: list[Fault]) -> Texts:
    file = f"texts/{language}.toml"
    table = table_of(parse(folder / file, folder, faults), file, faults)
    return read_texts(table, language)


def _ambiguities(helplines: Mapping[str, Helpline]) -> Iterable[Fault]:
    """Faults that only show when helplines are seen side by side."""
    known = {helpline.id for helpline in helplines.values()}
    # A file without an id may be the very one that is looked for.
    all_known = "" not in known
    owners: dict[str, str] = {}
    ids: dict[HelplineId, str] = {}
    for file, helpline in helplines.items():
        first = ids.setdefault(helpline.id, file)
        if helpline.id and first != file:
            yield Fault(file, "id", f"{helpline.id!r} is already used in {first}", "Give it another id.")
        for number in helpline.numbers:
            owner = owners.setdefault(number, file)
            if owner != file:
                yield Fault(
                    file, "numbers", f"{number} already belongs to {owner}", "Remove it from one of them."
                )
        for key, target in _named(helpline):
            if all_known and target not in known:
                remedy = f"Use one of: {', '.join(sorted(known))}."
                yield Fault(file, key, f"there is no helpline {target!r}", remedy)
        for key, target in outlets(helpline.rules.limits):
            if target == helpline.id:
                yield Fault(file, key, f"{target!r} is this helpline itself", ANOTHER_OUTLET)


def _named(helpline: Helpline) -> Iterable[tuple[str, HelplineId]]:
    """Every helpline that the file of *helpline* names, with the key."""
    yield from menu_helplines(helpline.menu)
    yield from outlets(helpline.rules.limits)


def _phones_dialled(configuration: Configuration, faulty: AbstractSet[str]) -> Iterable[Fault]:
    """Phones that have a helpline's number."""
    phones = () if faulty & PHONES else configuration.phones.names()
    for number in sorted(_numbers(configuration).intersection(phones)):
        yield Fault(
            SITE_FILE, "phones", f"{number} is a helpline's number", "Move the phones to other numbers."
        )


def _numbers(configuration: Configuration) -> set[str]:
    return {number for helpline in configuration.helplines.values() for number in helpline.numbers}


def parse(path: Path, folder: Path, faults: list[Fault]) -> dict[str, Any] | None:
    """What the file says; None when it cannot be read, which is noted."""
    file = path.relative_to(folder).as_posix()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(file, UNREADABLE, "is missing", f"Create it in {folder}."))
    except OSError as error:
        remedy = "Make it a file that the service's user may read."
        faults.append(Fault(file, UNREADABLE, f"cannot be read: {error.strerror}", remedy))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(file, UNREADABLE, f"is not TOML: {error}", "Mend the line it names."))
    except RecursionError:
        faults.append(Fault(file, UNREADABLE, "is nested too deeply", "Write it without so many brackets."))
    return None


def table_of(content: dict[str, Any] | None, file: str, faults: list[Fault]) -> Table:
    """The table of what was parsed.  A file that cannot be read is one fault, not one for each key."""
    return Table(content or {}, file=file, faults=faults if content is not None else [])


def _override(content: dict[str, Any], overrides: Sequence[str], faults: list[Fault]) -> None:
    for override in overrides:
        path, equals, value = override.partition("=")
        *tables, key = path.split(".")
        if not (equals and tables):
            faults.append(Fault("--set", override, "is not section.key=value", "Write e.g. http.port=8081."))
            continue
        table: Any = content
        for name in tables:
            # What is no table is noted when it is read.
            table = table.setdefault(name, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[key] = _as_toml(value)


def _as_toml(value: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return value
    # A line break in it could smuggle further keys past the eye.
    return parsed["value"] if len(parsed) == 1 else value
