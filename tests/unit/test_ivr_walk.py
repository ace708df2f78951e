"""A walk over everything a session can ever be told: every way ends, and 0 is a person everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from ivr.exchange import (
    Announcement,
    Answer,
    Answered,
    Arrived,
    Ask,
    CannotWait,
    CardKind,
    Command,
    DocketFound,
    DocketState,
    Done,
    Event,
    FindDocket,
    FindRationCard,
    Finish,
    HungUp,
    KeepJudgement,
    KeepMessage,
    KeyPressed,
    Leave,
    Listen,
    Next,
    NothingFound,
    OpenDocket,
    Play,
    PromptsFinished,
    RationCardFound,
    Record,
    Recorded,
    Registered,
    SendText,
    SilencePassed,
    Situation,
    Started,
    Talked,
    Unanswered,
    Waits,
    WantsToLeaveMessage,
    Why,
)
from ivr.menu import Flow
from ivr.session import Session, StepName
from ivr.steps.services import DOCKET_LENGTH, MAX_ROUNDS
from ivr.walk import MAX_REPEATS, Outcome, advance, begin
from tests.unit.parts.imagined_menus import GENERAL, ONE_LANGUAGE, PLAIN, TODAY

KEYS = "01234579*#A"
# One digit stands for all while a number is being keyed: ten of each would be ten thousand million ways.
ENTRY_KEYS = "1*#"
# What is counted up to a limit is taken from here straight to the limit: the way there is the same each time.
ENOUGH = 1

ANSWERS: dict[type, tuple[Answer, ...]] = {
    FindDocket: (
        DocketFound(DocketState.WITH_OFFICE, "kwa", date(2026, 11, 24), "office/kwa", TODAY),
        NothingFound(),
        Unanswered(),
    ),
    FindRationCard: (RationCardFound(CardKind.PHH, True, 4), NothingFound(), Unanswered()),
    SendText: (Done(), Unanswered()),
    KeepMessage: (Registered("2600000013"), Unanswered()),
    KeepJudgement: (Done(), Unanswered()),
}
KNOWN = Arrived(
    today=TODAY,
    language="en",
    docket=OpenDocket("2600000013", "kwa", date(2026, 11, 24)),
    announcements=(
        ("", Announcement("announcement/1")),
        ("kwa", Announcement("announcement/2", True, datetime(2026, 11, 26, 18))),  # noqa: DTZ001
    ),
    textable=True,
)
SITUATIONS: dict[str, tuple[Flow, Situation]] = {
    "a stranger at the general number": (GENERAL, Arrived(today=TODAY)),
    "somebody known": (GENERAL, KNOWN),
    "in a surge": (GENERAL, Arrived(today=TODAY, surge=True)),
    "somebody who calls again and again": (GENERAL, Arrived(today=TODAY, flooding=True)),
    "a number without a menu": (PLAIN, Arrived(today=TODAY)),
    "one language and no menu": (ONE_LANGUAGE, Arrived(today=TODAY)),
    "the helpline is closed": (GENERAL, CannotWait(why=Why.CLOSED, callable=False)),
    "all lines are busy": (GENERAL, CannotWait(why=Why.LINES_BUSY, callable=True)),
    "in line": (GENERAL, Waits(place=4, minutes=(3, 5), callback=True)),
    "in line and told no time": (GENERAL, Waits(place=1, minutes=None, callback=False)),
    "has talked": (GENERAL, Talked(docket="2600000013")),
    "wants to leave a message": (GENERAL, WantsToLeaveMessage()),
}
ARRIVALS = [name for name, (_, situation) in SITUATIONS.items() if isinstance(situation, Arrived)]

each_situation = pytest.mark.parametrize("name", SITUATIONS)
each_arrival = pytest.mark.parametrize("name", ARRIVALS)


def events(session: Session, command: Command) -> Iterator[Event]:
    """Whatever can follow *command*, but for the caller's hanging up."""
    match command:
        case Play():
            yield PromptsFinished()
            yield from map(KeyPressed, KEYS)
        case Listen():
            yield SilencePassed()
            yield from map(KeyPressed, ENTRY_KEYS if session.entry else KEYS)
        case Ask(enquiry):
            yield from map(Answered, ANSWERS[type(enquiry)])
        case Record():
            for seconds in (0, 20):
                yield from (Recorded(seconds, gone) for gone in (False, True))


