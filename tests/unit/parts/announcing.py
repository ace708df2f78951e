"""A board of announcements with a voice that only says that it spoke, and one transcript of everything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from callcentre.announcements.board import Board
from callcentre.announcements.form import AnnouncementForm
from callcentre.announcements.listeners import Listeners
from callcentre.announcements.surge import SurgeLimits, SurgeSwitch
from callcentre.prompts.catalogue import PromptText
from callcentre.prompts.errors import ToolMissing
from routing.facts import Fact
from routing.ids import AgentId, HelplineId, LanguageCode, Seconds

ML, EN, HI = LanguageCode("ml"), LanguageCode("en"), LanguageCode("hi")
KWA, FOOD = HelplineId("kwa"), HelplineId("food")
SIVAN = AgentId("sivan")
LISTENERS = Listeners((KWA, FOOD), {ML: "ml", EN: "en-gb", HI: "hi"}, ZoneInfo("Asia/Kolkata"))
# As long as a caller may be in the menus.
HEARD_FOR = Seconds(600.0)
BURST = AnnouncementForm(
    kind="outage",
    helplines=("kwa",),
    texts={ML: "വെള്ളമില്ല.", EN: " A main has\r\n burst. ", HI: ""},
    until="",
)


NEVER = SurgeLimits(waiting=0, arrivals_per_minute=0)


class FakeVoice:
    """Stands in for ``callcentre.announcements.voice.Voice``.

    ``mute``: languages in which nothing comes; ``missing``: no voice is installed at all; ``busy``: it speaks
    when that fires.
    """

    def __init__(self, happened: list[str]) -> None:
        self.sounds: dict[tuple[str, str], PromptText] = {}
        self.mute: set[str] = set()
        self.missing = False
        self.busy: Deferred[None] | None = None
        self._happened = happened

    async def speak(self, prompts: Sequence[PromptText]) -> set[PromptText]:
        if self.missing:
            raise ToolMissing("espeak-ng", "espeak-ng")
        if self.busy is not None:
            await self.busy
        self._happened.append("spoken " + " ".join(f"{prompt.language}:{prompt.voice}" for prompt in prompts))
        spoken = [prompt for prompt in prompts if prompt.language not in self.mute]
        self.sounds |= {
            (prompt.language, prompt.name.removeprefix("announcement/")): prompt for prompt in spoken
        }
        return set(prompts) - set(spoken)

    def has(self, prompts: Sequence[PromptText]) -> bool:
        keys = {(prompt.language, prompt.name.removeprefix("announcement/")) for prompt in prompts}
        return keys <= self.sounds.keys()

    def sound(self, announcement: str, language: str) -> bytes | None:
        prompt = self.sounds.get((language, announcement))
        return None if prompt is None else prompt.text.encode()

    def forget(self, announcement: str) -> None:
        self._happened.append("forgotten")
        self.sounds = {key: prompt for key, prompt in self.sounds.items() if key[1] != announcement}

    def forget_all_but(self, announcements: Collection[str]) -> None:
        self.sounds = {key: prompt for key, prompt in self.sounds.items() if key[1] in announcements}


class Announcing:
    """A board at 1,764,000,000 (the 24th of November 2025, 21:30 in Kerala) and what happened around it."""

    def __init__(self, clock: Clock, *, limits: SurgeLimits = NEVER) -> None:
        self.clock = clock
        self.happened: list[str] = []
        self.facts: list[Fact] = []
        self.waiting = 0
        self.voice = FakeVoice(self.happened)
        self.switch = SurgeSwitch(
            limits, waiting=lambda: self.waiting, clock=clock, record=self.record, sync=self.sync
        )
        self.board = self.new_board()

    def new_board(self, listeners: Listeners = LISTENERS) -> Board:
        """Another process's, over the same sounds."""
        return Board(
            listeners,
            self.voice,  # type: ignore[arg-type]
            self.switch,
            clock=self.clock,
            heard_for=HEARD_FOR,
            record=self.record,
            sync=self.sync,
        )

    def record(self, fact: Fact) -> None:
        self.happened.append(type(fact).__name__)
        self.facts.append(fact)

    async def sync(self) -> None:
        self.happened.append("synced")
