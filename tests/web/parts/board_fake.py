"""The console's port to announcements, written by hand: what is asked goes into the floor's transcript."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from agents_ui.announcement_ports import (
    Announcement,
    AnnouncementForm,
    BoardError,
    Kind,
    PutUp,
    SpokenFault,
    Surge,
    SurgeCause,
    SurgeView,
    Unfit,
)
from routing.ids import AgentId, HelplineId, Instant, LanguageCode

SOUND = b"RIFF....WAVE"
SPOKEN = tuple(map(LanguageCode, ("ml", "en", "hi", "ta")))


class FakeBoard:
    """Announcements and surge mode in memory.

    Set ``refusal``, ``errors`` or ``held`` to make trouble.
    """

    languages = SPOKEN
    required = SPOKEN[:2]

    def __init__(
        self, clock: IReactorTime, transcript: list[tuple[Any, ...]], helplines: tuple[HelplineId, ...]
    ) -> None:
        self.helplines = helplines
        self.up: list[Announcement] = []
        self.declared: Surge | None = None
        self.waiting = 4
        self.refusal: BoardError | None = None
        self.errors: dict[str, SpokenFault] = {}
        self.held: Deferred[None] | None = None
        self._clock = clock
        self._transcript = transcript

    def in_force(self) -> tuple[Announcement, ...]:
        return tuple(reversed(self.up))

    async def put_up(self, form: AnnouncementForm, *, by: AgentId) -> PutUp | Unfit:
        self._transcript.append(("put_up", by, form.kind, form.helplines, form.until))
        if self.held is not None:
            await self.held
        if self.refusal is not None:
            raise self.refusal
        if self.errors:
            return Unfit(self.errors)
        one = self.add(
            by=by,
            kind=Kind(form.kind),
            helplines=tuple(map(HelplineId, form.helplines)),
            texts={code: text for code, text in form.texts.items() if text},
        )
        return PutUp(one.id)

    async def take_down(self, announcement: str, *, by: AgentId) -> None:
        self._transcript.append(("take_down", by, announcement))
        self.up = [one for one in self.up if one.id != announcement]

    def sound(self, announcement: str, language: str) -> bytes | None:
        known = any(one.id == announcement for one in self.up)
        return SOUND if known and language in self.languages else None

    def surge(self) -> SurgeView:
        return SurgeView(
            surge=self.declared, waiting=self.waiting, arrivals=11, waiting_limit=80, arrivals_limit=0
        )

    async def switch_surge(self, on: bool, *, by: AgentId) -> None:
        self._transcript.append(("switch_surge", by, on))
        self.declared = self.surge_of(SurgeCause.BY_HAND, by=by) if on else None

    # What the test makes happen

    def surge_of(self, cause: SurgeCause, *, count: int = 0, by: str = "") -> Surge:
        return Surge(cause=cause, count=count, since=Instant(self._clock.seconds()), by=by)

    def add(self, **points: Any) -> Announcement:
        """One more is in force."""
        usual: dict[str, Any] = {
            "id": f"{len(self.up) + 1:016x}",
            "kind": Kind.OUTAGE,
            "helplines": (),
            "texts": {SPOKEN[0]: "ഇന്ന് വെള്ളമില്ല.", SPOKEN[1]: "No water today."},
            "made_at": Instant(self._clock.seconds()),
            "by": AgentId("sivan"),
            "until": None,
            "heard": True,
        }
        one = Announcement(**{**usual, **points})
        self.up.append(one)
        return one
