"""One caller's way through the menus: an event in, one command out.

    arrives       LANGUAGE ▶ NOTICE ▶ (FLOODING) ▶ BROADCASTS ▶ (SUBJECT) ▶ MENU ▶ MENU ▶ OUTAGES ▶ queue
                                                  a service of a menu ▶ ANSWER ▶ MENU, or a person
    cannot wait   CANNOT_WAIT ▶ callback, MESSAGE ▶ FAREWELL
    in line       PLACE ▶ music, callback, MESSAGE
    has talked    SOLVED ▶ RATING ▶ FAREWELL

What each step says and does is in ``ivr/steps``.  Here are the rules that hold in all of them (domain.md,
«IVR rules»): ``0`` reaches a person at any moment (as a digit of a number being keyed it is a digit; ``*``
first); keys interrupt any prompt and count at once; ``*`` repeats, ``#`` ends an entry or skips what is being
said; three failed tries lead on; nobody is hung up on.  Every way is of bounded length, whatever is pressed.

Errors: `IllegalEvent` is ours (the shell reported what cannot have happened) and crashes loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr.exchange import (
    Answered,
    Arrived,
    Ask,
    CannotWait,
    Command,
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
    Situation,
    Started,
    Talked,
    Waits,
    WantsToLeaveMessage,
)
from ivr.menu import Flow
from ivr.phrases import Spoken
from ivr.prompts import WELCOME, PromptRef
from ivr.session import Mode, Session, StepName
from ivr.steps import STEPS
from ivr.steps.step import Enter, Fail, IllegalEvent, Onward, PassOn, Result

PERSON_KEY = "0"
REPEAT_KEY = "*"
ENTRY_END_KEY = "#"
# Whoever fails so often at one question is not helped by hearing it again (domain rules).
MAX_TRIES = 3
# Whoever asks for one question a sixth time needs a person; it also bounds every session.
MAX_REPEATS = 5
# Between two digits, while somebody reads them from a slip of paper.
ENTRY_LISTEN_SECONDS = 8.0

Outcome = tuple[Session, Command]

FIRST_STEPS: Mapping[type[Any], StepName] = {
    Arrived: StepName.LANGUAGE,
    CannotWait: StepName.CANNOT_WAIT,
    Waits: StepName.PLACE,
    Talked: StepName.SOLVED,
    WantsToLeaveMessage: StepName.MESSAGE,
}


def begin(
    flow: Flow, situation: Situation, *, language: str = "", helpline: str = "", category: str = ""
) -> Session:
    """A session that waits for `Started`.

    *language*, *helpline*, *category*: what stands on the channel of a caller who is past the menus.
    """
    known = situation.language if isinstance(situation, Arrived) else language
    return Session(
        flow=flow,
        situation=situation,
        language=known if known in flow.languages else flow.languages[0],
        helpline=helpline or flow.helpline,
        category=category,
        docket=situation.docket if isinstance(situation, Talked) else "",
        step=FIRST_STEPS[type(situation)],
    )


def advance(session: Session, event: Event) -> Outcome:
    """The session after *event*, and the one thing to do next.  Raises `IllegalEvent`."""
    if isinstance(event, HungUp):
        return _resolved(session, Leave())
    respond = RESPONSES.get((session.mode, type(event)))
    if respond is None:
        raise IllegalEvent(f"{type(event).__name__} while {session.mode.value} at {session.step.value}")
    return _resolved(*respond(session, event))


# --- what may happen -----------------------------------------------------------------------------


def _start(session: Session, event: Event) -> Result:
    welcome = (PromptRef(session.language, WELCOME),) if isinstance(session.situation, Arrived) else ()
    return session, Enter(session.step, welcome)


def _pressed(session: Session, event: KeyPressed) -> Result:
    return _key(replace(session, keyed=True), event.key)


def _said(session: Session, event: Event) -> Result:
    return _after_words(session)


def _silence(session: Session, event: Event) -> Result:
    # Whoever stops keying has keyed all there is.
    return _entry_ended(session) if session.entry else STEPS[session.step].silent(session)


def _answered(session: Session, event: Answered) -> Result:
    return STEPS[session.step].answered(session, event.answer)


def _recorded(session: Session, event: Recorded) -> Result:
    return STEPS[session.step].recorded(session, event)


RESPONSES: Mapping[tuple[Mode, type[Any]], Callable[[Session, Any], Result]] = {
    (Mode.READY, Started): _start,
    (Mode.SAYING, KeyPressed): _pressed,
    (Mode.SAYING, PromptsFinished): _said,
    (Mode.LISTENING, KeyPressed): _pressed,
    (Mode.LISTENING, SilencePassed): _silence,
    (Mode.ASKING, Answered): _answered,
    (Mode.RECORDING, Recorded): _recorded,
}

# --- keys ----------------------------------------------------------------------------------------


def _key(session: Session, key: str) -> Result:
    step = STEPS[session.step]
    if step.entry_length and key.isdecimal() and (session.entry or key != PERSON_KEY):
        return _digit(session, key)
    if key == PERSON_KEY:
        return step.person(session)
    if key == REPEAT_KEY:
        return _repeat(session)
    return _skip(session) if key == ENTRY_END_KEY else step.press(session, key)


def _digit(session: Session, key: str) -> Result:
    session = replace(session, entry=session.entry + key)
    if len(session.entry) == STEPS[session.step].entry_length:
        return _entry_ended(session)
    return session, Listen(ENTRY_LISTEN_SECONDS)


def _entry_ended(session: Session) -> Result:
    return STEPS[session.step].entered(replace(session, entry=""), session.entry)


def _skip(session: Session) -> Result:
    if session.entry:
        return _entry_ended(session)
    return _after_words(session) if session.mode is Mode.SAYING else STEPS[session.step].silent(session)


def _repeat(session: Session) -> Result:
    session = replace(session, repeats=session.repeats + 1, entry="")
    if session.repeats > MAX_REPEATS:
        return STEPS[session.step].given_up(session)
    return session, Enter(session.step, session.preface)


# --- what follows --------------------------------------------------------------------------------


def _after_words(session: Session) -> Result:
    step = STEPS[session.step]
    if step.finished is not None:
        return step.finished(session)
    return session, Listen(step.listens[min(session.tries, len(step.listens) - 1)])


def _resolved(session: Session, onward: Onward) -> Outcome:
    """Goes on until there is something to do: a step may have nothing to say to this caller."""
    while True:
        match onward:
            case Enter(step, first):
                session, onward = _entered(_at(session, step, preface=first), first)
            case PassOn(step, key):
                session, onward = _key(_at(session, step), key)
            case Fail(first):
                session, onward = _failed(session, first)
            case _:
                return replace(session, mode=MODES[type(onward)]), onward


def _at(session: Session, step: StepName, *, preface: Spoken = ()) -> Session:
    if step is session.step:
        return replace(session, mode=Mode.LISTENING, entry="")
    return replace(session, mode=Mode.LISTENING, step=step, tries=0, repeats=0, entry="", preface=preface)


def _entered(session: Session, first: Spoken) -> Result:
    step = STEPS[session.step]
    words = step.lines(session)
    if words or (first and step.finished is not None):
        return session, Play(first + words)
    session, onward = step.absent(session) if step.finished is None else step.finished(session)
    return session, _preceded(onward, first)


def _preceded(onward: Onward, first: Spoken) -> Onward:
    return replace(onward, first=first + onward.first) if isinstance(onward, Enter) else onward


def _failed(session: Session, first: Spoken) -> Result:
    session = replace(session, tries=session.tries + 1)
    if session.tries < MAX_TRIES:
        return session, Enter(session.step, first)
    session, onward = STEPS[session.step].given_up(session)
    return session, _preceded(onward, first)


MODES: Mapping[type[Any], Mode] = {
    Play: Mode.SAYING,
    Listen: Mode.LISTENING,
    Ask: Mode.ASKING,
    Record: Mode.RECORDING,
    Finish: Mode.OVER,
    Leave: Mode.OVER,
}
