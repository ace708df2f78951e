"""Where one caller stands in the menus: frozen, so that a test can walk every way from every place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ivr.exchange import Situation
from ivr.menu import Flow
from ivr.phrases import Spoken, say
from ivr.prompts import PromptRef


class StepName(Enum):
    """The questions and sayings a session goes through; the value is what is logged."""

    LANGUAGE = "language"
    NOTICE = "notice"
    BROADCASTS = "broadcasts"
    FLOODING = "flooding"
    SUBJECT = "subject"
    MENU = "menu"
    OUTAGES = "outages"
    DOCKET = "docket"
    RATION_CARD = "ration-card"
    CONFIRM_CARD = "confirm-card"
    ANSWER = "answer"
    MESSAGE = "message"
    NOT_KEPT = "not-kept"
    CANNOT_WAIT = "cannot-wait"
    PLACE = "place"
    SOLVED = "solved"
    RATING = "rating"
    FAREWELL = "farewell"


class Mode(Enum):
    """What a session waits for."""

    READY = "ready"
    SAYING = "saying"
    LISTENING = "listening"
    ASKING = "asking"
    RECORDING = "recording"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where one caller stands.  Begin with `ivr.walk.begin`, go on with `ivr.walk.advance`."""

    flow: Flow
    situation: Situation
    language: str
    helpline: str
    """Whose people he comes to as things stand, and whose menu he hears."""
    category: str = ""
    step: StepName
    mode: Mode = Mode.READY
    tries: int = 0
    """Failed tries at the present question: silences and wrong keys."""
    repeats: int = 0
    """How often the present question was repeated on request."""
    preface: Spoken = ()
    """What was said on the way into the present step, such as an answer: repeated with its words."""
    entry: str = ""
    """The digits keyed so far at a question that wants several."""
    number: str = ""
    """The number keyed last: a docket's, a ration card's."""
    rounds: int = 0
    """How often he has turned to a service."""
    keyed: bool = False
    """Whether he has pressed any key at all."""
    notice: str = ""
    recorded: bool = True
    docket: str = ""
    """What he calls about, when that was found out."""
    people: str = ""
    """The helpline that has the docket he has just asked about."""
    about: str = ""
    """What was said last that can be sent by SMS: see `ivr.exchange.SendText`."""
    solved: bool | None = None
    served: bool = False
    """Whether he was told what he wanted to know, or his message was kept."""
    gone: bool = False
    """He has hung up, and what he said is still being kept."""

    def prompt(self, name: str) -> PromptRef:
        """The prompt *name* in the caller's language."""
        return PromptRef(self.language, name)

    def say(self, phrase: str, **filled: Spoken) -> Spoken:
        """The sentence *phrase* in the caller's language, its slots filled."""
        return say(self.flow.phrases, self.language, phrase, **filled)
