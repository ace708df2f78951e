"""Runs the menus of ``ivr/`` over one caller's leg: commands become AGI, keys and silences become events.

The dialplan runs ``AGI(agi://host:port/ivr,${DIALLED})`` and goes on when this returns; what was chosen
then stands on the channel: ``CC_HELPLINE``, ``CC_LANGUAGE``, ``CHANNEL(language)``, ``CC_PREFERRED`` (who
served this caller last, if that was known in time), and ``CC_CHOSEN=yes``.

Typing ahead: Asterisk reads keys only while a command of ours runs and throws away what is pressed between
two commands (``run_agi`` in res_agi.c reads and frees every frame), nor may commands be sent ahead, because
the next one cuts the prompt being played.  So every prompt listens to every key, each answer is followed by
the next prompt at once, and nothing else is sent before the choice is made: the deaf time is one round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from callcentre.telephony.fastagi.leg import UNKNOWN, AgiLeg, CallerGone, PromptMissing
from callcentre.telephony.numbers import normalised
from ivr.menu import Flow
from ivr.prompts import PromptRef
from ivr.session import (
    Choose,
    Event,
    HungUp,
    KeyPressed,
    Leave,
    Listen,
    Phase,
    Play,
    PromptsFinished,
    SilencePassed,
    Started,
    advance,
    begin,
)

UNKNOWN_NUMBER = "unknown-number"
EVERY_KEY = "0123456789*#"
# Where the dialled number is found, the first that is known: our dialplan's argument, then Asterisk's own.
DIALLED_IN = ("agi_arg_1", "agi_dnid", "agi_extension")


class IvrAnswer:
    """What a `FastAgiFactory` answers with: one session of the dialled number's flow for each caller.

    ``flow_for``: the flow of a dialled number; raises LookupError for a number that is none of ours, and the
    dialplan's own choice of helpline stands then.
    ``last_agent`` names who served a number last, and never fails; it is asked while the caller hears the
    menus, and not waited for.
    ``on_fault`` is told ``prompt-missing`` for each prompt a caller could not hear, and ``unknown-number``.
    """

    log = Logger()

    def __init__(
        self,
        sounds_dir: Path,
        flow_for: Callable[[str], Flow],
        *,
        last_agent: Callable[[str], Coroutine[Any, Any, str | None]],
        on_fault: Callable[[str], None],
    ) -> None:
        self._sounds_dir = sounds_dir
        self._flow_for = flow_for
        self._last_agent = last_agent
        self._on_fault = on_fault

    async def __call__(self, leg: AgiLeg) -> None:
        """Bring this caller through the menus and write the choice on the channel."""
        flow = self._flow_of(leg)
        if flow is None:
            return
        asked = self._ask_for_last_agent(leg)
        session, command = advance(begin(flow), Started())
        while not isinstance(command, Choose | Leave):
            event = await self._carry_out(leg, command, at=session.phase)
            session, command = advance(session, event)
        if isinstance(command, Choose):
            known = asked.result if asked.called else None
            await self._write(leg, command, preferred=known if isinstance(known, str) else None)

    def _ask_for_last_agent(self, leg: AgiLeg) -> Deferred[str | None]:
        caller = normalised(leg.environment.get("agi_callerid", ""))
        asked = Deferred.fromCoroutine(self._last_agent(caller))
        return asked.addErrback(lambda failure: self.log.failure("the last agent is not known", failure))

    def _flow_of(self, leg: AgiLeg) -> Flow | None:
        dialled = _dialled(leg)
        try:
            return self._flow_for(dialled)
        except LookupError:
            self.log.error(
                "call {call}: no flow for the dialled number {dialled}; the dialplan's own helpline stands. "
                "Render the dialplan and restart the service, so that both know the same numbers.",
                call=leg.call,
                dialled=dialled,
            )
            self._on_fault(UNKNOWN_NUMBER)
            return None

    async def _carry_out(self, leg: AgiLeg, command: Play | Listen, *, at: Phase) -> Event:
        try:
            if isinstance(command, Play):
                return await self._play(leg, command.prompts)
            key = await leg.wait_for_digit(command.seconds)
            return KeyPressed(key) if key else SilencePassed()
        except CallerGone as gone:
            self.log.info("call {call}: left while {phase}: {gone}", call=leg.call, phase=at.value, gone=gone)
            return HungUp()

    async def _play(self, leg: AgiLeg, prompts: tuple[PromptRef, ...]) -> Event:
        for prompt in prompts:
            key = await self._play_one(leg, prompt)
            if key is not None:
                return KeyPressed(key)
        return PromptsFinished()

    async def _play_one(self, leg: AgiLeg, prompt: PromptRef) -> str | None:
        try:
            return await leg.stream(str(sound(self._sounds_dir, prompt)), EVERY_KEY)
        except PromptMissing as missing:
            # A menu with a hole is better than none: the caller can still press 0, or wait.
            self.log.error("call {call}: {missing}", call=leg.call, missing=missing)
            self._on_fault(missing.kind)
            return None

    async def _write(self, leg: AgiLeg, choice: Choose, *, preferred: str | None) -> None:
        # The language first: should the caller be gone in between, the helpline is still the number's own.
        await leg.set_variable("CHANNEL(language)", choice.language)
        await leg.set_variable("CC_LANGUAGE", choice.language)
        await leg.set_variable("CC_HELPLINE", choice.helpline)
        if preferred:
            await leg.set_variable("CC_PREFERRED", preferred)
        # Tells the dialplan that no further service need be asked.
        await leg.set_variable("CC_CHOSEN", "yes")
        self.log.info(
            "call {call}: chose {helpline} in {language}",
            call=leg.call,
            helpline=choice.helpline,
            language=choice.language,
        )


def sound(sounds_dir: Path, prompt: PromptRef) -> Path:
    """Where Asterisk finds *prompt*, without extension: it takes the best format there is."""
    return sounds_dir / prompt.language / "cc" / prompt.name


def missing_sounds(sounds_dir: Path, flow: Flow) -> Iterator[Path]:
    """The WAV files that *flow* needs and *sounds_dir* lacks: to be looked at before any call arrives."""
    for prompt in sorted(flow.every_prompt(), key=lambda prompt: (prompt.language, prompt.name)):
        file = sound(sounds_dir, prompt).with_suffix(".wav")
        if not file.is_file():
            yield file


def _dialled(leg: AgiLeg) -> str:
    known = (leg.environment.get(name, UNKNOWN) for name in DIALLED_IN)
    return next((number for number in known if number not in ("", UNKNOWN)), "")
