"""A caller's whole conversation over AGI, as one ordered transcript, against a scripted Asterisk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from callcentre.enquiries.asker import Asker
from callcentre.storage.in_time import in_time
from callcentre.telephony.fastagi.ivr_leg import Places, missing_sounds
from callcentre.telephony.fastagi.points import Points
from callcentre.telephony.fastagi.server import FastAgiFactory
from ivr.exchange import (
    Answer,
    Arrived,
    DocketFound,
    DocketState,
    Done,
    Enquiry,
    FindDocket,
    KeepJudgement,
    KeepMessage,
    Registered,
    Unanswered,
    Waits,
)
from ivr.prompts import PromptRef
from routing.ids import CallId, HelplineId
from tests.unit.parts.imagined_menus import GENERAL, PLAIN, TODAY

FLOWS = {"155300": GENERAL, "1916": PLAIN}
PLACES = Places(Path("/var/lib/cc/sounds"), Path("/var/lib/cc/messages"))
QUESTION = ["ml/cc/welcome", "ml/cc/language", "ml/cc/press/1", "en/cc/language", "en/cc/press/2"]
MENU = ["matter/kwa", "press/1", "matter/food", "press/2", "service/docket", "press/3", "person"]
CALL = "node1-1.1"
DOCKET = "2600000013"


class Switch:
    """A scripted Asterisk: answers each command of the session and writes everything down.

    ``typed``: what the caller does: ``("ml/cc/welcome", "2")`` presses 2 during that prompt,
    ``("wait", "1")`` while we wait, ``("record", "9")`` speaks for nine seconds, ``("…", "hangup")`` hangs
    up there; each is used once.
    """

    def __init__(self, factory: FastAgiFactory, typed: list[tuple[str, str]], *, missing: str = "") -> None:
        protocol = factory.buildProtocol(None)
        assert protocol is not None
        self.protocol = protocol
        self.transport = StringTransport()
        self.typed = typed
        self.missing = missing
        self.transcript: list[str] = []
        protocol.makeConnection(self.transport)

    def call(self, environment: str) -> list[str]:
        self.protocol.dataReceived(environment.encode())
        return self.go_on()

    def go_on(self) -> list[str]:
        while not self.transport.disconnecting and (command := self.transport.value().decode()):
            self.transport.clear()
            self.protocol.dataReceived(self.answer(command.removesuffix("\n")).encode())
        return self.transcript

    def answer(self, command: str) -> str:
        words = command.split('"')
        if command.startswith("STREAM FILE"):
            return self.stream(words[1].removeprefix(f"{PLACES.sounds}/"))
        if command.startswith("WAIT FOR DIGIT"):
            self.transcript.append(f"wait {words[1]}")
            return self.key_at("wait", "200 result={}\n")
        if command.startswith("RECORD FILE"):
            self.transcript.append(command)
            return self.record()
        self.transcript.append(command)
        return "200 result=6\n" if command == "CHANNEL STATUS" else "200 result=1\n"

    def stream(self, file: str) -> str:
        self.transcript.append(file)
        if file == self.missing:
            return "200 result=-1 endpos=0\n"
        return self.key_at(file, "200 result={} endpos=8000\n")

    def record(self) -> str:
        _, done = self.typed.pop(0)
        if done == "no room":
            return "200 result=-1 (writefile)\n"
        seconds = int(done.removesuffix(" hangup"))
        result = "-1 (hangup)" if done.endswith("hangup") else "35 (dtmf)"
        return f"200 result={result} endpos={seconds * 8000}\n"

    def key_at(self, place: str, reply: str) -> str:
        if not self.typed or self.typed[0][0] != place:
            return reply.format(0)
        _, key = self.typed.pop(0)
        if key == "hangup":
            self.transcript.append("(hangs up)")
            return reply.format(-1) + "HANGUP\n"
        self.transcript.append(f"({key})")
        return reply.format(ord(key))


def environment(*lines: str) -> str:
    return "".join(f"{line}\n" for line in ("agi_network: yes", f"agi_uniqueid: {CALL}", *lines, ""))


def written(**values: str) -> list[str]:
    return [f'SET VARIABLE "{name}" "{value}"' for name, value in values.items()]


def choice(helpline: str, language: str, **further: str) -> list[str]:
    return [
        f'SET VARIABLE "CHANNEL(language)" "{language}"',
        *written(CC_LANGUAGE=language, CC_HELPLINE=helpline, **further, CC_NEXT="queue"),
    ]


class TheHouse:
    """Knows a stranger, answers what it was told to, and writes down what it keeps."""

    def __init__(self) -> None:
        self.arrival = Arrived(today=TODAY)
        self.answers: dict[type, Deferred[Answer]] = {}
        self.kept: list[object] = []
        self.askers: list[tuple[str, str]] = []

    async def arrived(self, *, caller: str, helpline: str) -> Arrived:
        return self.arrival

    async def answer(self, enquiry: Enquiry, asker: Asker) -> Answer:
        return await in_time(self._answer(enquiry, asker), seconds=3.0, clock=Clock())

    async def _answer(self, enquiry: Enquiry, asker: Asker) -> Answer:
        self.kept.append((asker.call, enquiry))
        self.askers.append((asker.helpline, asker.language))
        answer = await self.answers.get(type(enquiry), succeed(Unanswered()))
        self.kept.append(answer)
        return answer

    def noticed(self, call: str, *, version: str, recorded: bool, language: str) -> None:
        self.kept.append(("noticed", version, recorded, language))

    def served(self, call: str, *, language: str = "") -> None:
        self.kept.append(("served", language))


class TheLine:
    """One caller in fourth place; everybody can be called back."""

    def waits(self, call: CallId) -> Waits | None:
        return Waits(place=4, minutes=None, callback=True) if call == CALL else None

    def can_be_called(self, caller: str, helpline: HelplineId) -> bool:
        return True


class ConversationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.faults: list[str] = []
        self.house = TheHouse()
        self.served_by: dict[str, Deferred[str]] = {}
        self.asked_for: list[str] = []
        answer = Points(
            PLACES,
            FLOWS.__getitem__,
            house=self.house,
            line=TheLine(),
            last_agent=self.last_agent,
            on_fault=self.faults.append,
        )
        self.factory = FastAgiFactory(Clock(), answer=answer, on_fault=self.faults.append)

    async def last_agent(self, caller: str) -> str | None:
        self.asked_for.append(caller)
        known = self.served_by.get(caller)
        return None if known is None else await known

    def call(self, number: str, *typed: tuple[str, str], missing: str = "", caller: str = "") -> list[str]:
        return self.ask("ivr", f"agi_arg_1: {number}", typed=typed, missing=missing, caller=caller)

    def come_back(self, point: str, further: str = "", *typed: tuple[str, str]) -> list[str]:
        given = ("1916", "kwa", "en", "leak", further)
        lines = [f"agi_arg_{place}: {value}" for place, value in enumerate(given, start=1)]
        return self.ask(point, *lines, typed=typed)

    def ask(
        self,
        point: str,
        *lines: str,
        typed: tuple[tuple[str, str], ...] = (),
        missing: str = "",
        caller: str = "",
    ) -> list[str]:
        switch = Switch(self.factory, list(typed), missing=missing)
        transcript = switch.call(
            environment(f"agi_network_script: {point}", *lines, f"agi_callerid: {caller}")
        )
        self.assertTrue(switch.transport.disconnecting)
        self.assertEqual(switch.typed, [])
        return transcript


class ArrivalTests(ConversationTests):
    def test_an_english_speaker_asks_for_food_safety(self) -> None:
        self.assertEqual(
            self.call("155300", ("wait", "2"), ("wait", "2")),
            [
                *QUESTION, "wait 5000", "(2)", "en/cc/notice",
                *(f"en/cc/{name}" for name in MENU), "wait 5000", "(2)",
                *choice("food", "en", CC_NOTICE="2026-11", CC_RECORD="yes"),
            ],
        )  # fmt: skip
        self.assertEqual(self.house.kept, [("noticed", "2026-11", True, "en")])

    def test_keys_typed_ahead_go_through_the_whole_menu(self) -> None:
        keys = [("ml/cc/welcome", "1"), ("ml/cc/notice", "1"), ("ml/cc/matter/kwa/leak", "1")]
        noticed = {"CC_CATEGORY": "leak", "CC_NOTICE": "2026-11", "CC_RECORD": "yes"}
        self.assertEqual(
            self.call("155300", *keys),
            [
                "ml/cc/welcome", "(1)", "ml/cc/notice", "(1)", "ml/cc/matter/kwa/leak", "(1)",
                *choice("kwa", "ml", **noticed),
            ],
        )  # fmt: skip

    def test_zero_brings_a_person_from_inside_a_prompt(self) -> None:
        self.assertEqual(self.call("155300", ("en/cc/language", "0"))[-5:], ["(0)", *choice("citizen", "ml")])

    def test_a_direct_number_asks_the_language_only(self) -> None:
        self.assertEqual(self.call("1916", ("en/cc/press/2", "2")), [*QUESTION, "(2)", *choice("kwa", "en")])

    def test_who_served_the_caller_last_is_written_beside_the_choice(self) -> None:
        self.served_by["+919447000001"] = succeed("anu")
        written = self.call("1916", ("ml/cc/welcome", "1"), caller="09447000001")[2:]
        self.assertEqual(written, choice("kwa", "ml", CC_PREFERRED="anu"))

    def test_a_database_that_answers_too_late_is_not_waited_for(self) -> None:
        self.served_by["+919447000001"] = Deferred()
        written = self.call("1916", ("ml/cc/welcome", "1"), caller="09447000001")[2:]
        self.assertEqual(written, choice("kwa", "ml"))

    def test_whoever_hangs_up_leaves_nothing_on_the_channel(self) -> None:
        for place in ("ml/cc/press/1", "wait"):
            transcript = self.call("155300", (place, "hangup"))
            self.assertNotIn("SET VARIABLE", "".join(transcript))
            self.assertIn("(hangs up)", transcript)
        self.assertEqual(self.faults, [])

    def test_a_missing_prompt_costs_the_prompt_and_not_the_menu(self) -> None:
        self.assertEqual(
            self.call("1916", ("wait", "2"), missing="ml/cc/language"),
            [
                "ml/cc/welcome", "ml/cc/language", "CHANNEL STATUS", *QUESTION[2:],
                "wait 5000", "(2)", *choice("kwa", "en"),
            ],
        )  # fmt: skip
        self.assertEqual(self.faults, ["prompt-missing"])

    def test_a_number_that_is_none_of_ours_is_left_to_the_dialplan(self) -> None:
        self.assertEqual(self.call("4711"), [])
        self.assertEqual(self.faults, ["unknown-number"])

    def test_without_an_argument_the_dialled_number_is_asterisks_own(self) -> None:
        for lines in (("agi_dnid: 1916", "agi_extension: s"), ("agi_dnid: unknown", "agi_extension: 1916")):
            typed = (("ml/cc/welcome", "0"),)
            self.assertEqual(self.ask("ivr", *lines, typed=typed)[2:], choice("kwa", "ml"))


class ServiceTests(ConversationTests):
    KEYS = (("ml/cc/welcome", "2"), ("en/cc/notice", "3"), ("en/cc/enter-docket", "2"))

    def keyed(self, *typed: tuple[str, str]) -> list[str]:
        return self.call("155300", *self.KEYS, *(("wait", digit) for digit in DOCKET[1:]), *typed)

    def test_a_docket_is_read_back_and_goes_along_to_a_person(self) -> None:
        found = DocketFound(DocketState.REGISTERED, "kwa", date(2026, 11, 24))
        self.house.answers[FindDocket] = succeed(found)
        transcript = self.keyed(("en/cc/docket-registered", "0"))
        self.assertIn("en/digits/3", transcript)
        noticed = {"CC_SUBJECT": DOCKET, "CC_NOTICE": "2026-11", "CC_RECORD": "yes"}
        self.assertEqual(transcript[-7:], choice("kwa", "en", **noticed))
        self.assertNotIn(("served", "en"), self.house.kept)
        self.assertEqual(self.house.askers, [("citizen", "en")])

    def test_whoever_hangs_up_after_it_was_served(self) -> None:
        found = DocketFound(DocketState.REGISTERED, "kwa", date(2026, 11, 24))
        self.house.answers[FindDocket] = succeed(found)
        self.keyed(("en/cc/docket-registered", "hangup"))
        self.assertIn(("served", "en"), self.house.kept)

    def test_whoever_hangs_up_while_it_is_looked_for_was_given_the_notice(self) -> None:
        self.house.answers[FindDocket] = Deferred()
        switch = Switch(self.factory, [*self.KEYS, *(("wait", digit) for digit in DOCKET[1:])])
        switch.call(environment("agi_network_script: ivr", "agi_arg_1: 155300"))
        switch.protocol.dataReceived(b"HANGUP\n")
        switch.protocol.connectionLost()
        self.assertIn(("noticed", "2026-11", True, "en"), self.house.kept)
        self.assertEqual(self.faults, [])

    def test_what_is_not_known_leads_to_a_person(self) -> None:
        transcript = self.keyed()
        self.assertIn("en/cc/cannot-know", transcript)
        self.assertEqual(transcript[-1], 'SET VARIABLE "CC_NEXT" "queue"')


class MessageTests(ConversationTests):
    RECORDED = f'RECORD FILE "/var/lib/cc/messages/{CALL}" "wav" "0123456789*#" "60000" "s=6"'

    def test_a_message_is_recorded_kept_and_its_docket_said(self) -> None:
        self.house.answers[KeepMessage] = succeed(Registered(DOCKET))
        menu = ("ml/cc/welcome", "2"), ("en/cc/notice", "1"), ("en/cc/matter/kwa/leak", "4")
        transcript = self.call("155300", *menu, ("record", "12"))
        self.assertIn("en/cc/beep", transcript)
        self.assertIn(self.RECORDED, transcript)
        self.assertIn((CALL, KeepMessage("kwa", "", "en", 12)), self.house.kept)
        self.assertEqual(transcript[-1], 'SET VARIABLE "CC_NEXT" "goodbye"')

    def test_a_caller_whose_message_cannot_be_written_is_not_taken_for_gone(self) -> None:
        menu = ("ml/cc/welcome", "2"), ("en/cc/notice", "1"), ("en/cc/matter/kwa/leak", "4")
        written = self.call("155300", *menu, ("record", "no room"), ("en/cc/message-empty", "0"))
        self.assertEqual(written[-1], 'SET VARIABLE "CC_NEXT" "queue"')
        self.assertEqual(self.faults, ["recording-failed"])

    def test_a_message_is_kept_although_its_caller_has_hung_up_and_his_line_is_gone(self) -> None:
        self.house.answers[KeepMessage] = Deferred()
        menu = [("ml/cc/welcome", "2"), ("en/cc/notice", "1"), ("en/cc/matter/kwa/leak", "4")]
        switch = Switch(self.factory, [*menu, ("record", "12 hangup")])
        switch.call(environment("agi_network_script: ivr", "agi_arg_1: 155300"))
        switch.protocol.connectionLost()
        self.house.answers[KeepMessage].callback(Registered(DOCKET))
        self.assertIn(Registered(DOCKET), self.house.kept)
        self.assertIn(("noticed", "2026-11", True, "en"), self.house.kept)
        self.assertEqual(self.faults, [])


class ComingBackTests(ConversationTests):
    def test_who_cannot_wait_asks_to_be_called_back(self) -> None:
        transcript = self.come_back("cannot-wait", "closed", ("en/cc/callback-offer", "1"))
        self.assertEqual(
            transcript, ["en/cc/closed", "en/cc/callback-offer", "(1)", *written(CC_NEXT="callback")]
        )

    def test_who_waits_is_told_his_place(self) -> None:
        transcript = self.come_back("place")
        told = ["place/1", "number/4", "callback-offer", "message-offer", "stay"]
        self.assertEqual(transcript, [*(f"en/cc/{name}" for name in told), *written(CC_NEXT="music")])
        # That is for the queue, which he is in; every caller comes by here each minute.
        self.assertEqual(self.asked_for, [])

    def test_who_is_not_in_line_is_told_nothing_and_goes_on_waiting(self) -> None:
        switch = Switch(self.factory, [])
        unknown = environment("agi_network_script: place", "agi_arg_1: 1916").replace(CALL, "node1-2.2")
        self.assertEqual(switch.call(unknown), written(CC_NEXT="music"))

    def test_who_wants_to_leave_a_message_goes_back_in_line_when_he_changes_his_mind(self) -> None:
        transcript = self.come_back("message", "", ("en/cc/leave-message", "0"))
        self.assertEqual(transcript, ["en/cc/leave-message", "(0)", *written(CC_NEXT="music")])

    def test_what_he_thinks_of_the_call_is_kept(self) -> None:
        self.house.answers[KeepJudgement] = succeed(Done())
        said = (("en/cc/solved-question", "2"), ("en/cc/rating-question", "4"))
        transcript = self.come_back("after", DOCKET, *said)
        self.assertEqual(transcript[-1], 'SET VARIABLE "CC_NEXT" "goodbye"')
        self.assertIn((CALL, KeepJudgement(DOCKET, False, None)), self.house.kept)
        self.assertIn((CALL, KeepJudgement(DOCKET, False, 4)), self.house.kept)


def test_sounds_that_are_missing_are_found_before_a_call_is(tmp_path: Path) -> None:
    welcome = tmp_path / "ml" / "cc" / "welcome.wav"
    needed = [PromptRef("ml", "welcome")]
    assert list(missing_sounds(tmp_path, needed)) == [welcome]
    welcome.parent.mkdir(parents=True)
    welcome.touch()
    assert list(missing_sounds(tmp_path, needed)) == []
