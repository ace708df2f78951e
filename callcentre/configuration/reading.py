"""Reads a ``config/`` folder whole, checks it, and returns the Configuration or every fault in it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from callcentre.configuration import sections
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration, Helpline, Texts
from callcentre.configuration.table import Table
from routing.ids import HelplineId, LanguageCode

SITE_FILE = "callcentre.toml"
PROMPTS = (
    "language",
    "welcome",
    "person",
    "wrong-key",
    "connecting",
    "still-waiting",
    "docket-is",
    "docket-again",
    "thank-you",
)
"""Every prompt the menus, the waiting room and the farewell speak; each must exist in each language."""

Section = TypeVar("Section")


def read_configuration(folder: Path, overrides: Sequence[str] = ()) -> Configuration:
    """The configuration in *folder*, with *overrides* such as ``http.port=8081`` applied to the site file.

    Raises ConfigurationFaulty naming every fault with its file, key and remedy.
    """
    faults: list[Fault] = []
    site_content = _parse(folder / SITE_FILE, folder, faults)
    _override(site_content, overrides, faults)
    configuration = _build(folder, Table(site_content, file=SITE_FILE, faults=faults), faults)
    if faults:
        raise ConfigurationFaulty(sorted(set(faults)))
    return configuration


def _build(folder: Path, top: Table, faults: list[Fault]) -> Configuration:
    site = _section(top, "site", sections.site)
    helplines = _helplines(folder, site.languages, faults)
    configuration = Configuration(
        site=site,
        http=_section(top, "http", sections.http),
        database=_section(top, "database", sections.database),
        asterisk=_section(top, "asterisk", sections.asterisk),
        agi=_section(top, "agi", sections.agi),
        phones=_section(top, "phones", sections.phones),
        routing=_section(top, "routing", sections.routing),
        waiting=_section(top, "waiting", sections.waiting),
        helplines={helpline.id: helpline for helpline in helplines.values()},
        texts={language: _texts(folder, language, faults) for language in site.languages},
    )
    top.finish()
    faults.extend(_ambiguities(helplines))
    faults.extend(_clashes(configuration))
    return configuration


def _section(top: Table, key: str, read: Callable[[Table], Section]) -> Section:
    table = top.table(key)
    value = read(table)
    table.finish()
    return value


def _helplines(folder: Path, languages: tuple[LanguageCode, ...], faults: list[Fault]) -> dict[str, Helpline]:
    found = {}
    for path in sorted((folder / "helplines").glob("*.toml")):
        file = path.relative_to(folder).as_posix()
        table = Table(_parse(path, folder, faults), file=file, faults=faults)
        found[file] = sections.helpline(table, languages)
        table.finish()
    if not found:
        faults.append(
            Fault("helplines/", "*", "no helpline is configured", "Add one file for each helpline.")
        )
    return found


def _texts(folder: Path, language: LanguageCode, faults: list[Fault]) -> Texts:
    path = folder / "texts" / f"{language}.toml"
    table = Table(_parse(path, folder, faults), file=f"texts/{language}.toml", faults=faults)
    return sections.texts(table, language, PROMPTS)


def _ambiguities(helplines: Mapping[str, Helpline]) -> Iterable[Fault]:
    """Faults that only show when helplines are seen side by side."""
    known = {helpline.id for helpline in helplines.values()}
    owners: dict[str, str] = {}
    ids: dict[HelplineId, str] = {}
    for file, helpline in helplines.items():
        first = ids.setdefault(helpline.id, file)
        if first != file:
            yield Fault(file, "id", f"{helpline.id!r} is already used in {first}", "Give it another id.")
        for number in helpline.numbers:
            owner = owners.setdefault(number, file)
            if owner != file:
                yield Fault(
                    file, "numbers", f"{number} already belongs to {owner}", "Remove it from one of them."
                )
        for target in helpline.menu:
            if target not in known:
                yield Fault(
                    file,
                    "menu",
                    f"there is no helpline {target!r}",
                    f"Use one of: {', '.join(sorted(known))}.",
                )


def _clashes(configuration: Configuration) -> Iterable[Fault]:
    """Two parts that want the same TCP port, or a phone that has a helpline's number."""
    taken: dict[int, str] = {}
    asterisk = configuration.asterisk
    for key, port in (
        ("http.port", configuration.http.port),
        ("asterisk.ami_port", asterisk.ami_port),
        ("asterisk.http_port", asterisk.http_port),
    ):
        other = taken.setdefault(port, key)
        if other != key:
            yield Fault(SITE_FILE, key, f"port {port} is also {other}", "Give each its own port.")
    for number in sorted(set(configuration.phones.names()) & _numbers(configuration)):
        yield Fault(
            SITE_FILE, "phones", f"{number} is a helpline's number", "Move the phones to other numbers."
        )


def _numbers(configuration: Configuration) -> set[str]:
    return {number for helpline in configuration.helplines.values() for number in helpline.numbers}


def _parse(path: Path, folder: Path, faults: list[Fault]) -> dict[str, Any]:
    file = path.relative_to(folder).as_posix()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(file, "(file)", "is missing", f"Create it in {folder}."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(file, "(file)", f"is not TOML: {error}", "Mend the line it names."))
    return {}


def _override(content: dict[str, Any], overrides: Sequence[str], faults: list[Fault]) -> None:
    for override in overrides:
        path, equals, value = override.partition("=")
        section, dot, key = path.partition(".")
        if not (equals and dot):
            faults.append(Fault("--set", override, "is not section.key=value", "Write e.g. http.port=8081."))
            continue
        content.setdefault(section, {})[key] = _as_toml(value)


def _as_toml(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
