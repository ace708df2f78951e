"""Reads one TOML table key by key, noting every fault instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from callcentre.configuration.faults import Fault


class Table:
    """A TOML table being read.  Each reader returns a usable value even when it notes a fault.

    ``finish`` must be called last: it reports keys nobody asked for, which are misspelt ones.
    """

    def __init__(
        self, content: Mapping[str, Any], *, file: str, faults: list[Fault], prefix: str = ""
    ) -> None:
        self._content = content
        self._file = file
        self._faults = faults
        self._prefix = prefix
        self._read: set[str] = set()

    def fault(self, key: str, problem: str, remedy: str) -> None:
        """Note that *key* is wrong."""
        self._faults.append(Fault(self._file, self._prefix + key, problem, remedy))

    def faulty(self, key: str) -> bool:
        """Whether anything was found wrong with *key*."""
        return any((fault.file, fault.key) == (self._file, self._prefix + key) for fault in self._faults)

    def text(
        self, key: str, *, pattern: str = r"(?s).*\S.*", means: str = "some text", shown: bool = True
    ) -> str:
        """A string that wholly matches *pattern*; *means* says in words what that is.

        Not *shown* in a fault when it may hold a password.
        """
        value = self._take(key, str, means)
        if value is not None and not re.fullmatch(pattern, value):
            self.fault(key, f"{value!r} is not {means}" if shown else f"is not {means}", f"Write {means}.")
        return value or ""

    def whole(self, key: str, *, low: int, high: int) -> int:
        """A whole number from *low* to *high*."""
        means = f"a whole number from {low} to {high}"
        value = self._take(key, int, means)
        if value is not None and not low <= value <= high:
            self.fault(key, f"{value} is not {means}", f"Write {means}.")
        return low if value is None else value

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._take(key, bool, "true or false"))

    def texts(self, key: str, *, pattern: str, means: str, optional: bool = False) -> tuple[str, ...]:
        """A list of strings that each wholly match *pattern*; empty only when *optional*."""
        if optional and key not in self._content:
            self._read.add(key)
            return ()
        values = self._take(key, list, f"a list of {means}")
        if values is None:
            return ()
        wrong = [v for v in values if not (isinstance(v, str) and re.fullmatch(pattern, v))]
        for value in wrong:
            self.fault(key, f"{value!r} is not {means}", f"Write {means}.")
        if not values and not optional:
            self.fault(key, "nothing is listed", f"List at least one: {means}.")
        right = tuple(v for v in values if v not in wrong)
        for value in {v for v in right if right.count(v) > 1}:
            self.fault(key, f"{value!r} is listed twice", "List it once.")
        return right

    def table(self, key: str) -> Table:
        """The table below *key*; an empty one when it is missing, which is noted."""
        value = self._take(key, dict, "a table")
        return self._below(value or {}, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list[Table]:
        """The list of tables ``[[key]]``."""
        values = self._take(key, list, f"a list of tables [[{key}]]") or []
        return [self._below(value, f"{self._prefix}{key}[{n}].") for n, value in enumerate(values)]

    def tables_by_name(self, key: str) -> dict[str, Table]:
        """The tables ``[key.NAME]``, of which there may be none."""
        self._read.add(key)
        found = self._take(key, dict, f"tables [{key}.NAME]") if key in self._content else None
        return {
            name: self._below(value, f"{self._prefix}{key}.{name}.") for name, value in (found or {}).items()
        }

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._content.keys() - self._read:
            self.fault(key, "unknown key", f"Remove it, or use one of: {', '.join(sorted(self._read))}.")

    def _below(self, content: Any, prefix: str) -> Table:
        return Table(
            content if isinstance(content, dict) else {}, file=self._file, faults=self._faults, prefix=prefix
        )

    def _take(self, key: str, kind: type, means: str) -> Any:
        self._read.add(key)
        if key not in self._content:
            self.fault(key, "is missing", f"Add it: {means}.")
            return None
        value = self._content[key]
        # TOML booleans are Python ints.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"{value!r} is not {means}", f"Write {means}.")
            return None
        return value
