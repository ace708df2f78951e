"""The lives of calls and agents, written out: a change to either table has to be made here too.

Columns are states, rows are facts; a cell is the state after the fact, ``=`` for the same state, ``x`` for a
fact that cannot happen.
"""

from __future__ import annotations

from typing import get_args

import pytest

from routing import facts
from routing.agent import Agent, AgentState, OwnFact
from routing.call import CallState, WaitFact
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackDue,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallTurnedAway,
    Fact,
    LogoutAsked,
    NeedsRelaxed,
    OfferDeclined,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    Party,
    PhoneBack,
    PhoneLost,
    TalkEnded,
    Turned,
    WrapUpEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds
from routing.lifecycle import IllegalTransition

RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(30), missed_offers_limit=1)
NOW = Instant(1000.0)
CALL = CallId("node1-1")
ALI, BEA = AgentId("ali"), AgentId("bea")
KWA = HelplineId("kwa")


def facts_about(call: CallId, agent: AgentId, *, at: Instant) -> dict[str, Fact]:
    """One of every kind of fact, by the name of its class."""
    node, caller = NodeId("node1"), "+919447000001"
    every: list[Fact] = [
        CallArrived(at=at, call=call, node=node, dialled="1916", caller=caller, caller_raw="09447000001"),
        CallQueued(
            at=at,
            call=call,
            node=node,
            helpline=KWA,
            language=LanguageCode("ml"),
            queued_at=NOW,
            caller=caller,
        ),
        NeedsRelaxed(at=at, call=call, step=1),
        CallOverflowed(at=at, call=call, helpline=HelplineId("food"), why=Turned.LATE),
        CallTurnedAway(at=at, call=call, why=Turned.FULL),
        CallbackAsked(at=at, call=call, number=caller, helpline=KWA, language=LanguageCode("ml")),
        CallbackDue(at=at, call=call),
        CallbackGivenUp(at=at, call=call),
        OfferProposed(at=at, call=call, agent=agent),
        CallOffered(at=at, call=call, agent=agent),
        OfferRefused(at=at, call=call, agent=agent, reason="stale epoch"),
        OfferMissed(at=at, call=call, agent=agent, reason="ring limit"),
        OfferDeclined(at=at, call=call, agent=agent),
        OfferUnreachable(at=at, call=call, agent=agent),
        OfferOverdue(at=at, call=call, agent=agent),
        CallAnswered(at=at, call=call, agent=agent),
        TalkEnded(at=at, call=call, agent=agent, by=Party.AGENT),
        CallEnded(at=at, call=call, by=Party.CALLER),
        CallLost(at=at, call=call),
        AgentLoggedIn(at=at, agent=agent, phone=Phone("1001"), helplines=frozenset({KWA})),
        AvailabilityAsked(at=at, agent=agent),
        BreakAsked(at=at, agent=agent, reason="tea"),
        LogoutAsked(at=at, agent=agent),
        WrapUpEnded(at=at, agent=agent),
        PhoneLost(at=at, agent=agent),
        PhoneBack(at=at, agent=agent),
    ]
    return {type(fact).__name__: fact for fact in every}


CALL_LIFE = """
                 in_menu waiting  reserved ringing talking leaving resting ended
CallArrived      =       =        =        =       =       =       =       =
CallQueued       waiting =        =        =       =       waiting waiting =
NeedsRelaxed     x       =        x        x       x       x       x       x
CallOverflowed   x       =        x        x       x       x       x       x
CallTurnedAway   x       leaving  x        x       x       x       x       x
CallbackAsked    resting resting  =        =       =       resting =       =
CallbackDue      x       =        x        x       x       x       waiting x
CallbackGivenUp  x       x        x        x       x       x       ended   x
OfferProposed    x       reserved x        x       x       x       x       x
CallOffered      x       =        ringing  =       =       =       =       =
OfferRefused     x       =        waiting  waiting =       =       =       =
OfferMissed      x       =        waiting  waiting =       =       =       =
OfferDeclined    x       =        waiting  waiting =       =       =       =
OfferUnreachable x       =        waiting  waiting =       =       =       =
OfferOverdue     x       =        =        =       =       =       =       =
CallAnswered     talking talking  talking  talking =       =       talking =
TalkEnded        x       =        leaving  leaving leaving =       =       =
CallEnded        ended   ended    ended    ended   ended   ended   =       =
CallLost         ended   ended    ended    ended   ended   ended   =       =
"""

