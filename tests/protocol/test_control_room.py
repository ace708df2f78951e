"""The control socket: what the command line asks, the service answers; and nobody else can."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from treq.testing import StubTreq
from twisted.internet.defer import Deferred

from callcentre.accounts.users import Account
from callcentre.acd.agents import Agents
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.control.client import RequestRefused, ServiceAway, ask
from callcentre.control.server import ControlRoom
from callcentre.operations.health import Health
from callcentre.renewal.renewal import AlreadyUnderWay, Stage, Standing
from callcentre.storage.schema import Role
from routing.estimates import USUAL_HANDLING, Estimator
from routing.facts import CallAnswered
from routing.ids import AgentId, Epoch, Instant, NodeId, Phone, Pool, Skill
from tests.protocol.parts.socket_file import from_site, listening
from tests.unit.parts.announcing import BURST, SIVAN, Announcing
from tests.unit.parts.shell_floor import ANU, FIRST, FOOD, KWA, SECOND, THIRD, ShellFloor

ACCOUNT = Account(
    name="anu",
    display_name="Anu",
    role=Role.AGENT,
    phone=Phone("1001"),
    helplines=frozenset({KWA, FOOD}),
    language="ml",
    created_at=Instant(0.0),
    disabled=False,
    pools=frozenset({Pool("d01")}),
    skills=frozenset({(Skill("law"), 7), (Skill("language:ta"), 5)}),
    order=(KWA,),
)


class FakeRenewal:
    """Refuses with *refusal*, or begins."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None
        self.faults: tuple[Fault, ...] = ()
        self.stage: Stage | None = None

    async def standing(self) -> Standing:
        return Standing(
            since=Instant(900.0),
            changed=["helplines/kseb.toml"],
            stage=self.stage,
            refused_at=Instant(950.0) if self.faults else None,
            faults=self.faults,
            notes=["by hand"],
        )

    async def take_up(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.stage = Stage.SPEAKING


class Controlled(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.accounts = {ANU: ACCOUNT}
        self.synced: Deferred[None] | None = None
        self.estimator = Estimator(self.dispatcher.floor)
        self.bus.follow(self.estimator.follow)
        agents = Agents(
            self.dispatcher,
            self.phones,
            account_of=self.account_of,
            sync=self.sync,
            break_reasons=("tea",),
        )
        self.renewal = FakeRenewal()
        self.announcing = Announcing(self.clock)
        self.addCleanup(self.announcing.board.stop)
        self.room = ControlRoom(
            self.dispatcher,
            agents,
            board=self.announcing.board,
            estimator=self.estimator,
            health=lambda: Health(
                asterisk={NodeId("node1"): True}, database=False, epoch=Epoch(7), journal_lag=3
            ),
            renewal=self.renewal,
        )
        # Its methods are made at run time.
        self.web: Any = StubTreq(self.room.app.resource())

    async def account_of(self, name: AgentId) -> Account | None:
        return self.accounts.get(name)

    async def sync(self) -> None:
        if self.synced is not None:
            await self.synced

    def send(self, method: str, path: str) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        answer = self.successResultOf(self.web.request(method, f"http://control{path}"))
        return answer.code, json.loads(self.successResultOf(answer.content()))


class Room(Controlled):
    def test_health_as_it_is_published(self) -> None:
        code, told = self.send("GET", "/health")
        self.assertEqual((code, told["status"], told["journal"]), (200, "degraded", {"lag_facts": 3}))

    def test_nobody_is_there_before_anybody_has_come(self) -> None:
        self.assertEqual(self.send("GET", "/agents"), (200, []))

    def test_who_waits_in_order_and_how_long(self) -> None:
        self.dispatcher.serve(self.switch)
        self.send("POST", "/agents/anu/available")
        for call in (FIRST, SECOND, THIRD):
            self.queue(call)
        code, told = self.send("GET", "/waiting")
        self.assertEqual(
            (code, [(row["place"], row["call"]) for row in told]), (200, [(1, SECOND), (2, THIRD)])
        )
        shortest, longest = told[0]["wait_s"]
        self.assertLess(shortest, USUAL_HANDLING)
        self.assertLess(longest, told[1]["wait_s"][1])

    def test_announcements_are_told_whole(self) -> None:
        put_up = self.announcing.board.put_up(BURST, by=SIVAN)
        made = self.successResultOf(Deferred.fromCoroutine(put_up))
        self.assertEqual(
            self.send("GET", "/announcements")[1],
            [
                {
                    "announcement": made.announcement,
                    "kind": "outage",
                    "helplines": ["kwa"],
                    "texts": {"ml": "വെള്ളമില്ല.", "en": "A main has burst."},
                    "at": 1000.0,
                    "until": None,
                    "by": "sivan",
                    "heard": True,
                }
            ],
        )

    def test_surge_mode_is_switched_and_told(self) -> None:
        self.assertEqual(self.send("GET", "/surge")[1]["on"], False)
        _, told = self.send("POST", "/surge/on")
        self.assertEqual((told["on"], told["cause"], told["by"]), (True, "by_hand", "command line"))
        self.assertTrue(self.announcing.board.surge)
        self.assertEqual(self.send("POST", "/surge/off")[1]["on"], False)
        code, told = self.send("POST", "/surge/perhaps")
        self.assertEqual((code, told["error"]), (404, "'perhaps' is none of: on, off"))

    def test_an_agent_is_told_whole(self) -> None:
        self.send("POST", "/agents/anu/available")
        _, (anu,) = self.send("GET", "/agents")
        self.assertEqual(
            anu,
            {
                "agent": "anu",
                "state": "available",
                "since": 1000.0,
                "phone": "1001",
                "node": "",
                "helplines": ["food", "kwa"],
                "pools": ["d01"],
                "skills": {"language:ta": 5, "law": 7},
                "order": ["kwa"],
                "answered": 0,
                "call": None,
                "reason": "",
                "intent": None,
            },
        )

    def test_wishes_are_granted(self) -> None:
        for wish, state in (("available", "available"), ("break", "on_break"), ("logout", "logged_out")):
            code, told = self.send("POST", f"/agents/anu/{wish}")
            self.assertEqual((code, told["state"]), (200, state))

    def test_one_that_takes_effect_later_says_so(self) -> None:
        self.send("POST", "/agents/anu/available")
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        _, told = self.send("POST", "/agents/anu/break")
        self.assertEqual((told["state"], told["call"], told["intent"]), ("talking", FIRST, "on_break"))
        self.assertEqual(told["answered"], 1)

    def test_one_that_is_refused_is_a_409_with_a_stable_code_and_the_reason(self) -> None:
        code, told = self.send("POST", "/agents/zoe/available")
        self.assertEqual((code, told), (409, {"error": "there is no agent zoe", "code": "no_phone"}))

    def test_one_that_is_none_is_a_404_that_names_those_there_are(self) -> None:
        code, told = self.send("POST", "/agents/anu/fly")
        self.assertEqual(code, 404)
        self.assertIn("available, break, logout", told["error"])

    def test_a_wish_is_a_post_and_nothing_changes_by_looking(self) -> None:
        answer = self.successResultOf(self.web.get("http://control/agents/anu/available"))
        self.assertEqual(answer.code, 405)
        self.assertEqual(self.send("GET", "/agents"), (200, []))

    def test_the_answer_comes_when_the_wish_is_on_the_disk(self) -> None:
        self.synced = Deferred()
        asked = self.web.post("http://control/agents/anu/available")
        self.assertNoResult(asked)
        login, self.synced = self.synced, None
        login.callback(None)
        self.web.flush()
        self.assertEqual(self.successResultOf(asked).code, 200)

    def test_a_name_in_malayalam_is_told_back_as_it_is(self) -> None:
        _, told = self.send("POST", "/agents/%E0%B4%85%E0%B4%A8%E0%B5%81/available")
        self.assertEqual(told["error"], "there is no agent അനു")


class Configuration(Controlled):
    FAULTS = (Fault("helplines/kseb.toml", "id", "is missing", "Add it."), Fault("x", "y", "z", "Mend it."))

    def test_how_what_runs_compares_to_the_files(self) -> None:
        self.renewal.faults = self.FAULTS[:1]
        code, told = self.send("GET", "/configuration")
        self.assertEqual(code, 200)
        self.assertEqual(
            told,
            {
                "since": 900.0,
                "changed": ["helplines/kseb.toml"],
                "stage": None,
                "refused_at": 950.0,
                "faults": ["helplines/kseb.toml: id: is missing. Add it."],
                "notes": ["by hand"],
            },
        )

    def test_is_taken_up_by_a_post_that_does_not_wait_for_the_end(self) -> None:
        code, told = self.send("POST", "/configuration")
        self.assertEqual((code, told["stage"]), (202, "speaking"))

    def test_is_refused_with_every_fault_a_line_of_its_own(self) -> None:
        self.renewal.refusal = ConfigurationFaulty(self.FAULTS)
        code, told = self.send("POST", "/configuration")
        self.assertEqual((code, told["code"]), (400, "faulty"))
        self.assertEqual(told["error"].splitlines(), [str(fault) for fault in self.FAULTS])

    def test_is_not_taken_up_twice_at_once(self) -> None:
        self.renewal.refusal = AlreadyUnderWay()
        self.assertEqual(self.send("POST", "/configuration")[0], 409)


class Client(Controlled):
    """The command line's own client, on a real socket file, before the real site."""

    def setUp(self) -> None:
        super().setUp()
        # Not a test's own long folder: a socket file's path has at most 107 bytes.
        folder = Path(mkdtemp(prefix="cc"))
        self.addCleanup(folder.rmdir)
        self.path = folder / "control.sock"

    def ask(self, method: str, path: str) -> Any:
        with listening(self.path, from_site(self.room.site())):
            return ask(self.path, method, path)

    def answered(self, content: bytes) -> str:
        """What the client says when the other side sends *content*."""
        with listening(self.path, lambda request: content), self.assertRaises(ServiceAway) as caught:
            ask(self.path, "GET", "/health")
        return str(caught.exception)

    def test_asks_and_is_answered(self) -> None:
        self.assertEqual(self.ask("POST", "/agents/anu/available")["state"], "available")
        self.assertEqual([agent["agent"] for agent in self.ask("GET", "/agents")], ["anu"])
        self.assertEqual(self.ask("GET", "/health")["router"], {"epoch": 7})

    def test_is_refused_with_the_services_reason(self) -> None:
        self.accounts[ANU] = replace(ACCOUNT, role=Role.SUPERVISOR)
        with self.assertRaises(RequestRefused) as caught:
            self.ask("POST", "/agents/anu/available")
        self.assertEqual(str(caught.exception), "anu is a supervisor, not an agent")

    def test_what_the_web_framework_itself_refuses_is_a_refusal_too(self) -> None:
        for method, path in (("GET", "/nowhere"), ("GET", "/agents/anu/available")):
            with self.assertRaises(RequestRefused) as caught:
                self.ask(method, path)
            self.assertRegex(str(caught.exception), "the service answered 40[45]")

    def test_nobody_there(self) -> None:
        with self.assertRaises(ServiceAway) as caught:
            ask(self.path, "GET", "/health")
        self.assertIn("no service is running", str(caught.exception))
        self.assertIn(str(self.path), str(caught.exception))

    def test_a_socket_file_that_a_killed_service_left_behind(self) -> None:
        self.path.touch()
        self.addCleanup(self.path.unlink)
        with self.assertRaises(ServiceAway) as caught:
            ask(self.path, "GET", "/health")
        self.assertIn("no service is running", str(caught.exception))

    def test_a_service_that_dies_in_the_middle(self) -> None:
        self.assertIn("cannot be asked", self.answered(b""))
        self.assertIn("cannot be asked", self.answered(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"))

    def test_something_else_at_the_socket(self) -> None:
        self.assertIn("cannot be asked", self.answered(b"220 mail.example ESMTP\r\n"))

    def test_a_path_too_long_for_a_socket_file(self) -> None:
        with self.assertRaises(ServiceAway) as caught:
            ask(self.path.with_name("x" * 120), "GET", "/health")
        self.assertIn("cannot be asked", str(caught.exception))
