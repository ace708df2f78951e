"""Reads one TOML table key by key, noting every fault instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from callcentre.configuration.faults import Fault

Other = TypeVar("Other")


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

    def given(self, key: str) -> bool:
        """Whether *key*, which may be left out, is there."""
        self._read.add(key)
        return key in self._content

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
        if value is None or low <= value <= high:
            return low if value is None else value
        self.fault(key, f"{value} is not {means}", f"Write {means}.")
        return low

    def whole_or(self, key: str, other: Other, *, low: int, high: int) -> int | Other:
        """A whole number from *low* to *high*, or *other* when *key* is left out."""
        return self.whole(key, low=low, high=high) if self.given(key) else other

    def number(self, key: str, *, low: float, high: float) -> float:
        """A number from *low* to *high*, whole or not."""
        means = f"a number from {low:g} to {high:g}"
        value = self._take(key, (int, float), means)
        if value is not None and not low <= value <= high:
            self.fault(key, f"{value} is not {means}", f"Write {means}.")
            return low
        return low if value is None else float(value)

    def numbers(self, key: str, *, low: float, high: float, count: int | None = None) -> tuple[float, ...]:
        """A list of numbers from *low* to *high*: *count* of them, or at least one; empty when faulty."""
        means = f"a list of {count or 'one or more'} numbers from {low:g} to {high:g}"
        values = self._take(key, list, means)
        if values is None:
            return ()
        right = [v for v in values if _is_number(v) and low <= v <= high]
        if right != values or len(right) != (count or max(1, len(right))):
            self.fault(key, f"is not {means}", f"Write {means}.")
            return ()
        return tuple(map(float, right))

    def names(self, *, pattern: str = r".*", means: str = "a name") -> tuple[str, ...]:
        """The keys of a table in which the administrator chooses them; each must wholly match *pattern*."""
        self._read.update(self._content)
        wrong = [key for key in self._content if not re.fullmatch(pattern, key)]
        for key in wrong:
            self.fault(key, f"the name is not {means}", f"Write {means}.")
        return tuple(key for key in self._content if key not in wrong)

    def is_list(self, key: str) -> bool:
        """Whether *key*, which may be a list or a single value, is a list."""
        return isinstance(self._content.get(key), list)

    def is_table(self, key: str) -> bool:
        """Whether *key*, which may be a table or a single value, is a table."""
        return isinstance(self._content.get(key), dict)

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._take(key, bool, "true or false"))

    def texts(
        self, key: str, *, pattern: str, means: str, optional: bool = False, alone: bool = False
    ) -> tuple[str, ...]:
        """A list of strings that each wholly match *pattern*; empty only when *optional*.

        With *alone* one string by itself is a list of one.
        """
        if optional and not self.given(key):
            return ()
        values = self._take(key, (list, str) if alone else list, f"a list of {means}")
        if values is None:
            return ()
        if isinstance(values, str):
            values = [values]
        wrong = [v for v in values if not (isinstance(v, str) and re.fullmatch(pattern, v))]
        for value in wrong:
            self.fault(key, f"{value!r} is not {means}", f"Write {means}.")
        if not values and not optional:
            self.fault(key, "nothing is listed", f"List at least one: {means}.")
        right = tuple(v for v in values if v not in wrong)
        for value in {v for v in right if right.count(v) > 1}:
            self.fault(key, f"{value!r} is listed twice", "List it once.")
        return right

    def dates(self, key: str) -> frozenset[date]:
        """A list of days of this century; it may be empty."""
        means = "a list of days such as 2027-01-26"
        values = self._take(key, list, means) or []
        right = [value for value in values if _is_day(value)]
        for value in values:
            if not _is_day(value):
                self.fault(key, f"{value!s} is no day of this century", "Write e.g. 2027-01-26, no quotes.")
        return frozenset(right)

    def table(self, key: str, *, optional: bool = False) -> Table:
        """The table below *key*; an empty one when it is missing, which is noted unless *optional*."""
        value = None if optional and not self.given(key) else self._take(key, dict, "a table")
        return self._below(value or {}, f"{self._prefix}{key}.")

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        """The list of tables ``[[key]]``; it may be left out when *optional*."""
        if optional and not self.given(key):
            return []
        values = self._take(key, list, f"a list of tables [[{key}]]") or []
        return [self._below(value, f"{self._prefix}{key}[{n}].") for n, value in enumerate(values)]

    def tables_by_name(self, key: str) -> dict[str, Table]:
        """The tables ``[key.NAME]``, of which there may be none."""
        found = self._take(key, dict, f"tables [{key}.NAME]") if self.given(key) else None
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

    def _take(self, key: str, kind: type | tuple[type, ...], means: str) -> Any:
        self._read.add(key)
        if key not in self._content:
            self.fault(key, "is missing", f"Add it: {means}.")
            return None
        value = self._content[key]
        # TOML booleans are Python ints.
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            self.fault(key, f"{value!r} is not {means}", f"Write {means}.")
            return None
        return value


def _is_day(value: Any) -> bool:
    # A moment is a date to Python, too.
    return type(value) is date and value.year // 100 == 20


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
