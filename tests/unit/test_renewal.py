"""The way of a changed configuration: refused as a whole and nothing done, or prepared step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.asterisk.render import render
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration
from callcentre.prompts.errors import PromptsError, PromptsFaulty, ToolMissing
from callcentre.renewal import checking, renewal
from callcentre.renewal.renewal import QUIET_SECONDS, AlreadyUnderWay, Renewal, Stage, Standing
from callcentre.renewal.sources import Sources, fingerprints
from callcentre.tasks import Tasks
from routing.ids import HelplineId
from tests.unit.parts.site_folder import SiteFolder

T = TypeVar("T")
NEW = """
id = "kseb"
numbers = ["1912"]
name = { en = "Electricity", ml = "വൈദ്യുതി", hi = "बिजली", ta = "மின்சாரம்" }
matter = { en = "For electricity", ml = "വൈദ്യുതിക്ക്", hi = "बिजली के लिए", ta = "மின்சாரத்திற்கு" }
[[categories]]
id = "no-supply"
en = "No electricity"
ml = "വൈദ്യുതി ഇല്ല"
hi = "बिजली नहीं है"
ta = "மின்சாரம் இல்லை"
"""


AWAY = Fault("callcentre.toml", "database.url", "does not answer", "Ask again.")


class FakeNextNeeds:
    """What the next process would miss is the test's to say."""

    def __init__(self) -> None:
        self.missed: list[Fault] = []

    async def faults(self) -> list[Fault]:
        return self.missed


class ARenewal(SynchronousTestCase):
    """A site whose Asterisk is a script that writes down what it is asked."""

    def setUp(self) -> None:
        folder = Path(mkdtemp())
        self.site = SiteFolder(folder)
        self.data = DataFolder(folder / "data")
        self.asked = folder / "asked"
        self.asterisk = folder / "asterisk"
        self.let_asterisk(f'echo "$4" >>{self.asked}')
        self.override = f"asterisk.executable={self.asterisk}"
        self.clock, self.faults, self.in_menus = Clock(), list[str](), 0
        self.in_menus_then = 0
        self.next_needs = FakeNextNeeds()
        self.clock.advance(1000)
        self.running = self.site.read(self.override)
        render(self.running, self.site.root / "asterisk", self.data)
        self.spoken: list[tuple[HelplineId, ...]] = []
        self.unspeakable: PromptsError | None = None
        self.renewal = Renewal(
            Sources(self.site.root, (self.override,), self.site.root),
            self.running,
            self.data,
            clock=self.clock,
            in_thread=self.at_once,
            speak=self.speak,
            menus_open=lambda: self.in_menus,
            next_needs=self.next_needs,
            tasks=Tasks(),
            on_fault=self.note,
        )
        self.before = self.made()

    async def at_once(self, fn: Callable[[], T]) -> T:
        return fn()

    def note(self, fault: str) -> None:
        self.faults.append(fault)
        self.in_menus = self.in_menus_then

    def let_asterisk(self, do: str) -> None:
        self.asterisk.write_text(f"#!/bin/sh\n{do}\n", encoding="utf-8")
        self.asterisk.chmod(0o700)

    def speak(self, wanted: Configuration) -> None:
        self.spoken.append(tuple(wanted.helplines))
        if self.unspeakable is not None:
            raise self.unspeakable

    def take_up(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.renewal.take_up())

    def refusal(self) -> list[tuple[str, str]]:
        """File and key of every fault for which it is refused."""
        faulty = self.failureResultOf(self.take_up(), ConfigurationFaulty)
        return [(fault.file, fault.key) for fault in faulty.value.faults]

    def standing(self) -> Standing:
        return self.successResultOf(Deferred.fromCoroutine(self.renewal.standing()))

    def prepared(self) -> Sequence[str]:
        return self.successResultOf(self.renewal.prepared)

    def made(self) -> dict[str, bytes]:
        """Everything that Asterisk reads."""
        root = self.data.asterisk.root
        return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}

    def commands(self) -> list[str]:
        return self.asked.read_text(encoding="utf-8").splitlines() if self.asked.exists() else []


