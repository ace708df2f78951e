"""The stream of a desk: the newest state at once, nothing twice, no backlog, and an end in time."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from agents_ui.live import (
    BEATS_PER_CHECK,
    HEARTBEAT_SECONDS,
    SETTLE_SECONDS,
    STREAMS_PER_AGENT,
    event,
    framed,
)
from agents_ui.pages import Region
from routing.agent import AgentState
from tests.web.parts.browser import NOON, Connection, Stage
from tests.web.parts.console_fakes import DEVI, KWA, SIVAN

CALL = "node1-1764000000.17"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.sign_in()
    return stage


def follow(stage: Stage) -> Connection:
    return stage.browser.open("GET", "/desk/events", b"", {})


def events(received: bytes) -> list[tuple[str, str]]:
    """Names and data, as the standard has a browser read them (HTML, 9.2.6)."""
    found, name, data = [], "", []
    for line in received.decode().splitlines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line and data:
            found.append((name, "\n".join(data)))
            name, data = "", []
    return found


def regions(received: bytes) -> list[str]:
    """Which regions came, in their order."""
    return [
        data.split('data-region="')[1].split('"')[0] for name, data in events(received) if name == "region"
    ]


def settle(stage: Stage) -> None:
    stage.clock.advance(SETTLE_SECONDS)


def next_turn(stage: Stage) -> None:
    """The reactor comes round to what was put off."""
    stage.clock.advance(0)


def test_it_begins_with_everything(stage: Stage) -> None:
    head, _, body = follow(stage).received().partition(b"\r\n\r\n")
    assert b"Content-Type: text/event-stream; charset=utf-8" in head
    assert b"Cache-Control: no-store" in head
    assert body.startswith(b"retry: 2000\n\n")
    name, greeting = events(body)[0]
    assert name == "hello"
    assert json.loads(greeting) == {"agent": DEVI, "now": NOON}
    assert regions(body) == ["state", "waiting", "card", "ticket"]


def test_what_the_page_shows_has_the_keys_of_the_stream(stage: Stage) -> None:
    page = stage.browser.get("/desk").text
    for name, data in events(follow(stage).received()):
        if name == "region":
            region, key = (
                data.split('data-region="')[1].split('"')[0],
                data.split('data-key="')[1].split('"')[0],
            )
            assert f'<section id="{region}" data-key="{key}">' in page


def test_a_call_arrives_at_once(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stage.floor.rings(DEVI, CALL)
    received = stream.received()
    assert regions(received) == ["state", "card", "ticket"]
    assert "+91 98765 43210" in received.decode()


def test_whoever_tells_of_a_change_does_not_wait_for_the_desk(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stage.floor.rings(DEVI, CALL)
    assert stream.transport.value() == b""
    next_turn(stage)
    assert b"+91 98765 43210" in stream.transport.value()


def test_only_what_differs_is_sent(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stage.floor.shows(DEVI, waiting={KWA: 4})
    assert regions(stream.received()) == ["waiting"]
    settle(stage)
    stage.floor.shows(DEVI, waiting={KWA: 4})
    assert stream.received() == b""


def test_a_ticket_saved_or_a_call_answered_does_not_touch_the_form(stage: Stage) -> None:
    stage.floor.rings(DEVI, CALL)
    stream = follow(stage)
    for change in (
        lambda: stage.floor.answers(DEVI),
        lambda: stage.ticket({"category": "bill", "description": "x"}),
        lambda: stage.floor.hangs_up(DEVI),
    ):
        settle(stage)
        stream.received()
        change()
        assert "ticket" not in regions(stream.received())
    settle(stage)
    stage.floor.wrap_up_ends(DEVI)
    assert "ticket" in regions(stream.received())


def test_a_burst_is_gathered(stage: Stage) -> None:
    stream = follow(stage)
    stream.received()
    for count in range(100):
        stage.floor.shows(DEVI, waiting={KWA: count})
    stage.clock.advance(SETTLE_SECONDS * 0.9)
    assert stream.received() == b""
    stage.clock.advance(SETTLE_SECONDS * 0.1)
    received = stream.received()
    assert regions(received) == ["waiting"]
    assert ">99</span>" in received.decode()


def test_a_slow_browser_gets_the_newest_and_nothing_else(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stream.pause(True)
    for number in range(50):
        stage.floor.rings(DEVI, f"node1-17640000{number:02d}.1")
        settle(stage)
        stage.clock.advance(HEARTBEAT_SECONDS)
    assert stream.received() == b""
    stream.pause(False)
    received = stream.received().decode()
    assert received.count('data-region="card"') == 1
    assert "node1-1764000049.1" in received
    assert "node1-1764000048.1" not in received


def test_a_view_that_came_too_late_for_a_slow_browser_is_asked_again(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    slow = stage.floor.slow = Deferred()
    stage.floor.rings(DEVI, CALL)
    next_turn(stage)
    stream.pause(True)
    stage.floor.slow = None
    slow.callback(None)
    assert stream.received() == b""
    stage.floor.answers(DEVI)
    settle(stage)
    stream.pause(False)
    assert "is-talking" in stream.received().decode()


def test_a_change_while_a_view_is_made_is_not_lost(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    slow = stage.floor.slow = Deferred()
    stage.floor.rings(DEVI, CALL)
    next_turn(stage)
    stage.floor.slow = None
    stage.floor.answers(DEVI)
    slow.callback(None)
    assert "is-ringing" in stream.received().decode()
    settle(stage)
    assert "is-talking" in stream.received().decode()


def test_silence_is_filled_with_heartbeats(stage: Stage) -> None:
    stream = follow(stage)
    stream.received()
    stage.clock.advance(HEARTBEAT_SECONDS - 0.1)
    assert stream.received() == b""
    stage.clock.advance(0.1)
    assert stream.received() == b":\n\n"


def test_it_ends_with_the_connection(stage: Stage) -> None:
    stream = follow(stage)
    assert len(stage.floor.watchers[DEVI]) == 1
    stream.lose()
    assert stage.floor.watchers[DEVI] == []
    stage.floor.rings(DEVI, CALL)
    stage.clock.advance(HEARTBEAT_SECONDS * 2)
    assert stage.clock.getDelayedCalls() == []


def test_signing_out_ends_it_at_once(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stage.ask("/logout")
    settle(stage)
    assert events(stream.received())[-1] == ("gone", "")
    assert stream.transport.disconnecting
    assert stage.floor.watchers[DEVI] == []


def test_a_session_ended_elsewhere_ends_it_within_a_minute(stage: Stage) -> None:
    stream = follow(stage)
    stage.floor.tokens.clear()
    for _ in range(BEATS_PER_CHECK):
        assert stage.floor.watchers[DEVI] != []
        stage.clock.advance(HEARTBEAT_SECONDS)
    assert b"event: gone\n" in stream.received()
    assert stream.transport.disconnecting
    assert stage.floor.watchers[DEVI] == []


def test_while_the_database_is_away_it_goes_on(stage: Stage) -> None:
    stream = follow(stage)
    stage.floor.away = True
    for _ in range(BEATS_PER_CHECK * 3):
        stage.clock.advance(HEARTBEAT_SECONDS)
    stream.received()
    stage.floor.becomes(DEVI, AgentState.AVAILABLE)
    assert "state" in regions(stream.received())


def test_of_too_many_the_oldest_ends(stage: Stage) -> None:
    streams = [follow(stage) for _ in range(STREAMS_PER_AGENT)]
    settle(stage)
    assert not any(stream.transport.disconnecting for stream in streams)
    newest = follow(stage)
    settle(stage)
    assert streams[0].received().endswith(b"event: elsewhere\ndata: \n\n")
    assert [stream.transport.disconnecting for stream in [*streams, newest]] == [True] + [False] * 4
    assert len(stage.floor.watchers[DEVI]) == STREAMS_PER_AGENT


def test_one_agents_calls_are_not_anothers(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stage.floor.rings(SIVAN, CALL)
    assert stream.received() == b""


def test_signed_out_there_is_no_stream(stage: Stage) -> None:
    stage.browser.cookies.clear()
    assert stage.browser.get("/desk/events").code == 401


def test_a_view_that_fails_ends_it_and_is_logged(stage: Stage) -> None:
    stream = follow(stage)
    settle(stage)
    stream.received()
    stage.floor.broken = True
    with capturedLogs() as logged:
        stage.floor.becomes(DEVI, AgentState.AVAILABLE)
        next_turn(stage)
    assert stream.received() == b""
    assert stream.transport.disconnecting
    assert stage.floor.watchers[DEVI] == []
    assert [type(entry["log_failure"].value) for entry in logged if "log_failure" in entry] == [RuntimeError]


@given(st.text())
def test_no_text_breaks_out_of_its_event(text: str) -> None:
    # splitlines knows ends of line that the standard does not; those stay within their line.
    sent = event("region", text).decode()
    lines = sent.removesuffix("\n\n").split("\n")
    assert lines[0] == "event: region"
    assert all(line.startswith("data: ") for line in lines[1:])
    assert "\r" not in sent
    joined = "\n".join(line.removeprefix("data: ") for line in lines[1:])
    assert joined == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_key_cannot_break_out_of_its_attribute() -> None:
    assert 'data-key="&#34;&gt;"' in framed(Region("ticket", '">', ""))


Change = Callable[[Stage], None]
CHANGES: list[Change] = [
    lambda stage: stage.floor.becomes(DEVI, AgentState.AVAILABLE, card=None),
    lambda stage: stage.floor.rings(DEVI, CALL),
    lambda stage: stage.floor.rings(DEVI, CALL + "9"),
    lambda stage: stage.floor.shows(DEVI, waiting={KWA: 7}),
    lambda stage: stage.floor.shows(DEVI, waiting={KWA: 8}),
]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*CHANGES, "pause", "resume", "wait"]), max_size=25))
def test_whatever_happens_the_browser_ends_up_with_the_newest(steps: list[Change | str]) -> None:
    stage = Stage()
    stage.sign_in()
    stream = follow(stage)
    shown: dict[str, str] = {}
    for step in [*steps, "resume", "wait", "wait"]:
        if step in ("pause", "resume"):
            stream.pause(step == "pause")
        elif step == "wait":
            settle(stage)
        elif callable(step):
            step(stage)
        for name, data in events(stream.received()):
            if name == "region":
                region = data.split('data-region="')[1].split('"')[0]
                shown[region] = data.split('data-key="')[1].split('"')[0]
    page = stage.browser.get("/desk").text
    assert set(shown) == {"state", "waiting", "card", "ticket"}
    for region, key in shown.items():
        assert f'<section id="{region}" data-key="{key}">' in page
