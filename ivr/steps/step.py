"""What a step of the menus is, and what it may answer.

A step is data: what is said, and what follows each thing a caller can do.  Only `ivr.walk` runs them, so the
rules that hold everywhere (``0``, ``*``, ``#``, three tries) are written once, there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ivr.exchange import Answer, Arrived, Command, Finish, Next, Recorded
from ivr.phrases import Spoken
from ivr.prompts import WRONG_KEY
from ivr.session import Session, StepName

# A second's thought after the question, and time to take the phone from the ear (domain rules).
LANGUAGE_LISTEN_SECONDS = 5.0
# By how many tries have failed: the first repeat comes soon, the next ones leave more time (domain rules).
MENU_LISTEN_SECONDS = (5.0, 8.0, 8.0)
# As «callback-offer» and «message-offer» name them, wherever they are said.
CALLBACK_KEY, MESSAGE_KEY = "1", "2"


class IllegalEvent(Exception):
    """The session cannot be told this where it stands: the shell and the session have lost each other."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Go to this step; ``first`` is said before its own words."""

    step: StepName
    first: Spoken = ()


@dataclass(frozen=True, slots=True)
class PassOn:
    """The key was meant for this step, whose words the caller does not need."""

    step: StepName
    key: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The try has failed: the question is put again, ``first`` before it, or given up."""

    first: Spoken = ()


Onward = Enter | PassOn | Fail | Command
Result = tuple[Session, Onward]


def nothing(session: Session) -> Spoken:
    """No words of its own."""
    return ()


def wrong_key(session: Session, key: str) -> Result:
    """A key without meaning here."""
    return session, Fail((session.prompt(WRONG_KEY),))


def failed(session: Session) -> Result:
    """Silence where an answer was wanted, or ``0`` where there is no person to be had."""
    return session, Fail()


def to_person(session: Session, first: Spoken = ()) -> Result:
    """To the people of the helpline he has come to."""
    return session, Enter(StepName.OUTAGES, first)


def farewell(session: Session, first: Spoken = ()) -> Result:
    """Nothing more to be done."""
    return session, Enter(StepName.FAREWELL, first)


def finish(session: Session, onward: Next) -> Result:
    """The session is over; the caller goes on as *onward* says."""
    return session, Finish(
        next=onward,
        language=session.language,
        helpline=session.helpline,
        category=session.category,
        docket=session.docket,
        notice=session.notice,
        # Whoever was not told of it is not recorded.
        recorded=session.recorded and bool(session.notice),
    )


def unasked(session: Session, answer: Answer) -> Result:
    """Of a step that asks nothing."""
    raise IllegalEvent(f"an answer while {session.step.value}: {answer}")


def unspoken(session: Session, recorded: Recorded) -> Result:
    """Of a step that records nothing."""
    raise IllegalEvent(f"a recording while {session.step.value}: {recorded}")


def unkeyed(session: Session, entry: str) -> Result:
    """Of a step that wants one key."""
    raise IllegalEvent(f"an entry while {session.step.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question, or one thing said.

    ``finished``: where it goes on after its words; None when a key is waited for.
    ``absent``: where a question goes on that has nothing to ask this caller.
    ``listens``: how long, by the number of failed tries.
    ``person``: what ``0`` does.
    ``given_up``: where three failed tries lead.
    ``entry_length``: how many digits it wants; 0 for one key.
    """

    lines: Callable[[Session], Spoken] = nothing
    finished: Callable[[Session], Result] | None = None
    absent: Callable[[Session], Result] = to_person
    press: Callable[[Session, str], Result] = wrong_key
    listens: tuple[float, ...] = MENU_LISTEN_SECONDS
    silent: Callable[[Session], Result] = failed
    person: Callable[[Session], Result] = to_person
    given_up: Callable[[Session], Result] = to_person
    entry_length: int = 0
    entered: Callable[[Session, str], Result] = unkeyed
    answered: Callable[[Session, Answer], Result] = unasked
    recorded: Callable[[Session, Recorded], Result] = unspoken


def arrival(session: Session) -> Arrived:
    """What was known of the caller when he came.  Raises IllegalEvent for one who is past the menus."""
    if not isinstance(session.situation, Arrived):
        raise IllegalEvent(f"{session.step.value} belongs to a caller who arrives")
    return session.situation


def told(session: Session, *, text: str = "") -> Session:
    """The session of a caller who is being told what he asked; *text*: what of it can be sent by SMS."""
    return replace(session, about=text, served=True)
