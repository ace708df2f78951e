"""After the talk: is the matter settled, and how was the caller served?"""

from __future__ import annotations

from dataclasses import replace

from ivr.exchange import Answer, Ask, Done, KeepJudgement, Next
from ivr.session import Session, StepName
from ivr.steps.step import Enter, Result, Step, farewell, finish, wrong_key

SOLVED_KEYS = {"1": True, "2": False}
RATING_KEYS = "12345"
# Nobody is pressed for a judgement: one silence is an answer.
JUDGING_LISTEN_SECONDS = 5.0


def _solved_pressed(session: Session, key: str) -> Result:
    if key not in SOLVED_KEYS:
        return wrong_key(session, key)
    # Kept at once: many hang up before the second question.
    judged = replace(session, solved=SOLVED_KEYS[key])
    return judged, Ask(KeepJudgement(session.docket, judged.solved, None))


def _solved_kept(session: Session, answer: Answer) -> Result:
    reopened = answer == Done() and session.solved is False and bool(session.docket)
    return session, Enter(StepName.RATING, (session.prompt("docket-reopened"),) if reopened else ())


def _to_agent(session: Session) -> Result:
    return finish(session, Next.QUEUE)


SOLVED = Step(
    lines=lambda session: (session.prompt("solved-question"),),
    press=_solved_pressed,
    listens=(JUDGING_LISTEN_SECONDS,),
    silent=farewell,
    answered=_solved_kept,
    person=_to_agent,
    given_up=farewell,
)


def _rating_pressed(session: Session, key: str) -> Result:
    if key not in RATING_KEYS:
        return wrong_key(session, key)
    return session, Ask(KeepJudgement(session.docket, session.solved, int(key)))


RATING = Step(
    lines=lambda session: (session.prompt("rating-question"),),
    press=_rating_pressed,
    listens=(JUDGING_LISTEN_SECONDS,),
    silent=farewell,
    answered=lambda session, answer: farewell(session, (session.prompt("thanks-for-judging"),)),
    person=_to_agent,
    given_up=farewell,
)
