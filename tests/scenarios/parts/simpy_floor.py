"""The same call centre as another would write it: processes and stores of simpy, and nothing of ours.

It shares only the scenario's values with the simulator under test: not its floor, not its chance, not its
counting.  Idle agents stand in a store in the order in which they became free; callers ask it, in the order
in which they came, for the first agent who serves their helpline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from random import Random
from typing import Any

import simpy

from routing.simulation.chance import Constant, Distribution, Exponential, Lognormal
from routing.simulation.scenario import DAY, Demand, Group, Scenario

Process = Iterator[Any]


@dataclass
class Seen:
    """What became of the callers of one helpline, one entry each."""

    answered: list[float] = field(default_factory=list)
    """Their waits."""
    abandoned: list[float] = field(default_factory=list)
    handled: float = 0.0


@dataclass(eq=False)
class Person:
    """An agent."""

    group: Group
    on_shift: bool = False


def watch(scenario: Scenario, seed: int) -> dict[str, Seen]:
    """One run; what was seen of each helpline."""
    chance = Random(seed)
    world = simpy.Environment()
    idle = simpy.FilterStore(world)
    seen = {demand.helpline: Seen() for demand in scenario.demands}
    for group in scenario.groups:
        for _ in range(group.count):
            world.process(_shift(world, idle, Person(group)))
    for demand in scenario.demands:
        world.process(_calls(world, scenario, demand, idle, chance, seen[demand.helpline]))
    world.run(until=scenario.quarters * 900 + DAY / 6)
    return dict(seen)


def _shift(world: simpy.Environment, idle: simpy.FilterStore, person: Person) -> Process:
    shift = person.group.shift
    if shift is not None:
        yield world.timeout(shift.begins)
    person.on_shift = True
    yield idle.put(person)
    if shift is not None:
        yield world.timeout(shift.lasts)
        person.on_shift = False
        if person in idle.items:
            idle.items.remove(person)


def _calls(
    world: simpy.Environment,
    scenario: Scenario,
    demand: Demand,
    idle: simpy.FilterStore,
    chance: Random,
    seen: Seen,
) -> Process:
    """Poisson arrivals by thinning: drawn at the greatest rate, each kept with the share of its own."""
    greatest = max(demand.curve)
    while True:
        yield world.timeout(chance.expovariate(greatest / 900))
        if world.now >= scenario.quarters * 900:
            return
        if chance.random() * greatest < demand.curve[int(world.now // 900) % len(demand.curve)]:
            world.process(_call(world, scenario, demand, idle, chance, seen))


def _call(
    world: simpy.Environment,
    scenario: Scenario,
    demand: Demand,
    idle: simpy.FilterStore,
    chance: Random,
    seen: Seen,
) -> Process:
    came = world.now
    wanted = idle.get(lambda person: demand.helpline in person.group.helplines)
    patience = _draw(demand.patience, chance) if demand.patience else float("inf")
    gives_up = world.timeout(patience) if demand.patience else world.event()
    yield wanted | gives_up
    if not wanted.triggered:
        wanted.cancel()
        seen.abandoned.append(world.now - came)
        return
    person = wanted.value
    answering = _draw(person.group.answering, chance)
    if world.now + answering > came + patience:
        yield world.timeout(max(0.0, came + patience - world.now))
        seen.abandoned.append(world.now - came)
    else:
        yield world.timeout(answering)
        seen.answered.append(world.now - came)
        talk = _draw(demand.talking, chance)
        limit = scenario.wrap_up_seconds
        writes = min(_draw(demand.writing, chance), limit) if demand.writing else limit
        seen.handled += talk + writes
        yield world.timeout(talk + writes)
    if person.on_shift:
        yield idle.put(person)


def _draw(shape: Distribution, chance: Random) -> float:
    """A duration, from the standard library's own distributions."""
    match shape:
        case Constant(mean):
            return mean
        case Exponential(mean):
            return chance.expovariate(1 / mean)
        case Lognormal(mean, deviation):
            normal = _normal_of(mean, deviation)
            return chance.lognormvariate(*normal)
    raise TypeError(f"the model knows no {shape}")


def _normal_of(mean: float, deviation: float) -> tuple[float, float]:
    """Mean and deviation of the logarithm, solved for from E[X] = e^(m + s²/2), E[X²] = e^(2m + 2s²)."""
    second_moment = deviation**2 + mean**2
    return log(mean**2 / second_moment**0.5), log(second_moment / mean**2) ** 0.5
