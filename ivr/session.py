"""One caller's way through the menus of a number: an event in, one command out.

    READY ──▶ ASKING_LANGUAGE ⇄ AWAITING_LANGUAGE ──▶ OFFERING_MENU ⇄ AWAITING_MATTER ──▶ OVER
      └─────▶ WELCOMING (nothing to ask) ────────────────────────────────────────────────▶ OVER

Rules (domain.md, «IVR rules»): ``0`` reaches a person at any moment; keys interrupt any prompt and count at
once; silence at the language question means the first language; three failed tries at a step lead to an
agent; nobody is ever hung up on.  Every way is of bounded length, whatever is pressed.

Errors: `IllegalEvent` is ours (the shell reported what cannot have happened) and crashes loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from ivr.menu import Flow
from ivr.prompts import WRONG_KEY, PromptRef

PERSON_KEY = "0"
REPEAT_KEY = "*"
ENTRY_END_KEY = "#"

# A second's thought after the question, and time to take the phone from the ear (domain rules).
LANGUAGE_LISTEN_SECONDS = 5.0
# By how many tries have failed: the first repeat comes soon, the next ones leave more time (domain rules).
MENU_LISTEN_SECONDS = (5.0, 8.0, 8.0)
# Whoever fails so often at one question is not helped by hearing it again (domain rules).
MAX_TRIES = 3
# Whoever asks for one menu a sixth time needs a person; it also bounds every session.
MAX_REPEATS = 5


class IllegalEvent(Exception):
    """The session cannot be told this where it stands: the shell and the session have lost each other."""


class Phase(Enum):
    """Where in the menus a session stands; the value is what is logged."""

    READY = "ready"
    WELCOMING = "welcoming"
    ASKING_LANGUAGE = "asking-language"
    AWAITING_LANGUAGE = "awaiting-language"
    OFFERING_MENU = "offering-menu"
    AWAITING_MATTER = "awaiting-matter"
    OVER = "over"


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The caller is on the line."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key was pressed, during a prompt or after it."""

    key: str


@dataclass(frozen=True, slots=True)
class PromptsFinished:
    """The prompts asked for were heard to the end."""


@dataclass(frozen=True, slots=True)
class SilencePassed:
    """The time asked for passed without a key."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = Started | KeyPressed | PromptsFinished | SilencePassed | HungUp

# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Say these, one after the other, until a key is pressed.

    Answered by `KeyPressed` or `PromptsFinished`.
    """

    prompts: tuple[PromptRef, ...]


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait so long for a key.  Answered by `KeyPressed` or `SilencePassed`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Choose:
    """Bring the caller to the waiting room of this helpline; the session is over."""

    helpline: str
    language: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Nobody is there any more; the session is over."""


Command = Play | Listen | Choose | Leave

# --- the session ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where one caller stands.  Begin with `begin`, go on with `advance`."""

    flow: Flow
    language: str
    phase: Phase = Phase.READY
    tries: int = 0
    """Failed tries at the present question: silences and wrong keys."""
    repeats: int = 0
    """How often the present question was repeated on request."""


Outcome = tuple[Session, Command]


def begin(flow: Flow) -> Session:
    """A session that waits for `Started`."""
    return Session(flow=flow, language=flow.languages[0])


def advance(session: Session, event: Event) -> Outcome:
    """The session after *event*, and the one thing to do next.  Raises `IllegalEvent`."""
    if isinstance(event, KeyPressed) and session.phase not in DEAF_PHASES:
        return _pressed(session, event.key)
    respond = RESPONSES[session.phase].get(type(event))
    if respond is None:
        raise IllegalEvent(f"{type(event).__name__} while {session.phase.value}")
    return respond(session)


def _pressed(session: Session, key: str) -> Outcome:
    if key == PERSON_KEY or session.phase is Phase.WELCOMING:
        return _to_own_helpline(session)
    if key == REPEAT_KEY:
        return _repeat(session)
    if key == ENTRY_END_KEY:
        return ENTRY_ENDS_AS[session.phase](session)
    return _choice(session, key)


def _choice(session: Session, key: str) -> Outcome:
    if _at_language(session):
        language = session.flow.language_for(key)
        return _wrong_key(session) if language is None else _language_chosen(session, language)
    helpline = session.flow.helpline_for(key)
    return _wrong_key(session) if helpline is None else _over(session, helpline)


