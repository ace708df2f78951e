"""Facts as lines of JSON, and back.

A line is one ASCII object: ``{"fact": "CallEnded", "at": 1764000000.25, "call": "n1-17", "by": "caller"}``.
ASCII, because then a line that a crash has cut never ends inside a character, and because any text a
fact can hold, even one that is not valid Unicode, comes back as it was.

Which versions understand which lines: a field added with a default may be missing from an older line.  An
unknown field or fact is refused: it was written by a newer program, and to drop it in silence would lose
what it says.  The projector sets such a line aside whole, so that the newer program can still read it.

    FactUnwritable    ours: a fact that is not in FACTS, or is longer than a line may be
    LineUnreadable    theirs: the disk, or another version of this program
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from callcentre.announcements.facts import (
    AnnouncementEnded,
    AnnouncementMade,
    SurgeDeclared,
    SurgeEnded,
)
from callcentre.enquiries import facts as enquiries
from callcentre.tickets.facts import TicketRegistered
from routing import facts
from routing.facts import Fact

# What the journal may hold.  A fact that is renamed stays readable only under its old name.
FACTS: tuple[type[Fact], ...] = (
    facts.CallArrived,
    facts.CallQueued,
    facts.NeedsRelaxed,
    facts.CallOverflowed,
    facts.CallTurnedAway,
    facts.CallbackAsked,
    facts.CallbackDue,
    facts.CallbackGivenUp,
    facts.OfferProposed,
    facts.CallOffered,
    facts.OfferRefused,
    facts.OfferMissed,
    facts.OfferDeclined,
    facts.OfferUnreachable,
    facts.OfferOverdue,
    facts.CallAnswered,
    facts.TalkEnded,
    facts.CallEnded,
    facts.CallLost,
    facts.AgentLoggedIn,
    facts.AvailabilityAsked,
    facts.BreakAsked,
    facts.LogoutAsked,
    facts.WrapUpEnded,
    facts.PhoneLost,
    facts.PhoneBack,
    facts.FloorTakenUp,
    facts.HelplineOpened,
    facts.HelplineClosed,
    facts.NodeServed,
    facts.NodeDown,
    TicketRegistered,
    enquiries.NoticeGiven,
    enquiries.SelfServed,
    enquiries.MessageLeft,
    enquiries.TextWanted,
    enquiries.CallJudged,
    AnnouncementMade,
    AnnouncementEnded,
    SurgeDeclared,
    SurgeEnded,
)
BY_NAME = {kind.__name__: kind for kind in FACTS}
# A ticket's longest description is 4,000 characters, 12 bytes each at worst; the rest is small.
LINE_LIMIT = 128 * 1024

Parse = Callable[[Any], Any]


class FactUnwritable(TypeError):
    """The fact cannot be written: not in FACTS, not plain values, or too long."""


class LineUnreadable(ValueError):
    """The line is not a fact this version knows."""


def encode(fact: Fact) -> bytes:
    """The line of *fact*, its newline included.  Raises FactUnwritable."""
    name = type(fact).__name__
    if BY_NAME.get(name) is not type(fact):
        raise FactUnwritable(f"{name} is not in callcentre.journal.codec.FACTS")
    values = {field: getattr(fact, field) for field in SHAPES[name][0]}
    try:
        line = _JSON.encode({"fact": name, **values}).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise FactUnwritable(f"{name}: {error}") from error
    if len(line) > LINE_LIMIT:
        raise FactUnwritable(f"{name} takes {len(line)} bytes, more than the {LINE_LIMIT} of a line")
    return line


def decode(line: bytes) -> Fact:
    """The fact of *line*, with or without its newline.  Raises LineUnreadable, which says why."""
    try:
        values = json.loads(line, parse_constant=_refuse_constant)
    except ValueError as error:
        raise LineUnreadable(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise LineUnreadable("not a JSON object")
    kind = BY_NAME.get(str(values.pop("fact", "")))
    if kind is None:
        raise LineUnreadable("not a fact this version knows")
    return _build(kind, values)


def _build(kind: type[Fact], values: dict[str, Any]) -> Fact:
    parsers, required = SHAPES[kind.__name__]
    if unknown := values.keys() - parsers.keys():
        raise LineUnreadable(f"{kind.__name__} has no field {', '.join(sorted(unknown))} in this version")
    if missing := required - values.keys():
        raise LineUnreadable(f"{kind.__name__} lacks its field {', '.join(sorted(missing))}")
    try:
        return kind(**{name: parsers[name](value) for name, value in values.items()})
    except (TypeError, ValueError) as error:
        raise LineUnreadable(f"{kind.__name__}: {error}") from error


def _plain(value: object) -> object:
    """What stands for a value that JSON does not know."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"a {type(value).__name__} is no plain value")


def _shape(kind: type[Fact]) -> tuple[dict[str, Parse], frozenset[str]]:
    """How each field of *kind* is read, and which of them every line has."""
    hints = get_type_hints(kind)
    parsers = {field.name: _parser(hints[field.name]) for field in fields(kind)}
    return parsers, frozenset(field.name for field in fields(kind) if _required(field))


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _parser(hint: Any) -> Parse:
    hint = getattr(hint, "__supertype__", hint)
    if get_origin(hint) in (Union, UnionType):
        return _optional(hint)
    if get_origin(hint) is frozenset:
        return _set_of(_parser(get_args(hint)[0]))
    if get_origin(hint) is tuple:
        return _tuple_of([part if part is ... else _parser(part) for part in get_args(hint)])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint is float:
        return _number
    if hint in (str, int, bool):
        return _exactly(hint)
    raise TypeError(f"the journal cannot hold a {hint}")


def _optional(hint: Any) -> Parse:
    inner = [_parser(part) for part in get_args(hint) if part is not NoneType]
    if len(inner) != 1 or NoneType not in get_args(hint):
        raise TypeError(f"the journal cannot hold a {hint}: of unions it knows only X | None")
    return lambda value: None if value is None else inner[0](value)


def _set_of(parse: Parse) -> Parse:
    def parse_all(value: Any) -> frozenset[Any]:
        return frozenset(parse(item) for item in _exactly(list)(value))

    return parse_all


def _tuple_of(parts: list[Any]) -> Parse:
    """Of ``tuple[X, ...]`` each item is an X; of ``tuple[X, Y]`` there are just the two."""

    def parse_all(value: Any) -> tuple[Any, ...]:
        items: list[Any] = _exactly(list)(value)
        parsers = parts[:1] * len(items) if parts[-1] is ... else parts
        return tuple(parse(item) for parse, item in zip(parsers, items, strict=True))

    return parse_all


def _exactly(kind: type) -> Parse:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__} where {kind.__name__} belongs")
        return value

    return check


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{type(value).__name__} where a number belongs")
    return float(value)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


SHAPES = {kind.__name__: _shape(kind) for kind in FACTS}
# Made once: ``json.dumps`` would make one for each fact.
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain)
