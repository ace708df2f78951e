"""What the command line makes of a service's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from callcentre.cli.root import callcentre
from callcentre.configuration.data_folder import DataFolder
from tests.protocol.parts.socket_file import listening

SHIPPED = Path(__file__).resolve().parents[2] / "config"
ANU = {
    "agent": "anu",
    "state": "talking",
    "since": 1_700_000_000.25,
    "phone": "1001",
    "node": "node2",
    "helplines": ["food", "kwa"],
    "pools": ["d01"],
    "skills": {"language:ta": 5, "law": 7},
    "order": ["kwa"],
    "answered": 3,
    "call": "node1-1",
    "reason": "",
    "intent": None,
}


class Operator:
    """Runs one command against a service that answers as told; keeps what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.data = DataFolder(folder)
        self.asked: list[str] = []

    def run(self, *words: str, told: object, status: str = "200 OK") -> Result:
        def answer(request: bytes) -> bytes:
            self.asked.append(request.partition(b" HTTP/")[0].decode())
            content = json.dumps(told).encode()
            return f"HTTP/1.1 {status}\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content

        folders = ["--config", str(SHIPPED), "--data", str(self.data.root)]
        with listening(self.data.control_socket, answer):
            return CliRunner().invoke(callcentre, [*folders, *words], catch_exceptions=False)


@pytest.fixture
def operator() -> Iterator[Operator]:
    # Not pytest's own long folder: a socket file's path has at most 107 bytes.
    with TemporaryDirectory(prefix="cc") as folder:
        yield Operator(Path(folder))


def test_agents_as_a_table_for_people(operator: Operator) -> None:
    head, anu = operator.run("agents", told=[ANU]).stdout.splitlines()
    assert head.split() == ["agent", "state", "since", "phone", "node", "helplines", "call", "reason"]
    assert anu.split() == [
        "anu",
        "talking",
        "2023-11-15T03:43:20.250000+05:30",
        "1001",
        "node2",
        "food,kwa",
        "node1-1",
        "-",
    ]
    assert operator.asked == ["GET /agents"]


def test_agents_as_json_for_programs(operator: Operator) -> None:
    done = operator.run("agents", "--json", told=[ANU, {**ANU, "agent": "bea"}])
    anu, bea = (json.loads(row) for row in done.stdout.splitlines())
    assert anu == {**ANU, "since": "2023-11-15T03:43:20.250000+05:30"}
    assert bea["agent"] == "bea"


def test_who_waits_as_a_table_and_as_json(operator: Operator) -> None:
    row = {"helpline": "kwa", "place": 1, "call": "node1-1", "caller": "+919447000001", "language": "ml"}
    told = [{**row, "queued_at": 1_700_000_000.0, "callback": False, "wait_s": [10, 50]}]
    _, line = operator.run("waiting", told=told).stdout.splitlines()
    assert line.split()[:2] == ["kwa", "1"]
    assert "10,50" in line
    assert json.loads(operator.run("waiting", "--json", told=told).stdout)["wait_s"] == [10, 50]


def test_a_wish_that_is_granted_at_once(operator: Operator) -> None:
    done = operator.run("agent", "anu", "available", told={**ANU, "state": "available"})
    assert (done.exit_code, done.stdout) == (0, "anu: available\n")
    assert operator.asked == ["POST /agents/anu/available"]


def test_a_wish_that_is_granted_after_the_call(operator: Operator) -> None:
    done = operator.run("agent", "anu", "break", told={**ANU, "intent": "on_break"})
    assert done.stdout == "anu: talking, on_break after the call\n"


def test_a_wish_that_is_refused_says_why_and_ends_with_1(operator: Operator) -> None:
    refusal = {"error": "bea is logged in at phone 1001", "code": "phone_taken"}
    done = operator.run("agent", "anu", "available", told=refusal, status="409 Conflict")
    assert done.exit_code == 1
    assert done.stderr == "Error: bea is logged in at phone 1001\n"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("an u", "an%20u"),
        ("a/b", "a%2Fb"),
        ("a\r\nX: y", "a%0D%0AX%3A%20y"),
        ("അനു", "%E0%B4%85%E0%B4%A8%E0%B5%81"),
    ],
)
def test_a_name_that_is_none_is_asked_for_as_it_is_and_as_nothing_else(
    operator: Operator, name: str, path: str
) -> None:
    refusal = {"error": f"there is no agent {name}", "code": "no_phone"}
    done = operator.run("agent", name, "logout", told=refusal, status="409 Conflict")
    assert done.exit_code == 1
    assert operator.asked == [f"POST /agents/{path}/logout"]


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("degraded", 0), ("down", 1)])
def test_health_is_one_object_and_ends_with_1_when_no_call_gets_through(
    operator: Operator, status: str, code: int
) -> None:
    done = operator.run("health", told={"status": status, "asterisk": {"node1": "up"}})
    assert done.exit_code == code
    assert json.loads(done.stdout)["status"] == status


