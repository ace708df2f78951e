"""What a stranger can send: a clear log line, no crash, no injection, and the next call works."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay
from tests.integration.parts.stack import Stack

MakeStack = Callable[..., Stack]
HOSTILE_CALLERS = {
    "CR LF in the number": "94470%0d%0aEvent:%20UserEvent%0d%0aUserEvent:%20CallQueued",
    "CR LF in the name": '"x\\r\\nEvent: Hangup\\r\\n" 9447012345',
    "a line separator in the name": '"എ\u2028Event: Hangup" 9447012345',
    "Malayalam": '"കേരളം മലയാളം" 9447012345',
    "three hundred digits": "9" * 300,
    "three hundred characters of name": f'"{"അ" * 300}" 9447012345',
    "a variable of the dialplan": '"${SHELL(id)}" 94470${CC_EPOCH}',
    "withheld": '"Anonymous" anonymous',
}


def test_no_caller_id_does_harm(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.3)
    # Asterisk does not answer what is no SIP; SIPp gives those calls up by itself.
    strangers = [
        centre.sipp.call("1916", [Press("1"), HangUp(after=1.0)], callers=[caller])
        for caller in HOSTILE_CALLERS.values()
    ]
    for stranger in strangers:
        stranger.wait(60)
    assert centre.service is not None and centre.service.process.poll() is None
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("1"), Stay()]).wait(40) == 0
    calls = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found))
    assert calls[-1]["outcome"] == "completed_by_agent"
    assert {call["outcome"] for call in calls[:-1]} == {"abandoned"}
    assert len({call["call"] for call in calls}) == len(calls)
    for call in calls:
        assert set(call["caller"]) <= set("+0123456789"), call
        assert len(call["caller"]) <= 40
    assert faults(centre) == {}


def test_a_megabyte_without_a_line_end_on_the_agi_port(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    assert centre.service is not None
    stranger = socket.create_connection(("127.0.0.1", centre.agi_port), timeout=10)
    with stranger, pytest.raises(OSError):
        for _ in range(1000):
            stranger.sendall(b"x" * 1024)
        while stranger.recv(1024):
            pass
        raise ConnectionResetError("closed in good order")
    centre.service.wait_for_line("AGI session ended: .*line")
    centre.sipp.phones(centre.add_agents(["anu"]), hang_up_after=0.3)
    centre.make_available(["anu"])
    assert centre.sipp.call("1916", [Press("2"), Stay()]).wait(40) == 0


def test_a_wrong_ami_secret_is_said_and_retried(stack: MakeStack) -> None:
    centre = stack()
    centre.start_asterisk()
    secrets = centre.data / "secrets.json"
    right = secrets.read_text(encoding="utf-8")
    secrets.write_text(json.dumps({**json.loads(right), "ami": "wrong"}), encoding="utf-8")
    service = centre.start_service(serving=False)
    line = service.wait_for_line("(?i)refused|authentication")
    assert "wrong" not in line and json.loads(right)["ami"] not in "\n".join(service.lines)
    assert health_status(centre) == "down"
    assert service.process.poll() is None


def health_status(centre: Stack) -> str:
    status: str = json.loads(centre.cli("health", check=False))["status"]
    return status


def faults(centre: Stack) -> dict[str, float]:
    """What the service has counted as faults."""
    lines = centre.get("/metrics").splitlines()
    counted = [line.rsplit(" ", 1) for line in lines if line.startswith("callcentre_faults_total{")]
    return {name: float(value) for name, value in counted if float(value)}
