"""What callers can have done without a person: a docket's state, a ration card, a repeat by SMS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivr import prompts, speech
from ivr.exchange import (
    Answer,
    Arrived,
    Ask,
    DocketFound,
    Done,
    FindDocket,
    FindRationCard,
    NothingFound,
    RationCardFound,
    SendText,
)
from ivr.phrases import Spoken
from ivr.session import Session, StepName
from ivr.steps.step import Enter, Fail, Result, Step, arrival, to_person, told, wrong_key

# A docket is ten digits (callcentre/tickets/docket.py), and so is the number of a ration card in Kerala.
DOCKET_LENGTH = RATION_CARD_LENGTH = 10
# Whoever has been through so many services is better helped by a person; it also bounds every session.
MAX_ROUNDS = 5
YES_KEY, NO_KEY = "1", "2"
TEXT_KEY, MENU_KEY = "1", "2"


def turned_to_service(session: Session) -> Session:
    """The session of a caller who has chosen a service once more."""
    return replace(session, rounds=session.rounds + 1, people="")


# --- a docket ------------------------------------------------------------------------------------


def _docket_entered(session: Session, entry: str) -> Result:
    if len(entry) != DOCKET_LENGTH:
        return session, Fail((session.prompt("docket-wrong"),))
    return replace(session, number=entry), Ask(FindDocket(entry))


def docket_answered(session: Session, answer: Answer) -> Result:
    """Tell what has become of the docket."""
    match answer:
        case DocketFound():
            known = replace(session, docket=session.number, people=answer.helpline)
            found = told(known, text=f"docket/{session.number}")
            return found, Enter(StepName.ANSWER, tuple(_docket_said(session, answer)))
        case NothingFound() if session.step is StepName.DOCKET:
            return session, Fail((session.prompt("docket-unknown"),))
    return _not_known(session)


def _docket_said(session: Session, found: DocketFound) -> Iterator[prompts.PromptRef]:
    language, today = session.language, arrival(session).today
    on = speech.day(language, found.registered, today)
    yield from session.say("docket-said", docket=speech.docket(language, session.number), date=on)
    yield session.prompt(f"docket-{found.state.value}")
    if found.office:
        yield from session.say("docket-at-office", office=(session.prompt(found.office),))
    if found.due is not None:
        yield from session.say("docket-due", date=speech.day(language, found.due, today))


def _not_known(session: Session) -> Result:
    return _to_its_people(session, (session.prompt("cannot-know"),))


def _to_its_people(session: Session, first: Spoken = ()) -> Result:
    """To those who have the docket, as far as this number leads to them."""
    within_reach = session.people in session.flow.helplines()
    return to_person(replace(session, helpline=session.people) if within_reach else session, first)


DOCKET = Step(
    lines=lambda session: (session.prompt("enter-docket"),),
    entry_length=DOCKET_LENGTH,
    entered=_docket_entered,
    answered=docket_answered,
)

# --- a ration card -------------------------------------------------------------------------------


def _card_entered(session: Session, entry: str) -> Result:
    if len(entry) != RATION_CARD_LENGTH:
        return session, Fail((session.prompt("card-unknown"),))
    return replace(session, number=entry), Enter(StepName.CONFIRM_CARD)


RATION_CARD = Step(
    lines=lambda session: (session.prompt("enter-card"),),
    entry_length=RATION_CARD_LENGTH,
    entered=_card_entered,
)


def _confirm_lines(session: Session) -> Spoken:
    keyed = speech.digits(session.language, session.number)
    return (*session.say("you-keyed", digits=keyed), session.prompt("confirm-keyed"))


def _confirmed(session: Session, key: str) -> Result:
    if key == YES_KEY:
        return session, Ask(FindRationCard(session.number))
    if key != NO_KEY:
        return wrong_key(session, key)
    if session.rounds >= MAX_ROUNDS:
        return to_person(session)
    return turned_to_service(session), Enter(StepName.RATION_CARD)


def _card_answered(session: Session, answer: Answer) -> Result:
    match answer:
        case RationCardFound():
            return told(session), Enter(StepName.ANSWER, tuple(_card_said(session, answer)))
        case NothingFound():
            return to_person(session, (session.prompt("card-unknown"),))
    return _not_known(session)


def _card_said(session: Session, found: RationCardFound) -> Iterator[prompts.PromptRef]:
    language = session.language
    yield from session.say("card-said", digits=speech.digits(language, session.number))
    yield session.prompt(f"card-{found.kind.value}")
    yield session.prompt("card-active" if found.active else "card-inactive")
    yield from session.say("card-members", number=speech.number(language, found.members))


CONFIRM_CARD = Step(lines=_confirm_lines, press=_confirmed, answered=_card_answered)

# --- after an answer -----------------------------------------------------------------------------


def _can_be_texted(session: Session) -> bool:
    known = session.situation
    return bool(session.about) and isinstance(known, Arrived) and known.textable


def _has_menu(session: Session) -> bool:
    return session.helpline in session.flow.menus and session.rounds < MAX_ROUNDS


def _answer_lines(session: Session) -> Spoken:
    names = [prompts.PERSON]
    if _has_menu(session):
        names.insert(0, "menu-again")
    if _can_be_texted(session):
        names.insert(0, "text-offer")
    return tuple(map(session.prompt, names))


def _answer_pressed(session: Session, key: str) -> Result:
    if key == TEXT_KEY and _can_be_texted(session):
        return session, Ask(SendText(session.about))
    if key == MENU_KEY and _has_menu(session):
        return session, Enter(StepName.MENU)
    return wrong_key(session, key)


def _texted(session: Session, answer: Answer) -> Result:
    said = "text-sent" if answer == Done() else "text-not-sent"
    # Once is enough: it is not offered again.
    return replace(session, about=""), Enter(StepName.ANSWER, (session.prompt(said),))


ANSWER = Step(
    lines=_answer_lines,
    press=_answer_pressed,
    answered=_texted,
    person=_to_its_people,
    given_up=_to_its_people,
)
