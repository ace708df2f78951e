"""What passes between a session and the shell around it: what the caller did, what is to be done next.

One event in, one command out.  Whoever carries out a command answers it with the event named at it; `HungUp`
may come at any moment.  Facts about the world (a docket's state, a ration card) are asked for by an
`Enquiry` and come as its `Answer`; what cannot be answered in time is `Unanswered`, never silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from ivr.prompts import PromptRef

# --- with what a session begins ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Announcement:
    """What supervisors have put before the callers of a helpline: said in each language as ``prompt``.

    ``until``: for an outage, when supply is expected again (the site's own time); None when nobody knows.
    ``outage``: said before the queue; otherwise a broadcast, said right after the language.
    """

    prompt: str
    outage: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenDocket:
    """The caller's newest docket that is not settled yet."""

    number: str
    helpline: str
    registered: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The caller of a number, as far as he was known in time."""

    today: date
    language: str | None = None
    """Of his last call."""
    docket: OpenDocket | None = None
    announcements: tuple[tuple[str, Announcement], ...] = ()
    """Each with the helpline it is for; ``""`` for all of them."""
    surge: bool = False
    """Whether silent lines may be released, after saying so."""
    flooding: bool = False
    """Whether this number calls again and again."""
    textable: bool = False
    """Whether an SMS can reach him."""


class Why(Enum):
    """Why a caller cannot wait; the value is the prompt that says so."""

    FULL = "full"
    LATE = "late"
    UNSTAFFED = "unstaffed"
    CLOSED = "closed"
    LINES_BUSY = "all-lines-busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotWait:
    """The router, or the dialplan, lets nobody wait: what can be done instead."""

    why: Why
    callable: bool
    """Whether he can be called back on his number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The caller is in line and is told where."""

    place: int
    """1 is next."""
    minutes: tuple[int, int] | None
    """Within how many minutes at the earliest and at the latest; None when nobody can say."""
    callback: bool
    """Whether a callback is to be offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """The agent has hung up and the caller is still there."""

    docket: str = ""
    """The ticket of this call; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantsToLeaveMessage:
    """The caller, in line, has pressed the key for it."""


Situation = Arrived | CannotWait | Waits | Talked | WantsToLeaveMessage

# --- enquiries and their answers -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindDocket:
    """What has become of a docket?  Answered by `DocketFound`, `NothingFound` or `Unanswered`."""

    number: str


@dataclass(frozen=True, slots=True)
class FindRationCard:
    """What is known of a ration card?  Answered by `RationCardFound`, `NothingFound` or `Unanswered`."""

    number: str


@dataclass(frozen=True, slots=True)
class SendText:
    """Repeat a docket, or an office's address, by SMS.  Answered by `Done` or `Unanswered`."""

    about: str
    """``docket/<number>`` or ``office/<helpline>``."""


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """The message just recorded becomes a ticket.  Answered by `Registered` or `Unanswered`."""

    helpline: str
    category: str
    language: str
    seconds: int


@dataclass(frozen=True, slots=True)
class KeepJudgement:
    """What the caller said of the call, as far as he said it.  Answered by `Done` or `Unanswered`."""

    docket: str
    solved: bool | None
    rating: int | None


Enquiry = FindDocket | FindRationCard | SendText | KeepMessage | KeepJudgement


class DocketState(Enum):
    """Where a docket stands, in words for its citizen; the value is in the name of its prompt."""

    REGISTERED = "registered"
    WITH_OFFICE = "with-office"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DocketFound:
    """Where a docket stands: since it was registered, at which office (a prompt), due on which day."""

    state: DocketState
    helpline: str
    registered: date
    office: str = ""
    due: date | None = None


class CardKind(Enum):
    """The four kinds of ration card; the value is in the name of its prompt."""

    AAY = "aay"
    PHH = "phh"
    NPS = "nps"
    NPNS = "npns"


@dataclass(frozen=True, slots=True)
class RationCardFound:
    """A ration card that is valid, or not any more, and of which kind."""

    kind: CardKind
    active: bool
    members: int


@dataclass(frozen=True, slots=True)
class Registered:
    """It is a ticket now."""

    docket: str


@dataclass(frozen=True, slots=True)
class NothingFound:
    """There is no such thing."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """It cannot be known now: late, broken, or nonsense."""


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, or is sure to be."""


Answer = DocketFound | RationCardFound | Registered | NothingFound | Unanswered | Done

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
class Answered:
    """What was asked has an answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller has spoken for so many whole seconds, and may have hung up as most do then."""

    seconds: int
    gone: bool


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = Started | KeyPressed | PromptsFinished | SilencePassed | Answered | Recorded | HungUp

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
class Ask:
    """Find out, or have something kept, within a time that is the shell's.  Answered by `Answered`."""

    enquiry: Enquiry


@dataclass(frozen=True, slots=True)
class Record:
    """A tone, then what the caller says: until a key, silence, or so many seconds.

    Answered by `Recorded`.
    """

    seconds: int


class Next(Enum):
    """Where the dialplan goes on; the value is what it reads."""

    QUEUE = "queue"
    CALLBACK = "callback"
    MUSIC = "music"
    """Back into the line, where he was."""
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The session is over: the caller goes on as ``next`` says, and the rest is written on the channel."""

    next: Next
    language: str
    helpline: str
    category: str = ""
    docket: str = ""
    """What he calls about, when that was found out."""
    notice: str = ""
    """The version of the notice that he was given."""
    recorded: bool = True
    """Whether he lets the call be recorded."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Nobody is there any more; the session is over."""


Command = Play | Listen | Ask | Record | Finish | Leave