def _start(session: Session) -> Outcome:
    flow = session.flow
    if flow.asks_language:
        return _ask_language(session, flow.welcome())
    if flow.options:
        return _offer_menu(session, flow.welcome())
    return replace(session, phase=Phase.WELCOMING), Play(flow.welcome())


def _ask_language(session: Session, first: tuple[PromptRef, ...] = ()) -> Outcome:
    return replace(session, phase=Phase.ASKING_LANGUAGE), Play(first + session.flow.language_lines())


def _offer_menu(session: Session, first: tuple[PromptRef, ...] = ()) -> Outcome:
    lines = session.flow.menu_lines(session.language)
    return replace(session, phase=Phase.OFFERING_MENU), Play(first + lines)


def _await_language(session: Session) -> Outcome:
    return replace(session, phase=Phase.AWAITING_LANGUAGE), Listen(LANGUAGE_LISTEN_SECONDS)


def _await_matter(session: Session) -> Outcome:
    return replace(session, phase=Phase.AWAITING_MATTER), Listen(MENU_LISTEN_SECONDS[session.tries])


def _language_unspoken(session: Session) -> Outcome:
    return _language_chosen(session, session.flow.languages[0])


def _language_chosen(session: Session, language: str) -> Outcome:
    session = replace(session, language=language, tries=0, repeats=0)
    return _offer_menu(session) if session.flow.options else _to_own_helpline(session)


def _silence_at_menu(session: Session) -> Outcome:
    return _failed(session)


def _wrong_key(session: Session) -> Outcome:
    return _failed(session, (PromptRef(session.language, WRONG_KEY),))


def _failed(session: Session, first: tuple[PromptRef, ...] = ()) -> Outcome:
    session = replace(session, tries=session.tries + 1)
    return _to_own_helpline(session) if session.tries >= MAX_TRIES else _again(session, first)


def _repeat(session: Session) -> Outcome:
    session = replace(session, repeats=session.repeats + 1)
    return _to_own_helpline(session) if session.repeats > MAX_REPEATS else _again(session)


def _again(session: Session, first: tuple[PromptRef, ...] = ()) -> Outcome:
    ask = _ask_language if _at_language(session) else _offer_menu
    return ask(session, first)


def _to_own_helpline(session: Session) -> Outcome:
    return _over(session, session.flow.helpline)


def _over(session: Session, helpline: str) -> Outcome:
    return replace(session, phase=Phase.OVER), Choose(helpline, session.language)


def _leave(session: Session) -> Outcome:
    return replace(session, phase=Phase.OVER), Leave()


def _at_language(session: Session) -> bool:
    return session.phase in (Phase.ASKING_LANGUAGE, Phase.AWAITING_LANGUAGE)


Respond = Callable[[Session], Outcome]

# What may happen in each phase.  Keys are answered by `_pressed`, in every phase that hears any.
RESPONSES: Mapping[Phase, Mapping[type[Event], Respond]] = {
    Phase.READY: {Started: _start, HungUp: _leave},
    Phase.WELCOMING: {PromptsFinished: _to_own_helpline, HungUp: _leave},
    Phase.ASKING_LANGUAGE: {PromptsFinished: _await_language, HungUp: _leave},
    Phase.AWAITING_LANGUAGE: {SilencePassed: _language_unspoken, HungUp: _leave},
    Phase.OFFERING_MENU: {PromptsFinished: _await_matter, HungUp: _leave},
    Phase.AWAITING_MATTER: {SilencePassed: _silence_at_menu, HungUp: _leave},
    Phase.OVER: {HungUp: _leave},
}

# `#` ends an entry, here always an empty one: what is being said is skipped, a wait is silence.
ENTRY_ENDS_AS: Mapping[Phase, Respond] = {
    Phase.ASKING_LANGUAGE: _await_language,
    Phase.AWAITING_LANGUAGE: _language_unspoken,
    Phase.OFFERING_MENU: _await_matter,
    Phase.AWAITING_MATTER: _silence_at_menu,
}
DEAF_PHASES = (Phase.READY, Phase.OVER)
