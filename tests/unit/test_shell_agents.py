"""What agents ask of the floor: granted when it is on the disk, refused with a reason and a remedy."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.defer import Deferred

from callcentre.accounts.users import Account
from callcentre.acd.agents import Agents, WishRefused
from callcentre.journal.journal import JournalUnwritable
from callcentre.storage.schema import Role
from callcentre.telephony.switch import Switch
from routing.agent import Agent, AgentState, Intent
from routing.facts import AgentLoggedIn, CallAnswered
from routing.ids import NOWHERE, AgentId, Instant, NodeId, Phone, Pool, Skill
from routing.needs import Abilities
from tests.unit.parts.fake_link import FakeLink, refusal
from tests.unit.parts.shell_floor import ANU, BEA, CALLING_BACK, FIRST, FOOD, KWA, ShellFloor

NODE2 = NodeId("node2")
ACCOUNT = Account(
    name="anu",
    display_name="Anu",
    role=Role.AGENT,
    phone=Phone("1001"),
    helplines=frozenset({KWA}),
    language="ml",
    created_at=Instant(0.0),
    disabled=False,
)


class AgentsStory(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.accounts = {ANU: ACCOUNT, BEA: replace(ACCOUNT, name="bea", phone=Phone("1002"))}
        self.disk: Deferred[None] | None = None
        self.agents = Agents(
            self.dispatcher,
            self.phones,
            account_of=self.account_of,
            sync=self.sync,
            break_reasons=("tea", "meal"),
        )

    async def account_of(self, name: AgentId) -> Account | None:
        return self.accounts.get(name)

    async def sync(self) -> None:
        self.happened.append("sync")
        if self.disk is not None:
            await self.disk

    def granted(self, wish: object) -> Agent:
        return self.successResultOf(Deferred.fromCoroutine(wish))  # type: ignore[arg-type]

    def refused(self, wish: object) -> WishRefused:
        failed = self.failureResultOf(Deferred.fromCoroutine(wish), WishRefused)  # type: ignore[arg-type]
        assert isinstance(failed.value, WishRefused)
        return failed.value


class NotKept(AgentsStory):
    def test_a_wish_that_could_not_be_stored_is_not_granted(self) -> None:
        self.disk = Deferred()
        self.disk.errback(JournalUnwritable("no space left on device"))
        refused = self.refused(self.agents.log_in(ANU))
        self.assertEqual(refused.code, "router_away")
        self.assertIn("no space left on device", str(refused))


class Granted(AgentsStory):
    def test_a_login_seats_the_agent_at_the_phone_of_the_account(self) -> None:
        anu = self.granted(self.agents.log_in(ANU))
        self.assertEqual((anu.state, anu.phone, anu.helplines), (AgentState.NOT_READY, "1001", {KWA}))
        self.assertEqual(self.take(), ["AgentLoggedIn anu", "sync"])

    def test_a_login_brings_what_the_account_brings(self) -> None:
        self.accounts[ANU] = replace(
            ACCOUNT,
            pools=frozenset({Pool("d01")}),
            skills=frozenset({(Skill("law"), 7), (Skill("language:ta"), 5)}),
            order=(FOOD, KWA),
        )
        anu = self.granted(self.agents.log_in(ANU))
        levels = {Skill("law"): 7, Skill("language:ta"): 5}
        self.assertEqual(anu.abilities, Abilities(frozenset({KWA, "d01"}), levels, (FOOD, KWA)))

    def test_a_login_again_brings_what_has_changed(self) -> None:
        self.granted(self.agents.make_available(ANU))
        self.accounts[ANU] = replace(ACCOUNT, skills=frozenset({(Skill("law"), 3)}))
        anu = self.granted(self.agents.log_in(ANU))
        self.assertEqual((anu.state, anu.abilities.levels), (AgentState.AVAILABLE, {"law": 3}))

    def test_who_wants_calls_is_seated_first_where_needed(self) -> None:
        anu = self.granted(self.agents.make_available(ANU))
        self.assertEqual(anu.state, AgentState.AVAILABLE)
        self.assertEqual(self.take(), ["AgentLoggedIn anu", "sync", "AvailabilityAsked anu", "sync"])
        self.granted(self.agents.send_on_break(ANU, "tea"))
        self.granted(self.agents.make_available(ANU))
        self.assertEqual(self.take(), ["BreakAsked anu", "sync", "AvailabilityAsked anu", "sync"])

    def test_nothing_is_granted_before_it_is_on_the_disk(self) -> None:
        self.disk = Deferred()
        wish = Deferred.fromCoroutine(self.agents.log_in(ANU))
        self.assertNoResult(wish)
        self.disk.callback(None)
        self.assertEqual(self.successResultOf(wish).state, AgentState.NOT_READY)

    def test_a_disk_that_fails_is_no_grant(self) -> None:
        self.disk = Deferred()
        wish = Deferred.fromCoroutine(self.agents.log_in(ANU))
        self.disk.errback(OSError("disk full"))
        self.failureResultOf(wish, OSError)

    def test_a_break_in_a_talk_is_promised_and_kept_after_it(self) -> None:
        self.granted(self.agents.make_available(ANU))
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        anu = self.granted(self.agents.send_on_break(ANU, "meal"))
        self.assertEqual((anu.state, anu.intent), (AgentState.TALKING, Intent(AgentState.ON_BREAK, "meal")))

    def test_who_logs_in_again_takes_the_helplines_of_the_account_as_they_are_now(self) -> None:
        self.granted(self.agents.log_in(ANU))
        self.accounts[ANU] = replace(ACCOUNT, helplines=frozenset({KWA, FOOD}))
        self.assertEqual(self.granted(self.agents.log_in(ANU)).helplines, {KWA, FOOD})

    def test_a_logout_takes_the_agent_off_the_floor(self) -> None:
        self.granted(self.agents.make_available(ANU))
        self.assertEqual(self.granted(self.agents.log_out(ANU)).state, AgentState.LOGGED_OUT)

    def test_who_sits_where(self) -> None:
        self.assertIsNone(self.agents.seated(ANU))
        self.granted(self.agents.log_in(ANU))
        seated = self.agents.seated(ANU)
        assert seated is not None
        self.assertEqual(seated.phone, "1001")


class Refused(AgentsStory):
    def test_somebody_unknown_or_barred(self) -> None:
        self.accounts[BEA] = replace(ACCOUNT, name="bea", disabled=True)
        for name in (AgentId("zoe"), BEA):
            refusal = self.refused(self.agents.make_available(name))
            self.assertEqual(refusal.code, "no_phone")
            self.assertIn(name, str(refusal))
        self.assertEqual(self.take(), [])

    def test_a_supervisor_is_told_so_and_not_to_get_a_phone(self) -> None:
        self.accounts[ANU] = replace(ACCOUNT, role=Role.SUPERVISOR, phone=None, helplines=frozenset())
        refusal = self.refused(self.agents.log_in(ANU))
        self.assertEqual(refusal.code, "no_phone")
        self.assertEqual(str(refusal), "anu is a supervisor, not an agent")

    def test_an_agent_without_a_phone_or_helplines(self) -> None:
        for lacking in (replace(ACCOUNT, phone=None), replace(ACCOUNT, helplines=frozenset())):
            self.accounts[ANU] = lacking
            refusal = self.refused(self.agents.log_in(ANU))
            self.assertEqual(refusal.code, "no_phone")
            self.assertIn("callcentre user change", str(refusal))

    def test_a_phone_where_somebody_sits(self) -> None:
        self.report(AgentLoggedIn, agent=BEA, phone=Phone("1001"), helplines=frozenset({KWA}))
        refusal = self.refused(self.agents.log_in(ANU))
        self.assertEqual(refusal.code, "phone_taken")
        self.assertIn("bea", str(refusal))
        self.granted(self.agents.log_out(BEA))
        self.granted(self.agents.log_in(ANU))

    def test_a_reason_that_is_none_names_those_there_are(self) -> None:
        self.granted(self.agents.log_in(ANU))
        refusal = self.refused(self.agents.send_on_break(ANU, "sunshine"))
        self.assertEqual(refusal.code, "reason_unknown")
        self.assertIn("tea, meal", str(refusal))
        self.assertEqual(self.granted(self.agents.send_on_break(ANU)).state, AgentState.ON_BREAK)

    def test_whoever_is_not_at_a_phone_cannot_leave_it(self) -> None:
        for wish in (self.agents.send_on_break, self.agents.log_out):
            self.assertEqual(self.refused(wish(ANU)).code, "not_at_phone")
        self.granted(self.agents.log_in(ANU))
        self.granted(self.agents.log_out(ANU))
        self.assertEqual(self.refused(self.agents.log_out(ANU)).code, "not_at_phone")


class SeveralNodes(AgentsStory):
    """The same desk phone may answer one node today and another tomorrow."""

    def setUp(self) -> None:
        super().setUp()
        self.second = FakeLink([])
        self.dispatcher.serve(self.switch)
        self.dispatcher.serve(Switch(NODE2, self.second, CALLING_BACK))
        self.link.globals["DEVICE_STATE(PJSIP/1001)"] = "UNAVAILABLE"

    def test_who_wants_calls_is_offered_them_where_the_phone_is(self) -> None:
        self.assertEqual(self.granted(self.agents.make_available(ANU)).node, NODE2)

    def test_a_phone_that_answers_no_node_is_refused(self) -> None:
        self.second.globals["DEVICE_STATE(PJSIP/1001)"] = "UNAVAILABLE"
        self.assertEqual(self.refused(self.agents.make_available(ANU)).code, "phone_unreachable")

    def test_who_logs_in_again_is_taken_to_be_where_she_was(self) -> None:
        self.granted(self.agents.make_available(ANU))
        self.granted(self.agents.log_out(ANU))
        self.assertEqual(self.granted(self.agents.log_in(ANU)).node, NODE2)

    def test_at_another_phone_that_is_not_known(self) -> None:
        self.granted(self.agents.make_available(ANU))
        self.accounts[ANU] = replace(ACCOUNT, phone=Phone("1003"))
        self.assertEqual(self.granted(self.agents.log_in(ANU)).node, NOWHERE)


class Phones(AgentsStory):
    """A served switch is asked whether it can ring the phone before anybody is made available there."""

    DEVICE = "DEVICE_STATE(PJSIP/1001)"

    def setUp(self) -> None:
        super().setUp()
        self.dispatcher.serve(self.switch)

    def test_one_that_is_registered_may_take_calls_whatever_it_is_doing(self) -> None:
        for state in ("NOT_INUSE", "INUSE", "RINGING", "BUSY", "ONHOLD"):
            self.link.globals[self.DEVICE] = state
            self.assertEqual(self.granted(self.agents.make_available(ANU)).state, AgentState.AVAILABLE)

    def test_one_that_is_not_may_not_and_its_agent_stays_seated(self) -> None:
        for state in ("UNAVAILABLE", "INVALID", "UNKNOWN"):
            self.link.globals[self.DEVICE] = state
            self.assertEqual(self.refused(self.agents.make_available(ANU)).code, "phone_unreachable")
        self.assertEqual(self.agent_state(ANU), AgentState.NOT_READY)

    def test_a_switch_that_cannot_answer_refuses_nobody(self) -> None:
        self.link.fail("Getvar", refusal("not now"))
        self.assertEqual(self.granted(self.agents.make_available(ANU)).state, AgentState.AVAILABLE)
