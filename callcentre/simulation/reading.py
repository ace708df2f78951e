"""Reads a scenario file, checks it, and returns the Scenario or every fault in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcentre.configuration import helpline_rules
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.reading import parse, table_of
from callcentre.configuration.sections import A_WORD, LANGUAGE, WORD
from callcentre.configuration.table import Table
from callcentre.simulation.durations import LONGEST, durations
from routing.ids import CategoryId, HelplineId, LanguageCode, Pool, Seconds
from routing.needs import HIGHEST, LOWEST, Levels, language_skill
from routing.service_level import Formula, Target
from routing.simulation.chance import Constant, Distribution, Shares
from routing.simulation.scenario import DAY, QUARTERS, Break, Callbacks, Demand, Group, Scenario, Shift
from routing.simulation.trial import BATCHES

FORMULAS: Final = "|".join(formula.value for formula in Formula)
TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
A_TIME: Final = 'a time of the day such as "09:30"'
# A year: whoever asks for more has mistaken hours for minutes.
MOST_HOURS: Final = 24 * 366
# Nobody has the patience for more, and the interval shrinks with the square root only.
MOST_REPLICATIONS: Final = 1_000
# Ten times Uttar Pradesh's 1076, the largest of its kind; each agent is an object.
MOST_AGENTS: Final = 5_000
MOST_CALLS: Final = 100_000
MOST_SHARE: Final = 1e6
QUARTERS_IN_HOUR: Final = 4
# A batch much shorter than an hour would remember the queue of the one before.
LEAST_BATCH_HOURS: Final = 1


@dataclass(frozen=True, slots=True)
class _Category:
    name: str
    share: float
    head_start: Seconds | None
    """None: the helpline's."""


def read_scenario(path: Path) -> Scenario:
    """The scenario in *path*.  Raises ConfigurationFaulty naming every fault with its key and remedy."""
    faults: list[Fault] = []
    table = table_of(parse(path, path.parent, faults), path.name, faults)
    scenario = _scenario(table)
    table.finish()
    if not faults:
        faults.extend(Fault(path.name, *fault) for fault in _contradictions(scenario))
    if faults:
        raise ConfigurationFaulty(sorted(set(faults)))
    return scenario


def _scenario(table: Table) -> Scenario:
    rules = table.table("routing")
    value = Scenario(
        name=table.text("name"),
        seed=table.whole("seed", low=0, high=2**32),
        quarters=QUARTERS_IN_HOUR * table.whole("hours", low=1, high=MOST_HOURS),
        warm_up=_warm_up(table),
        replications=table.whole("replications", low=1, high=MOST_REPLICATIONS),
        ring_seconds=Seconds(rules.whole("ring_seconds", low=3, high=120)),
        wrap_up_seconds=Seconds(rules.whole("wrap_up_seconds", low=0, high=1800)),
        missed_offers_limit=rules.whole("missed_offers_limit", low=1, high=20),
        order_step_seconds=Seconds(rules.whole_or("order_step_seconds", 30, low=0, high=600)),
        demands=tuple(_demand(entry) for entry in table.tables("helplines")),
        groups=tuple(_group(entry) for entry in table.tables("agents")),
    )
    rules.finish()
    return value


def _warm_up(table: Table) -> int:
    if not table.given("warm_up_minutes"):
        return 0
    minutes = table.whole("warm_up_minutes", low=0, high=60 * MOST_HOURS)
    if minutes % 15:
        table.fault("warm_up_minutes", f"{minutes} is not a number of quarter hours", "Write 0, 15, 30, …")
    return minutes // 15


# --- callers -------------------------------------------------------------------------------------


def _demand(table: Table) -> Demand:
    routing, limits, callback = (table.table(key, optional=True) for key in ("routing", "limits", "callback"))
    categories = _categories(table)
    value = Demand(
        helpline=HelplineId(table.text("id", pattern=r"[a-z][a-z0-9_]{1,31}", means="a short name")),
        curve=_curve(table),
        talking=durations(table.table("talking")),
        patience=_optional(table, "patience"),
        writing=_optional(table, "writing"),
        languages=_languages(table),
        categories=Shares({category.name: category.share for category in categories}),
        formula=_formula(table),
        target=_target(table),
        short=Seconds(_number(table, "short_abandon_seconds", otherwise=5.0, high=60)),
        rules=helpline_rules.rules(
            routing,
            limits,
            callback,
            {
                CategoryId(category.name): category.head_start
                for category in categories
                if category.head_start is not None
            },
        ),
        callbacks=_callbacks(callback),
    )
    for below in (routing, limits, callback, table):
        below.finish()
    return value


