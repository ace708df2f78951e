"""Announcements with the real espeak-ng, journal and databases: in time, kept, and there again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from callcentre.announcements.board import Board
from callcentre.announcements.form import AnnouncementForm, AnnouncementRefused, Fault, Problem
from callcentre.announcements.listeners import Listeners, listeners_of, prompt_name
from callcentre.announcements.surge import SurgeLimits, SurgeSwitch
from callcentre.announcements.voice import Voice
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.reading import read_configuration
from callcentre.in_thread import threads_of
from callcentre.journal.journal import Journal
from callcentre.projections.announcements import in_force_then
from callcentre.projections.projector import Projector
from callcentre.projections.step import all_folds
from callcentre.prompts.catalogue import MAX_TEXT_CHARACTERS
from callcentre.prompts.measure import measure, problems
from callcentre.prompts.sounds import build_sounds
from ivr.exchange import Announcement
from routing.ids import AgentId, HelplineId, Instant, LanguageCode, Seconds
from tests.integration.parts.stack import CONFIG
from tests.unit.parts.floor_story import RULES
from tests.unit.parts.inline_database import InlineDatabase

pytest_plugins = ("tests.integration.parts.databases",)

T = TypeVar("T")

SIVAN = AgentId("sivan")
# What is promised: from the supervisor's click to the next caller.
PROMISED_SECONDS = 5.0
LISTENERS = Listeners(
    (HelplineId("kwa"),),
    {LanguageCode(code): code for code in ("ml", "en", "hi", "ta")},
    listeners_of(read_configuration(CONFIG)).zone,
)


def long_text(sentence: str) -> str:
    """As long as a text may be."""
    return (sentence * MAX_TEXT_CHARACTERS)[: MAX_TEXT_CHARACTERS - 1]


LONGEST = AnnouncementForm(
    kind="outage",
    helplines=("kwa",),
    texts={
        LanguageCode("ml"): long_text("പ്രധാന പൈപ്പ് പൊട്ടിയതിനാൽ ഇന്ന് വെള്ളം ലഭിക്കില്ല. "),
        LanguageCode("en"): long_text("A main has burst, and there is no water today. "),
        LanguageCode("hi"): long_text("मुख्य पाइप फट गया है, आज पानी नहीं है। "),
        LanguageCode("ta"): long_text("குழாய் உடைந்ததால் இன்று தண்ணீர் இல்லை. "),
    },
    until="",
)
SHORT = AnnouncementForm(
    kind="broadcast",
    helplines=(),
    texts={LanguageCode("ml"): "ഇന്ന് അവധിയാണ്.", LanguageCode("en"): "We are closed today."},
    until="",
)


class Site:
    """A board with its real voice, which writes a real journal."""

    def __init__(self, folder: Path) -> None:
        self.sounds = DataFolder(folder).asterisk.sounds
        self.clock = Clock()
        self.clock.advance(1_764_000_000.0)
        self.journal = Journal(folder / "journal", clock=self.clock)
        self._loop = asyncio.new_event_loop()
        self.reactor = AsyncioSelectorReactor(self._loop)
        self.board = self.new_board()

    def new_board(self, listeners: Listeners = LISTENERS) -> Board:
        async def synced() -> None:
            self.journal.sync()

        options: dict[str, Any] = {"clock": self.clock, "record": self.journal.append, "sync": synced}
        switch = SurgeSwitch(SurgeLimits(0, 0), waiting=lambda: 0, **options)
        voice = Voice(self.sounds, in_thread=threads_of(self.reactor))
        return Board(listeners, voice, switch, heard_for=Seconds(600.0), **options)

    def done(self, work: Coroutine[Any, Any, T]) -> T:
        """What *work* comes to; the reactor runs meanwhile."""
        ended: list[Any] = []
        running = Deferred.fromCoroutine(work).addBoth(ended.append)
        running.addBoth(lambda _: self.reactor.callLater(0, self._loop.stop))
        pool = self.reactor.getThreadPool()
        if not pool.started:
            pool.start()
        self._loop.run_forever()
        (outcome,) = ended
        if hasattr(outcome, "raiseException"):
            outcome.raiseException()
        found: T = outcome
        return found

    def close(self) -> None:
        self.board.stop()
        self.reactor.getThreadPool().stop()
        self.journal.close()
        self._loop.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def test_the_longest_of_all_is_before_callers_in_time_and_sounds_well(site: Site) -> None:
    began = time.monotonic()
    made = site.done(site.board.put_up(LONGEST, by=SIVAN))
    took = time.monotonic() - began
    print(f"{len(LONGEST.texts)} languages of {MAX_TEXT_CHARACTERS} characters: {took:.2f} s")
    assert took < PROMISED_SECONDS
    heard = Announcement(prompt_name(made.announcement), outage=True)
    assert site.board.for_arrivals() == (("kwa", heard),)
    for language, text in made.texts:
        sound = measure(site.sounds / language / "cc" / f"{prompt_name(made.announcement)}.wav")
        assert list(problems(sound, text)) == []


def test_a_language_left_empty_is_spoken_in_the_first_one_s_voice(site: Site) -> None:
    made = site.done(site.board.put_up(SHORT, by=SIVAN))
    sounds = {code: site.board.sound(made.announcement, code) for code in LISTENERS.languages}
    assert sounds["ml"] == sounds["hi"] == sounds["ta"] != sounds["en"]


def test_a_build_of_the_prompts_leaves_it_and_its_end_removes_it(site: Site, tmp_path: Path) -> None:
    made = site.done(site.board.put_up(SHORT, by=SIVAN))
    build_sounds([], sounds_dir=site.sounds, recordings_dir=tmp_path)
    files = list(site.sounds.glob(f"*/cc/{prompt_name(made.announcement)}.wav"))
    assert len(files) == len(LISTENERS.languages)
    site.done(site.board.take_down(made.announcement, by=SIVAN))
    site.clock.advance(600)
    assert list(site.sounds.rglob("*.wav")) == []


def test_a_voice_that_says_nothing_is_the_text_s_fault(site: Site) -> None:
    site.board = site.new_board(Listeners(LISTENERS.helplines, {LanguageCode("en"): "xx"}, LISTENERS.zone))
    with pytest.raises(AnnouncementRefused) as refused:
        site.done(site.board.put_up(SHORT, by=SIVAN))
    assert refused.value.problems == [Problem("text-en", Fault.UNSPOKEN)]
    assert list(site.sounds.rglob("*.wav")) == []


def test_without_a_database_it_is_heard_and_after_a_restart_it_is_heard_again(
    site: Site, engine: Engine
) -> None:
    database = InlineDatabase(engine)
    database.away = True
    projector = Projector(site.journal, database, clock=site.clock, folds=all_folds(RULES))
    catching_up = Deferred.fromCoroutine(projector.catch_up())
    made = site.done(site.board.put_up(LONGEST, by=SIVAN))
    site.done(site.board.switch.declare(SIVAN))
    before = site.board.for_arrivals()
    assert len(before) == 1

    database.away = False
    site.clock.pump([60.0, 60.0])
    assert catching_up.called
    site.board.stop()
    site.board = site.new_board()
    up, surge = database.ask(lambda session: in_force_then(session, now=Instant(site.clock.seconds())))
    site.board.restore(up)
    site.board.switch.restore(surge)
    assert site.board.for_arrivals() == before
    assert site.board.in_force() == (made,)
    assert site.board.surge


def test_sounds_that_were_lost_are_spoken_again(site: Site) -> None:
    made = site.done(site.board.put_up(SHORT, by=SIVAN))
    for file in site.sounds.rglob("*.wav"):
        file.unlink()
    site.board.restore([made])
    assert site.board.for_arrivals() == ()
    site.done(site.board.speak_missing())
    assert len(site.board.for_arrivals()) == 1
