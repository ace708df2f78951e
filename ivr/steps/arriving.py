"""Before the menu: the language, the notice, what everybody must hear, the caller's own open docket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivr import prompts, speech
from ivr.exchange import Announcement, Ask, FindDocket, Next
from ivr.phrases import Spoken
from ivr.prompts import PromptRef
from ivr.session import Session, StepName
from ivr.steps.services import docket_answered, turned_to_service
from ivr.steps.step import (
    LANGUAGE_LISTEN_SECONDS,
    MESSAGE_KEY,
    Enter,
    PassOn,
    Result,
    Step,
    arrival,
    finish,
    wrong_key,
)

OPT_OUT_KEY = "9"
SUBJECT_KEY = "1"
# Long enough to lift a finger; whoever calls about something else waits for it each time.
SUBJECT_LISTEN_SECONDS = 3.0
FLOODING_LISTEN_SECONDS = 8.0

# --- language ------------------------------------------------------------------------------------


def language_lines(session: Session) -> Spoken:
    """The language question, the caller's own first: each language's line in that language."""
    flow = session.flow
    if not flow.asks_language:
        return ()
    known = arrival(session).language
    ordered = sorted(flow.languages, key=lambda language: language != known)
    return tuple(
        PromptRef(language, name)
        for language in ordered
        for name in (prompts.LANGUAGE, prompts.press(flow.key_of(language)))
    )


def _language_pressed(session: Session, key: str) -> Result:
    language = session.flow.language_for(key)
    return wrong_key(session, key) if language is None else _spoken_to(replace(session, language=language))


def _spoken_to(session: Session) -> Result:
    return session, Enter(StepName.NOTICE)


LANGUAGE = Step(
    lines=language_lines,
    press=_language_pressed,
    listens=(LANGUAGE_LISTEN_SECONDS,),
    silent=_spoken_to,
    absent=_spoken_to,
)

# --- the notice ----------------------------------------------------------------------------------


def _notice_lines(session: Session) -> Spoken:
    return (session.prompt("notice"),) if session.flow.manners.notice else ()


def noticed(session: Session) -> Session:
    """The session of a caller to whom the notice has been given, as far as he wanted to hear it."""
    return replace(session, notice=session.flow.manners.notice)


def _notice_pressed(session: Session, key: str) -> Result:
    if key == OPT_OUT_KEY and session.flow.manners.notice:
        opted_out = replace(noticed(session), recorded=False)
        return opted_out, Enter(_after_notice(session), (session.prompt("not-recorded"),))
    return noticed(session), PassOn(_after_notice(session), key)


def _after_notice(session: Session) -> StepName:
    return StepName.FLOODING if arrival(session).flooding else StepName.BROADCASTS


NOTICE = Step(
    lines=_notice_lines,
    press=_notice_pressed,
    finished=lambda session: (noticed(session), Enter(_after_notice(session))),
)

# --- somebody who calls again and again ----------------------------------------------------------


def _flooding_lines(session: Session) -> Spoken:
    return tuple(map(session.prompt, ("flooding", "message-offer", prompts.PERSON)))


def _flooding_pressed(session: Session, key: str) -> Result:
    return (session, Enter(StepName.MESSAGE)) if key == MESSAGE_KEY else wrong_key(session, key)


FLOODING = Step(
    lines=_flooding_lines,
    press=_flooding_pressed,
    listens=(FLOODING_LISTEN_SECONDS,),
    silent=lambda session: finish(session, Next.GOODBYE),
)

# --- what everybody else hears ------------------------------------------------------------------


def announced(session: Session, *, outages: bool) -> Iterator[Announcement]:
    """The announcements of one kind for the helpline the caller has come to."""
    for helpline, announcement in arrival(session).announcements:
        if helpline in ("", session.helpline) and announcement.outage == outages:
            yield announcement


def broadcasts(session: Session) -> Spoken:
    """What everybody hears who has come to the session's helpline."""
    return tuple(session.prompt(announcement.prompt) for announcement in announced(session, outages=False))


def _typed_ahead(session: Session, key: str) -> Result:
    """What is pressed while something is only said is meant for the question after it."""
    return session, PassOn(_first_question(session), key)


def _first_question(session: Session) -> StepName:
    return StepName.SUBJECT if arrival(session).docket else StepName.MENU


BROADCASTS = Step(
    lines=broadcasts,
    press=_typed_ahead,
    finished=lambda session: (session, Enter(_first_question(session))),
)

# --- the caller's open docket --------------------------------------------------------------------


def _subject_lines(session: Session) -> Spoken:
    about = arrival(session)
    if about.docket is None:
        return ()
    on = speech.day(session.language, about.docket.registered, about.today)
    keys = (session.prompt(prompts.press(SUBJECT_KEY)), session.prompt("else-stay"))
    return (*session.say("about-docket", date=on), *keys)


def _subject_pressed(session: Session, key: str) -> Result:
    docket = arrival(session).docket
    if key != SUBJECT_KEY or docket is None:
        return session, PassOn(StepName.MENU, key)
    asked = replace(
        turned_to_service(session), number=docket.number, docket=docket.number, people=docket.helpline
    )
    return asked, Ask(FindDocket(docket.number))


SUBJECT = Step(
    lines=_subject_lines,
    press=_subject_pressed,
    listens=(SUBJECT_LISTEN_SECONDS,),
    silent=lambda session: (session, Enter(StepName.MENU)),
    answered=docket_answered,
)