def _callbacks(table: Table) -> Callbacks | None:
    """Beside the rules of the router: who asks to be called, and how often a citizen is reached."""
    if not table.given("wanted_percent"):
        return None
    return Callbacks(
        share=table.number("wanted_percent", low=0, high=100) / 100,
        after=Seconds(table.number("after_seconds", low=0, high=LONGEST)),
        reached=table.number("reached_percent", low=0, high=100) / 100,
    )


def _curve(table: Table) -> tuple[float, ...]:
    """Calls by quarter hour; an hour's calls are spread evenly over its four."""
    by_hour, by_quarter = table.given("calls_per_hour"), table.given("calls_per_quarter")
    if by_hour == by_quarter:
        table.fault(
            "calls_per_hour", "is not the only one", "Give either calls_per_hour or calls_per_quarter."
        )
        return (0.0,) * QUARTERS
    if by_quarter:
        return table.numbers("calls_per_quarter", low=0, high=MOST_CALLS, count=QUARTERS)
    if table.is_list("calls_per_hour"):
        hours = table.numbers("calls_per_hour", low=0, high=MOST_CALLS, count=24)
        return tuple(calls / QUARTERS_IN_HOUR for calls in hours for _ in range(QUARTERS_IN_HOUR))
    return (table.number("calls_per_hour", low=0, high=MOST_CALLS) / QUARTERS_IN_HOUR,) * QUARTERS


def _languages(table: Table) -> Shares[LanguageCode]:
    shares = _shares(table, "languages", LANGUAGE, 'a language code such as "ml"')
    return Shares({LanguageCode(code): share for code, share in shares.items()})


def _categories(table: Table) -> list[_Category]:
    """What they call about; a category that is a table can have a head start, as in a helpline's file."""
    if not table.given("categories"):
        return [_Category("", 1.0, None)]
    below = table.table("categories")
    categories = [_category(below, name) for name in below.names(pattern=WORD, means=A_WORD)]
    _require_share(table, "categories", [category.share for category in categories])
    return categories


def _category(below: Table, name: str) -> _Category:
    if not below.is_table(name):
        return _Category(name, below.number(name, low=0, high=MOST_SHARE), None)
    own = below.table(name)
    category = _Category(
        name, own.number("share", low=0, high=MOST_SHARE), helpline_rules.head_start(own, None)
    )
    own.finish()
    return category


def _shares(table: Table, key: str, pattern: str, means: str) -> dict[str, float]:
    below = table.table(key)
    names = below.names(pattern=pattern, means=means)
    shares = {name: below.number(name, low=0, high=MOST_SHARE) for name in names}
    _require_share(table, key, shares.values())
    return shares


def _require_share(table: Table, key: str, shares: Collection[float]) -> None:
    if not any(shares) and not table.faulty(key):
        table.fault(key, "has no share above nought", "Give at least one.")


def _formula(table: Table) -> Formula:
    if not table.given("service_level"):
        return Formula.LATE_ABANDONS
    name = table.text("service_level", pattern=FORMULAS, means=f"one of {FORMULAS.replace('|', ', ')}")
    return Formula.LATE_ABANDONS if table.faulty("service_level") else Formula(name)


def _target(table: Table) -> Target:
    if not table.given("target"):
        return Target(0.8, Seconds(20.0))
    below = table.table("target")
    percent, seconds = below.number("percent", low=1, high=100), below.number("seconds", low=0, high=3600)
    below.finish()
    return Target(percent / 100, Seconds(seconds))


# --- agents --------------------------------------------------------------------------------------


def _group(table: Table) -> Group:
    shift = _shift(table)
    value = Group(
        name=table.text("group", pattern=WORD, means=A_WORD),
        count=table.whole("count", low=1, high=MOST_AGENTS),
        helplines=_helplines(table, "helplines"),
        skills=_skills(table),
        shift=shift,
        breaks=tuple(_break(entry, shift) for entry in table.tables("breaks", optional=True)),
        answering=_optional(table, "answering") or Constant(Seconds(0.0)),
        back_after=Seconds(_number(table, "back_after_seconds", otherwise=60.0, high=LONGEST)),
        pools=frozenset(
            map(Pool, table.texts("pools", pattern=WORD, means="the name of a pool", optional=True))
        ),
        order=_helplines(table, "order", optional=True),
    )
    table.finish()
    return value


def _helplines(table: Table, key: str, *, optional: bool = False) -> tuple[HelplineId, ...]:
    named = table.texts(key, pattern=WORD, means="a helpline's id", optional=optional)
    return tuple(map(HelplineId, named))


