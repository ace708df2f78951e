"""Two Asterisks, one floor: callers on either, agents on either, one waiting room, and one of them dying."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from routing.facts import CallAnswered, CallArrived, CallQueued
from tests.integration.parts.audio import A_SECOND, packets
from tests.integration.parts.node import Node
from tests.integration.parts.sipp import BUSY, DECLINE
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack, eventually
from tests.integration.test_callbacks import LISTENING
from tests.integration.test_fairness import overtakings

MakeStack = Callable[..., Stack]
# Q.850.
USER_BUSY = "17"


class Two:
    """A call centre of two nodes; each agent's phone is registered with the node given."""

    def __init__(self, make: MakeStack, **settings: object) -> None:
        self.centre = make(
            further_nodes={"node2": "127.0.0.3"}, routing__wrap_up_seconds=0, **settings
        ).start()
        self.one, self.two = self.centre.nodes.values()

    def seat(self, agents: dict[str, Node], *, hang_up_after: float | None = None) -> None:
        """All of them are at their phones and take calls, in this order."""
        secrets = self.centre.add_agents(list(agents))
        for (phone, secret), node in zip(secrets.items(), agents.values(), strict=True):
            node.sipp.phones({phone: secret}, hang_up_after=hang_up_after)
        self.centre.make_available(list(agents))

    def node_of(self, agent: str) -> str:
        node: str = self.centre.agents()[agent]["node"]
        return node

    def served(self) -> dict[str, str]:
        """Which nodes are up, by the service's own account."""
        nodes: dict[str, str] = json.loads(self.centre.cli("health", check=False))["asterisk"]
        return nodes

    def ended(self, count: int, seconds: float = 10.0) -> list[dict[str, object]]:
        """The call log, once so many calls have ended."""
        return self.centre.wait_for_calls(
            lambda calls: sum(call["ended_at"] is not None for call in calls) >= count, seconds
        )


def test_a_caller_meets_an_agent_of_the_other_node_and_they_hear_each_other(stack: MakeStack) -> None:
    site = Two(stack)
    site.seat({"anu": site.one, "bindu": site.two}, hang_up_after=6.0)
    assert (site.node_of("anu"), site.node_of("bindu")) == ("node1", "node2")
    site.centre.cli("agent", "anu", "break")
    first = site.one.sipp.call("1916", [Press("1"), Stay()])
    assert_audio(site.one, {"trunk", "node"})
    assert_audio(site.two, {"node", "1002"})
    assert first.wait(30) == 0
    site.centre.cli("agent", "bindu", "break")
    site.centre.cli("agent", "anu", "available")
    second = site.two.sipp.call("1916", [Press("2"), Stay()], callers=["9447054321"])
    assert_audio(site.two, {"trunk", "node"})
    assert_audio(site.one, {"node", "1001"})
    assert second.wait(30) == 0
    there, back = site.ended(2)
    assert (there["agent"], there["outcome"]) == ("bindu", "completed_by_agent")
    assert (back["agent"], back["outcome"]) == ("anu", "completed_by_agent")
    facts = site.centre.facts()
    assert [fact.node for fact in facts if isinstance(fact, CallArrived)] == ["node1", "node2"]
    assert sum(isinstance(fact, CallAnswered) for fact in facts) == 2


def test_whoever_queued_earlier_is_served_earlier_on_whichever_node(stack: MakeStack) -> None:
    site = Two(stack)
    callers = []
    for number in range(12):
        node = (site.one, site.two)[number % 2]
        witness = node.witness
        callers.append(node.sipp.call("1916", [Press("1"), Stay()], callers=[f"94470123{number:02}"]))
        witness.wait_for_events(number // 2 + 1, "UserEvent", UserEvent="CallQueued")
    site.seat({"anu": site.one, "bindu": site.two}, hang_up_after=0.5)
    for caller in callers:
        assert caller.wait(60) == 0
    calls = site.ended(len(callers))
    assert {call["outcome"] for call in calls} == {"completed_by_agent"}
    assert {call["agent"] for call in calls} == {"anu", "bindu"}
    facts = site.centre.facts()
    assert overtakings(facts) == []
    assert {fact.node for fact in facts if isinstance(fact, CallQueued)} == {"node1", "node2"}


def test_a_caller_who_hangs_up_has_ended_the_talk_on_both_nodes(stack: MakeStack) -> None:
    site = Two(stack)
    site.seat({"anu": site.two})
    assert site.one.sipp.call("1916", [Press("1"), HangUp(after=1.5)]).wait(30) == 0
    [call] = site.ended(1)
    assert (call["agent"], call["outcome"]) == ("anu", "completed_by_caller")
    site.centre.wait_for_agent("anu", "available")
    eventually(lambda: channels(site.two), lambda left: left == [])


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (BUSY, "missed", "declined"),
        (DECLINE, "missed", "declined"),
        ("404 Not Found", "unreachable", ""),
        (None, "missed", "NOANSWER"),
    ],
)
def test_why_a_phone_of_the_other_node_did_not_answer_comes_through(
    stack: MakeStack, answer: str | None, state: str, reason: str
) -> None:
    site = Two(stack, routing__ring_seconds=3)
    secrets = site.centre.add_agents(["anu"])
    if answer is None:
        site.two.sipp.phones(secrets, answer_after=None)
    else:
        site.two.sipp.refusing_phones(secrets, answer)
    site.centre.make_available(["anu"])
    caller = site.one.sipp.call("1916", [Press("1"), HangUp(after=6.0)])
    assert site.centre.wait_for_agent("anu", state)["reason"] == reason
    assert caller.wait(30) == 0
    [call] = site.ended(1)
    assert (call["agent"], call["outcome"]) == (None, "abandoned")


