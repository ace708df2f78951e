"""The switch that the control-plane benchmark plays: it says what a real Asterisk said, of other callers."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from callcentre.telephony.ami.codec import AmiDecoder, Message
from callcentre.telephony.translate import Translator
from routing.facts import Fact
from routing.ids import NodeId
from tests.benchmarks.parts.replayed_calls import BY_AGENT, BY_CALLER, recorded_names, scripts
from tests.benchmarks.parts.replayed_switch import ANSWER_SECONDS, FAREWELL_SECONDS, GREETING, ReplayedSwitch
from tests.unit.parts.asterisk_scenes import events

AGENT_LEAVES, CALLER_LEAVES = scripts()
COMING = ["CallArrived", "CallQueued", "CallAnswered"]


@pytest.mark.parametrize(("scene", "script"), [(BY_AGENT, AGENT_LEAVES), (BY_CALLER, CALLER_LEAVES)])
def test_filled_with_what_was_recorded_a_script_is_the_recording(scene: str, script: Any) -> None:
    recorded = {name: value for value, name in recorded_names(scene).items()}
    text = script.coming + script.answered + script.parting + script.farewell
    told = decoded(text % {**recorded, "at": "0"})
    assert [without_time(message) for message in told] == [without_time(event) for event in events(scene)]


class TestReplayedSwitch:
    def setup_method(self) -> None:
        self.clock = Clock()
        self.switch = ReplayedSwitch(self.clock)
        self.told: list[str] = []
        self.switch.connected(self.told.append)

    def test_every_other_talk_is_ended_by_the_agent(self) -> None:
        self.one_call()
        assert self.facts() == [*COMING, "TalkEnded agent", "CallEnded agent"]
        self.one_call()
        assert self.facts() == [*COMING, "CallEnded caller", "TalkEnded caller"]

    def test_every_call_shows_where_it_is(self) -> None:
        for _ in range(3):
            self.switch.call_comes()
        talking, ringing, waiting = self.switch.floor.calls
        self.offer(talking, agent="anu")
        self.clock.advance(ANSWER_SECONDS)
        self.offer(ringing, agent="bea")
        rows = decoded("".join(self.switch.channels("id-1")))
        assert [(row["Linkedid"], row["Application"]) for row in rows] == [
            (talking, "Dial"),
            (talking, "AppDial"),
            (ringing, "Dial"),
            (ringing, "AppDial"),
            (waiting, "Playback"),
        ]
        assert {row.action_id for row in rows} == {"id-1"}

    def test_a_decision_is_measured_from_the_agents_release(self) -> None:
        self.one_call()
        self.switch.call_comes()
        self.clock.advance(0.25)
        self.offer(self.last_call())
        (decision,) = self.switch.floor.decisions
        assert decision.seconds == 0.25 + FAREWELL_SECONDS
        assert not self.switch.floor.freed

    def test_offers_to_a_busy_agent_or_of_an_unknown_caller_are_noticed(self) -> None:
        self.switch.call_comes()
        self.switch.call_comes()
        first, second = self.switch.floor.calls
        assert self.offer(first)
        assert not self.offer(second)
        assert not self.offer("node1-1.99", agent="bea")
        assert len(self.switch.floor.wrongs) == 2

    def one_call(self) -> None:
        """A caller comes, talks, and is gone."""
        self.switch.call_comes()
        self.offer(self.last_call())
        self.clock.advance(ANSWER_SECONDS)
        assert self.switch.talk_ends()
        self.clock.advance(FAREWELL_SECONDS)

    def last_call(self) -> str:
        return list(self.switch.floor.calls)[-1]

    def offer(self, call: str, *, agent: str = "anu") -> bool:
        return self.switch.redirect({"Channel": call, "Exten": f"5*{agent}*1001"})

    def facts(self) -> list[str]:
        """What our translator has understood since it was asked last."""
        listening = Translator(NodeId("node1"), agent_at=lambda phone: None)
        messages = decoded("".join(self.told))
        self.told.clear()
        return [short(fact) for message in messages for fact in listening.facts(message)]


def decoded(text: str) -> list[Message]:
    return AmiDecoder().feed(GREETING + text.encode())


def without_time(message: Message) -> list[tuple[str, str]]:
    return [header for header in message.headers if header[0] != "Timestamp"]


def short(fact: Fact) -> str:
    by = getattr(fact, "by", None)
    return type(fact).__name__ if by is None else f"{type(fact).__name__} {by.value}"
