"""Announcements: spoken, journalled, heard, over in time, and there again after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.announcements.board import MOST, BoardFull, VoiceMissing
from callcentre.announcements.facts import AnnouncementMade
from callcentre.announcements.form import AnnouncementForm, AnnouncementRefused
from callcentre.announcements.listeners import Listeners
from ivr.exchange import Announcement
from tests.unit.parts.announcing import (
    BURST,
    EN,
    FOOD,
    HEARD_FOR,
    HI,
    KWA,
    LISTENERS,
    ML,
    SIVAN,
    Announcing,
)

NOON = 1_764_000_000.0


class BoardStory(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOON)
        self.site = Announcing(self.clock)
        self.board = self.site.board
        self.addCleanup(lambda: self.assertEqual(self.clock.getDelayedCalls(), []))
        self.addCleanup(lambda: self.board.stop())

    def put_up(self, form: AnnouncementForm = BURST, **changes: object) -> AnnouncementMade:
        work = Deferred.fromCoroutine(self.board.put_up(replace(form, **changes), by=SIVAN))  # type: ignore[arg-type]
        return self.successResultOf(work)

    def refused(self, **changes: object) -> dict[str, str]:
        """The faults by field."""
        work = Deferred.fromCoroutine(self.board.put_up(replace(BURST, **changes), by=SIVAN))  # type: ignore[arg-type]
        error = self.failureResultOf(work, AnnouncementRefused).value
        return {problem.field: problem.fault.value for problem in error.problems}

    def restart(self, listeners: Listeners = LISTENERS) -> None:
        self.board.stop()
        made = [fact for fact in self.site.facts if isinstance(fact, AnnouncementMade)]
        self.board = self.site.new_board(listeners)
        self.board.restore(made)


class PuttingUp(BoardStory):
    def test_it_is_spoken_in_every_language_and_kept_before_anybody_hears_it(self) -> None:
        made = self.put_up()
        self.assertEqual(self.site.happened, ["spoken ml:ml en:en-gb hi:ml", "AnnouncementMade", "synced"])
        self.assertEqual(made.texts, ((ML, "വെള്ളമില്ല."), (EN, "A main has burst.")))
        self.assertEqual((made.by, made.at, made.until), (SIVAN, NOON, None))
        heard = Announcement(f"announcement/{made.announcement}", outage=True)
        self.assertEqual(self.board.for_arrivals(), (("kwa", heard),))

    def test_a_language_left_empty_hears_the_first_one(self) -> None:
        made = self.put_up()
        self.assertEqual(self.board.sound(made.announcement, "hi"), "വെള്ളമില്ല.".encode())
        self.assertEqual(self.board.sound(made.announcement, "en"), b"A main has burst.")
        self.assertIsNone(self.board.sound(made.announcement, "xx"))
        self.assertIsNone(self.board.sound("../../secrets", "en"))

    def test_for_several_helplines_it_is_given_for_each_and_for_none_chosen_for_all(self) -> None:
        self.put_up(helplines=("kwa", "food"))
        self.put_up(helplines=(), kind="broadcast")
        self.assertEqual([helpline for helpline, _ in self.board.for_arrivals()], [FOOD, KWA, ""])
        self.assertEqual([told.outage for _, told in self.board.for_arrivals()], [True, True, False])

    def test_an_outage_says_until_when_and_a_broadcast_does_not(self) -> None:
        self.put_up(until="2025-11-24T23:00")
        self.put_up(until="2025-11-24T23:00", kind="broadcast")
        at_eleven = datetime(2025, 11, 24, 23, tzinfo=ZoneInfo("Asia/Kolkata"))
        self.assertEqual([told.until for _, told in self.board.for_arrivals()], [at_eleven, None])

    def test_everything_that_is_wrong_is_said_at_once(self) -> None:
        texts = {ML: "", EN: "Call 1916.", HI: "क" * 401}
        found = self.refused(kind="gossip", helplines=("moon",), texts=texts, until="2025-11-24T21:30")
        self.assertEqual(
            found,
            {
                "kind": "unknown",
                "helplines": "unknown",
                "text-ml": "required",
                "text-en": "figures",
                "text-hi": "too_long",
                "until": "past",
            },
        )
        self.assertEqual(self.site.happened, [])

    def test_what_is_no_moment_and_what_are_no_words(self) -> None:
        texts = {ML: "!!", EN: "a [[b]] c", HI: "a\x00b"}
        found = self.refused(texts=texts, until="tomorrow")
        self.assertEqual(list(found.values()), ["not_words"] * 3 + ["no_moment"])
        for moment in ("2025-13-01T10:00", "99999-01-01T10:00", "2025-11-25", "0001-01-01T00:00"):
            self.assertIn(self.refused(until=moment)["until"], ("no_moment", "past"))

    def test_words_the_voice_cannot_say_are_named_and_leave_nothing(self) -> None:
        self.site.voice.mute = {"hi"}
        self.assertEqual(self.refused(), {"text-ml": "unspoken"})
        self.assertEqual(self.site.voice.sounds, {})
        self.assertEqual(self.board.in_force(), ())
        self.assertEqual(self.site.facts, [])

    def test_without_a_voice_the_operator_is_told_what_to_install(self) -> None:
        self.site.voice.missing = True
        work = Deferred.fromCoroutine(self.board.put_up(BURST, by=SIVAN))
        self.assertIn("apt install espeak-ng", str(self.failureResultOf(work, VoiceMissing).value))

    def test_no_more_than_anybody_would_listen_to(self) -> None:
        for _ in range(MOST):
            self.put_up()
        self.failureResultOf(Deferred.fromCoroutine(self.board.put_up(BURST, by=SIVAN)), BoardFull)

    def test_nor_when_the_last_two_are_handed_in_at_once(self) -> None:
        for _ in range(MOST - 1):
            self.put_up()
        self.site.voice.busy = busy = Deferred[None]()
        last = Deferred.fromCoroutine(self.board.put_up(BURST, by=SIVAN))
        self.failureResultOf(Deferred.fromCoroutine(self.board.put_up(BURST, by=SIVAN)), BoardFull)
        busy.callback(None)
        self.successResultOf(last)
        self.assertEqual(len(self.board.in_force()), MOST)


class TakingDown(BoardStory):
    def test_it_ends_by_itself_and_its_sounds_go_when_nobody_can_still_be_about_to_hear_it(self) -> None:
        self.put_up(until="2025-11-24T21:32")
        self.clock.advance(119)
        self.assertEqual(len(self.board.for_arrivals()), 1)
        self.clock.advance(1)
        self.assertEqual((self.board.for_arrivals(), self.board.in_force()), ((), ()))
        self.clock.advance(HEARD_FOR - 1)
        self.assertNotIn("forgotten", self.site.happened)
        self.clock.advance(1)
        self.assertEqual(self.site.happened[-1], "forgotten")
        self.assertEqual(self.site.voice.sounds, {})

    def test_it_is_ended_by_hand_before_its_time(self) -> None:
        made, other = self.put_up(until="2025-11-24T21:32"), self.put_up()
        self.site.happened.clear()
        for _ in range(2):
            self.successResultOf(Deferred.fromCoroutine(self.board.take_down(made.announcement, by=SIVAN)))
        self.assertEqual(self.site.happened, ["AnnouncementEnded", "synced"])
        self.assertEqual(self.board.in_force(), (other,))
        self.clock.advance(HEARD_FOR)
        self.assertEqual({name for _, name in self.site.voice.sounds}, {other.announcement})

    def test_ends_pass_in_their_order(self) -> None:
        self.put_up(until="2025-11-24T21:35")
        self.put_up(until="2025-11-24T21:32")
        last = self.put_up()
        for left in (3, 2, 1):
            self.assertEqual(len(self.board.for_arrivals()), left)
            self.clock.advance(180)
        self.assertEqual(self.board.in_force(), (last,))


class Restarting(BoardStory):
    def test_what_was_up_is_up_again(self) -> None:
        made = self.put_up(until="2025-11-24T22:00")
        before = self.board.for_arrivals()
        self.restart()
        self.assertEqual(self.board.for_arrivals(), before)
        self.assertEqual(self.board.in_force(), (made,))
        self.clock.advance(1800)
        self.assertEqual(self.board.for_arrivals(), ())
        self.clock.advance(HEARD_FOR)

    def test_what_lost_its_sounds_is_heard_only_when_they_are_made_again(self) -> None:
        made = self.put_up()
        self.site.voice.sounds.clear()
        self.restart()
        self.assertEqual((self.board.for_arrivals(), self.board.in_force()), ((), (made,)))
        self.assertFalse(self.board.is_heard(made.announcement))
        self.successResultOf(Deferred.fromCoroutine(self.board.speak_missing()))
        self.assertEqual(len(self.board.for_arrivals()), 1)

    def test_what_cannot_be_spoken_again_keeps_nobody_else_silent(self) -> None:
        self.put_up()
        second = self.put_up(helplines=())
        self.site.voice.sounds.clear()
        self.restart()
        self.site.voice.missing = True
        self.successResultOf(Deferred.fromCoroutine(self.board.speak_missing()))
        self.assertEqual(self.board.for_arrivals(), ())
        self.site.voice.missing = False
        self.successResultOf(Deferred.fromCoroutine(self.board.speak_missing()))
        self.assertIn(
            ("", Announcement(f"announcement/{second.announcement}", outage=True)), self.board.for_arrivals()
        )

    def test_sounds_that_belong_to_nothing_are_removed(self) -> None:
        self.put_up()
        self.site.facts.clear()
        self.restart()
        self.assertEqual(self.site.voice.sounds, {})

    def test_a_new_language_is_spoken_before_anything_is_heard_in_it(self) -> None:
        self.put_up()
        self.restart(replace(LISTENERS, voices={**LISTENERS.voices, "ta": "ta"}))  # type: ignore[dict-item]
        self.assertEqual(self.board.for_arrivals(), ())
        self.successResultOf(Deferred.fromCoroutine(self.board.speak_missing()))
        self.assertEqual(self.site.happened[-1], "spoken ml:ml en:en-gb hi:ml ta:ml")
        self.assertEqual(len(self.board.for_arrivals()), 1)

    def test_a_language_that_is_spoken_no_more_takes_only_its_words_along(self) -> None:
        self.put_up()
        self.restart(replace(LISTENERS, voices={EN: "en-gb"}))
        self.assertEqual(len(self.board.for_arrivals()), 1)
        self.restart(replace(LISTENERS, voices={HI: "hi"}))
        self.successResultOf(Deferred.fromCoroutine(self.board.speak_missing()))
        self.assertEqual(self.board.for_arrivals(), ())
