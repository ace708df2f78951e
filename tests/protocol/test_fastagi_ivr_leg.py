"""A caller's whole conversation over AGI, as one ordered transcript, against a scripted Asterisk."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from callcentre.telephony.fastagi.ivr_leg import IvrAnswer, missing_sounds
from callcentre.telephony.fastagi.server import FastAgiFactory
from ivr.menu import Flow, MenuOption
from ivr.prompts import PromptRef

OPTIONS = (MenuOption("1", "kwa"), MenuOption("2", "food"))
FLOWS = {
    "155300": Flow(languages=("ml", "en"), options=OPTIONS, helpline="citizen"),
    "1916": Flow(languages=("ml", "en"), options=(), helpline="kwa"),
}
SOUNDS = Path("/var/lib/cc/sounds")
QUESTION = ["ml/cc/welcome", "ml/cc/language", "ml/cc/press/1", "en/cc/language", "en/cc/press/2"]
MENU = ["matter/kwa", "press/1", "matter/food", "press/2", "person"]
SILENT_MENU = [f"ml/cc/{name}" for name in MENU]


class Switch:
    """A scripted Asterisk: answers each command of the session and writes everything down.

    ``typed``: what the caller does: ``("ml/cc/welcome", "2")`` presses 2 during that prompt,
    ``("wait", "1")`` while we wait, ``("…", "hangup")`` hangs up there; each is used once.
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
        while not self.transport.disconnecting and (command := self.transport.value().decode()):
            self.transport.clear()
            self.protocol.dataReceived(self.answer(command.removesuffix("\n")).encode())
        return self.transcript

    def answer(self, command: str) -> str:
        words = command.split('"')
        if command.startswith("STREAM FILE"):
            return self.stream(words[1].removeprefix(f"{SOUNDS}/"))
        if command.startswith("WAIT FOR DIGIT"):
            self.transcript.append(f"wait {words[1]}")
            return self.key_at("wait", "200 result={}\n")
        self.transcript.append(command)
        return "200 result=6\n" if command == "CHANNEL STATUS" else "200 result=1\n"

    def stream(self, file: str) -> str:
        self.transcript.append(file)
        if file == self.missing:
            return "200 result=-1 endpos=0\n"
        return self.key_at(file, "200 result={} endpos=8000\n")

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
    return "".join(f"{line}\n" for line in ("agi_network: yes", "agi_uniqueid: node1-1.1", *lines, ""))


def choice(helpline: str, language: str) -> list[str]:
    return [
        f'SET VARIABLE "CHANNEL(language)" "{language}"',
        f'SET VARIABLE "CC_LANGUAGE" "{language}"',
        f'SET VARIABLE "CC_HELPLINE" "{helpline}"',
        'SET VARIABLE "CC_CHOSEN" "yes"',
    ]


class ConversationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.faults: list[str] = []
        self.served: dict[str, Deferred[str]] = {}
        answer = IvrAnswer(SOUNDS, FLOWS.__getitem__, last_agent=self.last_agent, on_fault=self.faults.append)
        self.factory = FastAgiFactory(Clock(), answer=answer, on_fault=self.faults.append)

    async def last_agent(self, caller: str) -> str | None:
        known = self.served.get(caller)
        return None if known is None else await known

    def call(self, number: str, *typed: tuple[str, str], missing: str = "", caller: str = "") -> list[str]:
        switch = Switch(self.factory, list(typed), missing=missing)
        transcript = switch.call(environment(f"agi_arg_1: {number}", f"agi_callerid: {caller}"))
        self.assertTrue(switch.transport.disconnecting)
        self.assertEqual(switch.typed, [])
        return transcript

    def test_an_english_speaker_asks_for_food_safety(self) -> None:
        self.assertEqual(
            self.call("155300", ("wait", "2"), ("wait", "2")),
            [
                *QUESTION, "wait 5000", "(2)",
                *(f"en/cc/{name}" for name in MENU), "wait 5000", "(2)",
                *choice("food", "en"),
            ],
        )  # fmt: skip

    def test_keys_typed_ahead_go_through_the_whole_menu(self) -> None:
        self.assertEqual(
            self.call("155300", ("ml/cc/welcome", "1"), ("ml/cc/matter/kwa", "2")),
            ["ml/cc/welcome", "(1)", "ml/cc/matter/kwa", "(2)", *choice("food", "ml")],
        )

    def test_silence_brings_a_person_in_the_first_language(self) -> None:
        self.assertEqual(
            self.call("155300"),
            [
                *QUESTION, "wait 5000",
                *SILENT_MENU, "wait 5000",
                *SILENT_MENU, "wait 8000",
                *SILENT_MENU, "wait 8000",
                *choice("citizen", "ml"),
            ],
        )  # fmt: skip

    def test_zero_brings_a_person_from_inside_a_prompt(self) -> None:
        self.assertEqual(self.call("155300", ("en/cc/language", "0"))[-5:], ["(0)", *choice("citizen", "ml")])

    def test_a_direct_number_asks_the_language_only(self) -> None:
        self.assertEqual(self.call("1916", ("en/cc/press/2", "2")), [*QUESTION, "(2)", *choice("kwa", "en")])

    def test_who_served_the_caller_last_is_written_beside_the_choice(self) -> None:
        self.served["+919447000001"] = succeed("anu")
        written = self.call("1916", ("ml/cc/welcome", "1"), caller="09447000001")[2:]
        self.assertEqual(
            written, [*choice("kwa", "ml")[:3], 'SET VARIABLE "CC_PREFERRED" "anu"', choice("kwa", "ml")[3]]
        )

    def test_a_database_that_answers_too_late_is_not_waited_for(self) -> None:
        self.served["+919447000001"] = Deferred()
        written = self.call("1916", ("ml/cc/welcome", "1"), caller="09447000001")[2:]
        self.assertEqual(written, choice("kwa", "ml"))

    def test_a_wrong_key_is_named(self) -> None:
        self.assertEqual(
            self.call("155300", ("ml/cc/welcome", "2"), ("wait", "9"), ("en/cc/wrong-key", "1")),
            [
                "ml/cc/welcome", "(2)", *(f"en/cc/{name}" for name in MENU), "wait 5000", "(9)",
                "en/cc/wrong-key", "(1)", *choice("kwa", "en"),
            ],
        )  # fmt: skip

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
            switch = Switch(self.factory, [("ml/cc/welcome", "0")])
            self.assertEqual(switch.call(environment(*lines))[2:], choice("kwa", "ml"))


def test_sounds_that_are_missing_are_found_before_a_call_is(tmp_path: Path) -> None:
    flow = Flow(languages=("ml",), options=(), helpline="kwa")
    welcome = tmp_path / "ml" / "cc" / "welcome.wav"
    assert list(missing_sounds(tmp_path, flow)) == [welcome]
    welcome.parent.mkdir(parents=True)
    welcome.touch()
    assert list(missing_sounds(tmp_path, flow)) == []
    assert PromptRef("ml", "welcome") in flow.every_prompt()
