"""The points of a call at which the dialplan asks the menus, and what it gets for it.

    /ivr          a caller has arrived                                    args: dialled number
    /cannot-wait  the router or the dialplan lets him not wait            args: number, …, why
    /place        he is in line and is told where                         args: number, …
    /message      he is in line and would rather leave a message          args: number, …
    /after        the agent has hung up                                   args: number, …, docket

where «…» is what the channel carries: helpline, language, category.  Asterisk goes on when this returns; what
was chosen then stands on the channel, ``CC_NEXT`` last: the dialplan takes it as the sign that the service
has done its work, and goes on as it says (``queue``, ``callback``, ``music``, ``goodbye``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from callcentre.enquiries.asker import Asker
from callcentre.telephony.fastagi.ivr_leg import IvrLeg, Places
from callcentre.telephony.fastagi.leg import UNKNOWN, AgiLeg
from callcentre.telephony.numbers import normalised
from ivr.exchange import (
    Answer,
    Arrived,
    CannotWait,
    Enquiry,
    Finish,
    Leave,
    Next,
    Situation,
    Talked,
    Waits,
    WantsToLeaveMessage,
    Why,
)
from ivr.menu import Flow
from ivr.session import Session
from ivr.walk import begin
from routing.ids import CallId, HelplineId

UNKNOWN_NUMBER = "unknown-number"
# Where the dialled number is found, the first that is known: our dialplan's argument, then Asterisk's own.
DIALLED_IN = ("agi_arg_1", "agi_dnid", "agi_extension")
NEXT = "CC_NEXT"
HELPLINE, LANGUAGE, CATEGORY, FURTHER = "agi_arg_2", "agi_arg_3", "agi_arg_4", "agi_arg_5"


class House(Protocol):
    """What is known of callers and their matters, and who keeps what they say.  Nothing of it fails."""

    async def arrived(self, *, caller: str, helpline: str) -> Arrived:
        """The caller as far as he is known in time."""

    async def answer(self, enquiry: Enquiry, asker: Asker) -> Answer:
        """The answer, in time or Unanswered.

        What is to be kept is kept although whoever awaits it is cancelled: most hang up after a message.
        """

    def noticed(self, call: str, *, version: str, recorded: bool, language: str) -> None:
        """The caller was given the notice."""

    def served(self, call: str, *, language: str = "") -> None:
        """The caller was told what he wanted to know."""


class Line(Protocol):
    """What the floor knows of those who wait."""

    def waits(self, call: CallId) -> Waits | None:
        """Where *call* is in line; None when it is not."""

    def can_be_called(self, caller: str, helpline: HelplineId) -> bool:
        """Whether *helpline* calls back at this number."""


class Points:
    """What a `FastAgiFactory` answers with: one session of the menus each time the dialplan asks.

    ``flow_for``: the flow of a dialled number; raises LookupError for a number that is none of ours, and the
    dialplan's own choice of helpline stands then.
    ``last_agent`` names who served a number last, and never fails; it is asked while a caller who has
    just come hears the menus, and not waited for.
    ``on_fault`` is told ``unknown-number``, and what `IvrLeg` tells.
    """

    log = Logger()

    def __init__(
        self,
        places: Places,
        flow_for: Callable[[str], Flow],
        *,
        house: House,
        line: Line,
        last_agent: Callable[[str], Coroutine[Any, Any, str | None]],
        on_fault: Callable[[str], None],
    ) -> None:
        self._places = places
        self._flow_for = flow_for
        self._house = house
        self._line = line
        self._last_agent = last_agent
        self._on_fault = on_fault

    async def __call__(self, leg: AgiLeg) -> None:
        """Bring this caller through one session and write on the channel how it goes on."""
        flow = self._flow_of(leg)
        if flow is None:
            return
        situation = await self._situation(leg, flow)
        if situation is None:
            await leg.set_variable(NEXT, Next.MUSIC.value)
            return
        asked = self._ask_for_last_agent(leg) if isinstance(situation, Arrived) else succeed(None)
        session, command = await self._run(leg, _begun(leg, flow, situation))
        self._note(leg, session, command)
        if isinstance(command, Finish):
            known = asked.result if asked.called else None
            preferred = known if isinstance(known, str) else ""
            for name, value in _written(command, situation, preferred):
                await leg.set_variable(name, value)
            self.log.info("call {call}: {next}", call=leg.call, next=command.next.value)

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

    async def _situation(self, leg: AgiLeg, flow: Flow) -> Situation | None:
        """How the caller comes to us; None when there is nothing to be said to him."""
        given, caller = leg.environment.get, _caller(leg)
        match given("agi_network_script"):
            case "cannot-wait":
                helpline = HelplineId(given(HELPLINE, ""))
                able = self._line.can_be_called(caller, helpline)
                return CannotWait(why=Why(given(FURTHER)), callable=able)
            case "place":
                return self._line.waits(CallId(leg.call))
            case "message":
                return WantsToLeaveMessage()
            case "after":
                return Talked(docket=given(FURTHER, ""))
        return await self._house.arrived(caller=caller, helpline=flow.helpline)

    async def _run(self, leg: AgiLeg, session: Session) -> tuple[Session, Finish | Leave]:
        def ask(enquiry: Enquiry, at: Session) -> Awaitable[Answer]:
            asker = Asker(call=leg.call, caller=_caller(leg), helpline=at.helpline, language=at.language)
            return self._house.answer(enquiry, asker)

        return await IvrLeg(leg, self._places, ask=ask, on_fault=self._on_fault).run(session)

    def _note(self, leg: AgiLeg, session: Session, command: Finish | Leave) -> None:
        if session.notice:
            told = {"version": session.notice, "language": session.language}
            self._house.noticed(leg.call, recorded=session.recorded, **told)
        went_on = isinstance(command, Finish) and command.next is not Next.GOODBYE
        if session.served and not went_on:
            self._house.served(leg.call, language=session.language)

    def _ask_for_last_agent(self, leg: AgiLeg) -> Deferred[str | None]:
        asked = Deferred.fromCoroutine(self._last_agent(_caller(leg)))
        return asked.addErrback(lambda failure: self.log.failure("the last agent is not known", failure))


def _begun(leg: AgiLeg, flow: Flow, situation: Situation) -> Session:
    given = leg.environment.get
    return begin(
        flow,
        situation,
        language=given(LANGUAGE, ""),
        helpline=given(HELPLINE, ""),
        category=given(CATEGORY, ""),
    )


def _written(finish: Finish, situation: Situation, preferred: str) -> Iterator[tuple[str, str]]:
    """What is written on the channel, in this order."""
    if isinstance(situation, Arrived):
        # The language first: should the caller be gone in between, the helpline is still the number's own.
        yield "CHANNEL(language)", finish.language
        yield "CC_LANGUAGE", finish.language
        yield "CC_HELPLINE", finish.helpline
        chosen = {
            "CC_CATEGORY": finish.category,
            "CC_PREFERRED": preferred,
            "CC_SUBJECT": finish.docket,
            "CC_NOTICE": finish.notice,
            "CC_RECORD": "yes" if finish.recorded else "",
        }
        yield from ((name, value) for name, value in chosen.items() if value)
    # Tells the dialplan that no further service need be asked.
    yield NEXT, finish.next.value


def _caller(leg: AgiLeg) -> str:
    number = leg.environment.get("agi_callerid", "")
    return "" if number == UNKNOWN else normalised(number)


def _dialled(leg: AgiLeg) -> str:
    known = (leg.environment.get(name, UNKNOWN) for name in DIALLED_IN)
    return next((number for number in known if number not in ("", UNKNOWN)), "")