AGENT_LIFE = """
                  logged_out not_ready  available   reserved    ringing     talking wrap_up   on_break   missed     unreachable
AgentLoggedIn     not_ready  =          =           =           =           =       =         =          =          =
AvailabilityAsked =          available  =           =           =           =       available available  available  available
BreakAsked        =          on_break   on_break    =           =           =       =         =          on_break   on_break
LogoutAsked       =          logged_out logged_out  =           =           =       =         logged_out logged_out logged_out
WrapUpEnded       =          =          =           =           =           =       available =          =          =
PhoneLost         =          =          unreachable =           =           =       =         =          =          =
PhoneBack         =          =          =           =           =           =       =         =          =          available
OfferProposed     x          x          reserved    x           x           x       x         x          x          x
CallOffered       x          x          x           ringing     =           =       x         x          x          x
OfferRefused      x          x          x           available   available   =       x         x          x          x
OfferMissed       x          x          x           missed      missed      =       x         x          x          x
OfferDeclined     x          x          x           missed      missed      =       x         x          x          x
OfferUnreachable  x          x          x           unreachable unreachable =       x         x          x          x
OfferOverdue      x          x          x           =           =           =       x         x          x          x
CallAnswered      talking    talking    talking     talking     talking     =       talking   talking    talking    talking
TalkEnded         x          x          x           wrap_up     wrap_up     wrap_up x         x          x          x
CallEnded         x          x          x           available   available   wrap_up x         x          x          x
CallLost          x          x          x           available   available   wrap_up x         x          x          x
CallArrived       x          x          x           x           x           x       x         x          x          x
CallQueued        x          x          x           x           x           x       x         x          x          x
"""  # noqa: E501 - a table

_OFFERED = "AgentLoggedIn AvailabilityAsked CallQueued OfferProposed"
WAY_TO_CALL_STATE = {
    "in_menu": "CallArrived",
    "waiting": "AgentLoggedIn AvailabilityAsked CallQueued",
    "reserved": _OFFERED,
    "ringing": f"{_OFFERED} CallOffered",
    "talking": f"{_OFFERED} CallAnswered",
    "leaving": f"{_OFFERED} CallAnswered TalkEnded",
    "resting": "CallQueued CallbackAsked",
    "ended": "CallQueued CallEnded",
}
WAY_TO_AGENT_STATE = {
    "logged_out": "AgentLoggedIn LogoutAsked",
    "not_ready": "AgentLoggedIn",
    "available": "AgentLoggedIn AvailabilityAsked",
    "reserved": _OFFERED,
    "ringing": f"{_OFFERED} CallOffered",
    "talking": f"{_OFFERED} CallAnswered",
    "wrap_up": f"{_OFFERED} CallAnswered TalkEnded",
    "on_break": "AgentLoggedIn BreakAsked",
    "missed": f"{_OFFERED} OfferMissed",
    "unreachable": "AgentLoggedIn AvailabilityAsked PhoneLost",
}