class Refused(ARenewal):
    def test_with_every_fault_and_nothing_changed(self) -> None:
        self.site.write("helplines/kseb.toml", NEW.replace("1912", "1916"))
        self.site.change("callcentre.toml", "ring_seconds = 20", "ring_seconds = 0")
        faults = [("callcentre.toml", "routing.ring_seconds"), ("helplines/kwa.toml", "numbers")]
        self.assertEqual(self.refusal(), faults)
        standing = self.standing()
        self.assertEqual([(fault.file, fault.key) for fault in standing.faults], faults)
        self.assertEqual((standing.refused_at, standing.stage), (1000.0, None))
        self.assertEqual(self.made(), self.before)
        self.assertEqual(self.commands(), [])
        self.assertEqual(self.faults, ["configuration_refused"])
        self.assertNoResult(self.renewal.prepared)

    def test_when_it_would_change_what_lasts(self) -> None:
        self.site.change("callcentre.toml", "port = 8080", "port = 8081")
        self.assertEqual(self.refusal(), [("callcentre.toml", "http.port")])

    def test_when_somebody_edits_it_meanwhile(self) -> None:
        def checked_and_edited(folder: Path, overrides: Sequence[str]) -> Configuration:
            found = checking.checked(folder, overrides)
            self.site.add("helplines/kwa.toml", "[hours]")
            return found

        self.patch(renewal, "checked", checked_and_edited)
        self.assertEqual(self.refusal(), [("config/", "(files)")])

    def test_when_a_prompt_cannot_be_spoken(self) -> None:
        self.unspeakable = PromptsFaulty([Fault("texts/ml.toml", "matter", "is silent", "Reword it.")])
        self.successResultOf(self.take_up())
        self.assertEqual([fault.file for fault in self.standing().faults], ["texts/ml.toml"])
        self.assertEqual((self.made(), self.commands()), (self.before, []))

    def test_when_there_is_no_voice(self) -> None:
        self.unspeakable = ToolMissing("espeak-ng", "espeak-ng")
        self.successResultOf(self.take_up())
        [fault] = self.standing().faults
        self.assertIn("apt install espeak-ng", fault.problem)

    def test_when_a_template_asks_for_what_there_is_not(self) -> None:
        self.site.add("asterisk/queues.conf.j2", "{{ helpers }}")
        self.site.write("helplines/kseb.toml", NEW)
        self.assertEqual([file for file, _ in self.refusal()], ["asterisk/queues.conf.j2"])
        self.assertEqual((self.made(), self.commands(), self.spoken), (self.before, [], []))

    def test_while_the_next_process_could_not_work(self) -> None:
        self.next_needs.missed = [AWAY]
        self.assertEqual(self.refusal(), [("callcentre.toml", "database.url")])
        self.next_needs.missed = []
        self.in_menus = 1
        self.successResultOf(self.take_up())
        self.next_needs.missed, self.in_menus = [AWAY], 0
        self.clock.advance(0.5)
        self.assertEqual([fault.key for fault in self.standing().faults], ["database.url"])
        self.assertEqual((self.made(), self.commands()), (self.before, []))
        self.assertNoResult(self.renewal.prepared)

    def test_when_only_half_of_a_template_has_been_written(self) -> None:
        queues = self.site.root / "asterisk" / "queues.conf.j2"
        whole = queues.read_bytes()
        queues.write_bytes(whole + "; \N{MALAYALAM LETTER KA}".encode()[:-1])
        self.assertEqual(self.refusal(), [("asterisk/queues.conf.j2", "(file)")])
        queues.write_bytes(whole)
        self.successResultOf(self.take_up())
        self.assertEqual(self.prepared(), [])

    def test_when_a_template_cannot_be_filled_in(self) -> None:
        for asked in ('{% include "gone.j2" %}', "{% for phone in 5 %}{% endfor %}", "{{ 1 / 0 }}"):
            self.site.write("asterisk/queues.conf.j2", asked)
            self.assertEqual(self.refusal(), [("asterisk/queues.conf.j2", "{{ }}")])

    def test_when_a_file_is_nested_too_deeply(self) -> None:
        self.site.write("helplines/kseb.toml", "a = " + "[" * 5000)
        self.assertEqual(self.refusal(), [("helplines/kseb.toml", "(file)")])

    def test_and_whoever_asks_next_is_heard_even_when_our_own_fault_ended_it(self) -> None:
        def broken(folder: Path, overrides: Sequence[str]) -> Configuration:
            raise KeyError("ours")

        patched = self.patch(renewal, "checked", broken)
        self.failureResultOf(self.take_up(), KeyError)
        patched.restore()
        self.successResultOf(self.take_up())
        self.assertEqual(self.prepared(), [])

    def test_when_the_copy_cannot_be_written(self) -> None:
        self.data.taken_up.with_suffix(".new").write_text("in the way")
        self.assertEqual(len(self.refusal()), 1)

    def test_and_taken_up_when_mended(self) -> None:
        self.site.change("callcentre.toml", "ring_seconds = 20", "ring_seconds = 0")
        self.refusal()
        self.site.change("callcentre.toml", "ring_seconds = 0", "ring_seconds = 9")
        self.successResultOf(self.take_up())
        self.assertEqual(self.prepared(), [])
        self.assertEqual((self.standing().faults, self.standing().refused_at), ((), None))


class AskedForBySignal(ARenewal):
    def ask(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.renewal.asked()))

    def test_what_was_mended_while_another_was_spoken_is_taken_up_when_that_is_refused(self) -> None:
        self.in_menus = 1
        self.ask()
        self.site.write("helplines/kseb.toml", NEW)
        self.ask()
        # The first is refused at its last stage: its copy has gone.
        rmtree(self.data.taken_up.with_suffix(".new"))
        self.in_menus, self.in_menus_then = 0, 1
        self.clock.advance(0.5)
        self.assertEqual(self.standing().stage, Stage.QUIET)
        self.failureResultOf(self.take_up(), AlreadyUnderWay)
        self.in_menus = 0
        self.clock.advance(0.5)
        self.assertEqual(self.prepared(), [])
        self.assertEqual(["kseb" in spoken for spoken in self.spoken], [False, True])
        self.assertFalse(self.renewal.asked_again)

    def test_what_was_asked_for_meanwhile_is_the_next_process_s_when_the_first_is_taken_up(self) -> None:
        self.in_menus = 1
        self.ask()
        self.ask()
        self.in_menus = 0
        self.clock.advance(0.5)
        self.assertEqual(self.prepared(), [])
        self.assertTrue(self.renewal.asked_again)

    def test_one_that_is_refused_is_not_tried_for_ever(self) -> None:
        self.site.change("callcentre.toml", "ring_seconds = 20", "ring_seconds = 0")
        self.ask()
        self.assertEqual(self.faults, ["configuration_refused"])


