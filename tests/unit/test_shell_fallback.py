"""The members of the native queues: what they are, what they should be, and the way from one to the other."""

from __future__ import annotations

import pytest
from asterisk.ami.action import Action
from hypothesis import given
from hypothesis import strategies as st

from callcentre.acd.fallback import Members, Membership, changes, present, wanted
from callcentre.telephony.ami.codec import Message
from routing.agent import Agent, AgentState
from routing.ids import NOWHERE, AgentId, HelplineId, Instant, NodeId, Phone

KWA, FOOD = HelplineId("kwa"), HelplineId("food")
ANU, BEA = AgentId("anu"), AgentId("bea")
NODE, NODE2 = NodeId("node1"), NodeId("node2")
DESK, OTHER = "PJSIP/1001", "PJSIP/1002"


def agent(state: AgentState, *helplines: HelplineId, node: NodeId = NODE) -> Agent:
    now = Instant(1000.0)
    return Agent(
        id=ANU,
        state=state,
        since=now,
        phone=Phone("1001"),
        helplines=frozenset(helplines or (KWA,)),
        node=node,
        idle_since=now,
    )


def lines(actions: list[Action]) -> list[str]:
    return [" ".join([action.name, *map(str, action.keys.values())]) for action in actions]


class TestWhatTheyShouldBe:
    def test_every_state_but_logged_out_is_a_member(self) -> None:
        paused = {state: _one(agent(state)) for state in AgentState}
        assert paused == {
            AgentState.LOGGED_OUT: None,
            AgentState.NOT_READY: True,
            AgentState.AVAILABLE: False,
            AgentState.RESERVED: False,
            AgentState.RINGING: False,
            AgentState.TALKING: False,
            AgentState.WRAP_UP: False,
            AgentState.ON_BREAK: True,
            AgentState.MISSED: True,
            AgentState.UNREACHABLE: True,
        }

    def test_of_the_queue_of_each_of_her_helplines(self) -> None:
        assert set(wanted([agent(AgentState.AVAILABLE, KWA, FOOD)], here=NODE)) == {(KWA, DESK), (FOOD, DESK)}

    @pytest.mark.parametrize(
        ("node", "called"),
        [
            (NODE, "PJSIP/1001"),
            (NODE2, "PJSIP/idle*1001@node-node2"),
            # Where it is not registered either, its state says that it cannot be rung.
            (NOWHERE, "PJSIP/1001"),
        ],
    )
    def test_each_is_called_by_way_of_the_node_of_her_phone(self, node: NodeId, called: str) -> None:
        assert set(wanted([agent(AgentState.AVAILABLE, node=node)], here=NODE)) == {(KWA, called)}


def _one(known: Agent) -> bool | None:
    member = wanted([known], here=NODE).get((KWA, DESK))
    return None if member is None else member.paused


class TestWhatTheyAre:
    def test_a_real_answer(self) -> None:
        params = Message.of(("Event", "QueueParams"), ("Queue", "kwa"))
        told = [
            ("Event", "QueueMember"),
            ("Queue", "kwa"),
            ("Name", "anu"),
            ("Location", "PJSIP/1001"),
            ("StateInterface", "PJSIP/1001"),
            ("Membership", "dynamic"),
            ("Status", "1"),
            ("Paused", "0"),
            ("PausedReason", ""),
        ]
        assert present([params, Message.of(*told)]) == {(KWA, DESK): Membership(ANU, paused=False)}


class TestTheWay:
    def test_another_agent_at_the_same_phone_replaces_the_first(self) -> None:
        have = {(KWA, DESK): Membership(ANU, paused=False)}
        want = {(KWA, DESK): Membership(BEA, paused=True)}
        assert lines(changes(have, want)) == [
            "QueueRemove kwa PJSIP/1001",
            "QueueAdd kwa PJSIP/1001 bea PJSIP/1001 true",
        ]

    def test_the_state_of_a_phone_elsewhere_is_that_nodes_business(self) -> None:
        want = wanted([agent(AgentState.AVAILABLE, node=NODE2)], here=NODE)
        assert lines(changes({}, want)) == [
            "QueueAdd kwa PJSIP/idle*1001@node-node2 anu Custom:elsewhere false"
        ]

    def test_a_pause_is_of_one_queue(self) -> None:
        have = {(KWA, DESK): Membership(ANU, paused=False), (FOOD, DESK): Membership(ANU, paused=True)}
        want = {(KWA, DESK): Membership(ANU, paused=True), (FOOD, DESK): Membership(ANU, paused=True)}
        assert lines(changes(have, want)) == ["QueuePause PJSIP/1001 true kwa"]


some_members = st.dictionaries(
    st.tuples(st.sampled_from([KWA, FOOD]), st.sampled_from([DESK, OTHER])),
    st.builds(Membership, st.sampled_from([ANU, BEA]), st.booleans()),
)


@given(have=some_members, want=some_members)
def test_the_changes_lead_from_any_members_to_any_others(have: Members, want: Members) -> None:
    assert _carried_out(have, changes(have, want)) == want


def _carried_out(have: Members, asked: list[Action]) -> Members:
    """As Asterisk does it: it refuses to add who is there and to remove or pause who is not."""
    members = dict(have)
    for action in asked:
        where = (HelplineId(str(action.keys["Queue"])), str(action.keys["Interface"]))
        paused = action.keys.get("Paused") == "true"
        if action.name == "QueueAdd":
            assert where not in members
            members[where] = Membership(AgentId(str(action.keys["MemberName"])), paused)
        elif action.name == "QueueRemove":
            del members[where]
        else:
            members[where] = Membership(members[where].agent, paused)
    return members