def _skills(table: Table) -> Levels:
    """What they can, and what they speak; to the router a language is a skill as any other."""
    skills = helpline_rules.levels(table.table("skills", optional=True))
    below = table.table("languages", optional=True)
    spoken = below.names(pattern=LANGUAGE, means='a language code such as "ml"')
    return skills | {
        (language_skill(LanguageCode(code)), below.whole(code, low=LOWEST, high=HIGHEST)) for code in spoken
    }


def _shift(table: Table) -> Shift | None:
    if not table.given("shift"):
        return None
    times = table.texts("shift", pattern=TIME, means=A_TIME)
    if table.faulty("shift"):
        return None
    if len(times) != 2:
        table.fault("shift", "is not a beginning and an end", 'Write e.g. ["06:00", "14:00"].')
        return None
    begins, ends = map(_second_of_day, times)
    return Shift(Seconds(begins % DAY), Seconds(ends))


def _break(table: Table, shift: Shift | None) -> Break:
    at = table.text("at", pattern=TIME, means=A_TIME)
    value = Break(
        reason=table.text("reason", pattern=WORD, means=A_WORD),
        begins=Seconds(0.0 if table.faulty("at") else _second_of_day(at) % DAY),
        lasts=Seconds(60.0 * table.whole("minutes", low=1, high=12 * 60)),
        waves=table.whole("waves", low=1, high=MOST_AGENTS) if table.given("waves") else 1,
    )
    table.finish()
    if shift is not None and not table.faulty("at") and not _within(value, shift):
        table.fault(
            "at", "the break, or its last wave, is not within the shift", "Move it, or have fewer waves."
        )
    return value


def _within(pause: Break, shift: Shift) -> bool:
    since = (pause.begins - shift.begins) % DAY
    return since + pause.waves * pause.lasts <= shift.lasts


def _second_of_day(time: str) -> float:
    hours, minutes = time.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0


# --- parts ---------------------------------------------------------------------------------------


def _optional(table: Table, key: str) -> Distribution | None:
    return durations(table.table(key)) if table.given(key) else None


def _number(table: Table, key: str, *, otherwise: float, high: float) -> float:
    return table.number(key, low=0, high=high) if table.given(key) else otherwise


def _contradictions(scenario: Scenario) -> Iterable[tuple[str, str, str]]:
    """Key, problem and remedy of faults that only show when everything is seen side by side."""
    helplines = [demand.helpline for demand in scenario.demands]
    served = {helpline for group in scenario.groups for helpline in (*group.helplines, *group.order)}
    there = served.union(*(group.pools for group in scenario.groups))
    yield from _twice("helplines", helplines)
    yield from _twice("agents", [group.name for group in scenario.groups])
    for helpline in sorted(served - set(helplines)):
        yield "agents", f"there is no helpline {helpline!r}", f"Use one of: {', '.join(sorted(helplines))}."
    for demand in scenario.demands:
        if not any(there & step.groups(demand.helpline) for step in demand.rules.steps):
            yield "helplines", f"no group serves {demand.helpline!r}", "Add it to the helplines of a group."
    for number, demand in enumerate(scenario.demands):
        for key, target in helpline_rules.outlets(demand.rules.limits):
            if target == demand.helpline or target not in helplines:
                yield (
                    f"helplines[{number}].{key}",
                    f"{target!r} is not another helpline",
                    helpline_rules.ANOTHER_OUTLET,
                )
    if scenario.warm_up >= scenario.quarters:
        yield "warm_up_minutes", "leaves nothing to count", "Make it shorter, or hours longer."
    elif scenario.replications == 1:
        yield from _unsteady(scenario)


def _twice(key: str, names: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield key, f"{name!r} is there twice", "Give each its own name."


def _unsteady(scenario: Scenario) -> Iterable[tuple[str, str, str]]:
    """What a single run lacks to be cut into batches that are like each other."""
    remedy = "Ask for 2 replications or more."
    if any(len(set(demand.curve)) > 1 for demand in scenario.demands):
        yield "replications", "a single run needs the same calls in every hour", remedy
    if any(group.shift or group.breaks for group in scenario.groups):
        yield "replications", "a single run needs agents without shifts and breaks", remedy
    if scenario.quarters - scenario.warm_up < BATCHES * LEAST_BATCH_HOURS * QUARTERS_IN_HOUR:
        yield "hours", f"a single run needs {BATCHES} hours after its warm-up", f"Make it longer. {remedy}"
