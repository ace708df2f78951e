"""Registers a ticket: checks the form, gives it a docket, and returns when no power cut can lose it.

The database is not asked.  A ticket is in the journal, on the disk, before its number is read out; its row
follows when the projector comes to it.

    TicketRefused    the user's: fields are wrong, each named with a stable code
    NoDocketLeft     from ``docket_book``; the agent is told to try again
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from twisted.internet.interfaces import IReactorTime

from callcentre.tickets.aadhaar import masked
from callcentre.tickets.docket import ungrouped
from callcentre.tickets.docket_book import DocketBook
from callcentre.tickets.facts import TicketRegistered
from callcentre.tickets.pincodes import districts_of, is_pincode
from routing.facts import Fact
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode

# What an agent types during a call; also what keeps a fact within the journal's line.
LONGEST = {
    "call": 80,
    "helpline": 40,
    "category": 40,
    "caller": 20,
    "citizen": 100,
    "place": 300,
    "pincode": 6,
    "district": 2,
    "description": 4_000,
    "language": 8,
}
# Written in lines; every other field is one line.
SEVERAL_LINES = frozenset({"description", "place"})


class Fault(Enum):
    """What is wrong with a field; the value is stable and translated by the console."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    CONTROL_CHARACTER = "control_character"
    NOT_A_PINCODE = "not_a_pincode"


@dataclass(frozen=True, slots=True)
class Problem:
    """One field, and what is wrong with it."""

    field: str
    fault: Fault


class TicketRefused(ValueError):
    """The form cannot be registered as it is; ``problems`` says why, in the order of its fields."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.fault.value}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketForm:
    """What the agent filled in, as typed; empty means not filled in."""

    helpline: str
    category: str
    call: str = ""
    # Kept out of repr, and so out of tracebacks and logs.
    caller: str = field(default="", repr=False)
    citizen: str = field(default="", repr=False)
    place: str = field(default="", repr=False)
    pincode: str = ""
    district: str = ""
    """Empty: the one in which the PIN code lies, if it lies in one."""
    description: str = field(default="", repr=False)
    language: str = ""
    answered_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the site's configuration lets a form choose from."""

    categories: Mapping[HelplineId, Collection[str]]
    """The categories of each helpline."""
    districts: Collection[str]
    """The districts' codes."""


class Desk:
    """Where agents hand in tickets."""

    def __init__(
        self,
        *,
        choices: Choices,
        dockets: DocketBook,
        clock: IReactorTime,
        append: Callable[[Fact], object],
        sync: Callable[[], Awaitable[object]],
    ) -> None:
        """*append* puts a fact into the journal; *sync* is done when that journal is on the disk."""
        self._choices = choices
        self._dockets = dockets
        self._clock = clock
        self._append = append
        self._sync = sync

    async def register(self, form: TicketForm, *, agent: AgentId) -> str:
        """Register *form* as taken by *agent* and return the docket.  Raises TicketRefused, NoDocketLeft."""
        form = _tidied(form)
        if problems := problems_of(form, self._choices):
            raise TicketRefused(problems)
        docket = self._dockets.take()
        form = replace(form, district=form.district or self._district_of(form.pincode))
        self._append(_registered(form, docket, agent=agent, at=Instant(self._clock.seconds())))
        await self._sync()
        return docket

    def _district_of(self, pincode: str) -> str:
        found = districts_of(pincode) or ()
        return found[0] if len(found) == 1 and found[0] in self._choices.districts else ""


def problems_of(form: TicketForm, choices: Choices) -> list[Problem]:
    """Everything that keeps *form* from being registered, in the order of its fields."""
    found = {name: fault for name in LONGEST if (fault := _text_fault(name, getattr(form, name)))}
    categories = choices.categories.get(HelplineId(form.helpline))
    chosen = {
        "helpline": categories is not None,
        "category": categories is None or form.category in categories,
        "district": not form.district or form.district in choices.districts,
    }
    found |= {name: Fault.UNKNOWN for name, known in chosen.items() if not known}
    if form.pincode and not is_pincode(form.pincode):
        found["pincode"] = Fault.NOT_A_PINCODE
    required = ("helpline", "category") if form.answered_only else ("helpline", "category", "description")
    found |= {name: Fault.REQUIRED for name in required if not getattr(form, name)}
    return [Problem(name, found[name]) for name in TicketForm.__dataclass_fields__ if name in found]


def _text_fault(name: str, text: str) -> Fault | None:
    if len(text) > LONGEST[name]:
        return Fault.TOO_LONG
    allowed = "\n\t" if name in SEVERAL_LINES else ""
    # Zero-width joiners are not control characters: Malayalam is written with them.
    if any(_is_control(character) and character not in allowed for character in text):
        return Fault.CONTROL_CHARACTER
    return None


def _is_control(character: str) -> bool:
    """C0, C1, or half of a surrogate pair: what no database keeps and no keyboard types."""
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"


def _tidied(form: TicketForm) -> TicketForm:
    """As the browser's line ends and stray spaces aside: what the agent meant."""
    meant = {name: getattr(form, name).replace("\r\n", "\n").strip() for name in LONGEST}
    return replace(form, **{**meant, "pincode": ungrouped(meant["pincode"])})


def _registered(form: TicketForm, docket: str, *, agent: AgentId, at: Instant) -> TicketRegistered:
    return TicketRegistered(
        at=at,
        docket=docket,
        call=CallId(form.call) if form.call else None,
        helpline=HelplineId(form.helpline),
        category=form.category,
        agent=agent,
        caller=form.caller,
        citizen=masked(form.citizen),
        place=masked(form.place),
        pincode=form.pincode or None,
        district=form.district or None,
        description=masked(form.description),
        language=LanguageCode(form.language),
        answered_only=form.answered_only,
    )