def cells(grid: str) -> list[tuple[str, str, str]]:
    """(state, fact, state after) of every cell."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    return [(state, row[0], cell) for row in rows for state, cell in zip(head, row[1:], strict=True)]


def floor_after(way: str) -> Floor:
    """A floor on which the named facts happened to CALL and ALI, a millisecond apart."""
    floor = Floor(RULES)
    for count, name in enumerate(way.split()):
        floor.apply(facts_about(CALL, ALI, at=Instant(NOW + count / 1000))[name])
    return floor


def call_state(floor: Floor) -> str:
    call = floor.call(CALL)
    return call.state.value if call else CallState.ENDED.value


def agent_on(floor: Floor) -> Agent:
    agent = floor.agent(ALI)
    assert agent is not None
    return agent


def picture(floor: Floor) -> object:
    """Everything that can be seen of a floor."""
    return floor.calls(), floor.agents(), floor.waiting(KWA), floor.idle(KWA), floor.next_deadline()


LATER = Instant(NOW + 1)


@pytest.mark.parametrize(("state", "fact", "then"), cells(CALL_LIFE))
def test_every_fact_has_its_meaning_in_every_state_of_a_call(state: str, fact: str, then: str) -> None:
    floor = floor_after(WAY_TO_CALL_STATE[state])
    assert call_state(floor) == state
    before = picture(floor)
    if then == "x":
        with pytest.raises(IllegalTransition, match=f"{fact} cannot happen to {CALL} in state {state}"):
            floor.apply(facts_about(CALL, ALI, at=LATER)[fact])
        assert picture(floor) == before
    else:
        floor.apply(facts_about(CALL, ALI, at=LATER)[fact])
        assert call_state(floor) == (state if then == "=" else then)


@pytest.mark.parametrize(("state", "fact", "then"), cells(AGENT_LIFE))
def test_every_fact_has_its_meaning_in_every_state_of_an_agent(state: str, fact: str, then: str) -> None:
    agent = agent_on(floor_after(WAY_TO_AGENT_STATE[state]))
    assert agent.state.value == state
    told = facts_about(CALL, ALI, at=LATER)[fact]
    if then == "x":
        with pytest.raises(IllegalTransition, match=f"{fact} cannot happen to ali in state {state}"):
            agent.after(told, RULES)  # type: ignore[arg-type]  # the refused ones are of any type
    else:
        after = agent.after(told, RULES)  # type: ignore[arg-type]
        assert after.state.value == (state if then == "=" else then)


def test_the_grids_leave_out_no_state_and_no_fact() -> None:
    every = set(facts_about(CALL, ALI, at=NOW))
    vocabulary = (kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, Fact))
    of_the_house = {"FloorTakenUp", "HelplineOpened", "HelplineClosed", "NodeServed", "NodeDown"}
    assert every == {kind.__name__ for kind in vocabulary} - {"Fact"} - of_the_house
    of_an_agent_alone = {kind.__name__ for kind in get_args(OwnFact)}
    assert {fact for _, fact, _ in cells(CALL_LIFE)} == every - of_an_agent_alone
    of_waits = {kind.__name__ for kind in get_args(WaitFact)}
    assert {fact for _, fact, _ in cells(AGENT_LIFE)} == every - of_waits
    assert {state for state, _, _ in cells(CALL_LIFE)} == {state.value for state in CallState}
    assert {state for state, _, _ in cells(AGENT_LIFE)} == {state.value for state in AgentState}


@pytest.mark.parametrize("state", ["waiting", "reserved", "ringing", "talking", "leaving", "ended"])
@pytest.mark.parametrize("fact", ["CallOffered", "OfferRefused", "OfferMissed", "OfferOverdue"])
def test_word_of_an_offer_that_does_not_stand_changes_nothing(state: str, fact: str) -> None:
    floor = floor_after(WAY_TO_CALL_STATE[state])
    login = facts_about(CALL, BEA, at=LATER)
    floor.apply(login["AgentLoggedIn"])
    floor.apply(login["AvailabilityAsked"])
    before = picture(floor)
    floor.apply(facts_about(CALL, BEA, at=LATER)[fact])
    assert picture(floor) == before


@pytest.mark.parametrize("state", ["waiting", "reserved", "ringing", "talking", "leaving", "ended"])
def test_the_end_of_a_talk_with_somebody_else_moves_nobody(state: str) -> None:
    floor = floor_after(WAY_TO_CALL_STATE[state])
    before = call_state(floor), floor.agents(), floor.waiting(KWA) == [], floor.next_deadline()
    floor.apply(facts_about(CALL, BEA, at=LATER)["TalkEnded"])
    assert (call_state(floor), floor.agents(), floor.waiting(KWA) == [], floor.next_deadline()) == before


@pytest.mark.parametrize("state", ["wrap_up", "missed", "available", "on_break", "not_ready", "logged_out"])
@pytest.mark.parametrize(
    "fact", ["CallOffered", "OfferRefused", "OfferMissed", "OfferOverdue", "TalkEnded", "CallAnswered"]
)
def test_word_of_a_call_that_is_gone_changes_no_agent(state: str, fact: str) -> None:
    floor = floor_after(WAY_TO_AGENT_STATE[state])
    floor.apply(facts_about(CALL, ALI, at=LATER)["CallEnded"])
    before = picture(floor)
    floor.apply(facts_about(CALL, ALI, at=LATER)[fact])
    assert picture(floor) == before


@pytest.mark.parametrize("state", ["in_menu", "waiting", "reserved", "ringing", "talking", "leaving"])
def test_a_call_and_its_agent_name_each_other_or_neither_does(state: str) -> None:
    floor = floor_after(WAY_TO_CALL_STATE[state])
    [call] = floor.calls()
    agent = floor.agent(ALI)
    held = state in {"reserved", "ringing", "talking"}
    assert call.agent == (ALI if held else None)
    assert (agent.call if agent else None) == (CALL if held else None)


def test_facts_of_others_are_none_of_the_floors() -> None:
    floor = floor_after("AgentLoggedIn CallQueued")
    before = picture(floor)
    floor.apply(Fact(at=LATER))
    assert picture(floor) == before


def test_the_callers_number_stays_out_of_what_may_be_logged() -> None:
    floor = floor_after("CallArrived")
    assert "9447000001" not in repr(floor.call(CALL))
    with pytest.raises(IllegalTransition) as refused:
        floor.apply(facts_about(CALL, ALI, at=LATER)["TalkEnded"])
    assert "9447000001" not in str(refused.value)


@pytest.mark.parametrize(
    ("ring", "wrap_up", "limit", "complaint"),
    [(0, 30, 1, "ring_seconds"), (20, -1, 1, "wrap_up_seconds"), (20, 30, 0, "missed_offers_limit")],
)
def test_rules_no_floor_can_keep_are_refused(ring: float, wrap_up: float, limit: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        FloorRules(ring_seconds=Seconds(ring), wrap_up_seconds=Seconds(wrap_up), missed_offers_limit=limit)