def test_one_node_dies_and_comes_back(stack: MakeStack) -> None:
    site = Two(stack)
    site.seat({"anu": site.one, "bindu": site.two, "cai": site.two, "dia": site.one})
    mine = site.one.sipp.call("1916", [Press("1"), HangUp(after=25.0)])
    site.centre.wait_for_agent("anu", "talking")
    lost = site.two.sipp.call("1916", [Press("1"), Stay()])
    site.centre.wait_for_agent("bindu", "talking")
    assert site.two.asterisk is not None
    site.two.asterisk.kill()
    assert eventually(site.served, lambda nodes: nodes["node2"] == "down")["node1"] == "up"
    # Cai is next, and her phone's node is down: the caller meets Dia.
    meanwhile = site.one.sipp.call("1916", [Press("1"), HangUp(after=2.0)])
    site.centre.wait_for_agent("dia", "talking")
    assert meanwhile.wait(30) == 0
    lost.kill()
    site.two.start()
    eventually(site.served, lambda nodes: nodes["node2"] == "up", 20)
    # Her call is gone; her phone's registration is not.
    site.centre.wait_for_agent("bindu", "available")
    assert site.centre.agents()["anu"]["state"] == "talking"
    # Cai has kept her place before all others.
    again = site.two.sipp.call("1916", [Press("1"), HangUp(after=2.0)])
    assert again.wait(30) == 0
    assert mine.wait(40) == 0
    calls = site.ended(4)
    assert [(call["agent"], call["outcome"]) for call in calls] == [
        ("anu", "completed_by_caller"),
        ("bindu", "lost"),
        ("dia", "completed_by_caller"),
        ("cai", "completed_by_caller"),
    ]


def test_a_citizen_is_called_back_by_his_node_for_an_agent_of_the_other(stack: MakeStack) -> None:
    site = Two(stack)
    site.one.sipp.citizens(site.centre.gateway_port)
    asked = site.one.sipp.call("1916", [Press("1"), Press("1", after=LISTENING), Stay(20)])
    assert asked.wait(40) == 0
    site.seat({"anu": site.two}, hang_up_after=6.0)
    site.centre.wait_for_agent("anu", "talking", 30)
    assert_audio(site.one, {"trunk", "node"})
    [call] = site.ended(1, 20)
    assert (call["agent"], call["outcome"]) == ("anu", "completed_by_agent")


def test_an_agent_whose_phone_registers_with_the_other_node_is_followed_there(stack: MakeStack) -> None:
    site = Two(stack)
    site.seat({"anu": site.two})
    assert site.two.asterisk is not None
    site.two.asterisk.kill()
    eventually(site.served, lambda nodes: nodes["node2"] == "down")
    secrets = site.centre.phone_secrets()
    site.one.sipp.phones({"1001": secrets["1001"]}, hang_up_after=0.5)
    eventually(lambda: site.node_of("anu"), lambda node: node == "node1")
    assert site.one.sipp.call("1916", [Press("1"), Stay()]).wait(30) == 0
    [call] = site.ended(1)
    assert (call["agent"], call["outcome"]) == ("anu", "completed_by_agent")


def test_with_no_router_callers_of_one_node_reach_agents_of_the_other(stack: MakeStack) -> None:
    site = Two(stack)
    site.seat({"anu": site.two}, hang_up_after=15.0)
    eventually(lambda: [in_native_queue(node) for node in (site.one, site.two)], all)
    assert site.centre.service is not None
    site.centre.service.kill()
    near = site.two.sipp.call("1916", [Press("1"), Stay()])
    site.two.witness.wait_for_event("UserEvent", UserEvent="CallFellBack")
    far = site.one.sipp.call("1916", [Press("1"), Stay()], callers=["9447054321"])
    # The other node's queue calls her, too, but her own node lets it ring no phone that is in a call.
    site.one.witness.wait_for_event("Hangup", Cause=USER_BUSY)
    site.one.witness.wait_for_event("DialEnd", DialStatus="ANSWER")
    assert near.wait(30) == 0
    # Found talking, with whom the queue itself says.
    site.centre.start_service()
    assert site.centre.wait_for_agent("anu", "talking")["node"] == "node2"
    assert far.wait(40) == 0
    # The nearer call was over before the service was back: it is nobody's to log.
    [call] = site.ended(1)
    assert (call["caller"], call["agent"]) == ("+919447054321", "anu")
    assert call["outcome"] == "completed_by_agent"


def assert_audio(node: Node, ends: set[str]) -> None:
    """Audio flows in and out of channels to these *ends*: endpoints by the first part of their names."""
    eventually(
        lambda: packets(node.witness),
        lambda legs: {name.partition("-")[0] for name, flow in legs.items() if min(flow) > A_SECOND} == ends,
    )


def in_native_queue(node: Node) -> bool:
    """Whether the native queue of *node* may ring the first phone."""
    shown = node.witness.command("queue show kwa")
    return any("1001" in line and "paused" not in line for line in shown)


def channels(node: Node) -> list[str]:
    """What goes on on *node*."""
    return [line for line in node.witness.command("core show channels concise") if line]
