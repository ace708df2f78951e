"""The ticket form between the browser's fields and the port's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agents_ui.exchange import Exchange
from agents_ui.pincodes import PinCode
from agents_ui.ports import CallCard, FieldFault, TicketForm
from routing.ids import CallId, HelplineId, LanguageCode

ANSWERED: Final = "answered"
"""The disposition of a question that was answered and needs no department."""

# What the fields let an agent type; the desk that registers tickets has the last word.
LONGEST: Final[Mapping[str, int]] = {"caller": 20, "citizen": 100, "place": 300, "description": 4_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """A ticket form as it is shown."""

    form: TicketForm
    submission: str
    pin: PinCode | None = None
    """What is known of its PIN code; None when there is none."""
    errors: Mapping[str, FieldFault] = field(default_factory=dict)
    typed: bool = False
    """True when it holds what the agent typed and has not been saved."""
    stale: bool = False
    """True when it could not be saved because its page was out of date."""


def blank(card: CallCard) -> TicketForm:
    """The form for the call of *card*, with what is known of its caller."""
    return TicketForm(
        call=card.call,
        helpline=card.helpline,
        language=card.language,
        category="",
        caller=card.caller,
        citizen="",
        place="",
        pincode="",
        district="",
        description="",
        answered_only=False,
    )


def handed_in(exchange: Exchange) -> TicketForm:
    """The form as the browser sent it.  Raises Unreadable."""
    return TicketForm(
        call=CallId(exchange.field("call")),
        helpline=HelplineId(exchange.field("helpline")),
        language=LanguageCode(exchange.field("language")),
        category=exchange.field("category"),
        caller=exchange.field("caller"),
        citizen=exchange.field("citizen"),
        place=exchange.field("place"),
        pincode=exchange.field("pincode"),
        district=exchange.field("district"),
        description=exchange.field("description"),
        answered_only=exchange.field("disposition") == ANSWERED,
    )