def hurried(outcome: Outcome) -> Outcome:
    """*outcome*, with what has been counted often enough at its limit."""
    session, command = outcome
    rounds = session.rounds if session.rounds <= ENOUGH else MAX_ROUNDS
    repeats = session.repeats if session.repeats <= ENOUGH else MAX_REPEATS
    entry = session.entry if len(session.entry) <= ENOUGH else "1" * (DOCKET_LENGTH - 1)
    return replace(session, rounds=rounds, repeats=repeats, entry=entry), command


@cache
def ways(name: str) -> dict[Outcome, tuple[Outcome, ...]]:
    """Everything that can follow everything else, from the start on."""
    flow, situation = SITUATIONS[name]
    start = advance(begin(flow, situation, language="ml"), Started())
    found: dict[Outcome, tuple[Outcome, ...]] = {}
    left = [start]
    while left:
        outcome = left.pop()
        if outcome not in found:
            session, command = outcome
            found[outcome] = tuple(hurried(advance(session, event)) for event in events(session, command))
            left.extend(found[outcome])
    return found


@each_situation
def test_every_way_ends_whatever_is_pressed(name: str) -> None:
    found = ways(name)
    try:
        assert len(tuple(TopologicalSorter(found).static_order())) == len(found)
    except CycleError as error:
        pytest.fail(f"round and round: {[session.step.value for session, _ in error.args[1]]}")
    assert all(isinstance(command, Finish | Leave) for (_, command), after in found.items() if not after)


@each_arrival
def test_nought_is_a_person_everywhere(name: str) -> None:
    for session, command in ways(name):
        if isinstance(command, Play | Listen):
            # A digit of a number being keyed is a digit: the star leads out of it.
            keys = "*0" if session.entry else "0"
            assert end_of(session, command, keys).next is Next.QUEUE, session.step


def end_of(session: Session, command: Command, keys: str) -> Finish:
    """Where *keys* lead, whatever is said in between being heard."""
    for key in keys:
        if not isinstance(command, Finish):
            session, command = advance(session, KeyPressed(key))
    while isinstance(command, Play):
        session, command = advance(session, PromptsFinished())
    assert isinstance(command, Finish), session.step
    return command


@each_arrival
def test_only_the_served_the_silent_in_a_surge_and_the_flooding_are_let_go(name: str) -> None:
    for session, command in ways(name):
        if isinstance(command, Finish) and command.next is Next.GOODBYE:
            silent_in_surge = "surge" in name and not session.keyed
            flooded = session.step is StepName.FLOODING
            # A message was kept, and that was said.
            served = session.step is StepName.FAREWELL and session.served
            assert silent_in_surge or flooded or served, session


@pytest.mark.parametrize("name", [name for name in ARRIVALS if "again" not in name and "surge" not in name])
@pytest.mark.parametrize("key", [None, "A"], ids=["silent", "wrong keys only"])
def test_who_never_finds_a_key_reaches_a_person(name: str, key: str | None) -> None:
    flow, situation = SITUATIONS[name]
    session, command = advance(begin(flow, situation), Started())
    while not isinstance(command, Finish):
        heard: Event = PromptsFinished() if isinstance(command, Play) else SilencePassed()
        session, command = advance(session, KeyPressed(key) if key else heard)
    assert command.next is Next.QUEUE


@each_situation
def test_hanging_up_is_heard_in_every_place(name: str) -> None:
    for session, command in ways(name):
        if not isinstance(command, Finish | Leave):
            assert advance(session, HungUp())[1] == Leave()


@each_situation
def test_nothing_is_said_that_is_not_in_the_callers_language(name: str) -> None:
    for session, command in ways(name):
        if isinstance(command, Play) and session.step not in (StepName.LANGUAGE, StepName.CANNOT_WAIT):
            spoken_in = {prompt.language for prompt in command.prompts if prompt.name != "welcome"}
            assert spoken_in <= {session.language}
