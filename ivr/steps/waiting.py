"""For callers in line, and for those who cannot be."""

from __future__ import annotations

from ivr import speech
from ivr.exchange import CannotWait, Next, Waits, Why
from ivr.phrases import Spoken
from ivr.prompts import PromptRef
from ivr.session import Session, StepName
from ivr.steps.step import (
    CALLBACK_KEY,
    MESSAGE_KEY,
    Enter,
    IllegalEvent,
    Result,
    Step,
    failed,
    farewell,
    finish,
    wrong_key,
)

# Once: whoever wants none of it hangs up.
CANNOT_WAIT_LISTEN_SECONDS = 8.0

# --- nobody can wait -----------------------------------------------------------------------------


def _cannot_wait(session: Session) -> CannotWait:
    if not isinstance(session.situation, CannotWait):
        raise IllegalEvent(f"{session.step.value} belongs to a caller who cannot wait")
    return session.situation


def _cannot_wait_lines(session: Session) -> Spoken:
    cannot = _cannot_wait(session)
    offers = ["callback-offer"] if cannot.callable else []
    return (*_reasons(session, cannot.why), *map(session.prompt, (*offers, "message-offer")))


def _reasons(session: Session, why: Why) -> Spoken:
    # Where no line was free nobody has asked for his language.
    languages = session.flow.languages if why is Why.LINES_BUSY else (session.language,)
    return tuple(PromptRef(language, why.value) for language in languages)


def _cannot_wait_pressed(session: Session, key: str) -> Result:
    if key == CALLBACK_KEY and _cannot_wait(session).callable:
        return finish(session, Next.CALLBACK)
    return (session, Enter(StepName.MESSAGE)) if key == MESSAGE_KEY else wrong_key(session, key)


CANNOT_WAIT = Step(
    lines=_cannot_wait_lines,
    press=_cannot_wait_pressed,
    listens=(CANNOT_WAIT_LISTEN_SECONDS,),
    silent=farewell,
    person=failed,
    given_up=farewell,
)

# --- in line -------------------------------------------------------------------------------------


def _waits(session: Session) -> Waits:
    if not isinstance(session.situation, Waits):
        raise IllegalEvent(f"{session.step.value} belongs to a caller in line")
    return session.situation


def _place_lines(session: Session) -> Spoken:
    waits = _waits(session)
    offers = ("callback-offer", "message-offer", "stay") if waits.callback else ()
    return (*_place(session, waits.place), *_wait(session, waits.minutes), *map(session.prompt, offers))


def _place(session: Session, place: int) -> Spoken:
    if place <= 1:
        return (session.prompt("place-next"),)
    return session.say("place", number=speech.number(session.language, place))


def _wait(session: Session, minutes: tuple[int, int] | None) -> Spoken:
    if minutes is None:
        return ()
    low, high = max(minutes[0], 1), minutes[1]
    if high <= 1:
        return (session.prompt("wait-soon"),)
    if low == high:
        return session.say("wait-about", number=speech.number(session.language, low))
    spoken = (speech.number(session.language, n) for n in (low, high))
    return session.say("wait-between", **dict(zip(("low", "high"), spoken, strict=True)))


def _place_pressed(session: Session, key: str) -> Result:
    if key == CALLBACK_KEY and _waits(session).callback:
        return finish(session, Next.CALLBACK)
    return (session, Enter(StepName.MESSAGE)) if key == MESSAGE_KEY else _on_hold(session)


def _on_hold(session: Session) -> Result:
    return finish(session, Next.MUSIC)


PLACE = Step(lines=_place_lines, press=_place_pressed, finished=_on_hold, person=_on_hold, given_up=_on_hold)
