"""Runs one session of the menus over a caller's leg: commands become AGI, keys and silences become events.

Typing ahead: Asterisk reads keys only while a command of ours runs and throws away what is pressed between
two commands (``run_agi`` in res_agi.c reads and frees every frame), nor may commands be sent ahead, because
the next one cuts the prompt being played.  So every prompt listens to every key, each answer is followed by
the next prompt at once, and nothing else is sent before the session is over: the deaf time is one round trip.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from callcentre.prompts.sounds import sound_file
from callcentre.telephony.fastagi.leg import AgiLeg, CallerGone, PromptMissing, RecordingFailed
from ivr.exchange import (
    Answer,
    Answered,
    Ask,
    Command,
    Enquiry,
    Event,
    Finish,
    HungUp,
    KeyPressed,
    Leave,
    Listen,
    Play,
    PromptsFinished,
    Record,
    Recorded,
    SilencePassed,
    Started,
)
from ivr.prompts import PromptRef
from ivr.session import Session
from ivr.walk import advance
from ivr.wording import BEEP

EVERY_KEY = "0123456789*#"
# After so much silence a caller has said what he wanted to.
MESSAGE_SILENCE_SECONDS = 6


@dataclass(frozen=True, slots=True)
class Places:
    """Where this Asterisk finds sounds, and puts what callers say."""

    sounds: Path
    messages: Path


class IvrLeg:
    """One caller's leg in one session.

    ``ask`` answers an enquiry of the session as it stands then, and never fails.  ``on_fault`` is told
    ``prompt-missing`` for each prompt a caller could not hear.
    """

    log = Logger()

    def __init__(
        self,
        leg: AgiLeg,
        places: Places,
        *,
        ask: Callable[[Enquiry, Session], Awaitable[Answer]],
        on_fault: Callable[[str], None],
    ) -> None:
        self._leg = leg
        self._places = places
        self._ask = ask
        self._on_fault = on_fault

    async def run(self, session: Session) -> tuple[Session, Finish | Leave]:
        """Go through the whole session; where it ended, and how."""
        session, command = advance(session, Started())
        while not isinstance(command, Finish | Leave):
            event = await self._carry_out(command, session)
            session, command = advance(session, event)
        return session, command

    async def _carry_out(self, command: Command, session: Session) -> Event:
        try:
            match command:
                case Play(prompts):
                    return await self._play(prompts)
                case Listen(seconds):
                    key = await self._leg.wait_for_digit(seconds)
                    return KeyPressed(key) if key else SilencePassed()
                case Record(seconds):
                    return await self._record(seconds, session.language)
                case Ask(enquiry):
                    return Answered(await self._ask(enquiry, session))
            raise TypeError(f"nothing to be carried out: {command}")
        except (CallerGone, CancelledError) as gone:
            # Cancelled: the line was closed while an answer was awaited.  What he was told so far is noted.
            why, step = str(gone) or "the line is closed", session.step.value
            self.log.info("call {call}: left at {step}: {why}", call=self._leg.call, step=step, why=why)
            return HungUp()

    async def _play(self, prompts: tuple[PromptRef, ...]) -> Event:
        for prompt in prompts:
            key = await self._play_one(prompt)
            if key is not None:
                return KeyPressed(key)
        return PromptsFinished()

    async def _play_one(self, prompt: PromptRef) -> str | None:
        try:
            return await self._leg.stream(str(sound(self._places.sounds, prompt)), EVERY_KEY)
        except PromptMissing as missing:
            # A menu with a hole is better than none: the caller can still press 0, or wait.
            self.log.error("call {call}: {missing}", call=self._leg.call, missing=missing)
            self._on_fault(missing.kind)
            return None

    async def _record(self, seconds: int, language: str) -> Recorded:
        await self._play_one(PromptRef(language, BEEP))
        try:
            take = await self._leg.record(
                str(self._places.messages / self._leg.call),
                seconds=seconds,
                silence_seconds=MESSAGE_SILENCE_SECONDS,
                end_keys=EVERY_KEY,
            )
        except RecordingFailed as failed:
            self.log.error("call {call}: {failed}", call=self._leg.call, failed=failed)
            self._on_fault(failed.kind)
            return Recorded(0, gone=False)
        return Recorded(int(take.seconds), gone=take.hung_up)


def sound(sounds_dir: Path, prompt: PromptRef) -> Path:
    """Where Asterisk finds *prompt*, without extension: it takes the best format there is."""
    return (sounds_dir / sound_file(prompt.language, prompt.name)).with_suffix("")


def missing_sounds(sounds_dir: Path, prompts: Iterable[PromptRef]) -> Iterator[Path]:
    """The WAV files of *prompts* that *sounds_dir* lacks: to be looked at before any call arrives."""
    for prompt in prompts:
        file = sounds_dir / sound_file(prompt.language, prompt.name)
        if not file.is_file():
            yield file