class Taking:
    """A service that takes up its configuration: what it says at each look, the last for ever."""

    def __init__(self, *told: tuple[str, dict[str, object]]) -> None:
        self._told = list(told)
        self.asked: list[str] = []

    def __call__(self, request: bytes) -> bytes:
        self.asked.append(request.partition(b" HTTP/")[0].decode())
        status, body = self._told.pop(0) if len(self._told) > 1 else self._told[0]
        content = json.dumps(body).encode()
        return f"HTTP/1.1 {status}\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content

    def reload(self) -> Result:
        with TemporaryDirectory(prefix="cc") as folder:
            data = DataFolder(Path(folder))
            words = ["--config", str(SHIPPED), "--data", folder, "reload"]
            with listening(data.control_socket, self):
                return CliRunner().invoke(callcentre, words, catch_exceptions=False)


def standing(since: float, stage: str | None = None, *faults: str) -> dict[str, object]:
    return {"since": since, "stage": stage, "faults": faults, "notes": [], "changed": []}


def test_reload_ends_when_another_configuration_runs() -> None:
    service = Taking(
        ("202 Accepted", standing(1.0, "quiet")),
        ("200 OK", standing(1.0, "beginning")),
        ("200 OK", standing(2.0)),
    )
    done = service.reload()
    assert (done.exit_code, done.stdout) == (0, f"{SHIPPED}: taken up\n")
    assert done.stderr.splitlines() == [
        "waiting for a quiet moment of the menus",
        "having Asterisk read it, and beginning anew",
    ]
    assert service.asked == ["POST /configuration", "GET /configuration", "GET /configuration"]


def test_reload_says_what_is_left_to_do_by_hand() -> None:
    done = Taking(
        ("202 Accepted", standing(1.0, "quiet")), ("200 OK", {**standing(2.0), "notes": ["start node1"]})
    ).reload()
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, "Note: start node1")


def test_reload_prints_each_fault_as_a_line_and_ends_with_1() -> None:
    done = Taking(("400 Bad Request", {"error": "a: b: c. d.\ne: f: g. h.", "code": "faulty"})).reload()
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == ["a: b: c. d.", "e: f: g. h."]


def test_reload_prints_faults_that_show_later_too() -> None:
    done = Taking(
        ("202 Accepted", standing(1.0, "speaking")), ("200 OK", standing(1.0, None, "a: b: c. d."))
    ).reload()
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, "a: b: c. d.")


def test_reload_without_a_service() -> None:
    with TemporaryDirectory(prefix="cc") as folder:
        done = CliRunner().invoke(callcentre, ["--config", str(SHIPPED), "--data", folder, "reload"])
    assert done.exit_code == 1
    assert "no service is running" in done.stderr


BURST = {
    "announcement": "0123456789abcdef",
    "kind": "outage",
    "helplines": ["kwa"],
    "texts": {"ml": "വെള്ളമില്ല.", "en": "No water."},
    "at": 1_700_000_000.25,
    "until": None,
    "by": "sivan",
    "heard": True,
}


def test_announcements_as_a_table_and_whole(operator: Operator) -> None:
    head, burst = operator.run("announcements", told=[BURST]).stdout.splitlines()
    assert head.split() == ["announcement", "kind", "helplines", "until", "by", "heard", "text"]
    assert burst.split() == ["0123456789abcdef", "outage", "kwa", "-", "sivan", "True", "വെള്ളമില്ല."]
    told = json.loads(operator.run("announcements", "--json", told=[BURST]).stdout)
    assert told == {**BURST, "at": "2023-11-15T03:43:20.250000+05:30"}
    assert operator.asked == ["GET /announcements"] * 2


def test_an_announcement_for_every_helpline_says_so(operator: Operator) -> None:
    _, burst = operator.run("announcements", told=[{**BURST, "helplines": []}]).stdout.splitlines()
    assert burst.split()[2] == "all"


def test_surge_mode_by_hand_and_how_it_stands(operator: Operator) -> None:
    off = {"on": False, "cause": None, "count": None, "waiting": 3, "arrivals_per_minute": 9}
    on = {**off, "on": True, "cause": "waiting", "count": 93}
    crowd = "3 wait, 9 came within a minute\n"
    assert operator.run("surge", told=on).stdout == f"surge mode is on (waiting 93); {crowd}"
    assert operator.run("surge", "off", told=off).stdout == f"surge mode is off; {crowd}"
    by_hand = {**on, "cause": "by_hand", "count": 0}
    assert operator.run("surge", "on", told=by_hand).stdout == f"surge mode is on (by_hand); {crowd}"
    assert operator.asked == ["GET /surge", "POST /surge/off", "POST /surge/on"]