class TakenUp(ARenewal):
    def setUp(self) -> None:
        super().setUp()
        self.site.write("helplines/kseb.toml", NEW)

    def test_a_new_helpline_is_spoken_dialled_and_queued(self) -> None:
        self.successResultOf(self.take_up())
        self.assertEqual(self.prepared(), [])
        self.assertIn("kseb", self.spoken[0])
        etc = self.data.asterisk.etc
        self.assertIn("exten => 1912,1,", (etc / "extensions.conf").read_text(encoding="utf-8"))
        self.assertIn("[kseb](helpline)", (etc / "queues.conf").read_text(encoding="utf-8"))
        self.assertEqual(
            self.commands(),
            ["module reload res_pjsip.so", "moh reload", "queue reload all", "dialplan reload"],
        )

    def test_the_other_files_of_asterisk_are_left_alone(self) -> None:
        manager = self.data.asterisk.etc / "manager.conf"
        manager.write_text("; as it was read", encoding="utf-8")
        self.successResultOf(self.take_up())
        self.assertEqual(manager.read_text(encoding="utf-8"), "; as it was read")

    def test_what_will_run_is_the_copy(self) -> None:
        self.successResultOf(self.take_up())
        self.site.change("helplines/kseb.toml", "1912", "1916")
        found = checking.checked(self.data.taken_up)
        self.assertEqual(found.helplines.keys(), {*self.running.helplines, "kseb"})

    def test_in_a_quiet_moment_of_the_menus(self) -> None:
        self.in_menus = 2
        self.successResultOf(self.take_up())
        self.assertEqual(self.standing().stage, Stage.QUIET)
        self.clock.pump([0.5] * 4)
        self.assertEqual(self.commands(), [])
        self.in_menus = 0
        self.clock.advance(0.5)
        self.assertEqual(self.prepared(), [])

    def test_after_a_while_whether_the_menus_are_quiet_or_not(self) -> None:
        self.in_menus = 2
        self.successResultOf(self.take_up())
        self.clock.pump([0.5] * int(2 * QUIET_SECONDS - 1))
        self.assertNoResult(self.renewal.prepared)
        self.clock.pump([0.5] * 2)
        self.assertEqual(self.prepared(), [])

    def test_one_at_a_time(self) -> None:
        self.in_menus = 2
        self.successResultOf(self.take_up())
        self.failureResultOf(self.take_up(), AlreadyUnderWay)

    def test_an_asterisk_that_does_not_answer_is_noted_and_keeps_nothing_back(self) -> None:
        self.let_asterisk('echo "Unable to connect to remote asterisk"; exit 1')
        self.successResultOf(self.take_up())
        notes = self.prepared()
        self.assertEqual(len(notes), 4)
        self.assertIn("Unable to connect", notes[0])

    def test_an_asterisk_that_does_not_know_the_command_is_noted(self) -> None:
        self.let_asterisk("echo \"No such command 'moh reload'\"")
        self.successResultOf(self.take_up())
        self.assertIn("No such command", self.prepared()[0])

    def test_an_asterisk_that_is_not_there_is_noted(self) -> None:
        self.asterisk.unlink()
        self.successResultOf(self.take_up())
        self.assertIn("No such file", self.prepared()[0])


class Files(ARenewal):
    def test_that_differ_from_what_runs_are_named(self) -> None:
        self.assertEqual(self.standing().changed, [])
        self.site.write("helplines/kseb.toml", NEW)
        self.site.add("texts/en.toml", "# more")
        (self.site.root / "helplines" / "ration.toml").unlink()
        recording = self.site.root / "recordings" / "ml" / "welcome.wav"
        recording.parent.mkdir(parents=True)
        recording.write_bytes(b"RIFF")
        self.assertEqual(
            self.standing().changed,
            ["helplines/kseb.toml", "helplines/ration.toml", "recordings/ml/welcome.wav", "texts/en.toml"],
        )

    def test_that_run_are_kept_for_a_start_at_which_they_are_faulty(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.renewal.keep()))
        self.assertEqual(fingerprints(self.data.taken_up), fingerprints(self.site.root))

    def test_that_do_not_run_are_not_kept(self) -> None:
        self.site.change("callcentre.toml", "ring_seconds = 20", "ring_seconds = 0")
        self.successResultOf(Deferred.fromCoroutine(self.renewal.keep()))
        self.assertFalse(self.data.taken_up.exists())
