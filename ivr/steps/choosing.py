"""The menu, and what is known before the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ivr import prompts, speech
from ivr.exchange import Announcement, Arrived, Next
from ivr.menu import Goal, Service, ToCategory, ToHelpline, ToService
from ivr.phrases import Spoken
from ivr.prompts import PromptRef
from ivr.session import Session, StepName
from ivr.steps.arriving import announced, broadcasts
from ivr.steps.services import turned_to_service
from ivr.steps.step import Enter, Result, Step, arrival, farewell, finish, to_person, told, wrong_key


def _menu_lines(session: Session) -> Spoken:
    menu = session.flow.menus.get(session.helpline)
    return () if menu is None else tuple(map(session.prompt, menu.names()))


def _menu_pressed(session: Session, key: str) -> Result:
    menu = session.flow.menus.get(session.helpline)
    if menu is None:
        # Typed ahead of a menu that this helpline does not have.
        return to_person(session)
    goal = menu.goal_of(key)
    return wrong_key(session, key) if goal is None else _towards(session, goal)


def _towards(session: Session, goal: Goal) -> Result:
    match goal:
        case ToHelpline(helpline):
            # Another question, though of the same kind: its tries are counted anew.
            come = replace(session, helpline=helpline, tries=0, repeats=0)
            heard = broadcasts(session)
            unheard = tuple(prompt for prompt in broadcasts(come) if prompt not in heard)
            return come, Enter(StepName.MENU, unheard)
        case ToCategory(category):
            return to_person(replace(session, category=category))
        case ToService(Service.OFFICE):
            named = prompts.office(session.helpline)
            words = (session.prompt(named),)
            return told(turned_to_service(session), text=named), Enter(StepName.ANSWER, words)
        case ToService(service):
            return turned_to_service(session), Enter(SERVICE_STEPS[service])


SERVICE_STEPS: Mapping[Service, StepName] = {
    Service.DOCKET: StepName.DOCKET,
    Service.RATION_CARD: StepName.RATION_CARD,
    Service.MESSAGE: StepName.MESSAGE,
}


def _menu_given_up(session: Session) -> Result:
    # In a declared surge a line on which nobody was ever heard of is not an agent's (domain rules).
    if arrival(session).surge and not session.keyed:
        return farewell(session, (session.prompt("silent-line"),))
    return to_person(session)


MENU = Step(lines=_menu_lines, press=_menu_pressed, given_up=_menu_given_up)


def _outage_lines(session: Session) -> Spoken:
    if not isinstance(session.situation, Arrived):
        return ()
    said = [ref for outage in announced(session, outages=True) for ref in _outage(session, outage)]
    return (*said, session.prompt("outage-closing")) if said else ()


def _outage(session: Session, outage: Announcement) -> Iterator[PromptRef]:
    yield session.prompt(outage.prompt)
    if outage.until is not None:
        date = speech.day(session.language, outage.until.date(), arrival(session).today)
        time = speech.clock(session.language, outage.until.time())
        yield from session.say("outage-until", date=date, time=time)


def _queue(session: Session) -> Result:
    return finish(session, Next.QUEUE)


OUTAGES = Step(
    lines=_outage_lines,
    finished=_queue,
    press=lambda session, key: _queue(session),
    person=_queue,
    given_up=_queue,
)
