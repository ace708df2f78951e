"""A message that becomes a ticket, and the end."""

from __future__ import annotations

from dataclasses import replace

from ivr import speech
from ivr.exchange import (
    Answer,
    Arrived,
    Ask,
    KeepMessage,
    Leave,
    Next,
    Record,
    Recorded,
    Registered,
    Talked,
    Waits,
    WantsToLeaveMessage,
)
from ivr.phrases import Spoken
from ivr.session import Session, StepName
from ivr.steps.step import Enter, Fail, Result, Step, farewell, finish, to_person

# Shorter than any word with a breath before it: a click, or the phone being put down.
SHORTEST_MESSAGE_SECONDS = 2


def _speak(session: Session) -> Result:
    return session, Record(session.flow.manners.message_seconds)


def _spoken(session: Session, recorded: Recorded) -> Result:
    if recorded.seconds >= SHORTEST_MESSAGE_SECONDS:
        kept = KeepMessage(session.helpline, session.category, session.language, recorded.seconds)
        return replace(session, gone=recorded.gone), Ask(kept)
    if recorded.gone:
        return session, Leave()
    return session, Fail((session.prompt("message-empty"),))


def _kept(session: Session, answer: Answer) -> Result:
    session = replace(session, served=isinstance(answer, Registered))
    if session.gone:
        return session, Leave()
    if isinstance(answer, Registered):
        return farewell(replace(session, docket=answer.docket), _thanks(session, answer.docket))
    return session, Enter(StepName.NOT_KEPT, (session.prompt("message-not-kept"),))


def _thanks(session: Session, docket: str) -> Spoken:
    number = speech.docket(session.language, docket)
    again = session.prompt("docket-again")
    return (session.prompt("message-kept"), session.prompt("docket-is"), *number, again, *number)


def _back(session: Session) -> Result:
    """To where he was before he wanted to leave a message."""
    match session.situation:
        case Arrived():
            return to_person(session)
        case Waits() | WantsToLeaveMessage():
            return finish(session, Next.MUSIC)
    return farewell(session)


MESSAGE = Step(
    lines=lambda session: (session.prompt("leave-message"),),
    finished=_speak,
    press=lambda session, key: _speak(session),
    recorded=_spoken,
    answered=_kept,
    person=_back,
    given_up=_back,
)

# Whoever could wait is not let go because the message was lost.
NOT_KEPT = Step(finished=_back, press=lambda session, key: _back(session), person=_back, given_up=_back)


def _person_after_all(session: Session) -> Result:
    return finish(session, Next.QUEUE) if isinstance(session.situation, Talked) else _back(session)


def _let_go(session: Session) -> Result:
    # Let go as a silent line, he has pressed a key: somebody is there.
    heard = isinstance(session.situation, Arrived) and session.keyed and not session.served
    return _back(session) if heard else finish(session, Next.GOODBYE)


FAREWELL = Step(
    finished=_let_go,
    press=lambda session, key: _let_go(session),
    person=_person_after_all,
    given_up=_let_go,
)
