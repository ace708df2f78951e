"""Every way through every menu, in every language, by keys of both kinds, as Asterisk saw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from callcentre.configuration.model import Configuration
from callcentre.configuration.reading import read_configuration
from callcentre.menus import flows
from ivr.menu import Flow, Menu, Option, Service, ToCategory, ToHelpline, ToService, matter_of
from tests.integration.parts.heard import in_order, prompts_of
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import HangUp, Press, PressInBand, Stay, Step
from tests.integration.parts.stack import CONFIG, Stack, eventually

MakeStack = Callable[..., Stack]
CONFIGURATION: Configuration = read_configuration(CONFIG)
FLOWS = flows(CONFIGURATION)
# A key in the middle of the first prompt of a question: each question is heard to begin.
BETWEEN_KEYS = 2.0
# Callers in four languages on some twenty ways.
SECONDS = 150.0
FIRST_WORDS = {
    Service.DOCKET: "enter-docket",
    Service.RATION_CARD: "enter-card",
    Service.MESSAGE: "leave-message",
}


@dataclass(frozen=True)
class Way:
    """One way through the menus of a number: the keys in the menus, what is heard there, where it leads."""

    keys: str
    heard: tuple[str, ...]
    helpline: str
    category: str = ""
    service: Service | None = None

    @property
    def queues(self) -> bool:
        return self.service is None


def ways(flow: Flow) -> Iterator[Way]:
    """Each key of each menu, and ``0`` in each menu."""
    yield from _ways_of(flow, flow.menus[flow.helpline], Way("", (), flow.helpline))


def _ways_of(flow: Flow, menu: Menu, before: Way) -> Iterator[Way]:
    first = (*before.heard, matter_of(menu.options[0].goal, menu.helpline))
    yield Way(before.keys + "0", first, menu.helpline)
    for option in menu.options:
        yield from _ways_by(flow, menu, option, Way(before.keys + option.key, first, menu.helpline))


def _ways_by(flow: Flow, menu: Menu, option: Option, way: Way) -> Iterator[Way]:
    match option.goal:
        case ToHelpline(helpline):
            yield from _ways_of(flow, flow.menus[helpline], way)
        case ToCategory(category):
            yield Way(way.keys, way.heard, menu.helpline, category)
        case ToService(service):
            named = FIRST_WORDS.get(service, f"office/{menu.helpline}")
            yield Way(way.keys, (*way.heard, named), menu.helpline, service=service)


@dataclass(frozen=True)
class Caller:
    """Somebody who goes one way in one language."""

    number: str
    language: str
    language_key: str
    way: Way
    in_band: bool

    def steps(self) -> list[Step]:
        """What he presses, and whether he stays."""
        press = PressInBand if self.in_band else Press
        keys = [self.language_key, *self.way.keys]
        end: Step = Stay() if self.way.queues else HangUp(3.0)
        # `#` skips the notice: a choice would be taken for the menu's, which would not be heard.
        told = [keys[0], "#", *keys[1:]]
        return [*(press(key, after=BETWEEN_KEYS) for key in told), end]

    def hears(self) -> list[str]:
        first = f"{CONFIGURATION.site.languages[0]}:welcome"
        return [first, *(f"{self.language}:{name}" for name in ("notice", *self.way.heard))]


def callers(number: str) -> Iterator[Caller]:
    """One for each way in each language; every way is gone by keys of both kinds."""
    place = 0
    for way in ways(FLOWS[number]):
        for key, language in enumerate(CONFIGURATION.site.languages, start=1):
            place += 1
            yield Caller(
                f"94470{place:05}", language, str(key), way, in_band=(place + len(way.keys)) % 2 == 0
            )


@pytest.mark.parametrize("helpline", sorted(CONFIGURATION.helplines))
def test_every_way_leads_where_it_says_in_every_language(stack: MakeStack, helpline: str) -> None:
    number = CONFIGURATION.helplines[helpline].numbers[0]
    centre = stack(menus=True, menus__place_seconds=0, menus__rating="false", callers__often_calls=1000)
    centre.start()
    assert centre.witness
    everybody = list(callers(number))
    started = {one: centre.sipp.call(number, one.steps(), callers=[one.number]) for one in everybody}
    for one in everybody:
        arrives(centre, one, started[one])
    centre.sipp.stop()


def arrives(centre: Stack, one: Caller, program: Program) -> None:
    """*one* has heard what he should, and is where his way leads."""
    if one.way.queues:
        queued = f"{one.number} in {one.language} by {one.way.keys}"
        [event] = eventually(
            lambda: centre.witness.events("UserEvent", UserEvent="CallQueued", CallerIDNum=one.number),
            lambda events: len(events) == 1,
            SECONDS,
        )
        carried = event.variables()
        assert carried["CC_HELPLINE"] == one.way.helpline, queued
        assert carried.get("CC_CATEGORY", "") == one.way.category, queued
        assert carried["CC_LANGUAGE"] == one.language, queued
    else:
        assert program.wait(SECONDS) == 0
    heard = prompts_of(centre.witness, one.number)
    assert in_order(one.hears(), heard), (one, heard)
