"""The announcements in force: put up by supervisors, spoken in every language, taken down in time.

AnnouncementRefused    from ``form``: the user's; fields are wrong, each named with a stable code
BoardFull              the user's: more is in force than anybody would listen to
VoiceMissing           the operator's: espeak-ng or sox is not installed
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from callcentre.announcements.facts import AnnouncementEnded, AnnouncementMade, Kind
from callcentre.announcements.form import (
    AnnouncementForm,
    AnnouncementRefused,
    Fault,
    Problem,
    made_of,
    text_field,
)
from callcentre.announcements.listeners import Listeners, prompt_name, spoken
from callcentre.announcements.surge import SurgeSwitch
from callcentre.announcements.voice import Voice
from callcentre.prompts.catalogue import PromptText
from callcentre.prompts.errors import ToolMissing
from ivr.exchange import Announcement
from routing.facts import Fact
from routing.ids import AgentId, HelplineId, Instant, Seconds

log = Logger()

# Stands for all helplines, where menus are told whose an announcement is.
EVERY = HelplineId("")
# Nobody listens to more; it bounds what every arriving caller's session carries.
MOST = 30


class BoardFull(RuntimeError):
    """End one first."""


class VoiceMissing(RuntimeError):
    """Nothing can be spoken on this machine; the text says what to install."""


class Board:
    """What callers are told, now."""

    def __init__(
        self,
        listeners: Listeners,
        voice: Voice,
        surge: SurgeSwitch,
        *,
        clock: IReactorTime,
        heard_for: Seconds,
        record: Callable[[Fact], object],
        sync: Callable[[], Awaitable[object]],
    ) -> None:
        """*record* journals a fact, *sync* has it on the disk.

        *heard_for*: so long after its end somebody who came before may still be about to hear one.
        """
        self.switch = surge
        self.listeners = listeners
        self._voice = voice
        self._clock = clock
        self._heard_for = heard_for
        self._record = record
        self._sync = sync
        self._up: dict[str, AnnouncementMade] = {}
        self._spoken: set[str] = set()
        self._being_put_up = 0
        self._down: dict[str, Instant] = {}
        """Those whose sounds are still to be removed, with the moment."""
        self._alarm: IDelayedCall | None = None

    # --- for the menus ------------------------------------------------------------------------------

    def for_arrivals(self) -> tuple[tuple[str, Announcement], ...]:
        """What whoever comes now is told, each with the helpline it is for, or "" for all of them."""
        return tuple(
            (helpline, self._told(made))
            for made in self.in_force()
            if self.is_heard(made.announcement)
            for helpline in (sorted(made.helplines) or [EVERY])
        )

    @property
    def surge(self) -> bool:
        """Whether silent lines may be released."""
        return self.switch.is_on

    # --- for people ---------------------------------------------------------------------------------

    def in_force(self) -> tuple[AnnouncementMade, ...]:
        """Everything that is up, in the order in which it was put up."""
        now = self._now()
        return tuple(made for made in self._up.values() if made.until is None or made.until > now)

    def is_heard(self, announcement: str) -> bool:
        """Whether it has been spoken in every language; only then callers hear it."""
        return announcement in self._spoken

    def sound(self, announcement: str, language: str) -> bytes | None:
        """How it sounds; None when there is no such sound."""
        known = announcement in self._spoken and language in self.listeners.languages
        return self._voice.sound(announcement, language) if known else None

    async def put_up(self, form: AnnouncementForm, *, by: AgentId) -> AnnouncementMade:
        """Speak it and put it before every caller who comes from now on.

        Raises AnnouncementRefused, BoardFull, VoiceMissing, JournalUnwritable.
        """
        # Those being spoken count, too: others may be handed in meanwhile.
        if len(self.in_force()) + self._being_put_up >= MOST:
            raise BoardFull(f"{MOST} announcements are in force")
        made = made_of(form, self.listeners, announcement=secrets.token_hex(8), by=by, now=self._now())
        self._being_put_up += 1
        try:
            await self._speak(made)
            self._record(made)
            await self._sync()
            self._show(made)
        finally:
            self._being_put_up -= 1
        log.info("{by} has put up {announcement}", by=by, announcement=made.announcement)
        return made

    async def take_down(self, announcement: str, *, by: AgentId) -> None:
        """End it now; nothing happens when it is not up.  Raises JournalUnwritable."""
        if announcement in self._up:
            self._record(AnnouncementEnded(at=self._now(), announcement=announcement, by=by))
            self._hide(announcement)
            self._tidy()
            log.info("{by} has taken down {announcement}", by=by, announcement=announcement)
            await self._sync()

    # --- its life -----------------------------------------------------------------------------------

    def restore(self, made: Sequence[AnnouncementMade]) -> None:
        """Take up what an earlier process left; what has no sounds any more waits for ``speak_missing``."""
        self._up = {announcement.announcement: announcement for announcement in made}
        self._voice.forget_all_but(self._up)
        prompts = {name: spoken(announcement, self.listeners) for name, announcement in self._up.items()}
        self._spoken = {name for name, said in prompts.items() if said and self._voice.has(said)}
        self._tidy()

    async def speak_missing(self) -> None:
        """Speak what is up and has no sound in some language; what cannot be spoken is logged."""
        for made in self.in_force():
            if self.is_heard(made.announcement):
                continue
            try:
                await self._speak(made)
            except (AnnouncementRefused, VoiceMissing) as error:
                log.error(
                    "{announcement} stays silent: {why}", announcement=made.announcement, why=str(error)
                )
                continue
            if made.announcement in self._up:
                self._spoken.add(made.announcement)

    def stop(self) -> None:
        """Watch no more."""
        self.switch.stop()
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    async def _speak(self, made: AnnouncementMade) -> None:
        prompts = spoken(made, self.listeners)
        try:
            unspoken = await self._voice.speak(prompts)
        except ToolMissing as missing:
            raise VoiceMissing(str(missing)) from missing
        if unspoken or not prompts:
            self._voice.forget(made.announcement)
            raise AnnouncementRefused(_unspoken(made, unspoken))

    def _told(self, made: AnnouncementMade) -> Announcement:
        outage = made.kind is Kind.OUTAGE
        # Only of an outage it is said until when.
        until = made.until if outage else None
        moment = None if until is None else datetime.fromtimestamp(until, self.listeners.zone)
        return Announcement(prompt_name(made.announcement), outage=outage, until=moment)

    def _show(self, made: AnnouncementMade) -> None:
        self._up[made.announcement] = made
        self._spoken.add(made.announcement)
        self._tidy()

    def _hide(self, announcement: str) -> None:
        del self._up[announcement]
        self._spoken.discard(announcement)
        self._down[announcement] = Instant(self._now() + self._heard_for)

    def _tidy(self) -> None:
        """Take down what is over, remove the sounds that nobody waits for, and come back in time."""
        now = self._now()
        for made in self._up.keys() - {made.announcement for made in self.in_force()}:
            self._hide(made)
        for announcement in [name for name, moment in self._down.items() if moment <= now]:
            self._voice.forget(announcement)
            del self._down[announcement]
        self._set_alarm(now)

    def _set_alarm(self, now: Instant) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        ends = [made.until for made in self._up.values() if made.until is not None]
        if moments := [*ends, *self._down.values()]:
            self._alarm = self._clock.callLater(max(0.0, min(moments) - now), self._tidy)

    def _now(self) -> Instant:
        return Instant(self._clock.seconds())


def _unspoken(made: AnnouncementMade, prompts: set[PromptText]) -> list[Problem]:
    """The fields whose words the voice could not say; others may have been spoken in their place."""
    said = {prompt.text for prompt in prompts}
    return [Problem(text_field(language), Fault.UNSPOKEN) for language, text in made.texts if text in said]
